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

-- Room: map. Coordinates, the plane on which searches run, and three grids: the cells of about 300 m whose centre
-- others see; the squares of the plane that searches read, narrow and wide; and the home squares of about 1 km, all
-- that suggestions know of homes.

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
  c_step  constant double precision := 0.0027;  -- degrees of latitude in 300 m
  c_rows  constant integer := floor(90 / c_step);
  v_cells integer;
begin
  -- whole cells only, up to the poles and around the earth: a narrow one would tell more
  latitude_centre := (least(greatest(floor(latitude / c_step), -c_rows), c_rows - 1) + 0.5) * c_step;
  latitude_centre := pg_catalog.round(latitude_centre::numeric, 6);
  v_cells := floor(360 * cos(radians(latitude_centre)) / c_step);
  longitude_centre := (floor((longitude + 180) * v_cells / 360)::integer % v_cells + 0.5) * 360 / v_cells - 180;
  longitude_centre := pg_catalog.round(longitude_centre::numeric, 6);
end $$;
comment on function private.cell_centre(double precision, double precision) is
  'Centre of the cell, about 300 m by 300 m anywhere on earth, that a point lies in. The same point always gives the '
  'same centre, so repeating it reveals nothing.';

-- schemas/map/plane.sql

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

-- schemas/map/squares.sql

create function private.square_at(place point, size double precision default 8192)
returns bigint
language plpgsql immutable set search_path = ''
as $$
begin
  return (floor(place[0] / size)::bigint << 24) + floor(place[1] / size)::bigint;
end $$;
comment on function private.square_at(point, double precision) is
  'Number of the square of the plane that a place lies in. A square is 8192 planar metres wide, a wide one 65536, a '
  'home square 2048.';

create type private.square_in_circle as (square bigint, middle point, centre point, scale double precision);
comment on type private.square_in_circle is
  'A square by its number, as private.square_at gives it, its middle, and centre and scale of the circle that it '
  'belongs to.';

create function private.squares_around(circles private.circle[], size double precision default 8192)
returns setof private.square_in_circle
language plpgsql immutable rows 10 set search_path = ''
-- the planner takes the squares for millions, and a server that compiles such queries would do so for each search
set jit = off
as $$
begin
  return query
    select (x::bigint << 24) + y, point((x + 0.5) * size, (y + 0.5) * size), c.centre, c.scale
    from unnest(circles) c
    cross join lateral pg_catalog.generate_series(floor((c.area[1])[0] / size)::integer,
      floor((c.area[0])[0] / size)::integer) x
    cross join lateral pg_catalog.generate_series(floor((c.area[1])[1] / size)::integer,
      floor((c.area[0])[1] / size)::integer) y
    cross join lateral (
      select c.centre <-> box(point(x * size, y * size), point((x + 1) * size, (y + 1) * size)) as distance) d
    where d.distance <= c.radius
    order by d.distance * c.scale, x, y;
end $$;
comment on function private.squares_around(private.circle[], double precision) is
  'The squares that circles of private.circles_around touch, nearest first: for the widest search at most some 900.';

-- schemas/map/tiles.sql

-- The tiles that maps on screens are made of (Web Mercator): one for the world at level 0, four for each at the next
-- level. In a number column and row take turns bit by bit, so that all tiles within one stand in a row in an index.

create function private.finest_tiles() returns smallint language sql immutable set search_path = '' return 18;
comment on function private.finest_tiles() is
  'Level of the smallest tiles, the first at which none holds the centres of two 300 m cells.';

create function private.tile_column(longitude double precision)
returns integer
language plpgsql immutable set search_path = ''
as $$ begin
  return least(floor((longitude + 180) / 360 * (1 << private.finest_tiles())), (1 << private.finest_tiles()) - 1);
end $$;
comment on function private.tile_column(double precision) is
  'Column of the smallest tiles, from the date line eastward.';

create function private.tile_row(latitude double precision)
returns integer
language plpgsql immutable set search_path = ''
as $$
declare
  -- the map is a square; what lies beyond counts for its first and last row
  c_edge constant double precision := 85.0511;
begin
  return floor((0.5 - ln(tan(pi() / 4 + radians(greatest(least(latitude, c_edge), -c_edge)) / 2)) / (2 * pi()))
    * (1 << private.finest_tiles()));
end $$;
comment on function private.tile_row(double precision) is 'Row of the smallest tiles, from the north southward.';

create function private.spread_bits(number bigint)
returns bigint
language plpgsql immutable set search_path = ''
as $$ begin
  number := (number | (number << 16)) & 281470681808895;
  number := (number | (number << 8)) & 71777214294589695;
  number := (number | (number << 4)) & 1085102592571150095;
  number := (number | (number << 2)) & 3689348814741910323;
  return (number | (number << 1)) & 6148914691236517205;
end $$;
comment on function private.spread_bits(bigint) is 'The bits of a number with room for another one''s between them.';

create function private.gather_bits(number bigint)
returns bigint
language plpgsql immutable set search_path = ''
as $$ begin
  number := number & 6148914691236517205;
  number := (number | (number >> 1)) & 3689348814741910323;
  number := (number | (number >> 2)) & 1085102592571150095;
  number := (number | (number >> 4)) & 71777214294589695;
  number := (number | (number >> 8)) & 281470681808895;
  return (number | (number >> 16)) & 4294967295;
end $$;
comment on function private.gather_bits(bigint) is 'Takes back private.spread_bits.';

create function private.tile_at(latitude double precision, longitude double precision)
returns bigint
language plpgsql immutable set search_path = ''
as $$ begin
  return private.spread_bits(private.tile_column(longitude)) + 2 * private.spread_bits(private.tile_row(latitude));
end $$;
comment on function private.tile_at(double precision, double precision) is
  'Number of the smallest tile that a place lies in.';

create function private.tile_level(one bigint, other bigint)
returns integer
language plpgsql immutable set search_path = ''
as $$ begin
  -- two bits for each level
  return private.finest_tiles() - (pg_catalog.length(pg_catalog.ltrim((one # other)::bit(36)::text, '0')) + 1) / 2;
end $$;
comment on function private.tile_level(bigint, bigint) is
  'Level of the smallest tile that holds two of the smallest ones.';

create function private.tile_middle(tile bigint, level integer, out latitude double precision,
  out longitude double precision)
language plpgsql immutable set search_path = ''
as $$
declare
  v_within integer := 2 * (private.finest_tiles() - level);
  v_share  double precision := 1.0 / (1 << level);
begin
  longitude := pg_catalog.round(((private.gather_bits(tile >> v_within) + 0.5) * v_share * 360 - 180)::numeric, 6);
  latitude  := pg_catalog.round(degrees(2 * atan(exp(
    (0.5 - (private.gather_bits((tile >> v_within) >> 1) + 0.5) * v_share) * 2 * pi())) - pi() / 2)::numeric, 6);
end $$;
comment on function private.tile_middle(bigint, integer) is
  'Middle of the tile of a level that one of the smallest tiles lies in.';
