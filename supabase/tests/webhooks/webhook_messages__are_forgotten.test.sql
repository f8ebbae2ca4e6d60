-- The job purge_webhooks: messages are forgotten after 90 days, and what waits for a disabled endpoint is given up after three.
begin;
select plan(22);
select tests.use_default_settings();
-- whatever this database holds already goes first, so that the counts below are our own
delete from private.webhook_messages;
select tests.create_partner('bakery');
create temporary table k as select tests.create_api_key('bakery') as hash;
create temporary table e as
select name, (tests.as_service_role(format('select public.create_webhook_endpoint(%L, %L, ''{redemption.used}'', ''sealed'')', hash, 'https://' || name || '.example')) ->> 'id')::uuid as id
from k, unnest('{on,off}'::text[]) name;
update private.webhook_endpoints w set is_enabled = false, disabled_at = now(), disabled_reason = 'test' from e where e.id = w.id and e.name = 'off';
create temporary table m (what text, id bigint);
create function pg_temp.message(what text, endpoint text, status text, age interval, waits interval default '0', error text default null) returns void language sql as $$
  with added as (
    insert into private.webhook_messages (endpoint_id, partner_id, type, payload, status, created_at, next_attempt_at, last_error)
    select e.id, tests.partner('bakery'), 'redemption.used', '{}', $3, now() - age, now() + waits, error from e where e.name = endpoint returning id)
  insert into m select what, id from added
$$;
create function pg_temp.job(as_of timestamptz default now()) returns text language sql as $$
  select format('%s processed, %s failed', processed, failed) from private.purge_webhooks(as_of, 1000)
$$;
create function pg_temp.what(status text) returns text[] language sql as $$
  select coalesce(array_agg(m.what order by m.what), '{}') from m join private.webhook_messages w using (id) where w.status = $1
$$;

select pg_temp.message('delivered', 'on', 'delivered', '90 days'), pg_temp.message('dead', 'on', 'dead', '90 days'), pg_temp.message('delivered later', 'on', 'delivered', '89 days'),
  pg_temp.message('of the disabled', 'off', 'delivered', '90 days');
insert into private.webhook_attempts (message_id, attempt) select id, 1 from m;
select is(pg_temp.job(), '0 processed, 0 failed', 'for 90 days messages stay');
select is(pg_temp.job(null), '0 processed, 0 failed', 'no moment, nothing due');
select is(pg_temp.job(now() + interval '1 second'), '3 processed, 0 failed', 'then they are forgotten');
select is(pg_temp.what('delivered') || pg_temp.what('dead'), '{delivered later}'::text[], 'delivered or dead');
select is((select count(*)::int from private.webhook_attempts join m on message_id = id), 1, 'and their attempts');
select is(pg_temp.job(now() + interval '1 second'), '0 processed, 0 failed', 'once');

-- waiting for an endpoint that is disabled
select pg_temp.message('waiting', 'off', 'pending', '3 days'), pg_temp.message('with an error', 'off', 'pending', '3 days', error => 'timeout'), pg_temp.message('fresh', 'off', 'pending', '2 days'),
  pg_temp.message('to be tried again', 'off', 'pending', '3 days', waits => '1 hour'), pg_temp.message('of an endpoint that is enabled', 'on', 'pending', '3 days');
select is(pg_temp.job(), '0 processed, 0 failed', 'for three days they wait');
select is(pg_temp.what('dead'), '{}'::text[], 'none is given up');
select is(pg_temp.job(now() + interval '1 second'), '0 processed, 0 failed', 'after that nothing is forgotten');
select is(pg_temp.what('dead'), '{to be tried again,waiting,with an error}'::text[], 'but given up');
select results_eq('select w.last_error from m join private.webhook_messages w using (id) where what like ''w%'' order by what', array['endpoint disabled', 'timeout'], 'with the reason, if there was none');
select is(pg_temp.what('pending'), '{fresh,of an endpoint that is enabled}'::text[], 'what can still be sent is not: the sender decides');
select results_eq('select pending, dead from ops.webhook_endpoints_health where id = (select id from e where name = ''off'')', 'values (1::bigint, 3::bigint)', 'the health view shows it');
select ops.enable_webhook_endpoint(id) from e where name = 'off';
select is(jsonb_array_length(tests.as_service_role('select public.claim_webhook_messages()')), 2, 'switched on again: what is left is sent, what was given up is not');

-- a replay starts the days anew
select is(tests.as_service_role(format('select public.replay_webhook_message(%L, %s)', hash, (select id from m where what = 'waiting'))) ->> 'status', 'pending', 'what was given up can be replayed') from k;
select is((select created_at from private.webhook_messages join m using (id) where what = 'waiting'), now(), 'with three more days');
select pg_temp.job(now() + interval '1 hour');
select is((select status from private.webhook_messages join m using (id) where what = 'waiting'), 'pending', 'which it gets');

-- at most a thousand at once, and nothing that waits
select pg_temp.message('old', 'on', 'delivered', '91 days') from generate_series(1, 1005);
select pg_temp.message('old and waiting', 'on', 'pending', '91 days', waits => '1 minute');
select is(pg_temp.job(), '1000 processed, 0 failed', 'a thousand at once');
select is(pg_temp.job(), '5 processed, 0 failed', 'the rest next time');
select is(pg_temp.what('pending') && '{old and waiting}', true, 'what is still being sent is never forgotten');

-- after as many days as the setting says
update private.settings set outbox_retention_days = 30;
select pg_temp.message('a month old', 'on', 'delivered', '30 days');
select pg_temp.job();
select is(pg_temp.what('delivered'), '{a month old}'::text[], 'what is younger than the setting stays');
select is(pg_temp.job(now() + interval '1 second'), '1 processed, 0 failed', 'for that long');

select * from finish();
rollback;
