-- Devices and mailboxes that refuse for good: nothing more is sent there, and their member sees it.
begin;
select plan(30);
select tests.use_default_settings();
select tests.create_supabase_users('anna', 'ben');
select tests.clear_outbox();
delete from private.outbox_hosts;
delete from private.push_subscriptions;
create function pg_temp.claim(channel text) returns jsonb language sql as $$ select tests.as_service_role(format('select public.claim_notification_deliveries(50, array[%L])', channel)) $$;
create function pg_temp.record(claimed jsonb, outcome text, error text default 'no') returns jsonb language sql as $$
  select tests.as_service_role(format('select public.record_notification_deliveries(%L)', (select jsonb_agg(jsonb_build_object('id', c -> 'id', 'attempt', c -> 'attempt', 'outcome', outcome, 'error', error)) from jsonb_array_elements(claimed) c)))
$$;
create function pg_temp.tell(member text, type text default 'offer_accepted') returns void language plpgsql as $$
begin
  perform tests.notify(member, type);
  perform tests.run_jobs('notifications', now(), 1000);
end $$;
create function pg_temp.waiting(channel text) returns integer language sql as $$ select count(*)::integer from private.notification_deliveries d where d.channel = $1 and d.status = 'pending' $$;
create function pg_temp.addresses() returns text language sql as $$
  select string_agg(format('%s %s%s', a.channel, a.address, coalesce(' refused ' || (a.refused_at = now()) || ': ' || a.refused_reason, '')), ', ' order by a.channel, a.address) from public.list_notification_addresses() a
$$;
create function pg_temp.save(device text) returns void language sql as $$ select public.save_push_subscription('https://push.example/' || device, 'B' || repeat('x', 86), repeat('y', 22)) $$;
grant execute on all functions in schema pg_temp to public;

-- who
select throws_ok('set local role anon; select public.list_notification_addresses()', '42501', 'permission denied for function list_notification_addresses', 'nobody who is not signed in');
select tests.clear_authentication();
select tests.authenticate_as('anna');
select is(pg_temp.addresses(), 'email anna@pgtap.example.test', 'a member sees the own address');
select pg_temp.save('phone'), pg_temp.save('laptop');
select tests.authenticate_as('ben');
select is(pg_temp.addresses(), 'email ben@pgtap.example.test', 'nobody else''s devices');
select tests.authenticate_as('anna');
select is(pg_temp.addresses(), 'email anna@pgtap.example.test, web_push https://push.example/laptop, web_push https://push.example/phone', 'and the own ones');
select ok(bool_and(saved_at is not null and refused_at is null and refused_reason is null), 'none of them refused') from public.list_notification_addresses();
select tests.reset_authentication();

