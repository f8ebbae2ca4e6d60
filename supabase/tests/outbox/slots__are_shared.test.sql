-- Who gets a slot: no member, no partner, no host and not all strangers together hold them all, whatever they queued before.
begin;
select plan(49);
select tests.use_default_settings();
select tests.create_supabase_users('flood', 'nadia', 'cem');
select tests.create_supabase_user('m' || i) from generate_series(1, 30) i;
select tests.clear_outbox();
delete from private.outbox_hosts;
delete from private.push_subscriptions;
create function pg_temp.claim(batch integer, channel text, under_way bigint[] default '{}') returns jsonb language sql as $$
  select tests.as_service_role(format('select public.claim_notification_deliveries(%L, array[%L], %L)', batch, channel, under_way))
$$;
create function pg_temp.ids(claimed jsonb) returns bigint[] language sql as $$ select coalesce(array_agg((c ->> 'id')::bigint), '{}') from jsonb_array_elements(claimed) c $$;
create function pg_temp.of(claimed jsonb, member text) returns integer language sql as $$ select count(*)::integer from jsonb_array_elements(claimed) c where c ->> 'user_id' = tests.get_supabase_uid(member)::text $$;
-- how an attempt ended that took so many seconds
create function pg_temp.record(claimed jsonb, outcome text, seconds integer) returns jsonb language sql as $$
  select tests.as_service_role(format('select public.record_notification_deliveries(%L)', (select jsonb_agg(jsonb_build_object('id', c -> 'id', 'attempt', c -> 'attempt', 'outcome', outcome,
    'error', outcome, 'duration_ms', 1000 * seconds)) from jsonb_array_elements(claimed) c)))
$$;
create function pg_temp.tell(member text, count integer default 1) returns void language plpgsql as $$
begin
  perform tests.notify(member) from generate_series(1, count);
  perform tests.run_jobs('notifications', now(), 1000);
end $$;
create function pg_temp.device(member text, host text) returns void language sql as $$
  insert into private.push_subscriptions (user_id, endpoint, p256dh, auth) values (tests.get_supabase_uid(member), 'https://' || host || '/' || gen_random_uuid(), 'B1', 'a1')
$$;
create function pg_temp.host(name text) returns private.outbox_hosts language sql as $$ select h from private.outbox_hosts h where h.host = name $$;
create function pg_temp.later() returns void language sql as $$ update private.notification_deliveries d set next_attempt_at = now() where d.status = 'pending' $$;
create function pg_temp.wake() returns void language sql as $$ update private.outbox_hosts h set paused_until = now(); select pg_temp.later() $$;
create function pg_temp.knows(channel text, host text, share integer default 32) returns void language sql as $$
  insert into private.outbox_hosts (channel, host, share) values (channel, host, share) on conflict on constraint outbox_hosts_pkey do update set share = excluded.share, slow_streak = 0, paused_until = now()
$$;

-- names of hosts
select is(private.host_of(url), host, url) from (values ('https://Push.Example/a', 'push.example'), ('https://push.example:8443/a', 'push.example'), ('https://push.example', 'push.example'),
  ('http://127.0.0.1:4/0', '127.0.0.1'), ('https://[::1]:4/x', '[::1]'), ('https://u:p@push.example/', 'push.example'), ('https://push.example?x', 'push.example'), ('nothing', null)) v (url, host);

-- turns: the first ones of everybody come before the second ones of anybody
select pg_temp.tell('flood', 20);
select results_eq($$ select waiting_before::integer from private.notification_deliveries where channel = 'email' order by id $$, $$ select least(i, 15) from generate_series(0, 19) i $$, 'what comes while others wait has a later turn');
select tests.clear_outbox();
select pg_temp.device('flood', 'one.example'), pg_temp.device('flood', 'two.example');
select pg_temp.tell('flood', 2);
select results_eq($$ select channel, array_agg(waiting_before::integer order by id) from private.notification_deliveries group by channel order by channel $$, $$ values ('email', array[0, 1]), ('web_push', array[0, 1, 2, 3]) $$,
  'each channel has turns of its own, each device counts');
delete from private.push_subscriptions;
select tests.clear_outbox();

