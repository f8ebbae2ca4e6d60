-- As nearby_tasks: searches by words see across the date line and around the poles, as written and spelt alike.
begin;
select plan(9);
select tests.use_default_settings();
update private.settings set task_limit_per_day = 10000, open_task_limit = 10000, points_limit_per_creator = 1000000;
select tests.create_supabase_users('anna', 'ben');
create temporary table rows (kind text, id uuid, latitude double precision, longitude double precision);
insert into rows select 'task', tests.post_task('anna', 1, 'Lanterns', latitude, longitude) from tests.around_edges();
update rows r set latitude = t.latitude, longitude = t.longitude from public.tasks t where t.id = r.id;
with p as (insert into public.places (name, category, latitude, longitude, source) select 'Lantern maker', 'culture', latitude, longitude, 'community' from tests.around_edges() returning id, latitude, longitude)
insert into rows select 'place', p.* from p;
select is_empty('select * from ops.audit_search()', 'the projections agree with tasks and places');
create temporary table expected as
select e.edge, r.kind, r.id, tests.metres_between(e.latitude, e.longitude, r.latitude, r.longitude) as distance
from tests.edges() e, rows r where tests.metres_between(e.latitude, e.longitude, r.latitude, r.longitude) < 50000;
grant select on expected to authenticated;

select tests.authenticate_as('ben');
create temporary table found as
select e.edge, 'task' as kind, query, radius_m, f.id, f.distance_m, f.rank from tests.edges() e, unnest('{lantern,lanturns}'::text[]) query, unnest('{10000,50000}'::integer[]) radius_m,
  lateral public.search_tasks(query, e.latitude, e.longitude, radius_m, page_size => 100) f
union all
select e.edge, 'place', query, radius_m, f.id, f.distance_m, f.rank from tests.edges() e, unnest('{lantern,lanturns}'::text[]) query, unnest('{10000,50000}'::integer[]) radius_m,
  lateral public.search_places(query, e.latitude, e.longitude, radius_m, page_size => 100) f;
select is_empty(
  format($$ select s.*, e.id, e.distance from expected e, (select distinct edge, kind, query, radius_m from found) s
     where (s.edge, s.kind, s.query) = (e.edge, e.kind, %L) and e.distance < s.radius_m * 0.99
       and not exists (select from found f where (f.edge, f.kind, f.query, f.radius_m, f.id) = (s.edge, s.kind, s.query, s.radius_m, e.id)) $$, query), query || ': everything within the radius is found')
from unnest('{lantern,lanturns}'::text[]) query;
select is((select count(distinct (edge, kind, query, radius_m))::int from found), 13 * 2 * 2 * 2, 'by every search');
select is_empty(
  $$ select f.* from found f left join expected e using (edge, kind, id) where e.distance is null or e.distance > f.radius_m * 1.01
       or abs(f.distance_m - e.distance) > case kind when 'task' then 50 else 1 end + 0.01 * e.distance $$, 'nothing else is, and the distance is the real one');
select is_empty('select edge, kind, query, radius_m, id from found group by 1, 2, 3, 4, 5 having count(*) > 1', 'nothing comes twice');
select is_empty($$ select * from found where (query = 'lantern') <> (rank >= 0.5) $$, 'both ways of matching are tried');
select is_empty(
  $$ select * from (select f.*, lag(f.rank) over (partition by edge, kind, query, radius_m order by distance_m) as nearer from found f) f where rank > nearer + 0.003 $$,
  'what is nearer comes before what is farther, across the edge, too');

-- a neighbourhood on both sides of the date line is two shapes of one area
select tests.reset_authentication();
insert into public.neighbourhoods (slug, name, area) values ('pgtap-taveuni', 'Taveuni', extensions.st_collect(extensions.st_makeenvelope(179.9, -17.1, 180, -16.6, 4326), extensions.st_makeenvelope(-180, -17.1, -179.9, -16.6, 4326)));
select results_eq(
  $$ select count(*)::int, count(distinct sign(longitude))::int
     from public.search_places('lantern', -16.85, 179.99, 5000, neighbourhood_id => (select id from public.neighbourhoods where slug = 'pgtap-taveuni')) $$,
  'values (8, 2)', 'a neighbourhood may lie on both sides of the date line');

select * from finish();
rollback;
