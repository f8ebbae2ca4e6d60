-- The audit of erased members: quiet after an erasure, loud for whatever is put back, in every table that names members.
begin;
select plan(12);
select tests.use_default_settings();
select tests.create_supabase_users('anna', 'ben');
create temporary table t as select tests.task_in('open', 'anna', 'ben') as open, tests.task_in('completed', 'anna', 'ben') as completed;
update public.tasks set metadata = '{"door": "left"}' where creator_id = tests.get_supabase_uid('anna');
delete from auth.users where id = tests.get_supabase_uid('anna');
create function pg_temp.found() returns setof text language sql as $$ select detail from ops.audit_erasure() where subject_id = tests.get_supabase_uid('anna')::text $$;

select is_empty('select pg_temp.found()', 'nothing is left');
select results_eq($$ select title, description, metadata from t join public.tasks k on k.id = t.open $$,
  $$ values ('Deleted task', 'Deleted task', '{}'::jsonb) $$, 'the words of a task that nobody was accepted for are gone');
select results_eq($$ select title <> 'Deleted task', metadata from t join public.tasks k on k.id = t.completed $$,
  $$ values (true, '{}'::jsonb) $$, 'those of a task with a helper stay, without metadata');

savepoint clean;
update public.users set bio = 'Likes plants' where id = tests.get_supabase_uid('anna');
select results_eq('select pg_temp.found()', array['1 of public.users.id'], 'a profile is found');
rollback to clean;
insert into public.preferences (user_id, category, rating) values (tests.get_supabase_uid('anna'), 'garten', 1);
select results_eq('select pg_temp.found()', array['1 of public.preferences.user_id'], 'a preference');
rollback to clean;
update public.tasks set metadata = '{"a": 1}' from t where id = t.completed;
select results_eq('select pg_temp.found()', array['1 of public.tasks.creator_id'], 'metadata of a task');
rollback to clean;
insert into public.user_blocks (blocker_id, blocked_id) values (tests.get_supabase_uid('ben'), tests.get_supabase_uid('anna'));
select results_eq('select pg_temp.found()', array['1 of public.user_blocks.blocked_id'], 'a block of somebody else');
rollback to clean;
insert into public.notifications (user_id, type, task_id) select tests.get_supabase_uid('anna'), 'task_confirmed', t.open from t;
select is_empty('select pg_temp.found()', 'what a deadline tells may wait for the jobs');
select ops.run_due_jobs(now());
select is_empty($$ select * from public.notifications where user_id = tests.get_supabase_uid('anna') $$, 'which take it away');
rollback to clean;
create table public.later_notes (id integer, author_id uuid);
insert into public.later_notes values (1, tests.get_supabase_uid('anna'));
select results_eq('select pg_temp.found()', array['1 of public.later_notes.author_id'], 'a table that the audit was never told of, by its column''s name');
create table public.later_likes (id integer, by_whom uuid references public.users (id));
insert into public.later_likes values (1, tests.get_supabase_uid('anna')), (2, tests.get_supabase_uid('anna'));
select set_eq('select pg_temp.found()', array['1 of public.later_notes.author_id', '2 of public.later_likes.by_whom'], 'or by its foreign key');
rollback to clean;
select is_empty($$ select * from private.kept_after_erasure() k where not exists (select from private.member_columns() m where (m.table_name, m.column_name) = (k.table_name, k.column_name)) $$,
  'whatever may stay names a column that is there');

select * from finish();
rollback;
