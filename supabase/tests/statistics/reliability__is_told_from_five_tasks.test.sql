-- users.accepted_tasks and finished_tasks: for oneself always, for others from five tasks on; not counted at reading.
begin;
select plan(17);
select tests.use_default_settings();
select tests.create_supabase_users('anna', 'ben', 'cem');
create function pg_temp.count_now() returns void language sql as $$ select tests.run_jobs('statistics', now(), 1000) $$;
create function pg_temp.record_of(who text) returns text language sql as $$
  select coalesce(format('%s of %s', u.finished_tasks, u.accepted_tasks), '-') from public.users u where u.id = tests.get_supabase_uid(who) $$;
grant execute on function pg_temp.record_of(text) to authenticated, service_role;
create function pg_temp.lapse(who text, kind text) returns void language plpgsql as $$
declare
  v_task uuid := tests.task_in('assigned', 'anna', who);
begin
  update public.tasks set assigned_at = now() - interval '4 days' where id = v_task;
  update private.tasks_under_way set expected_at = now() - interval '2 days' where task_id = v_task;
  if kind = 'no_show' then
    perform tests.as_member('anna', format('select public.replace_helper(%L, ''Nobody came.'')', v_task));
  else
    perform tests.as_member(who, format('select public.release_task(%L)', v_task));
  end if;
end $$;

select tests.authenticate_as('ben');
select is(pg_temp.record_of('ben'), '0 of 0', 'oneself: nothing yet');
select is(pg_temp.record_of('anna'), ' of ', 'of others: nothing, which is not told');
select tests.reset_authentication();
select tests.task_in('completed', 'anna', 'ben') from generate_series(1, 3);
select tests.task_in(state, 'anna', 'ben') from unnest('{open,assigned,in_progress,pending_confirmation,cancelled}'::text[]) state;
select tests.authenticate_as('ben');
select is(pg_temp.record_of('ben'), '0 of 0', 'the job has not come yet');
select tests.reset_authentication();
select pg_temp.count_now();
select pg_temp.lapse('ben', 'no_show');
select tests.authenticate_as('ben');
select is(pg_temp.record_of('ben'), '3 of 4', 'finished ones and a no-show; what is under way or called off is neither');
select tests.authenticate_as('anna');
select is(pg_temp.record_of('ben'), ' of ', 'others are not told of four');
select tests.reset_authentication();
select pg_temp.lapse('ben', 'late_release');
select tests.authenticate_as('anna');
select is(pg_temp.record_of('ben'), '3 of 5', 'of five they are');
select results_eq($$ select distinct h.finished_tasks, h.accepted_tasks from public.task_offers o join public.users h on h.id = o.helper_id $$, 'values (3, 5)', 'beside offers, too');
select is_empty('select * from public.lapses', 'but not of what happened');
select tests.authenticate_as('cem');
select is(pg_temp.record_of('ben'), '3 of 5', 'everybody is told the same');
select tests.authenticate_as_service_role();
select is(pg_temp.record_of('ben'), '3 of 5', 'the secret key, too');
select tests.reset_authentication();
select ops.decide_no_show(l.id, 'withdrawn', 'A mistake.') from public.lapses l where l.helper_id = tests.get_supabase_uid('ben') and l.kind = 'no_show';
select tests.authenticate_as('ben');
select is(pg_temp.record_of('ben'), '3 of 4', 'a withdrawn no-show never was');
select tests.authenticate_as('anna');
select is(pg_temp.record_of('ben'), ' of ', 'for others neither');
-- only lapses, no help at all: they are told of that as well
select tests.reset_authentication();
insert into public.lapses (task_id, helper_id, kind, assigned_at) select t.id, tests.get_supabase_uid('cem'), 'late_release', now() - n * interval '1 day'
from (select id from public.tasks where creator_id = tests.get_supabase_uid('anna') limit 1) t, generate_series(1, 5) n;
select tests.authenticate_as('anna');
select is(pg_temp.record_of('cem'), '0 of 5', 'lapses alone are a record, too');
select tests.clear_authentication();
select throws_ok('select private.reliability(null)', '42501', null, 'nobody without signing in');
select tests.reset_authentication();
delete from auth.users where id = tests.get_supabase_uid('cem');
select tests.authenticate_as('anna');
select is(pg_temp.record_of('cem'), ' of ', 'of somebody who left nothing is told');
select tests.reset_authentication();
select tests.books_are_right('the totals agree');
select is_empty('select * from ops.audit_statistics()', 'and so do the statistics');

select * from finish();
rollback;
