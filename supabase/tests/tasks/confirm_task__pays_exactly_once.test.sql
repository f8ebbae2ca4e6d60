begin;
select plan(35);
select tests.use_default_settings();
select tests.create_supabase_users('anna', 'ben', 'cem');
create temporary table t as select tests.task_in('completed', 'cem', 'ben', 5) as earlier, tests.task_in('pending_confirmation', 'anna', 'ben', 30) as id,
  tests.task_in('pending_confirmation', 'anna', 'cem', 40) as banned, tests.task_in('pending_confirmation', 'anna', 'ben', 50) as late;
grant select on t to authenticated;
create function pg_temp.task() returns public.tasks language sql as $$ select k from public.tasks k join t using (id) $$;
grant execute on function pg_temp.task() to authenticated;

select tests.authenticate_as('anna');
select results_eq('select k.status::text, k.completed_at, k.closed_at, k.helper_id from t, public.confirm_task(id) k',
  $$ values ('completed', now(), null::timestamptz, tests.get_supabase_uid('ben')) $$, 'the task is completed');
select is((select public.confirm_task(id) from t), pg_temp.task(), 'what is returned is what is stored');
select results_eq('select action::text, actor_id, helper_id, details from public.task_events join t on task_id = t.id order by task_events.id desc limit 1',
  $$ values ('confirmed', tests.get_supabase_uid('anna'), tests.get_supabase_uid('ben'), null::jsonb) $$, 'the event says who');
select is_empty('select * from public.point_transactions', 'the creator pays nothing');
select tests.authenticate_as('ben');
select results_eq('select amount, type::text, balance_after, task_id, description, metadata from public.point_transactions order by id',
  $$ select 5, 'task_completed', 5, earlier, null::text, null::jsonb from t union all select 30, 'task_completed', 35, id, null, null from t $$, 'the helper''s points arrive, the balance continues');
select results_eq('select balance, earned, spent, updated_at from public.point_accounts', $$ values (35, 35, 0, now()) $$, 'on the account too');
select tests.reset_authentication();
select results_eq($$ select actor_id, action::text, subject_id from private.audit_log where subject_id = (select id from t) $$,
  $$ select tests.get_supabase_uid('anna'), 'confirmed', id from t $$, 'and the audit log says who moved them');
select tests.books_are_right();

-- repeated
update public.tasks set updated_at = now() - interval '1 hour' where id = (select id from t);
select tests.authenticate_as('anna');
select is(public.confirm_task(id), pg_temp.task(), 'confirming again returns the same task') from t;
select is((pg_temp.task()).updated_at, now() - interval '1 hour', 'untouched');
select is((select count(*)::int from public.task_events join t on task_id = t.id where action = 'confirmed'), 1, 'with one event');
select tests.reset_authentication();
select is((select count(*)::int from public.point_transactions join t on task_id = t.id), 1, 'one payment');
select is((select count(*)::int from private.audit_log where subject_id = (select id from t) and action = 'confirmed'), 1, 'one entry in the audit log');
update public.tasks set status = 'archived' where id = (select id from t);
select tests.authenticate_as('anna');
select is((public.confirm_task(id)).status, 'archived', 'even years later') from t;

-- a banned helper has done the work, too
select tests.reset_authentication();
select ops.ban_user(tests.get_supabase_uid('cem'), 'test');
select tests.authenticate_as('anna');
select is((public.confirm_task(banned)).status, 'completed', 'work of a helper who was banned meanwhile is confirmed') from t;
select tests.reset_authentication();
select is((select balance from public.point_accounts where user_id = tests.get_supabase_uid('cem')), 40, 'and paid');

-- lowering the limits takes nothing back: promised is promised
update private.settings set points_limit_per_creator = 0, points_limit_per_pair = 0, open_task_limit = 0;
select tests.authenticate_as('anna');
select is((public.confirm_task(late)).status, 'completed', 'a limit lowered meanwhile stops no payment') from t;
select tests.reset_authentication();
select is((select balance from public.point_accounts where user_id = tests.get_supabase_uid('ben')), 85, 'the points arrive');
select tests.books_are_right();

-- rejecting a completion, with a reason
select tests.use_default_settings();
delete from t;
insert into t (id) select tests.task_in('pending_confirmation', 'anna', 'ben', 30);
select tests.authenticate_as('anna');
select is(tests.error_of(format('select public.reject_completion(%L, '' '')', id)), 'PT400 text_blank (reason)', 'a rejection needs a reason') from t;
select is(tests.error_of(format('select public.reject_completion(%L, null)', id)), 'PT400 text_blank (reason)', 'null is none') from t;
select is(tests.error_of(format('select public.reject_completion(%L, repeat(''x'', 1001))', id)), 'PT400 text_too_long (reason)', 'an overlong reason') from t;
select is((pg_temp.task()).status, 'pending_confirmation', 'the task still waits');
select results_eq($$ select k.status::text, k.finished_at, k.completed_at from t, public.reject_completion(id, ' The hedge is still there. ') k $$,
  $$ values ('in_progress', null::timestamptz, null::timestamptz) $$, 'with one the work goes on');
select results_eq('select action::text, actor_id, helper_id, details from public.task_events join t on task_id = t.id order by task_events.id desc limit 1',
  $$ values ('completion_rejected', tests.get_supabase_uid('anna'), tests.get_supabase_uid('ben'), '{"reason": "The hedge is still there."}'::jsonb) $$, 'the helper reads the reason');
select is(tests.error_of(format('select public.confirm_task(%L)', id)), 'PT409 task_not_pending_confirmation (in_progress)', 'it cannot be confirmed now') from t;
select tests.reset_authentication();
select is_empty('select * from private.pending_confirmations join t on task_id = id', 'and the deadline has stopped');
update public.tasks set updated_at = now() - interval '1 hour' where id = (select id from t);
select tests.authenticate_as('anna');
select is(public.reject_completion(id, 'Said twice.'), pg_temp.task(), 'rejecting again returns the same task') from t;
select is((pg_temp.task()).updated_at, now() - interval '1 hour', 'untouched');
select is((select count(*)::int from public.task_events join t on task_id = t.id where action = 'completion_rejected'), 1, 'with one event, and the first reason');
select is(tests.error_of('select public.reject_completion(null, ''x'')'), 'PT404 task_not_found', 'no task to reject');
select is(tests.error_of('select public.confirm_task(null)'), 'PT404 task_not_found', 'no task to confirm');

-- and a second round
select tests.authenticate_as('ben');
select public.finish_task(id) from t;
select tests.authenticate_as('anna');
select is((public.reject_completion(id, 'Still there.')).status, 'in_progress', 'a second rejection is a new one') from t;
select is((select count(*)::int from public.task_events join t on task_id = t.id where action = 'completion_rejected'), 2, 'with an event of its own');
select tests.reset_authentication();
select tests.books_are_right();

select * from finish();
rollback;
