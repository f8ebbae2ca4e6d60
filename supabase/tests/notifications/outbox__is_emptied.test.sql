-- claim_notification_deliveries, record_notification_deliveries: leases, attempts, waits, and letters nobody will deliver.
begin;
select plan(54);
select tests.use_default_settings();
select tests.create_supabase_users('anna', 'ben', 'cem');
select tests.verify_email('anna', 'ben');
select tests.clear_outbox();
create function pg_temp.claim(batch integer default null, channels text[] default null) returns jsonb language sql as $$
  select tests.as_service_role(format('select public.claim_notification_deliveries(coalesce(%L::integer, 50), coalesce(%L::text[], array[''email'', ''web_push'']))', batch, channels))
$$;
create function pg_temp.record(variadic results jsonb[]) returns jsonb language sql as $$
  select tests.as_service_role(format('select public.record_notification_deliveries(%L)', to_jsonb(results)))
$$;
create function pg_temp.ended(delivery jsonb, outcome text, error text default null) returns jsonb language sql as $$
  select jsonb_build_object('id', delivery -> 'id', 'attempt', delivery -> 'attempt', 'outcome', outcome, 'error', error)
$$;
create function pg_temp.tell(member text, type text default 'offer_accepted', actor text default null) returns bigint language plpgsql as $$
declare
  v_id bigint := tests.notify(member, type, actor);
begin
  perform tests.run_jobs('notifications', now(), 1000);
  return v_id;
end $$;
create function pg_temp.later() returns void language sql as $$ update private.notification_deliveries d set next_attempt_at = now() where d.status = 'pending' $$;
create function pg_temp.state() returns text language sql as $$
  select coalesce(string_agg(format('%s after %s%s', d.status, d.attempts, coalesce(': ' || d.last_error, '')), ', ' order by d.id), 'nothing') from private.notification_deliveries d
$$;

-- who
select tests.authenticate_as('anna');
select throws_ok('select public.claim_notification_deliveries()', '42501', 'permission denied for function claim_notification_deliveries', 'members claim nothing');
select throws_ok('select public.record_notification_deliveries(''[]'')', '42501', 'permission denied for function record_notification_deliveries', 'nor record');
select throws_ok('select * from private.notification_deliveries', '42501', null, 'nor read the outbox');
select tests.clear_authentication();
select throws_ok('select public.claim_notification_deliveries()', '42501', 'permission denied for function claim_notification_deliveries', 'nor does anybody not signed in');
select tests.reset_authentication();

-- an e-mail
select is(pg_temp.claim(), '[]', 'nothing is due');
create temporary table n as select pg_temp.tell('anna', 'offer_received', 'ben') as id;
create temporary table c as select pg_temp.claim() as answer;
select is((select answer from c), jsonb_build_array(jsonb_build_object('id', (select max(id) from private.notification_deliveries), 'attempt', 1, 'channel', 'email', 'kind', 'single',
  'user_id', tests.get_supabase_uid('anna'), 'language', 'de', 'name', 'Anna', 'to', 'anna@pgtap.example.test', 'subscription', null,
  'notifications', jsonb_build_array(jsonb_build_object('id', (select id from n), 'type', 'offer_received', 'title', 'Neues Hilfsangebot', 'body', 'Ben möchte dir bei „“ helfen.',
    'task_id', null, 'offer_id', null, 'redemption_id', null, 'created_at', now())), 'time_limit_ms', 10000)), 'all that is needed to send it');
update public.users set name = 'Neighbour' where id = tests.get_supabase_uid('anna');
select is((select private.delivery_json(d) ->> 'name' from private.notification_deliveries d), null, 'who gave no name has none');
update public.users set name = 'Anna' where id = tests.get_supabase_uid('anna');
select is(pg_temp.claim(), '[]', 'leased: nobody else gets it');
select is((select next_attempt_at from private.notification_deliveries), now() + interval '60 seconds', 'for 60 seconds');
select is((select pg_temp.record(pg_temp.ended(answer -> 0, 'sent')) from c), '{"sent": 1, "retried": 0, "dead": 0}', 'it was sent');
select is(pg_temp.state(), 'sent after 1', 'which is noted');
select is((select sent_at from private.notification_deliveries), now(), 'with its moment');
select is((select pg_temp.record(pg_temp.ended(answer -> 0, 'retry', 'late')) from c), '{"sent": 0, "retried": 0, "dead": 0}', 'a word that comes after the end counts nowhere');
select is(pg_temp.state(), 'sent after 1', 'and changes nothing');

