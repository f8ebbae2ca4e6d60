-- What is told becomes deliveries: once, as the member wants it, when they want it. And the weekly digest.
begin;
select plan(33);
select tests.use_default_settings();
select tests.create_supabase_users('anna', 'ben', 'cem');
select tests.verify_email('anna', 'ben', 'cem');
select tests.clear_outbox();
create function pg_temp.run() returns text language sql as $$
  select string_agg(j.processed || '/' || j.failed, ' ' order by j.job desc) from tests.run_jobs('notifications', now(), 1000) j where j.job like 'queue%'
$$;
create function pg_temp.outbox(member text) returns text language sql as $$
  select coalesce(string_agg(d.channel || coalesce(' ' || s.auth, '') || case d.kind when 'digest' then ' digest' else '' end, ', ' order by d.id), 'nothing')
  from private.notification_deliveries d left join private.push_subscriptions s on s.id = d.subscription_id where d.user_id = tests.get_supabase_uid(member)
$$;
create function pg_temp.subscribe(member text, device text) returns void language sql as $$
  insert into private.push_subscriptions (user_id, endpoint, p256dh, auth) values (tests.get_supabase_uid(member), 'https://push.example/' || device, 'B', device)
$$;

select tests.notify('anna', 'offer_received', 'ben');
select is(pg_temp.outbox('anna'), 'nothing', 'nothing leaves within the command');
select is(pg_temp.run(), '1/0 0/0', 'the job queues it');
select is(pg_temp.outbox('anna'), 'email', 'as an e-mail: there is no device');
select is((select queued_at from public.notifications where user_id = tests.get_supabase_uid('anna')), now(), 'which is noted');
select is(pg_temp.run(), '0/0 0/0', 'once');
select pg_temp.subscribe('anna', 'phone'), pg_temp.subscribe('anna', 'laptop'), pg_temp.subscribe('ben', 'other');
select tests.notify('anna', 'offer_received', 'ben');
select pg_temp.run();
select is(pg_temp.outbox('anna'), 'email, email, web_push phone, web_push laptop', 'to every device of the member');
select is(pg_temp.outbox('ben'), 'nothing', 'to nobody else''s');
select tests.clear_outbox();

-- preferences
select tests.notify('anna', 'task_started');
select pg_temp.run();
select is(pg_temp.outbox('anna'), 'web_push phone, web_push laptop', 'what is not for e-mail by default');
select tests.clear_outbox();
insert into public.notification_preferences values (tests.get_supabase_uid('anna'), 'task_started', 'email', true), (tests.get_supabase_uid('anna'), 'task_started', 'web_push', false);
select tests.notify('anna', 'task_started');
select pg_temp.run();
select is(pg_temp.outbox('anna'), 'email', 'unless the member chose otherwise');
select tests.clear_outbox();
insert into public.notification_settings (user_id, is_email_enabled) values (tests.get_supabase_uid('anna'), false);
select tests.notify('anna', 'task_started'), tests.notify('anna', 'offer_received');
select pg_temp.run();
select is(pg_temp.outbox('anna'), 'web_push phone, web_push laptop', 'a channel switched off is off for all');
select tests.clear_outbox();
delete from public.notification_settings;

-- read, banned, deleted, unknown
select tests.notify('anna', 'offer_received');
update public.notifications set read_at = now() where user_id = tests.get_supabase_uid('anna');
select tests.notify('ben', 'offer_received'), ops.ban_user(tests.get_supabase_uid('ben'), 'test'), tests.notify('cem', 'no such type');
select is(pg_temp.run(), '3/0 0/0', 'all are looked at');
select is(pg_temp.outbox('anna') || ', ' || pg_temp.outbox('ben') || ', ' || pg_temp.outbox('cem'), 'nothing, nothing, nothing', 'read, banned, or without text: nothing to send');
select is_empty('select * from public.notifications where queued_at is null', 'and done with');
select ops.unban_user(tests.get_supabase_uid('ben'));

-- quiet hours
insert into public.notification_settings (user_id, quiet_from, quiet_until)
select tests.get_supabase_uid('anna'), (local - interval '1 hour')::time, (local + interval '2 hours')::time from (select date_trunc('minute', now() at time zone 'Europe/Berlin') as local) l;
select tests.notify('anna', 'offer_received');
select pg_temp.run();
select results_eq('select channel, next_attempt_at from private.notification_deliveries order by id',
  $$ select c, date_trunc('minute', now()) + interval '2 hours' from unnest(array['email', 'web_push', 'web_push']) c $$, 'in quiet hours all wait until their end');
update public.user_settings set time_zone = 'Asia/Tokyo' where user_id = tests.get_supabase_uid('anna');
select tests.clear_outbox(), tests.notify('anna', 'offer_received');
select pg_temp.run();
select results_eq('select distinct next_attempt_at from private.notification_deliveries', 'select now()', 'in another time zone it is another hour');
select tests.clear_outbox();
delete from public.notification_settings;

