-- Written by npm run db:build from supabase/schemas/map/: edit there.

-- schemas/map/words_and_limits.sql

-- Words that columns may hold and numbers that inputs are held to: their one home. `npm run db:types` takes them to
-- TypeScript, with their comments.

create function private.default_radius_m() returns integer language sql immutable set search_path = '' return 5000;
comment on function private.default_radius_m() is 'Radius of a search in metres when nothing is said.';

create function private.max_radius_m() returns integer language sql immutable set search_path = '' return 50000;
comment on function private.max_radius_m() is 'Widest search in metres; wider ones are lowered to this.';

create function private.clamp_radius(radius_m integer)
returns integer
language plpgsql immutable set search_path = ''
as $$ begin
  return greatest(1, least(coalesce(radius_m, private.default_radius_m()), private.max_radius_m()));
end $$;
comment on function private.clamp_radius(integer) is 'Radius of a search in metres, from what was asked for.';

-- schemas/map/coordinates.sql

-- Room: map. Coordinates and three grids: the cells of about 300 m whose centre others see; the squares of the Mercator
-- plane that searches read, narrow and wide; and the home squares of about 1 km, all that suggestions know of homes.

create function private.check_coordinates(latitude double precision, longitude double precision)
returns void
language plpgsql immutable set search_path = ''
as $$
begin
  -- NaN sorts above every number and infinity is out of range, so BETWEEN refuses both; null needs its own word
  if latitude is null or longitude is null or not (latitude between -90 and 90 and longitude between -180 and 180) then
    raise exception using errcode = 'PT400', message = 'coordinates_invalid',
      hint = 'Latitude must be between -90 and 90, longitude between -180 and 180 (WGS 84 degrees).';
  end if;
end $$;
comment on function private.check_coordinates(double precision, double precision) is
  'Raises PT400 coordinates_invalid unless both are finite WGS 84 degrees.';

create function private.cell_centre(latitude double precision, longitude double precision,
  out latitude_centre double precision, out longitude_centre double precision)
language plpgsql immutable set search_path = ''
as $$
declare
  c_step constant double precision := 0.0027;  -- degrees of latitude in 300 m
  v_step double precision;
begin
  latitude_centre := least(greatest((floor(latitude / c_step) + 0.5) * c_step, -89.99), 89.99);
  latitude_centre := pg_catalog.round(latitude_centre::numeric, 6);
  v_step := c_step / cos(radians(latitude_centre));
  longitude_centre := least(greatest((floor(longitude / v_step) + 0.5) * v_step, -180), 180);
  longitude_centre := pg_catalog.round(longitude_centre::numeric, 6);
end $$;
comment on function private.cell_centre(double precision, double precision) is
  'Centre of the cell, about 300 m by 300 m anywhere on earth, that a point lies in. The same point always gives the '
  'same centre, so repeating it reveals nothing.';

create function private.mercator(latitude double precision, longitude double precision)
returns point
language plpgsql immutable set search_path = ''
as $$
begin
  return point(
    6371008.8 * radians(longitude),
    6371008.8 * ln(tan(pi() / 4 + radians(least(greatest(latitude, -85), 85)) / 2)));
end $$;
comment on function private.mercator(double precision, double precision) is
  'Place on the spherical Mercator plane. The map is conformal: around one point all planar distances are the real '
  'ones times 1/cos(latitude), so order by distance is right anywhere on earth (docs/decisions).';

create function private.circle_around(latitude double precision, longitude double precision, radius_m integer,
  out centre point, out radius double precision, out scale double precision)
language plpgsql immutable set search_path = ''
as $$
begin
  perform private.check_coordinates(latitude, longitude);
  centre := private.mercator(latitude, longitude);
  scale  := cos(radians(least(greatest(latitude, -85), 85)));
  radius := private.clamp_radius(radius_m) / scale;
end $$;
comment on function private.circle_around(double precision, double precision, integer) is
  'Where to search, on the Mercator plane. radius is clamped and in planar metres, scale the real metres in one of '
  'them. Raises PT400 coordinates_invalid.';

-- schemas/map/squares.sql

create function private.square_at(place point, size double precision default 8192)
returns bigint
language plpgsql immutable set search_path = ''
as $$
begin
  return (floor(place[0] / size)::bigint << 24) + floor(place[1] / size)::bigint;
end $$;
comment on function private.square_at(point, double precision) is
  'Number of the square of the Mercator plane that a place lies in. A square is 8192 planar metres wide, a wide one '
  '65536, a home square 2048.';

create function private.squares_around(centre point, radius double precision, size double precision default 8192)
returns table (square bigint, middle point)
language plpgsql immutable rows 10 set search_path = ''
as $$
declare
  v_reach double precision := least(radius, 16 * size);
begin
  return query
    select (x::bigint << 24) + y, point((x + 0.5) * size, (y + 0.5) * size)
    from pg_catalog.generate_series(floor((centre[0] - v_reach) / size)::integer,
      floor((centre[0] + v_reach) / size)::integer) x
    cross join pg_catalog.generate_series(floor((centre[1] - v_reach) / size)::integer,
      floor((centre[1] + v_reach) / size)::integer) y
    cross join lateral (
      select centre <-> box(point(x * size, y * size), point((x + 1) * size, (y + 1) * size)) as distance) d
    where d.distance <= v_reach
    order by d.distance, x, y;
end $$;
comment on function private.squares_around(point, double precision, double precision) is
  'The squares that a circle of the Mercator plane touches, numbered as by private.square_at, nearest first: at most '
  'some 800, because Mercator stretches a circle towards the poles. 50 km fit in up to 67 degrees, 11 km at 85.';
