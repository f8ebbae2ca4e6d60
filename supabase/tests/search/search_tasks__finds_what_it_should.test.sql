-- Whose tasks, where and in which state search_tasks finds, and what each row shows.
begin;
select plan(45);
select tests.use_default_settings();
select tests.create_supabase_users('anna', 'ben', 'cem', 'dora');
insert into public.categories (slug, parent_slug, name_de, name_en) values
  ('pgtap-root', null, 'Wurzel', 'Root'), ('pgtap-child', 'pgtap-root', 'Kind', 'Child'), ('pgtap-grandchild', 'pgtap-child', 'Enkel', 'Grandchild'), ('pgtap-sibling', 'pgtap-root', 'Kind', 'Sibling');
insert into public.neighbourhoods (slug, name, area) values
  ('pgtap-south', 'South', extensions.st_multi(extensions.st_makeenvelope(-123.45, -48.90, -123.35, -48.85, 4326))),
  ('pgtap-north', 'North', extensions.st_multi(extensions.st_makeenvelope(-123.45, -48.85, -123.35, -48.80, 4326)));
create temporary table t as select tests.post_task('anna', 1, 'Mow here') as here, tests.post_task('anna', 1, 'Mow up northwards', -48.8317) as north,
  tests.post_task('ben', 1, 'Mow child', category => 'pgtap-child') as child, tests.post_task('ben', 1, 'Mow grandchild', category => 'pgtap-grandchild') as grandchild;
grant select on t to authenticated;
create function pg_temp.found(arguments text default '', query text default 'mow')
returns text[]
language plpgsql
as $$
declare
  v_titles text[];
begin
  execute format('select coalesce(array_agg(title order by title), ''{}'') from public.search_tasks(%L, -48.8767, -123.3933 %s)', query, arguments) into v_titles;
  return v_titles;
end $$;
grant execute on function pg_temp.found(text, text) to authenticated;
select is_empty('select * from ops.audit_search()', 'the projection agrees with the tasks');

-- what a row shows
select tests.authenticate_as('cem');
select is(
  (select array_agg(key order by key collate "C") from jsonb_object_keys((select to_jsonb(n) from public.search_tasks('mow', -48.8767, -123.3933, page_size => 1) n)) key),
  (select array_agg(name order by name collate "C") from (
     select attname::text from pg_attribute where attrelid = 'public.tasks'::regclass and attnum > 0 and not attisdropped
     union all values ('distance_m'), ('rank'), ('snippet'), ('cursor')) a (name)),
  'every column of the task, and distance_m, rank, snippet and cursor');
select is_empty(
  $$ select n.id from public.search_tasks('mow', -48.8767, -123.3933) n join public.tasks t using (id)
     where to_jsonb(n) - 'distance_m' - 'rank' - 'snippet' - 'cursor' <> to_jsonb(t) $$, 'with the values of the task');
select is_empty($$ select * from public.search_tasks('mow', -48.8767, -123.3933) n where to_jsonb(n)::text like '%Sea Lane%' or to_jsonb(n)::text ~ '-48\.8767\D|-123\.3933\D' $$, 'the exact place is nowhere');
select is(pg_temp.found(query => 'sea lane'), '{}'::text[], 'nor does the address find it');
select results_eq(
  $$ select s.distance_m, n.distance_m from public.search_tasks('mow', -48.8767, -123.3933, 50000) s full join public.nearby_tasks(-48.8767, -123.3933, 50000) n using (id) where s.distance_m is distinct from n.distance_m $$,
  $$ select 0, 0 where false $$, 'the same tasks at the same distances as nearby');
select is_empty('select rank from public.search_tasks(''mow'', -48.8767, -123.3933, 50000) where not rank between 0.5 and 1', 'ranks of what is as written lie between 0.5 and 1');
select results_eq($$ select title from public.search_tasks('mow', -48.8317, -123.3933, 50000) limit 1 $$, array['Mow up northwards'], 'of equals the nearer comes first');

-- distance
select is(pg_temp.found(', 4700'), '{"Mow child","Mow grandchild","Mow here"}'::text[], 'a radius leaves out what is farther');
select is(pg_temp.found(', 5300'), '{"Mow child","Mow grandchild","Mow here","Mow up northwards"}'::text[], 'and includes what is nearer');
select is(pg_temp.found(', 4700', 'mwo here'), '{}'::text[], 'three letters are not guessed at');
select is(pg_temp.found(', 4700', 'nothwards'), '{}'::text[], 'misspelt: a radius leaves out what is farther');
select is(pg_temp.found(', 5300', 'nothwards'), '{"Mow up northwards"}'::text[], 'misspelt: and includes what is nearer');
select is(pg_temp.found(', radius_m => null, category => null, page_size => null, after => null, neighbourhood_id => null'), pg_temp.found(), 'null is the default');
select is((select count(*)::int from public.search_tasks('mow', -49.27, -123.3933, 2000000000)), 4, 'the largest radius is 50 km: all are within');
select is((select count(*)::int from public.search_tasks('mow', -49.35, -123.3933, 2000000000)), 0, 'and no farther');
select is((select count(*)::int from public.search_tasks('mow', -48.8767, -123.3933, -5)), 0, 'a radius below 1 is 1 m');
select is((select count(*)::int from public.search_tasks('mow', -48.8767, -123.3933, page_size => -5)), 1, 'a page size below 1 is 1');
select is((select count(*)::int from public.search_tasks('mow', 90, 0)), 0, 'a search at the pole is no error');

