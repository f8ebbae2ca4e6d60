-- Nobody is called to something that is over: an offer withdrawn, help confirmed, a code used.
begin;
select plan(12);
select tests.use_default_settings();
select tests.create_supabase_users('anna', 'ben', 'cem');
select tests.verify_email('anna', 'ben', 'cem');
select tests.clear_outbox();
-- what the e-mails for a member would say if they were sent now
create function pg_temp.mail(member text) returns text language plpgsql as $$
declare
  v_mail jsonb;
begin
  perform tests.run_jobs('notifications', now(), 1000);
  update private.notification_deliveries d set next_attempt_at = now() where d.status = 'pending';
  v_mail := tests.as_service_role($c$ select public.claim_notification_deliveries(200, array['email']) $c$);
  return (select coalesce(string_agg(n ->> 'type', ' '), '') from jsonb_array_elements(v_mail) d, jsonb_array_elements(d -> 'notifications') n
    where d ->> 'user_id' = tests.get_supabase_uid(member)::text);
end $$;

create temporary table t (name text primary key, id uuid);
insert into t values ('task', tests.post_task('anna', 10));
insert into t values ('ben', tests.offer_help('ben', (select id from t where name = 'task')));
select is(pg_temp.mail('anna'), 'offer_received', 'an offer is told');
insert into t values ('cem', tests.offer_help('cem', (select id from t where name = 'task')));
select tests.as_member('cem', format('select public.withdraw_offer(%L)', (select id from t where name = 'cem')));
select is(pg_temp.mail('anna'), 'offer_received', 'one that was withdrawn meanwhile is not: only the first, still unanswered, is tried again');
select tests.as_member('anna', format('select public.accept_offer(%L)', (select id from t where name = 'ben')));
select is(pg_temp.mail('anna'), '', 'nor one that was accepted');
select is(pg_temp.mail('ben'), 'offer_accepted', 'the helper is told');
select tests.as_member('ben', format('select public.start_task(%L)', (select id from t where name = 'task')));
select tests.as_member('ben', format('select public.finish_task(%L)', (select id from t where name = 'task')));
select is(pg_temp.mail('ben'), '', 'who has finished need not be told that they were chosen');
select is(pg_temp.mail('anna'), 'task_finished', 'the creator is asked to confirm');
select tests.as_member('anna', format('select public.reject_completion(%L, %L)', (select id from t where name = 'task'), 'Not yet'));
select is(pg_temp.mail('anna'), '', 'but not after the answer');
select is(pg_temp.mail('ben'), 'completion_rejected', 'the helper hears the answer');
select tests.as_member('ben', format('select public.finish_task(%L)', (select id from t where name = 'task')));
select is(pg_temp.mail('ben'), '', 'and not after the work was done again');
select tests.as_member('anna', format('select public.confirm_task(%L)', (select id from t where name = 'task')));
select is(pg_temp.mail('ben'), 'task_confirmed', 'points that arrived stay news');

select tests.create_partner('bakery');
insert into t values ('code', tests.redeem('ben', tests.create_reward('bakery', '{"points_cost": 1, "code_valid_days": 30}')));
insert into public.notifications (user_id, type, redemption_id) select tests.get_supabase_uid('ben'), 'code_expires_soon', id from t where name = 'code';
select is(pg_temp.mail('ben'), 'task_confirmed code_expires_soon', 'a code that ends soon');
select private.end_redemption(r, 'expired', null, 0) from public.redemptions r where r.id = (select id from t where name = 'code');
select is(pg_temp.mail('ben'), 'task_confirmed', 'not once it has ended; the rest is tried again');

select * from finish();
rollback;
