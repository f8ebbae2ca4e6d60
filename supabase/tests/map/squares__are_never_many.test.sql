-- A search costs the same everywhere on earth, and the widest search is open to everybody.
begin;
select plan(4);

create temporary table reached as
select latitude, longitude, size, s.square
from unnest('{0,52.5,60,66.5,66.9,67,67.1,67.4,80,89.999,90,-67,-90}'::double precision[]) latitude
cross join unnest('{13.4,179.9,-180}'::double precision[]) longitude
cross join (values (8192, private.max_radius_m()), (65536, private.max_radius_m()), (2048, 10000)) v (size, radius_m)
cross join lateral (select private.circles_around(latitude, longitude, radius_m) as circles) a
cross join lateral private.squares_around(circles, size) s;
select is_empty('select latitude, longitude, size, count(*) from reached group by 1, 2, 3 having count(*) > 900', 'no search has more than some 900 squares');
select is_empty('select latitude, longitude, size, square from reached group by 1, 2, 3, 4 having count(*) > 1', 'and none reads a square twice');
select is((select count(*) from reached where (latitude, longitude, size) = (52.5, 13.4, 8192)), (
  select count(*) from unnest(private.circles_around(52.5, 13.4, 50000)) c, generate_series(-40, 40) x, generate_series(-40, 40) y,
    point((floor(c.centre[0] / 8192) + x) * 8192, (floor(c.centre[1] / 8192) + y) * 8192) p (corner)
  where (c.centre <-> box(p.corner, point(p.corner[0] + 8192, p.corner[1] + 8192))) <= c.radius), 'in Germany the whole circle is searched');
select is_empty(
  $$ select latitude, longitude, size, bearing from (select latitude, longitude, size, array_agg(square) as squares from reached group by 1, 2, 3) r
     cross join generate_series(0, 350, 10) bearing
     cross join lateral tests.place_at(latitude, longitude, bearing, case size when 2048 then 9500 else 49500 end) p (lat, lon)
     where private.square_at(private.position_at(p.lat, p.lon), size) <> all (squares) $$, 'and everywhere else, too');

select * from finish();
rollback;