-- a category and everything below it, a neighbourhood
select is(pg_temp.found(', category => ''pgtap-root'''), '{"Mow child","Mow grandchild"}'::text[], 'a root includes children and grandchildren');
select is(pg_temp.found(', category => ''pgtap-grandchild'''), '{"Mow grandchild"}'::text[], 'a grandchild itself');
select is(pg_temp.found(', category => ''pgtap-sibling'''), '{}'::text[], 'a sibling nothing');
select is(pg_temp.found(', category => ''pgtap-root''', 'mow grandchidl'), '{"Mow grandchild"}'::text[], 'misspelt: in the category');
select is(pg_temp.found(', category => ''pgtap-sibling''', 'mow grandchidl'), '{}'::text[], 'misspelt: not in another');
create function pg_temp.within(slug text) returns text language sql as $$ select format(', 50000, neighbourhood_id => %L', id) from public.neighbourhoods n where n.slug = within.slug $$;
select is(pg_temp.found(pg_temp.within('pgtap-north')), '{"Mow up northwards"}'::text[], 'a neighbourhood leaves out what lies in another');
select is(pg_temp.found(pg_temp.within('pgtap-north'), 'nothwards'), '{"Mow up northwards"}'::text[], 'misspelt: too');
select is(pg_temp.found(pg_temp.within('pgtap-south'), 'nothwards'), '{}'::text[], 'misspelt: and what does not lie in it is not found');
select is(pg_temp.found(format(', 50000, neighbourhood_id => %L', gen_random_uuid())), '{}'::text[], 'an unknown neighbourhood has nothing');

-- people
select tests.authenticate_as('anna');
select is(pg_temp.found(', 50000'), '{"Mow child","Mow grandchild","Mow here","Mow up northwards"}'::text[], 'own tasks are found too');
select tests.authenticate_as('cem');
select public.block_user(tests.get_supabase_uid('anna'));
select is(pg_temp.found(', 50000'), '{"Mow child","Mow grandchild"}'::text[], 'those of a member one blocks are left out');
select is(pg_temp.found(', 50000', 'nothwards'), '{}'::text[], 'misspelt: too');
select tests.authenticate_as('ben');
select public.block_user(tests.get_supabase_uid('dora'));
select tests.authenticate_as('dora');
select is(pg_temp.found(', 50000'), '{"Mow here","Mow up northwards"}'::text[], 'and those of a member who blocks one');
select tests.reset_authentication();
select ops.ban_user(tests.get_supabase_uid('anna'), 'test');
select tests.authenticate_as('dora');
select is(pg_temp.found(', 50000'), '{}'::text[], 'those of banned members are left out');
select tests.authenticate_as('anna');
select is(pg_temp.found(', 50000'), '{"Mow child","Mow grandchild"}'::text[], 'a banned member can search');
select tests.reset_authentication();
select ops.unban_user(tests.get_supabase_uid('anna'));

-- past the deadline, before the job comes; and every state but open
select tests.pass_deadline(here) from t;
select tests.authenticate_as('dora');
select is(pg_temp.found(', 50000'), '{"Mow up northwards"}'::text[], 'past its deadline a task is not found');
select tests.reset_authentication();
select tests.create_supabase_users('emil', 'fay');
select tests.task_in(state, 'emil', 'fay') from unnest('{assigned,in_progress,pending_confirmation,completed,cancelled,expired,archived}'::text[]) state;
select tests.authenticate_as('dora');
select is(pg_temp.found(', 50000'), '{"Mow up northwards"}'::text[], 'nothing but open tasks is found');

-- errors
create function pg_temp.search(arguments text) returns text language sql as $$ select tests.error_of('select * from public.search_tasks(''mow'', ' || arguments || ')') $$;
grant execute on function pg_temp.search(text) to authenticated;
select is_empty(
  $$ select a, pg_temp.search(a) from unnest(array['null, 0', '0, null', '''NaN'', 0', '0, ''Infinity''', '90.01, 0', '0, 180.01']) a where pg_temp.search(a) <> 'PT400 coordinates_invalid' $$, 'a place that is none');
select is(pg_temp.search('0, 0, category => ''gardening'''), 'PT400 category_not_found (gardening)', 'an unknown category');
select is_empty(
  $$ select a, pg_temp.search(format('0, 0, after => %L', a)) from unnest(array['', 'x', '%%%', 'AAAA', repeat('A', 10000), encode(convert_to('newest|1|' || gen_random_uuid(), 'utf8'), 'base64'),
       encode(convert_to('search_places|1|' || gen_random_uuid(), 'utf8'), 'base64'), encode(convert_to('search_tasks|NaN|' || gen_random_uuid(), 'utf8'), 'base64')]) a
     where pg_temp.search(format('0, 0, after => %L', a)) <> 'PT400 cursor_invalid' $$, 'a cursor that is none, or of another list');

-- nobody else
select tests.clear_authentication();
select is(pg_temp.search('0, 0'), '42501 permission denied for function search_tasks', 'not signed in: refused');
select tests.authenticate_as_service_role();
select is(pg_temp.search('0, 0'), '42501 permission denied for function search_tasks', 'the secret key has no use for it');
select tests.act_as('authenticated', jsonb_build_object('sub', gen_random_uuid()));
select is(pg_temp.search('0, 0'), 'PT401 not_signed_in', 'a token of nobody: not signed in');
select tests.authenticate_as('dora');
select is(tests.error_of('select * from private.task_texts'), '42501 permission denied for table task_texts', 'the projection itself is private');
select is(tests.error_of('select * from private.place_texts'), '42501 permission denied for table place_texts', 'that of the places too');
select tests.reset_authentication();
delete from auth.users where id = tests.get_supabase_uid('dora');
select tests.authenticate_as('dora');
select is(pg_temp.search('0, 0'), 'PT403 user_inactive', 'deleted account: no search');

select * from finish();
rollback;
