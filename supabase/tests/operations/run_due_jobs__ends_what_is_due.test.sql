-- Deadlines end by themselves: expiry, confirmation by silence, the archive. Repeating does nothing; one bad row stops nothing.
begin;
select plan(55);
select tests.use_default_settings();
select tests.create_supabase_users('anna', 'ben', 'cem', 'dora');
-- whatever this database holds already ends first, so that the counts below are our own
select ops.run_due_jobs(now() + interval '2 years');
create function pg_temp.status(task_id uuid) returns text language sql as $$ select status from public.tasks where id = $1 $$;
create function pg_temp.last_event(task_id uuid) returns jsonb language sql as $$
  select to_jsonb(e) - 'id' - 'task_id' - 'created_at' - 'creator_id' from public.task_events e where e.task_id = $1 order by e.id desc limit 1 $$;

-- expiry
create temporary table x as select tests.post_task('anna', 10, expires_at => now() + interval '1 hour') as soon, tests.post_task('anna', 10, expires_at => now() + interval '2 hours') as later,
  tests.post_task('anna', 10) as never, tests.post_task('anna', 10, expires_at => now() + interval '1 hour') as assigned;
create temporary table o as select tests.offer_help('ben', soon) as soon, tests.offer_help('ben', assigned) as assigned from x;
grant select on x, o to authenticated;
select tests.authenticate_as('anna');
select public.accept_offer(assigned) from o;
select tests.authenticate_as_service_role();
select ops.run_due_jobs(now());  -- counts what happened so far
select results_eq('select count(*) > 5, sum(processed + failed)::int from ops.run_due_jobs(now())', $$ values (true, 0) $$, 'nothing is due now; the service role may run the jobs');
select is((select processed from ops.run_due_jobs(now() + interval '59 minutes 59 seconds') where job = 'expire_tasks'), 0, 'nor a second before the deadline');
select is((select processed from ops.run_due_jobs(now() + interval '1 hour') where job = 'expire_tasks'), 1, 'at the deadline one task expires');
select is((select processed from ops.run_due_jobs(now() + interval '1 hour') where job = 'expire_tasks'), 0, 'repeating finds nothing more');
select tests.reset_authentication();
select results_eq('select status::text, closed_at, helper_id from public.tasks join x on id = soon', $$ values ('expired', now(), null::uuid) $$, 'it is expired');
select is(pg_temp.last_event(soon), '{"action": "expired", "actor_id": null, "helper_id": null, "details": null}', 'by the system') from x;
select results_eq('select status::text, decided_at from public.task_offers f join o on f.id = o.soon', $$ values ('not_chosen', now()) $$, 'offers on it are passed over');
select is((select count(*)::int from private.audit_log join x on subject_id = soon where action = 'expired' and actor_id is null), 1, 'the audit log knows');
select is(pg_temp.status(later), 'open', 'a later one is not') from x;
select is(pg_temp.status(never), 'open', 'nor one without a deadline') from x;
select is(pg_temp.status(assigned), 'assigned', 'nor one that has a helper') from x;
select tests.books_are_right();

-- a ban hides tasks, but their deadlines go on, and what is held returns
update private.settings set reward_funding = 'creator';
select ops.adjust_points(tests.get_supabase_uid('cem'), 50, 'Test points.');
create temporary table b as select tests.post_task('cem', 50, expires_at => now() + interval '1 hour') as id;
update private.settings set reward_funding = 'community';
select ops.ban_user(tests.get_supabase_uid('cem'), 'test');
select ops.run_due_jobs(now() + interval '90 minutes');
select is(pg_temp.status(id), 'expired', 'the task of a banned creator expires, too') from b;
select is((select balance from public.point_accounts where user_id = tests.get_supabase_uid('cem')), 50, 'and what was held for it returns');
select tests.books_are_right();
select ops.unban_user(tests.get_supabase_uid('cem'));
select is_empty($$ select * from private.open_tasks where task_id = (select id from b) $$, 'lifting the ban does not bring it back');

