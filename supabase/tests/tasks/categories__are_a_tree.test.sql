begin;
select plan(26);
select tests.use_default_settings();
select tests.create_supabase_users('anna', 'ben');

-- the documented roots
select results_eq(
  $$ select slug, parent_slug, name_de, name_en from public.categories where slug in ('handwerk', 'garten', 'technik', 'transport', 'sonstiges') order by position $$,
  $$ values ('handwerk', null::text, 'Handwerk', 'Handiwork'), ('garten', null, 'Garten', 'Garden'), ('technik', null, 'Technik', 'Technology'),
       ('transport', null, 'Transport', 'Transport'), ('sonstiges', null, 'Sonstiges', 'Other') $$,
  'the five roots are there, in both languages');

-- everybody reads them
create temporary table reading as select count(*)::integer as rows from public.categories;
grant select on reading to public;
select tests.clear_authentication();
select is((select count(*)::int from public.categories), (select rows from reading), 'anon reads every category');
select throws_ok($$ insert into public.categories (slug, name_de, name_en) values ('x', 'x', 'x') $$, '42501', 'permission denied for table categories', 'and adds none');
select tests.authenticate_as('anna');
select is((select count(*)::int from public.categories), (select rows from reading), 'so does a member');
select throws_ok($$ update public.categories set is_active = false $$, '42501', 'permission denied for table categories', 'and changes none');
select tests.authenticate_as_service_role();
select is((select count(*)::int from public.categories), (select rows from reading), 'so does the service role');
select tests.reset_authentication();
select is((select count(*)::int from public.categories where not is_active), 0, 'nothing was changed');

-- a tree, and nothing but
insert into public.categories (slug, parent_slug, name_de, name_en) values ('pgtap-a', null, 'A', 'A'), ('pgtap-b', 'pgtap-a', 'B', 'B'), ('pgtap-c', 'pgtap-b', 'C', 'C');
select is(tests.error_of($$ update public.categories set parent_slug = 'pgtap-c' where slug = 'pgtap-a' $$), 'PT400 category_cycle (pgtap-a)', 'a category cannot be below its grandchild');
select is(tests.error_of($$ update public.categories set parent_slug = 'pgtap-b' where slug = 'pgtap-a' $$), 'PT400 category_cycle (pgtap-a)', 'nor below its child');
select throws_like($$ update public.categories set parent_slug = 'pgtap-a' where slug = 'pgtap-a' $$, '%category%', 'nor below itself');
select throws_like($$ insert into public.categories (slug, parent_slug, name_de, name_en) values ('pgtap-d', 'pgtap-d', 'D', 'D') $$, '%category%', 'not even as a new one');
select matches(tests.error_of($$ update public.categories set parent_slug = 'nowhere' where slug = 'pgtap-a' $$), '^23503 .*"categories_parent_slug_fkey"', 'nor below one that does not exist');
select results_eq($$ select parent_slug from public.categories where slug like 'pgtap-%' order by slug $$, array[null, 'pgtap-a', 'pgtap-b'], 'the tree is as before');
select lives_ok($$ update public.categories set parent_slug = 'garten' where slug = 'pgtap-b' $$, 'a branch can move');
select lives_ok($$ update public.categories set parent_slug = null where slug = 'pgtap-b' $$, 'or become a tree of its own');
alter table public.categories disable trigger categories_stay_a_tree;
select throws_like($$ update public.categories set parent_slug = 'pgtap-a' where slug = 'pgtap-a' $$, '%"category_is_not_its_own_parent"%', 'the constraint behind it');
alter table public.categories enable trigger categories_stay_a_tree;
select throws_like(format('insert into public.categories (slug, name_de, name_en) values (%L, ''x'', ''x'')', slug), '%"slug_is_lower_case_words"%', 'a slug of lower-case words: ' || left(slug, 20))
from unnest(array['Big', 'with space', 'ümlaut', '', repeat('a', 101)]) slug;

-- closing, renaming and removing one that tasks use
create temporary table t as select tests.post_task('anna', category => 'pgtap-c') as id;
update public.categories set is_active = false where slug = 'pgtap-c';
select tests.authenticate_as('ben');
select results_eq($$ select category from public.nearby_tasks(-48.8767, -123.3933, category => 'pgtap-b') $$, array['pgtap-c'], 'tasks of a closed category are still found');
select tests.reset_authentication();
select matches(tests.error_of($$ delete from public.categories where slug = 'pgtap-c' $$), '^23(503|001) .*"tasks_category_fkey"', 'a category in use cannot be removed');
update public.categories set slug = 'pgtap-renamed' where slug = 'pgtap-c';
select isnt_empty($$ select from pg_locks where relation = 'public.tasks'::regclass and mode = 'ExclusiveLock' and pid = pg_backend_pid() $$, 'nobody works on tasks while a category is renamed in them');
select tests.authenticate_as('ben');
select results_eq($$ select category from public.nearby_tasks(-48.8767, -123.3933, category => 'pgtap-renamed') $$, array['pgtap-renamed'], 'a renamed category takes its tasks along');
select tests.reset_authentication();
select tests.books_are_right();

select * from finish();
rollback;
