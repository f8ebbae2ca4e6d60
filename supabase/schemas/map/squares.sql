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
