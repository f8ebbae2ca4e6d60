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