-- released after its deadline: open for a moment only
select tests.authenticate_as('ben');
select public.release_task(assigned) from x;
select tests.reset_authentication();
select ops.run_due_jobs(now() + interval '90 minutes');
select is(pg_temp.status(assigned), 'expired', 'a task that is opened again after its deadline expires') from x;

-- confirmation by silence
create temporary table c as select tests.task_in('pending_confirmation', 'anna', 'ben', 30) as id, tests.task_in('pending_confirmation', 'anna', 'dora', 20) as rejected,
  tests.task_in('completed', 'anna', 'dora', 10) as confirmed;
grant select on c to authenticated, service_role;
select tests.authenticate_as('anna');
select public.reject_completion(rejected, 'Not yet.') from c;
select tests.reset_authentication();
select is((select processed from ops.run_due_jobs(now() + interval '13 days 23:59:59') where job = 'confirm_tasks'), 0, 'for 14 days the creator may answer');
select results_eq($$ select processed, failed from ops.run_due_jobs(now() + interval '14 days') where job = 'confirm_tasks' $$, $$ values (1, 0) $$, 'then the task confirms itself');
select is((select processed from ops.run_due_jobs(now() + interval '14 days') where job = 'confirm_tasks'), 0, 'once');
select results_eq('select status::text, completed_at from public.tasks join c using (id)', $$ values ('completed', now()) $$, 'it is completed');
select is(pg_temp.last_event(id), jsonb_build_object('action', 'auto_confirmed', 'actor_id', null, 'helper_id', tests.get_supabase_uid('ben'), 'details', null), 'by the system') from c;
select is((select balance from public.point_accounts where user_id = tests.get_supabase_uid('ben')), 30, 'the helper is paid');
select is((select count(*)::int from private.audit_log join c on subject_id = c.id where action = 'auto_confirmed' and actor_id is null), 1, 'the audit log knows');
select is(pg_temp.status(rejected), 'in_progress', 'what was rejected does not confirm itself') from c;
select is((select balance from public.point_accounts where user_id = tests.get_supabase_uid('dora')), 10, 'what was confirmed is paid once');
select is_empty('select * from private.pending_confirmations join c on task_id in (c.id, c.confirmed, c.rejected)', 'the queue is empty again');
select tests.authenticate_as('anna');
select is((public.confirm_task(id)).status, 'completed', 'a creator who confirms too late gets the completed task') from c;
select throws_ok(format('select public.reject_completion(%L, ''Too late.'')', (select id from c)), 'PT409', 'task_not_pending_confirmation', 'but can no longer reject');
select tests.reset_authentication();
select tests.books_are_right();

-- the days are a setting; a new round starts them anew; what a ban stopped waits for an admin
update private.settings set confirmation_days = 2;
select tests.authenticate_as('dora');
select public.finish_task(rejected) from c;
select tests.reset_authentication();
select ops.ban_user(tests.get_supabase_uid('anna'), 'test');
select is((select processed from ops.run_due_jobs(now() + interval '47 hours') where job = 'confirm_tasks'), 0, 'not before the two days of the setting');
select is((select processed from ops.run_due_jobs(now() + interval '48 hours') where job = 'confirm_tasks'), 0, 'nor then: the creator is banned');
select ops.unban_user(tests.get_supabase_uid('anna')), ops.ban_user(tests.get_supabase_uid('dora'), 'test');
select is((select processed from ops.run_due_jobs(now() + interval '48 hours') where job = 'confirm_tasks'), 0, 'nor while the helper is');
select tests.authenticate_as_service_role();
select is(tests.error_of(format('select ops.confirm_task(%L, '' '')', rejected)), 'PT400 text_blank (reason)', 'an admin needs a reason') from c;
select is(tests.error_of('select ops.confirm_task(gen_random_uuid(), ''Fair.'')'), 'PT404 task_not_found', 'and a task');
select is(tests.error_of(format('select ops.confirm_task(%L, ''Fair.'')', tests.get_supabase_uid('anna'))), 'PT404 task_not_found', 'not somebody''s id');
select is(tests.error_of(format('select ops.confirm_task(%L, ''Fair.'')', tests.post_task('anna'))), 'PT409 task_not_pending_confirmation (open)', 'and work that is finished');
select is((ops.confirm_task(rejected, 'The work is done.')).status, 'completed', 'an admin decides') from c;
select is((ops.confirm_task(rejected, 'The work is done.')).status, 'completed', 'a repeated call is answered') from c;
select tests.reset_authentication();
select is((select balance from public.point_accounts where user_id = tests.get_supabase_uid('dora')), 30, 'the helper is paid once');
select is((select details ->> 'reason' from private.audit_log join c on subject_id = rejected where action = 'confirmed_by_admin'), 'The work is done.', 'the audit log says why');
select ops.unban_user(tests.get_supabase_uid('dora'));
select tests.use_default_settings();

