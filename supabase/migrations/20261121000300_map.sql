-- Written by npm run db:build from supabase/schemas/map/: edit there.

-- schemas/map/words_and_limits.sql

-- Words that columns may hold and numbers that inputs are held to: their one home. `npm run db:types` takes them to
-- TypeScript, with their comments.

create function private.default_radius_m() returns integer language sql immutable return 5000;
comment on function private.default_radius_m() is 'Radius of a search in metres when nothing is said.';

create function private.max_radius_m() returns integer language sql immutable return 50000;
comment on function private.max_radius_m() is 'Widest search in metres; wider ones are lowered to this.';

create function private.clamp_radius(radius_m integer)
returns integer
language plpgsql immutable set search_path = ''
as $$ begin
  return greatest(1, least(coalesce(radius_m, private.default_radius_m()), private.max_radius_m()));
end $$;
comment on function private.clamp_radius(integer) is 'Radius of a search in metres, from what was asked for.';

-- schemas/map/cells.sql

create function private.search_cell(place point, size double precision)
returns bigint
language plpgsql immutable set search_path = ''
as $$
begin
  return (floor(place[0] / size)::bigint << 24) + floor(place[1] / size)::bigint;
end $$;
comment on function private.search_cell(point, double precision) is
  'Number of the square of the Mercator plane, of the given size in planar metres, that a place lies in.';

create function private.search_cells(centre point, radius double precision)
returns bigint[]
language plpgsql immutable set search_path = ''
as $$
declare
  c_size constant double precision := 8192;
begin
  return array(
    select (x::bigint << 24) + y
    from pg_catalog.generate_series(floor((centre[0] - radius) / c_size)::integer,
      floor((centre[0] + radius) / c_size)::integer) x,
         pg_catalog.generate_series(floor((centre[1] - radius) / c_size)::integer,
           floor((centre[1] + radius) / c_size)::integer) y
    cross join lateral (select centre <->
      box(point(x * c_size, y * c_size), point((x + 1) * c_size, (y + 1) * c_size)) as distance) d
    where d.distance <= radius
    order by d.distance, x, y);
end $$;
comment on function private.search_cells(point, double precision) is
  'The squares that a circle of the Mercator plane touches, numbered as by private.search_cell, nearest first.';

create function private.cells_around(centre point, radius double precision)
returns bigint[]
language plpgsql immutable set search_path = ''
as $$
declare
  c_size constant double precision := 8192;
begin
  return array(
    select (x::bigint << 24) + y
    from pg_catalog.generate_series(floor((centre[0] - radius) / c_size)::integer,
      floor((centre[0] + radius) / c_size)::integer) x,
         pg_catalog.generate_series(floor((centre[1] - radius) / c_size)::integer,
           floor((centre[1] + radius) / c_size)::integer) y
    where (centre <-> box(point(x * c_size, y * c_size), point((x + 1) * c_size, (y + 1) * c_size))) <= radius
    order by centre <-> box(point(x * c_size, y * c_size), point((x + 1) * c_size, (y + 1) * c_size))
    -- only near the poles are there more
    limit 500);
end $$;
comment on function private.cells_around(point, double precision) is
  'Search cells of 8192 planar metres that a circle touches, numbered as by private.search_cell, nearest first; at '
  'most 500.';

-- schemas/map/coordinates.sql

-- Room: map. Coordinates, the grid cell that others see, and the squares that searches read.

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
  latitude_centre := pg_catalog.round((least(greatest((floor(latitude / c_step) + 0.5) * c_step, -89.99),
    89.99))::numeric, 6);
  v_step := c_step / cos(radians(latitude_centre));
  longitude_centre := pg_catalog.round((least(greatest((floor(longitude / v_step) + 0.5) * v_step, -180),
    180))::numeric, 6);
end $$;
comment on function private.cell_centre(double precision, double precision) is
  'Centre of the grid cell, about 300 m by 300 m anywhere on earth, that a point lies in. The same point always '
  'gives the same centre, so repeating it reveals nothing.';

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