-- a member who queued many before
select pg_temp.knows('email', 'pgtap.example.test');
select pg_temp.tell('flood', 60);
update private.notification_deliveries set next_attempt_at = now() - interval '1 day';
select pg_temp.tell('nadia');
create temporary table c as select pg_temp.claim(8, 'email') as answer;
select is(pg_temp.of(answer, 'nadia'), 1, 'a neighbour''s e-mail goes with the first that leave, however many are older') from c;
select is(pg_temp.of(answer, 'flood'), 2, 'a member gets a quarter of the slots, and the others stay free') from c;
select is(pg_temp.claim(5, 'email', pg_temp.ids(answer)), '[]', 'what is under way counts') from c;
select pg_temp.tell('cem');
select is(pg_temp.of(pg_temp.claim(5, 'email', pg_temp.ids(answer)), 'cem'), 1, 'and keeps nobody else waiting') from c;
select is(pg_temp.of(pg_temp.claim(8, 'email'), 'flood'), 2, 'who comes after a crash does not wait for what was under way there');
select tests.clear_outbox();

-- slots of a host
select pg_temp.device('m' || i, 'push.example') from generate_series(1, 30) i;
select pg_temp.tell('m' || i) from generate_series(1, 30) i;
select pg_temp.knows('web_push', 'push.example');
create temporary table p as select pg_temp.claim(24, 'web_push') as answer;
select is(jsonb_array_length(answer), 12, 'a host gets half of the slots') from p;
select is(pg_temp.claim(12, 'web_push', pg_temp.ids(answer)), '[]', 'and no more while they are taken') from p;
select is((select count(*)::integer from private.notification_deliveries where channel = 'web_push' and next_attempt_at <= now()), 18, 'the others stay where they are: a quick host is free again soon');
select pg_temp.device('nadia', 'other.example');
select pg_temp.tell('nadia');
select is(pg_temp.of(pg_temp.claim(12, 'web_push', pg_temp.ids(answer)), 'nadia'), 1, 'a device elsewhere gets its slot') from p;
select tests.clear_outbox();
delete from private.push_subscriptions;

-- strangers
delete from private.outbox_hosts where channel = 'web_push';
select pg_temp.device('m' || i, 'h' || i || '.example') from generate_series(1, 30) i;
select pg_temp.tell('m' || i) from generate_series(1, 30) i;
truncate p; insert into p select pg_temp.claim(24, 'web_push');
select is(jsonb_array_length(answer), 6, 'hosts that nobody knows get a quarter of the slots together') from p;
select ok(bool_and(waiting_before = 15 and next_attempt_at between now() and clock_timestamp()), 'the others go to the end of the line, and are due at once')
from private.notification_deliveries, p where channel = 'web_push' and id <> all (pg_temp.ids(answer));
select pg_temp.knows('web_push', 'push.example');
select pg_temp.device('nadia', 'push.example');
select pg_temp.tell('nadia');
select is(pg_temp.of(pg_temp.claim(18, 'web_push', pg_temp.ids(answer)), 'nadia'), 1, 'one that is known has its slots') from p;
select tests.clear_outbox();
delete from private.push_subscriptions;