-- one bad row holds up nobody: dora's account is gone
create temporary table f as select tests.task_in('pending_confirmation', 'anna', 'cem', 5) as bad, tests.task_in('pending_confirmation', 'anna', 'ben', 5) as good;
alter table public.point_accounts disable trigger user;
alter table public.point_transactions disable trigger point_transactions_are_append_only;
create temporary table lost as select * from public.point_transactions where user_id = tests.get_supabase_uid('cem');
delete from public.point_transactions where user_id = tests.get_supabase_uid('cem');
delete from public.point_accounts where user_id = tests.get_supabase_uid('cem');
alter table public.point_accounts enable trigger user;
alter table public.point_transactions enable trigger point_transactions_are_append_only;
set local client_min_messages = error;
select results_eq($$ select processed, failed from ops.run_due_jobs(now() + interval '14 days') where job = 'confirm_tasks' $$, $$ values (1, 1) $$, 'a task that cannot be paid is counted as failed');
reset client_min_messages;
select is(pg_temp.status(good), 'completed', 'the other one is completed') from f;
select is(pg_temp.status(bad), 'pending_confirmation', 'it still waits, whole') from f;
insert into public.point_accounts (user_id) values (tests.get_supabase_uid('cem'));
select results_eq($$ select processed, failed from ops.run_due_jobs(now() + interval '14 days') where job = 'confirm_tasks' $$, $$ values (1, 0) $$, 'when it is mended, the next run pays it');

-- the archive: so many days after completion, found through the payments
create temporary table a as select tests.task_in('completed', 'anna', 'ben', 7) as id, tests.task_in('pending_confirmation', 'anna', 'ben', 7) as waiting;
grant select on a to authenticated;
select ops.run_due_jobs(now() + interval '365 days');
select is(pg_temp.status(id), 'completed', 'for 365 days a completed task stays') from a;
update private.settings set task_archive_days = 400;
select ops.run_due_jobs(now() + interval '400 days');
select is(pg_temp.status(id), 'completed', 'or as many as the setting says') from a;
select ops.run_due_jobs(now() + interval '400 days 1 second');
select results_eq('select status::text, completed_at from public.tasks join a using (id)', $$ values ('archived', now()) $$, 'then it is archived');
select is(pg_temp.last_event(id), jsonb_build_object('action', 'archived', 'actor_id', null, 'helper_id', tests.get_supabase_uid('ben'), 'details', null), 'by the system') from a;
select is((select processed from ops.run_due_jobs(now() + interval '400 days 1 second') where job = 'archive_tasks'), 0, 'once');
select tests.books_are_right('archived tasks are still paid right');
select tests.authenticate_as('anna');
select is((select status from public.tasks join a using (id)), 'archived', 'the creator still reads it');

-- input
select tests.reset_authentication();
select is_empty('select * from ops.run_due_jobs(null)', 'no moment: by the schedule, for which this minute is done');
select tests.authenticate_as('anna');
select throws_ok('select * from ops.run_due_jobs(now())', '42501', 'permission denied for schema ops', 'a member cannot run the jobs');
select tests.clear_authentication();
select throws_ok('select * from ops.run_due_jobs(now())', '42501', 'permission denied for schema ops', 'nor can anon');

select * from finish();
rollback;