-- a device that subscribed to another key
update private.push_subscriptions set created_at = now() - interval '1 hour' where endpoint like '%laptop';
select pg_temp.tell('anna'), pg_temp.tell('anna');
create temporary table c as select c as delivery from jsonb_array_elements(pg_temp.claim('web_push')) c;
select is((select pg_temp.record(jsonb_agg(delivery), 'refused', 'subscribed to another key') from c where delivery #>> '{subscription,endpoint}' like '%laptop'), '{"sent": 0, "retried": 0, "dead": 1}', 'it is given up at once');
update private.notification_deliveries set next_attempt_at = now() where status = 'pending';
select is((select count(*)::integer from jsonb_array_elements(pg_temp.claim('web_push')) x where x #>> '{subscription,endpoint}' like '%laptop'), 0, 'what waited for it is dropped');
select tests.clear_outbox();
select pg_temp.tell('anna');
select is(pg_temp.waiting('web_push'), 1, 'nothing more is queued for it, but for the other one');
select tests.authenticate_as('anna');
select is(pg_temp.addresses(), 'email anna@pgtap.example.test, web_push https://push.example/laptop refused true: subscribed to another key, web_push https://push.example/phone', 'its member sees since when, and why');
select pg_temp.save('laptop');
select is(pg_temp.addresses(), 'email anna@pgtap.example.test, web_push https://push.example/laptop, web_push https://push.example/phone', 'saved again it is as good as new');
select tests.reset_authentication();
select tests.clear_outbox();

-- a key that a push service does not take: eight attempts for a device, not for every notification
delete from private.push_subscriptions where endpoint like '%phone';
select pg_temp.tell('anna', 'task_started');
select is(pg_temp.record(pg_temp.claim('web_push'), 'denied', '403'), '{"sent": 0, "retried": 1, "dead": 0}', 'denied once: tried again later');
select is((select refused_at from private.push_subscriptions), null, 'it may be our mistake');
update private.notification_deliveries set attempts = 7, next_attempt_at = now();
select is(pg_temp.record(pg_temp.claim('web_push'), 'denied', '403'), '{"sent": 0, "retried": 0, "dead": 1}', 'denied eight times: given up');
select results_eq('select refused_at, refused_reason from private.push_subscriptions', $$ values (now(), '403') $$, 'and the device is refused');
select pg_temp.tell('anna', 'task_started');
select is(pg_temp.waiting('web_push'), 0, 'the next notification costs nothing');
select is(tests.as_service_role($$ select to_jsonb(ops.retry_notification_deliveries('web_push')) $$), '1', 'when the keys are mended, an admin sends once more');
select is((select refused_at from private.push_subscriptions), null, 'also to the devices that were refused');
update private.notification_deliveries set attempts = 7, next_attempt_at = now() where status = 'pending';
select pg_temp.record(pg_temp.claim('web_push'), 'retry', '503');
select is((select refused_at from private.push_subscriptions), null, 'a service that is down refuses nobody');
select tests.clear_outbox();

-- a mailbox
select pg_temp.tell('anna'), pg_temp.tell('anna'), pg_temp.tell('ben');
create temporary table m as select c as delivery from jsonb_array_elements(pg_temp.claim('email')) c where c ->> 'to' like 'anna%' limit 1;
select is((select pg_temp.record(jsonb_agg(delivery), 'refused', '550 5.1.1 no such user') from m), '{"sent": 0, "retried": 0, "dead": 1}', 'a mailbox that does not exist: given up at once');
update private.notification_deliveries set next_attempt_at = now() where status = 'pending';
select is((select count(*)::integer from jsonb_array_elements(pg_temp.claim('email')) x where x ->> 'to' like 'anna%'), 0, 'what waited for it is dropped');
select tests.clear_outbox();
select pg_temp.tell('anna'), pg_temp.tell('ben');
select results_eq($$ select user_id from private.notification_deliveries where channel = 'email' $$, $$ values (tests.get_supabase_uid('ben')) $$, 'nothing more is queued for it');
select tests.authenticate_as('anna');
select matches(pg_temp.addresses(), 'email anna@pgtap.example.test refused true: 550 5.1.1 no such user', 'its member sees it');
select tests.reset_authentication();
update auth.users set email = 'anna.new@pgtap.example.test' where id = tests.get_supabase_uid('anna');
select tests.authenticate_as('anna');
select matches(pg_temp.addresses(), 'email anna.new@pgtap.example.test,', 'another address is not refused');
select tests.reset_authentication();
update auth.users set email = 'ANNA@pgtap.example.test' where id = tests.get_supabase_uid('anna');
select ok(private.is_mailbox_refused(tests.get_supabase_uid('anna')), 'the same in capitals is');
select tests.authenticate_as('anna');
select public.update_notification_settings(is_web_push_enabled => true);
select matches(pg_temp.addresses(), 'refused true', 'another setting leaves it');
select public.update_notification_settings(is_email_enabled => true);
select unalike(pg_temp.addresses(), '%refused%', 'switching e-mails on tries it again');
select tests.reset_authentication();
select tests.clear_outbox();
select pg_temp.tell('anna');
select is(pg_temp.waiting('email'), 1, 'and queues');
select pg_temp.record(pg_temp.claim('email'), 'refused', '550 5.1.1');
select is((select refused_at from private.refused_mailboxes), now(), 'refused again');
select tests.as_service_role($$ select to_jsonb(ops.retry_notification_deliveries('email')) $$);
select is_empty('select from private.refused_mailboxes', 'an admin who mended the mail server lifts it');

-- erasure
insert into private.refused_mailboxes (user_id, address, reason) values (tests.get_supabase_uid('ben'), 'ben@pgtap.example.test', 'no');
delete from auth.users where id = tests.get_supabase_uid('ben');
select is_empty('select from private.refused_mailboxes', 'who leaves is forgotten here, too');

select * from finish();
rollback;
