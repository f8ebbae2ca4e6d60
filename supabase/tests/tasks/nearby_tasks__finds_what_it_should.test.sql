-- What is found and what is not: place, distance, category, people, deadline; and what each row shows.
begin;
select plan(53);
select tests.use_default_settings();
select tests.create_supabase_users('anna', 'ben', 'cem', 'dora');
insert into public.categories (slug, parent_slug, name_de, name_en) values
  ('pgtap-root', null, 'Wurzel', 'Root'), ('pgtap-child', 'pgtap-root', 'Kind', 'Child'), ('pgtap-grandchild', 'pgtap-child', 'Enkel', 'Grandchild'), ('pgtap-sibling', 'pgtap-root', 'Kind', 'Sibling');
create temporary table t as select tests.post_task('anna', 1, 'Here') as here, tests.post_task('anna', 1, 'Up north', -48.8317) as north,
  tests.post_task('ben', 1, 'Child', category => 'pgtap-child') as child, tests.post_task('ben', 1, 'Grandchild', category => 'pgtap-grandchild') as grandchild;
grant select on t to authenticated;
create function pg_temp.found(arguments text default '')
returns text[]
language plpgsql
as $$
declare
  v_titles text[];
begin
  execute format('select coalesce(array_agg(title order by title), ''{}'') from public.nearby_tasks(-48.8767, -123.3933 %s)', arguments) into v_titles;
  return v_titles;
end $$;
grant execute on function pg_temp.found(text) to authenticated, anon, service_role;

-- what a row shows
select tests.authenticate_as('cem');
select is(
  (select array_agg(key order by key collate "C") from jsonb_object_keys((select to_jsonb(n) from public.nearby_tasks(-48.8767, -123.3933, sort => 'distance', page_size => 1) n)) key),
  (select array_agg(name order by name collate "C") from (
     select attname::text from pg_attribute where attrelid = 'public.tasks'::regclass and attnum > 0 and not attisdropped
     union all values ('distance_m'), ('cursor')) a (name)),
  'every column of the task, and distance_m and cursor');
select is_empty(
  $$ select n.id from public.nearby_tasks(-48.8767, -123.3933) n join public.tasks t using (id) where to_jsonb(n) - 'distance_m' - 'cursor' <> to_jsonb(t) $$,
  'with the values of the task');
select is_empty($$ select * from public.nearby_tasks(-48.8767, -123.3933) n where to_jsonb(n)::text like '%Sea Lane%' or to_jsonb(n)::text ~ '-48\.8767\D|-123\.3933\D' $$, 'the exact place is nowhere');

-- distance, rounded to 100 m
select is_empty('select distance_m from public.nearby_tasks(-48.8767, -123.3933, 50000) where distance_m % 100 <> 0', 'distances are rounded to 100 m');
select results_eq($$ select distance_m between 4800 and 5200 from public.nearby_tasks(-48.8767, -123.3933, 50000) where title = 'Up north' $$, array[true], 'five kilometres are about 5000 m, as the cell goes');
select is_empty(
  $$ select n.distance_m, d from (values (0.0, 0.0), (52.5, 13.4), (-33.9, 151.2), (64.1, -21.9)) p (latitude, longitude)
     cross join lateral (select private.mercator(latitude, longitude) as m) c
     cross join lateral public.nearby_tasks(-48.8767, -123.3933, 50000) n
     cross join lateral extensions.st_distance(extensions.st_makepoint(-123.3933, -48.8767)::extensions.geography, extensions.st_makepoint(n.longitude, n.latitude)::extensions.geography) d
     where abs(n.distance_m - d) > 50 + 0.01 * d $$, 'and right to within the rounding and one percent');
select is(pg_temp.found(', 4700'), '{Child,Grandchild,Here}'::text[], 'a radius leaves out what is farther');
select is(pg_temp.found(', 5300'), '{Child,Grandchild,Here,"Up north"}'::text[], 'and includes what is nearer');
select is(pg_temp.found(', radius_m => 4700, sort => ''distance'''), '{Child,Grandchild,Here}'::text[], 'nearest: a radius leaves out what is farther');
select is(pg_temp.found(', radius_m => 5300, sort => ''distance'''), '{Child,Grandchild,Here,"Up north"}'::text[], 'nearest: and includes what is nearer');
select is(pg_temp.found(', radius_m => null, category => null, sort => null, page_size => null, after => null'), pg_temp.found(), 'null is the default');
select is((select count(*)::int from public.nearby_tasks(-49.27, -123.3933, 2000000000)), 4, 'the largest radius is 50 km: all are within');
select is((select count(*)::int from public.nearby_tasks(-49.35, -123.3933, 2000000000)), 0, 'and no farther');
select is((select count(*)::int from public.nearby_tasks(-49.35, -123.3933, 2000000000, sort => 'distance')), 0, 'nearest: and no farther');
select is((select count(*)::int from public.nearby_tasks(-48.8767, -123.3933, -5)), 0, 'a radius below 1 is 1 m');
select is((select count(*)::int from public.nearby_tasks(-48.8767, -123.3933, page_size => -5)), 1, 'a page size below 1 is 1');
select is((select count(*)::int from public.nearby_tasks(-48.8767, -123.3933, page_size => 0, sort => 'distance')), 1, 'nearest: too');
select is((select count(*)::int from public.nearby_tasks(90, 0)), 0, 'a search at the pole is no error');
select is((select count(*)::int from public.nearby_tasks(-90, 180, 50000, sort => 'distance')), 0, 'nor at the other one');

