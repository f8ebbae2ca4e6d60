-- The outbox: who is told of what, what a sender gets to send, and what becomes of an attempt.
begin;
select plan(88);
select tests.use_default_settings();
-- other endpoints of this database keep still
update private.webhook_endpoints set is_enabled = false;
select tests.create_partner('bakery'), tests.create_partner('library');
create temporary table k as select tests.create_api_key('bakery') as hash, tests.create_api_key('library') as other;
create temporary table e (name text, id uuid);
create function pg_temp.endpoint(name text, hash text, types text[]) returns void language sql as $$
  insert into e select name, (tests.as_service_role(format('select public.create_webhook_endpoint(%L, %L, %L, %L)', hash, 'https://' || name || '.example/hooks', types, 'sealed ' || name)) ->> 'id')::uuid
$$;
select pg_temp.endpoint('all', hash, private.webhook_event_types()), pg_temp.endpoint('used', hash, '{redemption.used}'), pg_temp.endpoint('off', hash, private.webhook_event_types()),
  pg_temp.endpoint('library', other, private.webhook_event_types()) from k;
update private.webhook_endpoints w set is_enabled = false from e where e.id = w.id and e.name = 'off';
-- hosts that are known to be quick; what others get is in the tests of room outbox
insert into private.outbox_hosts (channel, host, share) select 'webhook', e.name || '.example', 32 from e;
create function pg_temp.told(since bigint) returns text[] language sql as $$
  select coalesce(array_agg(e.name order by e.name), '{}') from private.webhook_messages m join e on e.id = m.endpoint_id where m.id > since
$$;
create function pg_temp.last_message() returns bigint language sql as $$ select coalesce(max(id), 0) from private.webhook_messages $$;
create function pg_temp.claim(args text default '') returns jsonb language sql as $$ select tests.as_service_role('select public.claim_webhook_messages(' || args || ')') $$;
create function pg_temp.record(variadic results text[]) returns text language sql as $$
  select format('delivered %s, retried %s, dead %s, disabled %s', a ->> 'delivered', a ->> 'retried', a ->> 'dead', a ->> 'disabled')
  from (select tests.as_service_role(format('select public.record_webhook_attempts(%L)', '[' || array_to_string(results, ',') || ']')) as a) r
$$;
create function pg_temp.result(id bigint, status integer, error text default null) returns text language sql as $$
  select jsonb_build_object('id', id, 'response_status', status, 'error', error, 'duration_ms', 12, 'response_excerpt', 'ok')::text
$$;
create function pg_temp.message(message_id bigint) returns private.webhook_messages language sql as $$ select m from private.webhook_messages m where m.id = message_id $$;
create function pg_temp.of(name text) returns private.webhook_endpoints language sql as $$ select w from private.webhook_endpoints w join e on e.id = w.id where e.name = $1 $$;

-- emitted: to enabled endpoints of the partner that want the type
create temporary table m as select pg_temp.last_message() as start;
select private.emit_webhook(tests.partner('bakery'), 'redemption.created', '{"redemption_id": 1}');
select is(pg_temp.told(start), '{all}'::text[], 'emitted: to who wants the type') from m;
select private.emit_webhook(tests.partner('bakery'), 'redemption.used', '{"redemption_id": 1}');
select is(pg_temp.told(start), '{all,all,used}'::text[], 'emitted: one message for each endpoint') from m;
select private.emit_webhook(tests.partner('library'), 'redemption.used', '{"redemption_id": 2}');
select is(pg_temp.told(start), '{all,all,library,used}'::text[], 'emitted: to the partner itself only') from m;
create temporary table one as select w.* from private.webhook_messages w, m where w.id > start order by w.id limit 1;
select is(payload, jsonb_build_object('type', 'redemption.created', 'timestamp', now(), 'data', '{"redemption_id": 1}'::jsonb), 'a message has type, timestamp and data') from one;
select matches(webhook_id, '^msg_[0-9a-f]{32}$', 'and an id for the receiver') from one;
select is(count(distinct webhook_id), count(*), 'which is its own') from private.webhook_messages w, m where w.id > start;
select results_eq('select status, attempts, next_attempt_at, delivered_at, last_status, last_error from one',
  $$ values ('pending', 0, now(), null::timestamptz, null::integer, null::text) $$, 'it is due at once');

