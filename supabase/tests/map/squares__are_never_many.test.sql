-- Mercator stretches the map without end towards the poles. A search there must not cost more than one at home, and the
-- widest search is open to everybody.
begin;
select plan(4);

create temporary view reached as
select latitude, size, c.scale, count(*) as squares
from unnest('{0,52.5,60,67,80,85,89.999,90,-85,-90}'::double precision[]) latitude
cross join unnest('{8192,2048}'::double precision[]) size
cross join lateral private.circle_around(latitude, 13.4, private.max_radius_m()) c
cross join lateral private.squares_around(c.centre, c.radius, size) s
group by latitude, size, c.scale;
select is_empty('select * from reached where squares > 900', 'no circle has more than some 800 squares');
select is((select squares from reached where latitude = 52.5 and size = 8192), (
  select count(*) from private.circle_around(52.5, 13.4, 50000) c, generate_series(-40, 40) x, generate_series(-40, 40) y,
    point((floor(c.centre[0] / 8192) + x) * 8192, (floor(c.centre[1] / 8192) + y) * 8192) p (corner)
  where (c.centre <-> box(p.corner, point(p.corner[0] + 8192, p.corner[1] + 8192))) <= c.radius), 'in Germany the whole circle is searched');
select results_eq(
  $$ select round((16 * 8192 * scale / 1000)::numeric) from reached where size = 8192 and latitude in (67, 85) order by latitude $$,
  'values (51::numeric), (11::numeric)', 'the widest search fits in up to 67 degrees, and reaches 11 km at 85');
select lives_ok($$ select public.search_places('brot', latitude, 13.4, 50000) from unnest('{85,-85,90,-90}'::double precision[]) latitude $$, 'searches at the poles answer');

select * from finish();
rollback;