-- one bad row
create function pg_temp.fail() returns trigger language plpgsql as $$ begin raise exception 'planted'; end $$;
create trigger planted before insert on private.notification_deliveries for each row when (new.user_id = tests.get_supabase_uid('ben')) execute function pg_temp.fail();
select tests.notify('ben', 'offer_received'), tests.notify('cem', 'offer_received');
select is(pg_temp.run(), '1/1 0/0', 'a row that cannot be queued does not hold up the others');
select is(pg_temp.outbox('cem'), 'email', 'which are queued');
drop trigger planted on private.notification_deliveries;
select is(pg_temp.run(), '1/0 0/0', 'and comes with the next run');
select throws_ok($$ insert into private.notification_deliveries (user_id, notification_id, channel) select user_id, notification_id, channel from private.notification_deliveries where user_id = tests.get_supabase_uid('ben') $$,
  '23505', null, 'nothing stands in the outbox twice');
select tests.clear_outbox();

-- weekly digest: instead of single e-mails, with what is unread since the last
select tests.notify('cem', 'offer_received');
select tests.authenticate_as('cem');
select public.update_notification_settings(digest => 'weekly');
select tests.reset_authentication();
create temporary table monday as select next_digest_at as at from public.notification_settings;
select tests.clear_outbox();
select pg_temp.subscribe('cem', 'cems');
create temporary table n as select tests.notify('cem', 'offer_received') as first, tests.notify('cem', 'offer_accepted') as second, tests.notify('cem', 'task_started') as third;
select is(pg_temp.run(), '3/0 0/0', 'no digest before its day');
select is(pg_temp.outbox('cem'), 'web_push cems, web_push cems, web_push cems', 'with a digest, no single e-mails; pushes as ever');
update public.notification_settings set next_digest_at = now();
select is(pg_temp.run(), '0/0 1/0', 'on the day there is one');
select is(pg_temp.outbox('cem'), 'web_push cems, web_push cems, web_push cems, email digest', 'e-mail');
select is((select next_digest_at from public.notification_settings), (select at from monday), 'the next on the next Monday');
update public.notifications set read_at = now() where id = (select first from n);
create function pg_temp.claim() returns jsonb language sql as $$ select tests.as_service_role('select public.claim_notification_deliveries(50, array[''email''])') $$;
create temporary table c as select pg_temp.claim() as answer;
select is((select answer #>> '{0,kind}' from c) || ' ' || (select jsonb_array_length(answer) from c), 'digest 1', 'it is claimed');
select results_eq($$ select (x ->> 'id')::bigint from c, jsonb_array_elements(answer #> '{0,notifications}') x $$, 'select second from n', 'with what is unread and for e-mail, since the digest was chosen');
update public.notifications set read_at = now() where user_id = tests.get_supabase_uid('cem');
update public.notification_settings set next_digest_at = now();
select is(pg_temp.run(), '0/0 1/0', 'the week after');
select is((select count(*)::int from private.notification_deliveries where kind = 'digest'), 1, 'everything is read: no e-mail');
select tests.notify('cem', 'offer_accepted') from generate_series(1, 25);
update public.notification_settings set next_digest_at = now();
select pg_temp.run();
update private.notification_deliveries set status = 'sent' where kind = 'digest' and id = (select min(id) from private.notification_deliveries where kind = 'digest');
select is(jsonb_array_length(pg_temp.claim() #> '{0,notifications}'), 20, 'a digest carries the newest 20');

-- forgetting
select tests.clear_outbox();
insert into private.notification_deliveries (user_id, channel, kind, after_id, status, created_at)
select tests.get_supabase_uid('anna'), 'email', 'digest', 0, s, now() - a from (values ('sent', interval '91 days'), ('dead', '91 days'), ('sent', '89 days'), ('pending', '4 days'), ('pending', '2 days')) x (s, a);
select results_eq($$ select processed from tests.run_jobs('notifications', now(), 1000) where job = 'purge_deliveries' $$, array[2], 'what ended is forgotten after 90 days');
select results_eq('select status, last_error from private.notification_deliveries order by created_at', $$ values ('sent', null), ('dead', 'too old'), ('pending', null) $$,
  'what waited for 3 days is given up');
select results_eq($$ select pending::int, due::int, sent::int, dead::int, last_error from ops.notification_outbox where kind = 'digest' and channel = 'email' $$, $$ values (1, 1, 1, 1, 'too old') $$, 'the view of the outbox says so');
select results_eq($$ select processed from tests.run_jobs('notifications', now(), 1000) where job = 'purge_deliveries' $$, array[0], 'the rest stays');

select * from finish();
rollback;