-- claimed: what is due, with all that a sender needs
create temporary table c as select pg_temp.claim() as answer;
select is(jsonb_array_length(answer), 4, 'claimed: all that is due') from c;
select is(answer -> 0, jsonb_build_object('id', id, 'webhook_id', webhook_id, 'endpoint_id', endpoint_id, 'url', 'https://all.example/hooks', 'payload', payload::text, 'secrets', '["sealed all"]'::jsonb, 'attempt', 1),
  'claimed: with address, body as text, secrets and number') from c, one;
select is(pg_temp.claim(), '[]', 'claimed: nobody else gets it meanwhile');
select is((pg_temp.message(id)).next_attempt_at, now() + interval '60 seconds', 'claimed: the lease lasts 60 seconds') from one;
update private.webhook_messages w set next_attempt_at = now() + interval '1 microsecond' from one where w.id = one.id;
select is(pg_temp.claim(), '[]', 'claimed: until then');
update private.webhook_messages w set next_attempt_at = now() from one where w.id = one.id;
select is(jsonb_path_query_array(pg_temp.claim(), '$[*].attempt'), '[2]', 'claimed: when the lease has ended, the next sender gets it');
update private.webhook_endpoints w set older_secrets = jsonb_build_array(jsonb_build_object('secret', 'sealed before', 'replaced_at', now())) from e where e.id = w.id and e.name = 'all';
update private.webhook_messages w set next_attempt_at = now() from one where w.id = one.id;
select is(pg_temp.claim() #> '{0,secrets}', '["sealed all", "sealed before"]', 'claimed: after a rotation with both secrets');
update private.webhook_endpoints w set older_secrets = '[]' from e where e.id = w.id and e.name = 'all';

-- delivered
select is(pg_temp.record(pg_temp.result(id, 204)), 'delivered 1, retried 0, dead 0, disabled 0', 'recorded: 2xx is a delivery') from one;
select results_eq('select (p).status, (p).delivered_at, (p).last_status, (p).last_error from (select pg_temp.message(id) as p from one) x',
  $$ values ('delivered', now(), 204, null::text) $$, 'delivered: it says so');
select results_eq('select attempt, response_status, error, response_excerpt, duration_ms from private.webhook_attempts join one on message_id = id', $$ values (3, 204, null::text, 'ok', 12) $$, 'delivered: the attempt is kept');
select is(pg_temp.claim(), '[]', 'delivered: it is not sent again');
select is(pg_temp.record(pg_temp.result(id, 500, 'late')), 'delivered 0, retried 0, dead 0, disabled 0', 'a late second result counts for nothing') from one;
select is((pg_temp.message(id)).status, 'delivered', 'and changes nothing') from one;
select is((pg_temp.of('all')).failure_streak, 0, 'nor does the endpoint pay for it');
select is(pg_temp.record(pg_temp.result(-1, 200)), 'delivered 0, retried 0, dead 0, disabled 0', 'a result for a message that is gone counts for nothing');
select is(pg_temp.record(variadic '{}'), 'delivered 0, retried 0, dead 0, disabled 0', 'no results');

-- failed: retried later, the endpoint gets one at a time
create temporary table two as select w.id from private.webhook_messages w join e on e.id = w.endpoint_id and e.name = 'used';
select is(pg_temp.record(pg_temp.result(id, 500)), 'delivered 0, retried 1, dead 0, disabled 0', 'failed: to be tried again') from two;
select results_eq('select (p).status, (p).last_status, (p).attempts, (p).delivered_at from (select pg_temp.message(id) as p from two) x', $$ values ('pending', 500, 1, null::timestamptz) $$, 'failed: it is pending');
select ok((pg_temp.message(id)).next_attempt_at - now() between interval '8 seconds' and interval '12 seconds', 'failed: in ten seconds, more or less') from two;
select is((pg_temp.of('used')).failure_streak, 1, 'failed: the endpoint''s streak begins');
select ok((pg_temp.of('used')).paused_until - now() between interval '8 seconds' and interval '12 seconds', 'failed: and it gets a pause');
select private.emit_webhook(tests.partner('bakery'), 'redemption.used', '{"redemption_id": 3}') from generate_series(1, 4);
select is((select count(*)::int from jsonb_array_elements(pg_temp.claim()) c where c ->> 'url' = 'https://used.example/hooks'), 0, 'paused: the endpoint gets nothing');
update private.webhook_endpoints w set paused_until = now() from e where e.id = w.id and e.name = 'used';
select is((select count(*)::int from jsonb_array_elements(pg_temp.claim()) c where c ->> 'url' = 'https://used.example/hooks'), 1, 'after the pause: one message, to see whether it is back');
create temporary table probe as select w.id from private.webhook_messages w join e on e.id = w.endpoint_id and e.name = 'used' where w.attempts = 1 and w.status = 'pending' and w.id > (select id from two);
select is(pg_temp.record(pg_temp.result(id, null, 'timeout')), 'delivered 0, retried 1, dead 0, disabled 0', 'no answer is a failure') from probe;
select results_eq('select (p).last_status, (p).last_error from (select pg_temp.message(id) as p from probe) x', $$ values (null::integer, 'timeout') $$, 'with its reason');
select is((pg_temp.of('used')).failure_streak, 2, 'the streak goes on');
select ok((pg_temp.of('used')).paused_until - now() between interval '24 seconds' and interval '36 seconds', 'and the pause grows');
select pg_temp.record(pg_temp.result(id, 503)) from private.webhook_messages where endpoint_id = (pg_temp.of('used')).id and status = 'pending';
select is((pg_temp.of('used')).failure_streak, 2, 'failures of what was under way together count once');
select is(pg_temp.record(pg_temp.result(id, 200)), 'delivered 1, retried 0, dead 0, disabled 0', 'then one arrives') from probe;
select results_eq('select failure_streak, paused_until from private.webhook_endpoints where id = (pg_temp.of(''used'')).id', 'values (0, now())', 'the streak is over, and the pause');

-- the delay grows, spread by a fifth either way, up to half a day
create temporary table d as select n, min(x) as least, max(x) as most from (select n, private.retry_delay(n) as x from generate_series(0, 30) n, generate_series(1, 200)) s group by n;
select is_empty($$ select * from d, lateral (select least(interval '12 hours', interval '10 seconds' * power(3, greatest(n, 1) - 1)) as middle) w
  where n <= 20 and not (least >= middle * 0.8 and most <= middle * 1.2) $$, 'delay: ten seconds, tripling, within a fifth');
select is_empty($$ select * from d where n > 20 and not (least >= interval '12 hours' * 0.8 and most <= interval '12 hours' * 1.2) $$, 'delay: never more than half a day and a fifth');
select is_empty('select * from d where least = most', 'delay: spread, so that not everybody comes back at once');

-- statuses that are no delivery
select is(pg_temp.record(pg_temp.result(one_of.id, status)), 'delivered 0, retried 1, dead 0, disabled 0', 'not a delivery: ' || status)
from unnest('{100,199,300,302,400,404,429,500,599}'::int[]) status, lateral (select min(w.id) as id from private.webhook_messages w where w.endpoint_id = (pg_temp.of('library')).id) one_of;
select is(pg_temp.record(pg_temp.result(one_of.id, 299)), 'delivered 1, retried 0, dead 0, disabled 0', 'a delivery: 299')
from (select min(w.id) as id from private.webhook_messages w where w.endpoint_id = (pg_temp.of('library')).id) one_of;

-- dead after three days
select private.emit_webhook(tests.partner('library'), 'redemption.used', '{"redemption_id": 4}');
create temporary table old as select max(w.id) as id from private.webhook_messages w where w.endpoint_id = (pg_temp.of('library')).id;
update private.webhook_messages w set created_at = now() - interval '3 days' + interval '1 minute' from old where w.id = old.id;
update private.webhook_endpoints w set paused_until = now() from e where e.id = w.id;
select is(pg_temp.record(pg_temp.result(id, 500)), 'delivered 0, retried 1, dead 0, disabled 0', 'while another attempt fits into three days, it is retried') from old;
update private.webhook_messages w set created_at = now() - interval '3 days' from old where w.id = old.id;
select is(pg_temp.record(pg_temp.result(id, 500, 'still down')), 'delivered 0, retried 0, dead 1, disabled 0', 'then it is given up') from old;
select results_eq('select (p).status, (p).last_error from (select pg_temp.message(id) as p from old) x', $$ values ('dead', 'still down') $$, 'dead: it says why');
update private.webhook_endpoints w set paused_until = now(), failure_streak = 0 from e where e.id = w.id;
update private.webhook_messages w set next_attempt_at = now() from old where w.id = old.id;
select is((select count(*)::int from jsonb_array_elements(pg_temp.claim('1000, 100')) c, old where (c ->> 'id')::bigint = old.id), 0, 'dead: not sent again');
select is(pg_temp.record(pg_temp.result(id, 200)), 'delivered 0, retried 0, dead 0, disabled 0', 'dead: a late success changes nothing') from old;

-- an admin sees it
select results_eq($$ select partner, is_enabled, pending, dead, last_error from ops.webhook_endpoints_health where id = (pg_temp.of('library')).id $$, $$ values ('Library', true, 0::bigint, 1::bigint, 'still down') $$,
  'the health view shows what was given up, and why');
select results_eq($$ select partner, pending, dead, oldest_pending_at, last_delivered_at from ops.webhook_endpoints_health where id = (pg_temp.of('used')).id $$, $$ values ('Bakery', 4::bigint, 0::bigint, now(), now()) $$,
  'what is waiting and since when');

-- replayed: the same message, three more days
create function pg_temp.replay(message_id bigint) returns jsonb language sql as $$ select tests.as_service_role(format('select public.replay_webhook_message(%L, %L)', other, message_id)) from k $$;
create temporary table was as select w.webhook_id, w.payload from private.webhook_messages w join old using (id);
select is(pg_temp.replay(id) ->> 'status', 'pending', 'replayed: pending again') from old;
select results_eq('select webhook_id, payload from private.webhook_messages join old using (id)', 'select webhook_id, payload from was', 'replayed: the receiver can tell that it is the same');
select is_empty('select from private.webhook_attempts join old on message_id = id', 'replayed: counted anew');
select is((select c -> 'attempt' from jsonb_array_elements(pg_temp.claim('1000, 100')) c, old where (c ->> 'id')::bigint = old.id), '1', 'replayed: sent at once');
select is(pg_temp.record(pg_temp.result(id, 500)), 'delivered 0, retried 1, dead 0, disabled 0', 'replayed: with time for attempts') from old;
select is(pg_temp.record(pg_temp.result(id, 200)), 'delivered 1, retried 0, dead 0, disabled 0', 'replayed: until it arrives') from old;
select is(pg_temp.replay(id) -> 'delivered_at', 'null', 'what was delivered can be replayed, too') from old;
select is(tests.error_of('select pg_temp.replay(-1)'), 'PT404 webhook_message_not_found', 'an unknown message cannot');
select is(tests.error_of('select pg_temp.replay(null)'), 'PT404 webhook_message_not_found', 'nor none');

-- disabled: at once by 410, else after twenty failures in a row
select is(pg_temp.record(pg_temp.result(id, 410)), 'delivered 0, retried 1, dead 0, disabled 1', '410: the endpoint is disabled at once') from old;
select results_eq('select is_enabled, disabled_at, disabled_reason from private.webhook_endpoints where id = (pg_temp.of(''library'')).id', $$ values (false, now(), 'The endpoint answered 410 Gone.') $$, '410: it says why');
select results_eq($$ select action from private.audit_log where subject_id = (pg_temp.of('library')).id $$, array['webhook_endpoint_disabled'], '410: the audit log knows');
select is(pg_temp.record(pg_temp.result(id, 410)), 'delivered 0, retried 1, dead 0, disabled 0', '410 again: it is disabled once') from old;
update private.webhook_messages set next_attempt_at = now() where status = 'pending';
update private.webhook_endpoints w set paused_until = now() from e where e.id = w.id;
select is((select count(*)::int from jsonb_array_elements(pg_temp.claim('1000, 100')) c where c ->> 'endpoint_id' = (pg_temp.of('library')).id::text), 0, 'disabled: nothing is sent');
select private.emit_webhook(tests.partner('library'), 'redemption.used', '{}');
select is((select count(*)::int from private.webhook_messages where endpoint_id = (pg_temp.of('library')).id), 2, 'disabled: nothing more is put into its outbox');
select results_eq($$ select is_enabled, disabled_reason, pending from ops.webhook_endpoints_health where id = (pg_temp.of('library')).id $$, $$ values (false, 'The endpoint answered 410 Gone.', 1::bigint) $$, 'disabled: the health view shows it');
select ops.enable_webhook_endpoint((pg_temp.of('library')).id);
select is((select count(*)::int from jsonb_array_elements(pg_temp.claim('1000, 100')) c where c ->> 'endpoint_id' = (pg_temp.of('library')).id::text), 1, 'switched on again: what is still pending is sent');

update private.webhook_endpoints w set failure_streak = 18, paused_until = now() where w.id = (pg_temp.of('used')).id;
create temporary table u as select min(w.id) as id from private.webhook_messages w where w.endpoint_id = (pg_temp.of('used')).id and w.status = 'pending';
select is(pg_temp.record(pg_temp.result(id, 500)), 'delivered 0, retried 1, dead 0, disabled 0', 'the nineteenth failure in a row') from u;
select ok((pg_temp.of('used')).paused_until - now() <= interval '1 hour', 'a pause is never longer than an hour');
update private.webhook_endpoints w set paused_until = now() where w.id = (pg_temp.of('used')).id;
select is(pg_temp.record(pg_temp.result(id, 500)), 'delivered 0, retried 1, dead 0, disabled 1', 'the twentieth disables the endpoint') from u;
select is((pg_temp.of('used')).disabled_reason, '20 attempts in a row failed.', 'and says why');

-- shares: no endpoint takes all of a batch
select private.emit_webhook(tests.partner('bakery'), 'redemption.created', '{}') from generate_series(1, 30);
select private.emit_webhook(tests.partner('library'), 'redemption.created', '{}') from generate_series(1, 3);
select results_eq($$ select c ->> 'url', count(*)::int from jsonb_array_elements(pg_temp.claim('100, 10')) c group by 1 order by min(c ->> 'url' collate "C") $$,
  $$ values ('https://all.example/hooks', 10), ('https://library.example/hooks', 3) $$, 'a sender gets at most ten of each endpoint');
select is(jsonb_array_length(pg_temp.claim(format('100, 10, %L', array(select w.id from private.webhook_messages w where w.next_attempt_at = now() + interval '60 seconds')))), 0,
  'nothing of an endpoint that it is still busy with');
select is(jsonb_array_length(pg_temp.claim('2, 10')), 2, 'and no more than it asks for');
select is(jsonb_array_length(pg_temp.claim('0, 0')), 1, 'at least one');

-- listed
create function pg_temp.list(args text default '') returns jsonb language sql as $$ select tests.as_service_role(format('select public.list_webhook_messages(%L%s)', other, args)) from k $$;
select is(jsonb_array_length(pg_temp.list() -> 'items'), 5, 'listed: all of the partner');
select is(pg_temp.list() #> '{items,0}', (select to_jsonb(w) - 'partner_id' from private.webhook_messages w where w.endpoint_id = (pg_temp.of('library')).id order by id desc limit 1), 'listed: the newest first, whole');
select is(jsonb_path_query_array(pg_temp.list(', ''delivered'''), '$.items[*].status'), '["delivered"]', 'listed: by status');
select is(jsonb_array_length(pg_temp.list(', null, 2') -> 'items'), 2, 'listed: in pages');
select is(jsonb_array_length(pg_temp.list(', null, 100, ' || (pg_temp.list(', null, 2') ->> 'next')) -> 'items'), 3, 'listed: which go on');
select is(pg_temp.list(', null, 100') ->> 'next', null, 'listed: the last page says so');

select * from finish();
rollback;
