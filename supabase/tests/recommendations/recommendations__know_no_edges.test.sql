-- As nearby_tasks: recommended places and tasks, and suggested helpers, across the date line and around the poles.
begin;
select plan(9);
select tests.use_default_settings();
update private.settings set task_limit_per_day = 10000, open_task_limit = 10000, points_limit_per_creator = 1000000, suggestion_limit_per_day = 100;
select tests.create_supabase_users('anna', 'ben', 'north', 'south', 'east', 'west', 'far');
create temporary table rows (kind text, id uuid, latitude double precision, longitude double precision);
insert into rows select 'task', tests.post_task('anna', 1, 'Lanterns', latitude, longitude) from tests.around_edges();
update rows r set latitude = t.latitude, longitude = t.longitude from public.tasks t where t.id = r.id;
with p as (insert into public.places (name, category, latitude, longitude, source) select 'Lantern maker', 'culture', latitude, longitude, 'community' from tests.around_edges() returning id, latitude, longitude)
insert into rows select 'place', p.* from p;
select is_empty('select * from ops.audit_recommendations()', 'the projections agree with tasks and places');
create temporary table expected as
select e.edge, r.kind, r.id, tests.metres_between(e.latitude, e.longitude, r.latitude, r.longitude) as distance
from tests.edges() e, rows r where tests.metres_between(e.latitude, e.longitude, r.latitude, r.longitude) < 50000;
grant select on expected to authenticated;

select tests.authenticate_as('ben');
create temporary table found as
select e.edge, 'task' as kind, radius_m, f.id, f.distance_m, f.part_proximity from tests.edges() e, unnest('{10000,50000}'::integer[]) radius_m,
  lateral public.recommended_tasks(e.latitude, e.longitude, radius_m, page_size => 100) f
union all
select e.edge, 'place', radius_m, f.id, f.distance_m, f.part_proximity from tests.edges() e, unnest('{10000,50000}'::integer[]) radius_m,
  lateral public.recommended_places(e.latitude, e.longitude, radius_m, page_size => 100) f;
select is_empty(
  $$ select s.*, e.id, e.distance from expected e, (select distinct edge, kind, radius_m from found) s
     where (s.edge, s.kind) = (e.edge, e.kind) and e.distance < s.radius_m * 0.99
       and not exists (select from found f where (f.edge, f.kind, f.radius_m, f.id) = (s.edge, s.kind, s.radius_m, e.id)) $$, 'everything within the radius is recommended');
select is((select count(distinct (edge, kind, radius_m))::int from found), 13 * 2 * 2, 'by every search');
select is_empty(
  $$ select f.* from found f left join expected e using (edge, kind, id) where e.distance is null or e.distance > f.radius_m * 1.01
       or abs(f.distance_m - e.distance) > case kind when 'task' then 50 else 1 end + 0.01 * e.distance $$, 'nothing else is, and the distance is the real one');
select is_empty('select edge, kind, radius_m, id from found group by 1, 2, 3, 4 having count(*) > 1', 'nothing comes twice');
select is_empty('select * from found where abs(part_proximity - greatest(0, 1 - distance_m::double precision / radius_m)) > 0.0001', 'proximity follows');

-- helpers: four live 5.5 km away in all directions, one 15 km
select tests.reset_authentication();
update public.user_settings set is_open_to_suggestions = true where user_id in (select tests.get_supabase_uid(m) from unnest('{north,south,east,west,far}'::text[]) m);
create function pg_temp.helpers(edge text)
returns text
language plpgsql
as $$
declare
  v_edge record;
  v_task uuid;
begin
  select * into v_edge from tests.edges() e where e.edge = helpers.edge;
  perform tests.reset_authentication();
  update public.user_contacts c set latitude = p.latitude, longitude = p.longitude
  from (values ('north', 10, 5500), ('south', 190, 5500), ('east', 100, 5500), ('west', 280, 5500), ('far', 90, 15000)) v (member, bearing, metres),
    tests.place_at(v_edge.latitude, v_edge.longitude, v.bearing, v.metres) p
  where c.user_id = tests.get_supabase_uid(v.member);
  v_task := tests.post_task('anna', 1, 'Lanterns', v_edge.latitude, v_edge.longitude);
  perform tests.authenticate_as('anna');
  return (select string_agg(s.name || ' ' || s.distance_band, ', ' order by s.name) from public.suggest_helpers(v_task) s);
end $$;
create temporary table helpers as select e.edge, pg_temp.helpers(e.edge) as suggested from tests.edges() e;
select tests.reset_authentication();
select is((select count(*)::int from helpers), 13, 'helpers are looked for at every edge');
select is_empty($$ select * from helpers where suggested is distinct from 'East 3_to_10_km, North 3_to_10_km, South 3_to_10_km, West 3_to_10_km' $$, 'and found in all directions, in the right band');
select is_empty('select * from ops.audit_recommendations()', 'the projections still agree');

select * from finish();
rollback;
