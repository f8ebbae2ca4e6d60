-- What runs outside the database: claimed by one, given back with its result; called through pg_net where it is.
begin;
select plan(33);
select tests.use_default_settings();
select tests.clear_outbox();
create function pg_temp.claim(runs_in text default 'function') returns text[] language sql as $$ select coalesce(array_agg(c order by c), '{}') from ops.claim_jobs(runs_in) c $$;
create function pg_temp.seen(name text) returns text language sql as $$
  select concat_ws(' ', coalesce(last_error, 'fine'), case when is_due then 'due' end, case when is_overdue then 'overdue' end) from ops.jobs where job = name $$;
create function pg_temp.let_pass(job text, span interval) returns void language sql as $$
  update private.jobs j set leased_until = leased_until - span, started_at = started_at - span, finished_at = finished_at - span, failed_at = failed_at - span, succeeded_at = succeeded_at - span where j.job = $1 $$;
update public.notifications set queued_at = now() where queued_at is null;
update private.partner_requests set next_attempt_at = 'infinity' where next_attempt_at <= now();
update private.webhook_messages set next_attempt_at = 'infinity' where next_attempt_at <= now();

select set_eq($$ select p.proname::text from pg_proc p where p.pronamespace = 'private'::regnamespace and p.proname like 'has\_work\_for\_%' $$,
  $$ select 'has_work_for_' || job from private.jobs where runs_in = 'function' $$, 'each function that is called tells when, and no other');

-- functions
select is(pg_temp.claim(), '{}', 'without work no function is called');
select tests.create_supabase_users('anna');
insert into private.notification_deliveries (user_id, channel, kind, after_id, next_attempt_at) values (tests.get_supabase_uid('anna'), 'email', 'digest', 0, now());
select is(pg_temp.seen('send_notifications'), 'fine due', 'a delivery is work');
select is(pg_temp.claim(), '{send_notifications}', 'which one may take');
select is(pg_temp.claim(), '{}', 'and no second one');
select lives_ok($$ select ops.finish_job('send_notifications') $$, 'given back');
select is(pg_temp.claim(), '{send_notifications}', 'it is called again while there is work');
select ops.finish_job('send_notifications', 'answered 500');
select is(pg_temp.seen('send_notifications'), 'answered 500', 'a failure is seen, and has ten seconds');
select pg_temp.let_pass('send_notifications', '10 seconds');
select is(pg_temp.claim(), '{send_notifications}', 'then it is tried again');
select pg_temp.let_pass('send_notifications', '75 seconds');
select is(pg_temp.claim(), '{send_notifications}', 'so it is after somebody took it and was never seen again');
select ops.finish_job('send_notifications');
select is((select last_error is null and last_failure = 'answered 500' from ops.jobs where job = 'send_notifications'), true, 'the last failure stays to be seen');

-- commands
update private.jobs set starts_at = date_trunc('minute', now() at time zone 'UTC') - date_trunc('day', now() at time zone 'UTC') where job = 'back_up';
select is(pg_temp.seen('back_up'), 'fine due', 'who makes no backups is not told of them');
select is(pg_temp.claim('command'), '{back_up}', 'a command that is due');
select is(pg_temp.claim('command'), '{}', 'is taken by one');
select pg_temp.let_pass('back_up', '9 minutes');
select is(ops.hold_job('back_up'), true, 'who works long keeps it');
select pg_temp.let_pass('back_up', '9 minutes');
select is(pg_temp.claim('command'), '{}', 'for ten more minutes');
select ops.finish_job('back_up', repeat('x', 1000));
select is((select length(last_error) from ops.jobs where job = 'back_up'), 500, 'a long error is cut');
select is(pg_temp.claim('command'), '{}', 'after a failure');
select pg_temp.let_pass('back_up', '15 minutes');
select is(pg_temp.claim('command'), '{back_up}', 'it is tried again a quarter of an hour later');
select pg_temp.let_pass('back_up', '10 minutes');
select is(ops.hold_job('back_up'), null, 'a lease that ended is not renewed');
select is(pg_temp.claim('command'), '{back_up}', 'but taken by another');
select ops.finish_job('back_up');
select is(pg_temp.seen('back_up'), 'fine', 'done for the day');
select pg_temp.let_pass('back_up', '1 day');
select is(pg_temp.seen('back_up'), 'fine due', 'the next day it is due');
update private.jobs set starts_at = starts_at - interval '11 minutes' where job = 'back_up';
select is(pg_temp.seen('back_up'), 'fine due overdue', 'and overdue when nobody does it, where somebody did before');
select is_empty($$ select * from ops.run_job('back_up') $$, 'by hand it is freed for the next turn');

-- nothing else is touched
select ops.finish_job('expire_tasks', 'not mine'), ops.finish_job('no_such_job'), ops.finish_job(null);
select is_empty($$ select * from ops.jobs where last_failure = 'not mine' $$, 'jobs of the database are nobody''s to finish');
select is(pg_temp.claim('database') || pg_temp.claim(null), '{}', 'or to claim');
select is(ops.hold_job('expire_tasks'), null, 'or to hold');

-- where Vault is not, nothing is called
select results_eq($$ select * from private.call_functions(now(), 1000) $$, $$ values (0, 0) $$, 'without Vault and pg_net nothing is called');
select lives_ok($$ select private.purge_cron_log(now(), 1000) $$, 'without pg_cron nothing is purged');
select tests.authenticate_as('anna');
select throws_ok($$ select ops.claim_jobs('function') $$, '42501', null, 'members claim nothing');
select throws_ok($$ select ops.finish_job('back_up') $$, '42501', null, 'and finish nothing');
select tests.authenticate_as_service_role();
select lives_ok($$ select ops.claim_jobs('function') $$, 'the service role does');
select tests.reset_authentication();

select * from finish();
rollback;
