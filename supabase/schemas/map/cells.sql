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