-- a category and everything below it
select is(pg_temp.found(', category => ''pgtap-root'''), '{Child,Grandchild}'::text[], 'a root includes children and grandchildren');
select is(pg_temp.found(', category => ''pgtap-child'''), '{Child,Grandchild}'::text[], 'a child itself and below');
select is(pg_temp.found(', category => ''pgtap-grandchild'''), '{Grandchild}'::text[], 'a grandchild itself');
select is(pg_temp.found(', category => ''pgtap-sibling'''), '{}'::text[], 'a sibling nothing');
select is(pg_temp.found(', category => ''pgtap-root'', sort => ''distance'''), '{Child,Grandchild}'::text[], 'nearest: too');
select is(pg_temp.found(', category => ''garten'', radius_m => 50000'), '{Here,"Up north"}'::text[], 'and nothing beside');

-- people
select tests.authenticate_as('anna');
select is(pg_temp.found(', 50000'), '{Child,Grandchild}'::text[], 'own tasks are left out');
select is(pg_temp.found(', 50000, sort => ''distance'''), '{Child,Grandchild}'::text[], 'nearest: too');
select tests.authenticate_as('cem');
select public.block_user(tests.get_supabase_uid('anna'));
select is(pg_temp.found(', 50000'), '{Child,Grandchild}'::text[], 'those of a member one blocks, too');
select is(pg_temp.found(', 50000, sort => ''distance'''), '{Child,Grandchild}'::text[], 'nearest: too');
select tests.authenticate_as('ben');
select public.block_user(tests.get_supabase_uid('dora'));
select tests.authenticate_as('dora');
select is(pg_temp.found(', 50000'), '{Here,"Up north"}'::text[], 'and those of a member who blocks one');
select is(pg_temp.found(', 50000, sort => ''distance'''), '{Here,"Up north"}'::text[], 'nearest: too');
select tests.reset_authentication();
select ops.ban_user(tests.get_supabase_uid('anna'), 'test');
select tests.authenticate_as('dora');
select is(pg_temp.found(', 50000'), '{}'::text[], 'those of banned members are left out');
select tests.authenticate_as('anna');
select is(pg_temp.found(', 50000'), '{Child,Grandchild}'::text[], 'a banned member can search');
select tests.reset_authentication();
select ops.unban_user(tests.get_supabase_uid('anna'));
select tests.authenticate_as('dora');
select is(pg_temp.found(', 50000'), '{Here,"Up north"}'::text[], 'until the ban is lifted');

-- past the deadline, before the job comes
select tests.reset_authentication();
select tests.pass_deadline(here) from t;
select tests.authenticate_as('dora');
select is(pg_temp.found(', 50000'), '{"Up north"}'::text[], 'past its deadline a task is not found');
select is(pg_temp.found(', 50000, sort => ''distance'''), '{"Up north"}'::text[], 'nearest: too');

-- every state but open
select tests.reset_authentication();
select tests.create_supabase_users('emil', 'fay');
select tests.task_in(state, 'emil', 'fay') from unnest('{assigned,in_progress,pending_confirmation,completed,cancelled,expired,archived}'::text[]) state;
select tests.authenticate_as('dora');
select is(pg_temp.found(', 50000'), '{"Up north"}'::text[], 'nothing but open tasks is found');
select is(pg_temp.found(', 50000, sort => ''distance'''), '{"Up north"}'::text[], 'nearest: too');

-- errors
create function pg_temp.search(arguments text) returns text language sql as $$ select tests.error_of('select * from public.nearby_tasks(' || arguments || ')') $$;
create function pg_temp.cursor_of(sort text, key text, id text) returns text language sql as $$ select encode(convert_to(concat_ws('|', sort, key, id), 'utf8'), 'base64') $$;
grant execute on function pg_temp.search(text), pg_temp.cursor_of(text, text, text) to authenticated;
select is_empty(
  $$ select a, pg_temp.search(a) from unnest(array['null, 0', '0, null', '''NaN'', 0', '0, ''NaN''', '''Infinity'', 0', '0, ''-Infinity''', '90.01, 0', '0, 180.01']) a
     where pg_temp.search(a) <> 'PT400 coordinates_invalid' $$, 'a place that is none');