-- a host that lets everybody wait in vain
delete from private.outbox_hosts where channel = 'web_push';
select pg_temp.device('m' || i, 'silent.example') from generate_series(1, 10) i;
select pg_temp.tell('m' || i) from generate_series(1, 10) i;
truncate p; insert into p select pg_temp.claim(24, 'web_push');
select is(jsonb_array_length(answer), 2, 'a new host gets two slots') from p;
select is(answer #>> '{0,time_limit_ms}', '10000', 'and ten seconds') from p;
select pg_temp.record(answer, 'retry', 10) from p;
select results_eq($$ select share, slow_streak from pg_temp.host('silent.example') $$, 'values (1, 1)', 'silence leaves it one');
select ok((pg_temp.host('silent.example')).paused_until - now() between interval '8 seconds' and interval '12 seconds', 'and it gets a pause');
select pg_temp.later();
select is(pg_temp.claim(24, 'web_push'), '[]', 'paused: nothing goes there');
select ok(bool_and(next_attempt_at >= (pg_temp.host('silent.example')).paused_until and waiting_before = 15), 'paused: what is for it is not looked at before its end, and then after everything else')
from private.notification_deliveries where channel = 'web_push' and status = 'pending';
select results_eq($$ select distinct attempts from private.notification_deliveries where channel = 'web_push' order by 1 $$, array[0, 1], 'paused: waiting costs no attempt');
select pg_temp.wake();
truncate p; insert into p select pg_temp.claim(24, 'web_push');
select is(jsonb_array_length(answer) || ' for ' || (answer #>> '{0,time_limit_ms}'), '1 for 5000', 'after it one attempt, which waits half as long') from p;
select pg_temp.record(answer, 'retry', 5) from p;
select ok((pg_temp.host('silent.example')).paused_until - now() between interval '24 seconds' and interval '36 seconds', 'the pause grows');
update private.outbox_hosts set slow_streak = 50, paused_until = now() where host = 'silent.example';
select pg_temp.wake();
select pg_temp.record(pg_temp.claim(24, 'web_push'), 'retry', 5);
select ok((pg_temp.host('silent.example')).paused_until - now() <= interval '10 minutes', 'to ten minutes');
select pg_temp.wake();
select pg_temp.record(pg_temp.claim(24, 'web_push'), 'sent', 0);
select results_eq($$ select share, slow_streak from pg_temp.host('silent.example') $$, 'values (2, 0)', 'a quick success ends it');
select pg_temp.wake();
select is(jsonb_array_length(pg_temp.claim(24, 'web_push')), 2, 'and it is like a new one');
select tests.clear_outbox();

-- slow, and it works: fewer slots, no pause; a quick refusal is no reason for either
select pg_temp.tell('m' || i) from generate_series(1, 10) i;
select pg_temp.knows('web_push', 'silent.example', 8);
truncate p; insert into p select pg_temp.claim(24, 'web_push');
select pg_temp.record(jsonb_build_array(answer -> 0, answer -> 1), 'sent', 9) from p;
select results_eq($$ select share, slow_streak, paused_until <= now() from pg_temp.host('silent.example') $$, 'values (2, 0, true)', 'two slow successes leave a quarter');
select pg_temp.record(jsonb_build_array(answer -> 2), 'retry', 0) from p;
select is((pg_temp.host('silent.example')).share, 2, 'a quick failure holds no slot');
select pg_temp.record(jsonb_build_array(answer -> 3), 'sent', 0) from p;
select is((pg_temp.host('silent.example')).share, 3, 'a quick success earns one');
select tests.clear_outbox();
delete from private.push_subscriptions;

-- one device that hangs does not speak for its host
select pg_temp.device('flood', 'push.example');
select pg_temp.tell('flood', 6);
select pg_temp.knows('web_push', 'push.example');
truncate p; insert into p select pg_temp.claim(24, 'web_push');
select is(jsonb_array_length(answer), 6, 'a member with one device') from p;
select pg_temp.record(answer, 'retry', 10) from p;
select results_eq($$ select share, paused_until <= now() from pg_temp.host('push.example') $$, 'values (16, true)', 'its six attempts count as one');
select tests.clear_outbox();

-- partners' endpoints
update private.webhook_endpoints set is_enabled = false;
select tests.create_partner('bakery'), tests.create_partner('library');
insert into private.webhook_endpoints (partner_id, url, event_types, secret) select tests.partner('bakery'), 'https://bakery.example/' || i, '{redemption.used}', 'sealed' from generate_series(1, 10) i;
insert into private.webhook_endpoints (partner_id, url, event_types, secret) values (tests.partner('library'), 'https://library.example/', '{redemption.used}', 'sealed');
select pg_temp.knows('webhook', 'bakery.example'), pg_temp.knows('webhook', 'library.example');
select private.emit_webhook(tests.partner('bakery'), 'redemption.used', '{}') from generate_series(1, 20);
update private.webhook_messages set next_attempt_at = now() - interval '1 hour';
create function pg_temp.webhooks(batch integer, under_way bigint[] default '{}') returns jsonb language sql as $$ select tests.as_service_role(format('select public.claim_webhook_messages(%L, under_way => %L)', batch, under_way)) $$;
truncate c; insert into c select pg_temp.webhooks(64);
select is(jsonb_array_length(answer), 16, 'a partner with ten endpoints gets a quarter of the slots') from c;
select is(pg_temp.webhooks(48, pg_temp.ids(answer)), '[]', 'and no more while they are taken') from c;
select private.emit_webhook(tests.partner('library'), 'redemption.used', '{}');
select is(pg_temp.webhooks(48, pg_temp.ids(answer)) #>> '{0,url}', 'https://library.example/', 'another partner has its slots') from c;
delete from private.webhook_messages;

-- partners' codes
update private.partner_requests set next_attempt_at = now() + interval '1 day';
create temporary table r as select tests.create_reward('bakery', '{"code_source": "partner_api"}') as bakery, tests.create_reward('library', '{"code_source": "partner_api"}') as library;
insert into private.partner_connections (partner_id, url, secret) values (tests.partner('bakery'), 'https://codes.example/', 'sealed'), (tests.partner('library'), 'https://library.example/', 'sealed');
select pg_temp.knows('partner_code', 'codes.example'), pg_temp.knows('partner_code', 'library.example');
create temporary table q as select tests.redeem('nadia', bakery) as id from r, generate_series(1, 9);
update private.partner_requests set next_attempt_at = now() - interval '1 minute' where redemption_id in (select id from q);
truncate c; insert into c select tests.as_service_role('select public.claim_partner_requests(12)');
select is(jsonb_array_length(answer), 3, 'a partner is asked for a quarter of the slots') from c;
insert into q select tests.redeem('nadia', library) from r;
update private.partner_requests set next_attempt_at = now() where redemption_id = (select id from q offset 9);
select is(jsonb_path_query_array(tests.as_service_role(format('select public.claim_partner_requests(9, %L)', (select array_agg(x ->> 'redemption_id') from jsonb_array_elements(answer) x))), '$[*].url'), '["https://library.example/"]',
  'another partner is asked beside it') from c;
select tests.as_service_role(format('select public.record_partner_failure(%L, ''no answer in time'', duration_ms => 10000)', answer -> 0 ->> 'redemption_id')) from c;
select is((pg_temp.host('codes.example')).share, 16, 'its host is known to be slow');

-- the backlog is not read
select pg_temp.knows('email', 'pgtap.example.test');
select tests.clear_outbox();
insert into public.notifications (user_id, type, queued_at) select tests.get_supabase_uid('m' || i % 30 + 1), 'task_confirmed', now() from generate_series(1, 10000) i;
insert into private.notification_deliveries (user_id, notification_id, channel, waiting_before, next_attempt_at)
select n.user_id, n.id, 'email', least(15, row_number() over (partition by n.user_id order by n.id) - 1), now() - interval '1 hour' from public.notifications n
where n.type = 'task_confirmed' and n.queued_at = now() and n.user_id in (select tests.get_supabase_uid('m' || i) from generate_series(1, 30) i) order by n.id desc limit 10000;
analyze private.notification_deliveries;
create function pg_temp.tuples_read() returns bigint language sql as $$ select pg_stat_get_xact_tuples_returned(o) + pg_stat_get_xact_tuples_fetched(o) + coalesce((
  select sum(pg_stat_get_xact_tuples_returned(i.indexrelid)) from pg_index i where i.indrelid = o), 0)::bigint from (select 'private.notification_deliveries'::regclass::oid as o) t $$;
create temporary table s as select pg_temp.tuples_read() as before;
truncate c; insert into c select pg_temp.claim(8, 'email');
select is(jsonb_array_length(answer), 4, 'with 10,000 waiting, four go to the one host') from c;
select ok(pg_temp.tuples_read() - before between 4 and 2000, 'and few rows are read: ' || pg_temp.tuples_read() - before) from s;
select tests.clear_outbox();

-- forgotten
update private.outbox_hosts set used_at = now() - interval '30 days' where host = 'push.example';
update private.outbox_hosts set used_at = now() - interval '31 days' where host = 'codes.example';
select results_eq($$ select job, processed from tests.run_jobs('outbox', now(), 1000) $$, $$ values ('forget_hosts', 1) $$, 'a host that nothing was sent to for 30 days is forgotten');
select is((pg_temp.host('push.example')).host, 'push.example', 'not before');

select * from finish();
rollback;
