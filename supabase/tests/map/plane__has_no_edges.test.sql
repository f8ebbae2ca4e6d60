-- Distances around every point of the earth, also where the maps of the plane end; and the cells that others see, there too.
begin;
select plan(11);

-- places around points, and how the circles around the points see them
create temporary table seen as
select e.edge, metres, tests.metres_between(e.latitude, e.longitude, p.latitude, p.longitude) as distance, count(c) as circles, min((m.position <-> c.centre) * c.scale) as planar
from (select * from tests.edges() union all values ('Berlin', 52.52, 13.405), ('Quito', -0.18, -78.47), ('Tromso', 69.65, 18.96)) e (edge, latitude, longitude)
cross join unnest('{10,900,4000,21000,49000}'::double precision[]) metres
cross join generate_series(0, 355, 5) bearing
cross join lateral tests.place_at(e.latitude, e.longitude, bearing, metres) p
cross join lateral (select private.position_at(p.latitude, p.longitude) as position) m
left join lateral unnest(private.circles_around(e.latitude, e.longitude, 50000)) c on m.position <@ c.area
group by e.edge, e.latitude, e.longitude, metres, bearing, p.latitude, p.longitude;
select is_empty('select * from seen where abs(distance - metres) > 0.01', 'the test knows where it goes');
select is_empty('select * from seen where circles <> 1', 'each place lies in one circle');
select is_empty('select * from seen where abs(planar - distance) > 0.01 * distance', 'at its real distance, to one percent');
select is_empty($$ select * from seen where edge in ('north pole', 'near the north pole', 'near the south pole', 'Alert', 'beyond 85 degrees') and abs(planar - distance) > 0.0015 * distance $$,
  'near the poles to a thousandth');
select is((select max(pg_catalog.cardinality(private.circles_around(latitude, longitude, 50000)))
  from generate_series(-66, 66, 6) latitude, generate_series(-178, 178, 4) longitude), 1, 'away from the edges a search is one circle');

-- the cells: near what they stand for, within the world, and none narrower than the others
create temporary table cells as
select p.latitude, p.longitude, c.*, tests.metres_between(p.latitude, p.longitude, c.latitude_centre, c.longitude_centre) as distance
from (
  select latitude, longitude from tests.around_edges()
  union all select latitude, 180 - n * 0.0001 from tests.edges(), generate_series(0, 60) n
  union all select latitude, n * 0.0001 - 180 from tests.edges(), generate_series(0, 60) n
  union all select sign * (90 - n * 0.0003), longitude from generate_series(0, 60) n, unnest('{-1,1}'::integer[]) sign, generate_series(-180, 180, 30) longitude
) p
cross join lateral private.cell_centre(p.latitude, p.longitude) c;
select is_empty('select * from cells where distance > 285', 'the centre of the cell is near, at the date line and the poles, too');
select is_empty('select * from cells where abs(latitude_centre) > 90 or abs(longitude_centre) > 180', 'and a place on earth');
select is_empty('select c.* from cells c, lateral private.cell_centre(c.latitude_centre, c.longitude_centre) d where (d.latitude_centre, d.longitude_centre) <> (c.latitude_centre, c.longitude_centre)',
  'the centre of a centre is itself');
select is_empty('select latitude from tests.edges(), lateral private.cell_centre(latitude, 180) a, lateral private.cell_centre(latitude, -180) b where a <> b', 'the date line is one, by either name');
select is_empty(
  $$ select latitude, c.longitude_centre, min(n), max(n) from tests.edges(), generate_series(-150, 150) n
     cross join lateral (select n * 10 / (111195 * cos(radians(latitude))) as degrees) d
     cross join lateral private.cell_centre(latitude, case when d.degrees < 0 then 180 + d.degrees else -180 + d.degrees end) c
     where abs(latitude) < 89 group by latitude, c.longitude_centre having min(n) > -120 and max(n) < 120 and count(*) not between 29 and 32 $$,
  'across the date line every cell is 300 m wide');
select is(tests.error_of('select private.circles_around(90.1, 0, 1)'), 'PT400 coordinates_invalid', 'what is beyond the poles is refused');

select * from finish();
rollback;