select is(pg_temp.search('0, 0, category => ''gardening'''), 'PT400 category_not_found (gardening)', 'an unknown category');
select is(pg_temp.search('0, 0, category => '''''), 'PT400 category_not_found', 'an empty category');
select is(pg_temp.search('0, 0, sort => ''price'''), 'PT400 sort_invalid', 'an unknown order');
select is_empty(
  $$ select a, s, pg_temp.search(format('0, 0, after => %L, sort => %L', a, s)) from unnest(array['', ' ', 'x', '%%%', 'AAAA', '////', 'e30=', '2026-01-01', repeat('A', 10000),
       pg_temp.cursor_of(null, null, null), pg_temp.cursor_of('newest', 'x', tests.get_supabase_uid('x')::text), pg_temp.cursor_of('newest', '1', 'x'), pg_temp.cursor_of('newest', '1', null),
       pg_temp.cursor_of('distance', 'x', tests.get_supabase_uid('x')::text), pg_temp.cursor_of('distance', '1', ''), pg_temp.cursor_of('price', '1', tests.get_supabase_uid('x')::text),
       pg_temp.cursor_of('newest', '1', tests.get_supabase_uid('x') || '|more')]) a,
       unnest('{newest,distance}'::text[]) s
     where pg_temp.search(format('0, 0, after => %L, sort => %L', a, s)) <> 'PT400 cursor_invalid' $$, 'a cursor that is none');
select is_empty(
  $$ select key, s, pg_temp.search(format('0, 0, after => %L, sort => %L', pg_temp.cursor_of(s, key, tests.get_supabase_uid('x')::text), s))
     from unnest('{NaN,Infinity,-Infinity,1e300,-1e300,1e18,-1e18}'::text[]) key, unnest('{newest,distance}'::text[]) s
     where pg_temp.search(format('0, 0, after => %L, sort => %L', pg_temp.cursor_of(s, key, tests.get_supabase_uid('x')::text), s)) not in ('PT400 cursor_invalid', 'no error') $$,
  'a forged cursor beyond all numbers is no server error');
select is(pg_temp.search(format('0, 0, after => %L', (select cursor from public.nearby_tasks(-48.8767, -123.3933, 50000, sort => 'distance') limit 1))), 'PT400 cursor_invalid', 'a cursor of the other order');
select is(pg_temp.search(format('0, 0, sort => ''distance'', after => %L', (select cursor from public.nearby_tasks(-48.8767, -123.3933, 50000) limit 1))), 'PT400 cursor_invalid', 'and the other way round');
select is_empty($$ select cursor from public.nearby_tasks(-48.8767, -123.3933, 50000) where cursor ~ '\s' $$, 'cursors have no white space: they go into URLs');

-- who may search
select tests.act_as('authenticated', null);
select is(pg_temp.search('0, 0'), 'PT401 not_signed_in', 'no member, no search');
select tests.clear_authentication();
select throws_ok('select * from public.nearby_tasks(0, 0)', '42501', 'permission denied for function nearby_tasks', 'anon cannot search');
select tests.authenticate_as_service_role();
select throws_ok('select * from public.nearby_tasks(0, 0)', '42501', 'permission denied for function nearby_tasks', 'nor can the service role');

-- around the world: what is posted is found from 500 m away, in both orders and both grids
select tests.reset_authentication();
update private.settings set open_task_limit = 1000;
create temporary table world as
select place, latitude, longitude, tests.post_task('emil', 1, 'World', latitude, longitude) as id
from (values ('Berlin', 52.52, 13.405), ('Quito', -0.18, -78.47), ('Null Island', 0.0001, 0.0001), ('Reykjavik', 64.147, -21.94), ('Sydney', -33.87, 151.21), ('Tromso', 69.65, 18.96), ('Suva', -18.14, 178.44)) v (place, latitude, longitude);
grant select on world to authenticated;
select tests.authenticate_as('dora');
select is_empty(
  $$ select place, sort, radius_m from world, unnest('{newest,distance}'::text[]) sort, unnest('{1000,50000}'::integer[]) radius_m
     where not exists (select from public.nearby_tasks(latitude + 0.0045, longitude, radius_m, sort => sort, page_size => 100) n where n.id = world.id and n.distance_m between 300 and 700) $$,
  'found everywhere, at the right distance');
select is_empty(
  $$ select place, sort from world, unnest('{newest,distance}'::text[]) sort
     where exists (select from public.nearby_tasks(latitude + 0.0225, longitude, 2000, sort => sort, page_size => 100) n where n.id = world.id) $$,
  'and not from 2.5 km away within 2 km');
select tests.reset_authentication();
select tests.books_are_right();

select * from finish();
rollback;
