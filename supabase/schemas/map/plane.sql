-- The plane on which searches run, in planar metres. It holds three maps: the belt between 67 degrees south and north
-- (Mercator), and beyond it a cap around either pole (stereographic). All are conformal: around one point planar
-- distances are the real ones times one number, so order by distance is right (docs/decisions).

create function private.earth_radius_m() returns double precision language sql immutable set search_path = ''
return 6371008.8;
comment on function private.earth_radius_m() is 'Mean radius of the earth in metres.';

create function private.belt_latitude() returns double precision language sql immutable set search_path = ''
return 67;
comment on function private.belt_latitude() is
  'Degrees north and south where the belt ends. Up to there its squares are many enough for the widest search.';

create function private.mercator(latitude double precision, longitude double precision)
returns point
language plpgsql immutable set search_path = ''
as $$ begin
  return point(private.earth_radius_m() * radians(longitude),
    private.earth_radius_m() * ln(tan(pi() / 4 + radians(latitude) / 2)));
end $$;
comment on function private.mercator(double precision, double precision) is
  'Place on the map of the belt, the spherical Mercator map. Not for the poles.';

create function private.stereographic(latitude double precision, longitude double precision)
returns point
language plpgsql immutable set search_path = ''
as $$
declare
  v_distance double precision := 2 * private.earth_radius_m() * tan(pi() / 4 - radians(abs(latitude)) / 2);
begin
  return point(v_distance * sin(radians(longitude)), sign(latitude) * 3e7 + v_distance * cos(radians(longitude)));
end $$;
comment on function private.stereographic(double precision, double precision) is
  'Place on the map of the cap of its hemisphere. The poles lie 30,000 km from the equator, far from the belt.';

create function private.belt()
returns box
language plpgsql immutable set search_path = ''
as $$ begin
  return box(private.mercator(-private.belt_latitude(), -180), private.mercator(private.belt_latitude(), 180));
end $$;
comment on function private.belt() is 'The part of the plane that holds the belt.';

create function private.cap(latitude double precision)
returns box
language plpgsql immutable set search_path = ''
as $$
declare
  v_edge double precision := (private.stereographic(private.belt_latitude(), 90))[0];
begin
  return box(point(-v_edge, sign(latitude) * 3e7 - v_edge), point(v_edge, sign(latitude) * 3e7 + v_edge));
end $$;
comment on function private.cap(double precision) is 'The part of the plane that holds the cap of a hemisphere.';

create function private.position_at(latitude double precision, longitude double precision)
returns point
language plpgsql immutable set search_path = ''
as $$ begin
  return case when abs(latitude) > private.belt_latitude() then private.stereographic(latitude, longitude)
    else private.mercator(latitude, longitude) end;
end $$;
comment on function private.position_at(double precision, double precision) is
  'Where a place lies on the plane: in the belt or in a cap.';

create type private.circle as (centre point, radius double precision, scale double precision, area box);
comment on type private.circle is
  'A circle to be searched, on one map of the plane: centre and radius in planar metres, the real metres in one of '
  'them, and the box around it as far as the map goes.';

create function private.circles_around(latitude double precision, longitude double precision, radius_m integer)
returns private.circle[]
language plpgsql immutable set search_path = ''
as $$
declare
  v_scale  double precision;
  v_centre point;
  v_reach  point;
begin
  perform private.check_coordinates(latitude, longitude);
  -- the widest search reaches less than half a degree
  if abs(latitude) < private.belt_latitude() + 0.5 then
    v_scale  := cos(radians(latitude));
    v_centre := private.mercator(latitude, longitude);
    v_reach  := point(private.clamp_radius(radius_m) / v_scale, private.clamp_radius(radius_m) / v_scale);
    if box(v_centre - v_reach, v_centre + v_reach) <@ private.belt() then
      return array[(v_centre, v_reach[0], v_scale, box(v_centre - v_reach, v_centre + v_reach))::private.circle];
    end if;
  end if;
  -- what goes over the edge of a map goes on in another one, or on the other side of the belt
  return array(
    select (m.centre, r.reach[0], m.scale, a.area # m.map)::private.circle
    from (
      values (v_centre, v_scale, private.belt()),
        (v_centre - point(case when longitude < 0 then -2 else 2 end * pi() * private.earth_radius_m(), 0), v_scale,
          private.belt()),
        (private.stereographic(latitude, longitude), (1 + sin(radians(abs(latitude)))) / 2, private.cap(latitude))
      ) m (centre, scale, map)
    cross join lateral (select private.clamp_radius(radius_m) / m.scale as radius) c
    cross join lateral (select point(c.radius, c.radius) as reach) r
    cross join lateral (select box(m.centre - r.reach, m.centre + r.reach) as area) a
    where a.area && m.map);
end $$;
comment on function private.circles_around(double precision, double precision, integer) is
  'Where to search: nearly always one circle, near the edges of the maps up to three, which do not overlap. The radius '
  'is clamped. Raises PT400 coordinates_invalid.';