-- English
update public.user_settings set language = 'en' where user_id = tests.get_supabase_uid('anna');
select pg_temp.tell('anna', 'offer_received', 'ben');
select is(pg_temp.claim() #>> '{0,notifications,0,body}', 'Ben would like to help you with “”.', 'in the member''s language');
select tests.clear_outbox();

-- failures
select pg_temp.tell('anna');
truncate c; insert into c select pg_temp.claim();
select is((select pg_temp.record(pg_temp.ended(answer -> 0, 'retry', '451 try later')) from c), '{"sent": 0, "retried": 1, "dead": 0}', 'tried again later');
select is(pg_temp.state(), 'pending after 1: 451 try later', 'it waits');
select ok((select next_attempt_at between now() + interval '24 seconds' and now() + interval '36 seconds' from private.notification_deliveries), 'half a minute, more or less');
select is(pg_temp.claim(), '[]', 'not before');
select results_eq($$ select bool_and(private.retry_delay(a, interval '30 seconds') between w * 0.8 and w * 1.2) from (values (1, interval '30 seconds'), (2, '90 seconds'), (7, '6 hours 4 minutes 30 seconds')) x (a, w), generate_series(1, 20) $$, array[true], 'three times as long each time');
select pg_temp.later();
create temporary table late as select answer from c;
truncate c; insert into c select pg_temp.claim();
select is((select answer #>> '{0,attempt}' from c), '2', 'the second attempt');
select is((select pg_temp.record(pg_temp.ended(answer -> 0, 'rejected', 'from the first')) from late), '{"sent": 0, "retried": 0, "dead": 0}', 'the first attempt has no say in it any more');
select is(pg_temp.state(), 'pending after 2: 451 try later', 'nor any effect');
select pg_temp.later();
select is((select pg_temp.claim() #>> '{0,attempt}'), '3', 'a sender that died is followed by another');
select is((select pg_temp.record(pg_temp.ended(answer -> 0, 'sent')) from c), '{"sent": 0, "retried": 0, "dead": 0}', 'and cannot overwrite its end');
update private.notification_deliveries set attempts = 6;
select pg_temp.later();
truncate c; insert into c select pg_temp.claim();
select is((select pg_temp.record(pg_temp.ended(answer -> 0, 'retry', 'seventh')) from c), '{"sent": 0, "retried": 1, "dead": 0}', 'the seventh attempt is not the last');
select pg_temp.later();
truncate c; insert into c select pg_temp.claim();
select is((select pg_temp.record(pg_temp.ended(answer -> 0, 'retry', 'eighth')) from c), '{"sent": 0, "retried": 0, "dead": 1}', 'the eighth is');
select is(pg_temp.state(), 'dead after 8: eighth', 'it is given up');
select is(pg_temp.claim(), '[]', 'for good');
select is(tests.as_service_role($$ select to_jsonb(ops.retry_notification_deliveries('email')) $$), '1', 'unless an admin says so');
select is(pg_temp.state(), 'pending after 0', 'then it starts again');
update private.notification_deliveries set attempts = 8;
select is(pg_temp.claim(), '[]', 'an eighth attempt that never said how it ended');
select is(pg_temp.state(), 'dead after 8: no result', 'was the last, too');
select tests.clear_outbox();
select pg_temp.tell('anna');
select is((select pg_temp.record(pg_temp.ended(pg_temp.claim() -> 0, 'rejected', repeat('x', 600)))), '{"sent": 0, "retried": 0, "dead": 1}', 'what is refused for good is dead at once');
select is((select length(last_error) from private.notification_deliveries), 500, 'its reason is kept, not at any length');
select is(tests.as_service_role('select public.record_notification_deliveries(''[]'')'), '{"sent": 0, "retried": 0, "dead": 0}', 'nothing to record');
select tests.clear_outbox();

-- pushes
insert into private.push_subscriptions (user_id, endpoint, p256dh, auth) values (tests.get_supabase_uid('anna'), 'https://push.example/1', 'B1', 'a1'), (tests.get_supabase_uid('anna'), 'https://push.example/2', 'B2', 'a2');
select pg_temp.tell('anna', 'task_started');
truncate c; insert into c select pg_temp.claim();
select results_eq($$ select x -> 'subscription', x -> 'to' from c, jsonb_array_elements(answer) x $$,
  $$ values ('{"auth": "a1", "p256dh": "B1", "endpoint": "https://push.example/1"}'::jsonb, 'null'::jsonb), ('{"auth": "a2", "p256dh": "B2", "endpoint": "https://push.example/2"}', 'null') $$, 'one for each device');
select is((select pg_temp.record(pg_temp.ended(answer -> 0, 'gone', '410'), pg_temp.ended(answer -> 1, 'sent')) from c), '{"sent": 1, "retried": 0, "dead": 1}', 'one device is gone');
select results_eq('select endpoint from private.push_subscriptions', array['https://push.example/2'], 'and forgotten');
select tests.clear_outbox();
select pg_temp.tell('anna', 'task_started');
select is(pg_temp.claim(50, array['email']), '[]', 'only the channels that are asked for');
select is(pg_temp.state(), 'pending after 0', 'the others keep their attempts');
delete from private.push_subscriptions;
select is(pg_temp.claim(), '[]', 'a device that is gone meanwhile');
select is(pg_temp.state(), 'nothing', 'has nothing to wait for');

-- what has become pointless
create function pg_temp.pointless(change text) returns text language plpgsql as $$
begin
  perform tests.clear_outbox();
  perform pg_temp.tell('anna', 'offer_received', 'ben');
  execute change;
  return pg_temp.claim()::text || ' ' || pg_temp.state();
end $$;
select is(pg_temp.pointless($$ update public.notifications set read_at = now() $$), '[] nothing', 'read meanwhile');
select is(pg_temp.pointless($$ delete from public.notifications where user_id = tests.get_supabase_uid('anna') $$), '[] nothing', 'deleted meanwhile');
select is(pg_temp.pointless($$ update auth.users set email_confirmed_at = null where id = tests.get_supabase_uid('anna') $$), '[] nothing', 'no confirmed address');
select tests.verify_email('anna');
select is(pg_temp.pointless($$ insert into public.notification_preferences values (tests.get_supabase_uid('anna'), 'offer_received', 'email', false) $$), '[] nothing', 'switched off meanwhile');
delete from public.notification_preferences;
select is(pg_temp.pointless($$ insert into public.user_blocks (blocker_id, blocked_id) values (tests.get_supabase_uid('anna'), tests.get_supabase_uid('ben')) $$), '[] nothing', 'an offer by somebody blocked meanwhile');
delete from public.user_blocks;
select is(pg_temp.pointless($$ select ops.ban_user(tests.get_supabase_uid('ben'), 'test') $$), '[] nothing', 'or banned');
select ops.unban_user(tests.get_supabase_uid('ben'));
select is(pg_temp.pointless($$ select ops.ban_user(tests.get_supabase_uid('anna'), 'test') $$), '[] nothing', 'a banned member');
select ops.unban_user(tests.get_supabase_uid('anna'));

-- quiet hours that began meanwhile
select tests.clear_outbox();
select pg_temp.tell('anna');
insert into public.notification_settings (user_id, quiet_from, quiet_until)
select tests.get_supabase_uid('anna'), (local - interval '1 hour')::time, (local + interval '2 hours')::time from (select date_trunc('minute', now() at time zone 'Europe/Berlin') as local) l;
select is(pg_temp.claim(), '[]', 'in quiet hours nothing is sent');
select results_eq('select attempts, next_attempt_at from private.notification_deliveries', $$ select 0, date_trunc('minute', now()) + interval '2 hours' $$, 'it waits for their end and loses no attempt');
delete from public.notification_settings;
select pg_temp.later();

-- batches, and pointless rows in front of good ones
select pg_temp.tell('ben') from generate_series(1, 3);
delete from public.notifications where user_id = tests.get_supabase_uid('anna');
update public.notifications set read_at = now() where user_id = tests.get_supabase_uid('ben') and id < (select max(id) from public.notifications where user_id = tests.get_supabase_uid('ben'));
select is(jsonb_array_length(pg_temp.claim(1)), 1, 'what is pointless does not hide what is not');
select tests.clear_outbox();
select pg_temp.tell('ben') from generate_series(1, 3);
select is(jsonb_array_length(pg_temp.claim(2)) || ' ' || jsonb_array_length(pg_temp.claim(2)) || ' ' || jsonb_array_length(pg_temp.claim(2)), '2 1 0', 'batch by batch');

select * from finish();
rollback;
