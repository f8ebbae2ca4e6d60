-- Newest and nearest, page by page: no gap, no duplicate, whatever the page size and however many share a time or a place.
begin;
select plan(26);
select tests.use_default_settings();
update private.settings set task_limit_per_day = 10000, open_task_limit = 1000, points_limit_per_creator = 100000;
select tests.create_supabase_users('anna', 'ben');

-- 120 tasks around a point in the Pacific: up to four share a second, up to three share a place
create temporary table placed as
select n, tests.post_task('anna', 1, 'Task ' || n, -48.8767 + (n % 40) * 0.004, -123.3933 + (n % 7) * 0.006) as id from generate_series(1, 120) n;
update public.tasks t set created_at = timestamptz '2026-01-01 12:00 UTC' + (n / 4) * interval '1 second' + case when n % 8 = 0 then interval '1 microsecond' else interval '0' end
from placed p where p.id = t.id;
update private.open_tasks o set created_at = t.created_at from public.tasks t where t.id = o.task_id and t.id in (select id from placed);
select tests.books_are_right('the fixture is right');
grant select on placed to authenticated;

-- all pages, one after the other
create function pg_temp.pages(sort text, page_size integer, radius_m integer default 50000)
returns table (page integer, place integer, id uuid, created_at timestamptz, distance_m integer)
language plpgsql
as $$
declare
  v_after text;
  v_rows  integer;
begin
  page := 0;
  place := 0;
  loop
    page := page + 1;
    v_rows := 0;
    for id, created_at, distance_m, v_after in
      select n.id, n.created_at, n.distance_m, n.cursor
      from public.nearby_tasks(-48.8767, -123.3933, pages.radius_m, sort => pages.sort, page_size => pages.page_size, after => v_after) n
    loop
      place := place + 1;
      v_rows := v_rows + 1;
      return next;
    end loop;
    exit when v_rows < page_size or page > 200;
  end loop;
end $$;
grant execute on function pg_temp.pages(text, integer, integer) to authenticated;

select tests.authenticate_as('ben');
create temporary table newest as select * from pg_temp.pages('newest', 100);
create temporary table nearest as select * from pg_temp.pages('distance', 100);
select is((select count(*)::int from newest), 120, 'newest: all tasks come');
select is((select count(distinct id)::int from newest), 120, 'newest: none twice');
select results_eq('select id from newest order by place', 'select id from newest order by created_at desc, id desc', 'newest: in order of time, then id');
select is((select count(distinct created_at)::int < 120 from newest), true, 'newest: some share a time');
select is((select count(*)::int from nearest), 120, 'nearest: all tasks come');
select is((select count(distinct id)::int from nearest), 120, 'nearest: none twice');
select is_empty($$ select * from (select distance_m, lag(distance_m) over (order by place) as before from nearest) d where distance_m < before $$, 'nearest: in order of distance');
select is((select count(distinct distance_m)::int < 120 from nearest), true, 'nearest: some share a distance');

select results_eq(format('select id from pg_temp.pages(''newest'', %s)', size), 'select id from newest order by place', format('newest: pages of %s give the same', size))
from unnest('{1,3,4,7,50}'::integer[]) size;
select results_eq(format('select id from pg_temp.pages(''distance'', %s)', size), 'select id from nearest order by place', format('nearest: pages of %s give the same', size))
from unnest('{1,3,4,7,50}'::integer[]) size;

-- the coarse grid of large radii agrees with the fine one
select results_eq($$ select id from pg_temp.pages('newest', 9, 20000) $$, $$ select id from newest order by place $$, 'newest: a smaller radius that covers all gives the same');

-- both orders find the same tasks, whatever the radius
select is_empty(
  $$ select radius_m from unnest('{100,300,1000,2500,5000,9999,20000,50000}'::integer[]) radius_m
     where (select count(*) from pg_temp.pages('newest', 100, radius_m)) <> (select count(*) from pg_temp.pages('distance', 100, radius_m)) $$,
  'newest and nearest find the same number at every radius');
select cmp_ok((select count(*)::int from pg_temp.pages('newest', 100, 1000)), '<', 120, 'a small radius leaves some out');
select cmp_ok((select count(*)::int from pg_temp.pages('newest', 100, 1000)), '>', 0, 'and some in');

-- a task that goes away or comes new between two pages moves nothing else
create temporary table first_page as select n.* from public.nearby_tasks(-48.8767, -123.3933, 50000, page_size => 60) n;
create temporary table last_row as select cursor from first_page order by created_at, id limit 1;
select tests.authenticate_as('anna');
select public.cancel_task(id) from (select id from newest where place in (60, 61, 10)) gone;
select tests.reset_authentication();
select tests.post_task('anna', 1, 'New');
select tests.authenticate_as('ben');
select results_eq('select n.id from last_row, public.nearby_tasks(-48.8767, -123.3933, 50000, page_size => 100, after => cursor) n',
  'select id from newest where place > 61 order by place', 'the next page goes on where the last one ended');

-- size and radius are clamped
select is((select count(*)::int from public.nearby_tasks(-48.8767, -123.3933, 50000)), 20, 'a page has 20 rows unless asked otherwise');
select is((select count(*)::int from public.nearby_tasks(-48.8767, -123.3933, 50000, page_size => 1000000)), 100, 'at most 100');

select * from finish();
rollback;
