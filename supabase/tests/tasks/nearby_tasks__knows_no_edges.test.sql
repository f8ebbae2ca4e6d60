-- Across the date line, around the poles, and where one map of the plane goes over into another: everything within the radius
-- is found at its real distance, newest or nearest first, on pages without gap or duplicate.
begin;
select plan(7);
select tests.use_default_settings();
update private.settings set task_limit_per_day = 10000, open_task_limit = 10000, points_limit_per_creator = 1000000;
select tests.create_supabase_users('anna', 'ben');
create temporary table posted as select edge, n, tests.post_task('anna', 1, 'Task ' || n, latitude, longitude) as id from tests.around_edges();
update public.tasks t set created_at = timestamptz '2026-01-01 12:00 UTC' + (n * 37 % 101) / 2 * interval '1 second' from posted p where p.id = t.id;
update private.open_tasks o set created_at = t.created_at from public.tasks t where t.id = o.task_id and t.id in (select id from posted);
select is_empty('select * from ops.audit_tasks()', 'the projection agrees with the tasks');
create temporary table expected as
select e.edge, t.id, t.created_at, tests.metres_between(e.latitude, e.longitude, t.latitude, t.longitude) as distance
from tests.edges() e cross join posted p join public.tasks t on t.id = p.id
where tests.metres_between(e.latitude, e.longitude, t.latitude, t.longitude) < 50000;

create function pg_temp.pages(edge text, sort text, radius_m integer, page_size integer)
returns table (place integer, id uuid, created_at timestamptz, distance_m integer)
language plpgsql
as $$
declare
  v_edge  record;
  v_after text;
  v_rows  integer;
begin
  select * into v_edge from tests.edges() e where e.edge = pages.edge;
  place := 0;
  loop
    v_rows := 0;
    for id, created_at, distance_m, v_after in
      select n.id, n.created_at, n.distance_m, n.cursor
      from public.nearby_tasks(v_edge.latitude, v_edge.longitude, pages.radius_m, sort => pages.sort, page_size => pages.page_size, after => v_after) n
    loop
      place := place + 1;
      v_rows := v_rows + 1;
      return next;
    end loop;
    exit when v_rows < page_size or place > 1000;
  end loop;
end $$;
grant execute on function pg_temp.pages(text, text, integer, integer) to authenticated;
grant select on expected to authenticated;

select tests.authenticate_as('ben');
create temporary table found as
select e.edge, sort, radius_m, page_size, p.*
from tests.edges() e, unnest('{newest,distance}'::text[]) sort, unnest('{2000,10000,50000}'::integer[]) radius_m, unnest('{3,100}'::integer[]) page_size,
  lateral pg_temp.pages(e.edge, sort, radius_m, page_size) p;
select is_empty(
  $$ select s.*, e.id, e.distance from expected e, (select distinct edge, sort, radius_m, page_size from found) s
     where s.edge = e.edge and e.distance < s.radius_m * 0.99
       and not exists (select from found f where (f.edge, f.sort, f.radius_m, f.page_size, f.id) = (s.edge, s.sort, s.radius_m, s.page_size, e.id)) $$, 'everything within the radius is found');
select is((select count(distinct (edge, sort, radius_m, page_size))::int from found), 13 * 2 * 3 * 2, 'by every search');
select is_empty(
  $$ select f.* from found f left join expected e using (edge, id) where e.distance is null or e.distance > f.radius_m * 1.01 or abs(f.distance_m - e.distance) > 50 + 0.01 * e.distance $$,
  'nothing else is, and the distance is the real one');
select is_empty('select edge, sort, radius_m, page_size, id from found group by 1, 2, 3, 4, 5 having count(*) > 1', 'nothing comes twice');
select is_empty(
  $$ select * from (
       select f.*, lag(f.distance_m) over w as nearer, lag(f.created_at) over w as newer, lag(f.id) over w as before
       from found f window w as (partition by edge, sort, radius_m, page_size order by place)) f
     where sort = 'distance' and distance_m < nearer or sort = 'newest' and (created_at, id) > (newer, before) $$, 'nearest first, or newest first');
select is_empty(
  $$ select * from (select * from found where page_size = 3) s full join (select * from found where page_size = 100) l using (edge, sort, radius_m, place) where s.id is distinct from l.id $$,
  'whatever the size of the pages');

select * from finish();
rollback;
