-- Page by page: no gap, no duplicate, whatever the page size and however many share a rank.
begin;
select plan(17);
select tests.use_default_settings();
update private.settings set task_limit_per_day = 10000, open_task_limit = 1000, points_limit_per_creator = 100000;
select tests.create_supabase_users('anna', 'ben');

-- 45 tasks and places around a point in the Pacific: many share a place and words, and so a rank
create temporary table placed as
select n, tests.post_task('anna', 1, 'Mow' || repeat(' now', n % 3), -48.8767 + (n % 5) * 0.004, -123.3933 + (n % 3) * 0.006) as id from generate_series(1, 45) n;
insert into public.places (name, latitude, longitude, source) select 'Mowers' || repeat(' now', n % 3), -48.8767 + (n % 5) * 0.004, -123.3933 + (n % 3) * 0.006, 'community' from generate_series(1, 45) n;

create function pg_temp.pages(what text, query text, page_size integer)
returns table (page integer, place integer, id uuid, rank double precision)
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
    for id, rank, v_after in execute format('select n.id, n.rank, n.cursor from public.%I($1, -48.8767, -123.3933, 50000, page_size => $2, after => $3) n', what) using query, page_size, v_after
    loop
      place := place + 1;
      v_rows := v_rows + 1;
      return next;
    end loop;
    exit when v_rows < page_size or page > 200;
  end loop;
end $$;
grant execute on function pg_temp.pages(text, text, integer) to authenticated;

select tests.authenticate_as('ben');
create temporary table everything as
select what, query, p.* from (values ('search_tasks', 'mow'), ('search_places', 'mowers')) s (what, query), pg_temp.pages(what, query, 100) p;
select is((select count(distinct id)::int from everything where what = w), 45, w || ': all come, none twice') from unnest('{search_tasks,search_places}'::text[]) w;
select results_eq(format('select id from everything where what = %L order by place', w), format('select id from everything where what = %L order by rank desc, id', w), w || ': in order of rank, then id')
from unnest('{search_tasks,search_places}'::text[]) w;
select cmp_ok((select count(distinct rank)::int from everything where what = w), '<', 45, w || ': some share a rank') from unnest('{search_tasks,search_places}'::text[]) w;
select results_eq(format('select id from pg_temp.pages(%L, %L, %s)', e.what, e.query, size), format('select id from everything where what = %L order by place', e.what), format('%s: pages of %s give the same', e.what, size))
from (select distinct what, query from everything) e, unnest('{2,7,15,44}'::integer[]) size;

-- somebody closes a task between two pages: nothing comes twice, nothing else is missed
create temporary table first_page as select n.id, n.cursor, n.rank from public.search_tasks('mow', -48.8767, -123.3933, 50000, page_size => 20) n;
select tests.authenticate_as('anna');
select public.cancel_task((select id from everything where what = 'search_tasks' and place = 30)), public.cancel_task((select id from everything where what = 'search_tasks' and place = 5));
select tests.authenticate_as('ben');
select results_eq(
  $$ select n.id from public.search_tasks('mow', -48.8767, -123.3933, 50000, page_size => 100, after => (select cursor from first_page order by rank, id desc limit 1)) n $$,
  $$ select id from everything where what = 'search_tasks' and place > 20 and place <> 30 order by place $$, 'what was on the first page does not come again, only what was cancelled is missing');

-- pages of what is spelt alike follow what is as written
select tests.reset_authentication();
select tests.post_task('anna', 1, 'Mowing machine wanted'), tests.post_task('anna', 1, 'Machine for mowing'), tests.post_task('anna', 1, 'Maschine reparieren');
select tests.authenticate_as('ben');
select results_eq($$ select count(*)::int, count(*) filter (where rank >= 0.5)::int, count(distinct id)::int from pg_temp.pages('search_tasks', 'machine', 1) $$, $$ values (3, 2, 3) $$,
  'few hits: those spelt alike follow, none twice');
select results_eq($$ select id from pg_temp.pages('search_tasks', 'machine', 1) $$, $$ select id from pg_temp.pages('search_tasks', 'machine', 50) $$, 'in pages of one as in one page');

select * from finish();
rollback;
