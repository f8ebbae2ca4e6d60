-- ops.stuck_tasks: tasks under way whose helper was expected, or began, longer ago than the setting.
begin;
select plan(12);
select tests.use_default_settings();
select tests.create_supabase_users('anna', 'ben');
create temporary table t as select state, tests.task_in(state, 'anna', 'ben') as id
from unnest('{open,assigned,in_progress,pending_confirmation,completed,cancelled,expired}'::text[]) state;
grant select on t to service_role;
create function pg_temp.stuck() returns text language sql as $$ select coalesce(string_agg(t.state, ' ' order by s.stuck_since, t.state), '') from ops.stuck_tasks s join t on t.id = s.task_id $$;
grant execute on function pg_temp.stuck() to service_role;
select is(pg_temp.stuck(), '', 'nothing is stuck at first');
select bag_eq('select state from t join private.tasks_under_way w on w.task_id = t.id', '{assigned,in_progress}'::text[], 'the queue holds what is under way');
update private.tasks_under_way w set expected_at = now() - interval '14 days' + interval '1 second' from t where t.id = w.task_id;
select is(pg_temp.stuck(), '', 'not a second too early');
update private.tasks_under_way w set expected_at = now() - interval '14 days' from t where t.id = w.task_id;
select is(pg_temp.stuck(), 'assigned in_progress', 'after 14 days both are');
update private.tasks_under_way w set expected_at = now() - interval '20 days' from t where t.id = w.task_id and t.state = 'in_progress';
select is(pg_temp.stuck(), 'in_progress assigned', 'the longest first');
select results_eq($$ select s.title, s.status, s.creator_id, s.helper_id, s.expected_at, s.stuck_since from ops.stuck_tasks s join t on t.id = s.task_id where state = 'in_progress' $$,
  $$ values ('Mow the lawn', 'in_progress', tests.get_supabase_uid('anna'), tests.get_supabase_uid('ben'), now() - interval '20 days', now() - interval '6 days') $$, 'with whom to ask');
select tests.authenticate_as_service_role();
select is(pg_temp.stuck(), 'in_progress assigned', 'for the secret key');
select tests.reset_authentication();
select ok(not has_table_privilege('app_read', 'ops.stuck_tasks', 'select') and not has_function_privilege('app_read', 'ops.list_stuck_tasks()', 'execute'), 'not for reporting: it names members');
select tests.authenticate_as('anna');
select throws_ok('select * from ops.stuck_tasks', '42501', null, 'not for members');
select tests.reset_authentication();
update private.settings set unended_task_days = 18 where is_singleton;
select is(pg_temp.stuck(), 'in_progress', 'how long is a setting');
select tests.as_member('ben', format('select public.finish_task(%L)', id)) from t where state = 'in_progress';
select is(pg_temp.stuck(), '', 'whoever finishes ends it');
select tests.books_are_right();

select * from finish();
rollback;
