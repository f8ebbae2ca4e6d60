-- Webhook endpoints: created, listed, given new secrets, deleted, and switched on again by an admin.
begin;
select plan(41);
select tests.use_default_settings();
select tests.create_partner('bakery'), tests.create_partner('library');
create temporary table k as select tests.create_api_key('bakery') as hash, tests.create_api_key('library') as other;
grant select on k to service_role;
create function pg_temp.create_endpoint(url text, types text[] default '{redemption.used}') returns jsonb language sql as $$
  select tests.as_service_role(format('select public.create_webhook_endpoint(%L, %L, %L, ''sealed 1'')', hash, url, types)) from k
$$;

-- created
create temporary table e as select pg_temp.create_endpoint('https://bakery.example/hooks', '{reward.sold_out,redemption.used,redemption.used}') as answer;
create temporary table i as select (answer ->> 'id')::uuid as id from e;
select is(answer, jsonb_build_object('id', answer ->> 'id', 'url', 'https://bakery.example/hooks', 'event_types', '["redemption.used", "reward.sold_out"]'::jsonb, 'is_enabled', true,
  'disabled_at', null, 'disabled_reason', null, 'failure_streak', 0, 'is_sandbox', false, 'secret_rotated_at', now(), 'created_at', now()), 'an endpoint is created, each type once, without its secret in the answer') from e;
select results_eq('select partner_id, secret, older_secrets from private.webhook_endpoints join i using (id)', $$ values (tests.partner('bakery'), 'sealed 1', '[]'::jsonb) $$, 'the secret is stored as it came');
select lives_ok($$ select pg_temp.create_endpoint('https://bakery.example/all', private.webhook_event_types()) $$, 'every type can be asked for');

-- input
select is(tests.error_of(format('select pg_temp.create_endpoint(''https://bakery.example/x'', %L)', types)), 'PT400 event_type_invalid', 'types: ' || coalesce(types, 'null'))
from unnest(array['{}', '{everything}', '{redemption.used,everything}', '{redemption.used,NULL}', '{Redemption.used}', null]) types;
select is(tests.error_of(format('select pg_temp.create_endpoint(%L)', url)), 'PT400 webhook_url_invalid', 'address: ' || left(url, 40))
from unnest(array['', 'bakery.example', 'file:///etc/passwd', 'https://bakery.example/a b', E'https://bakery.example/\nx', 'https://' || repeat('x', 2000)]) url;
select is((select count(*)::int from private.webhook_endpoints where partner_id = tests.partner('bakery')), 2, 'what was refused was not created');

-- at most ten
select pg_temp.create_endpoint('https://bakery.example/' || n) from generate_series(3, 9) n;
select lives_ok($$ select pg_temp.create_endpoint('https://bakery.example/10') $$, 'a tenth endpoint');
select is(tests.error_of($$ select pg_temp.create_endpoint('https://bakery.example/11') $$), 'PT409 webhook_endpoint_limit', 'but no eleventh');
select lives_ok($$ select tests.as_service_role(format('select public.create_webhook_endpoint(%L, ''https://library.example'', array[''redemption.used''], ''sealed'')', other)) from k $$, 'the limit is each partner''s own');

-- listed
create function pg_temp.list() returns jsonb language sql as $$ select tests.as_service_role(format('select public.list_webhook_endpoints(%L)', hash)) from k $$;
select is(jsonb_array_length(pg_temp.list()), 10, 'listed: all of them');
select is(jsonb_path_query_first(pg_temp.list(), '$[*] ? (@.url == "https://bakery.example/hooks")'), answer, 'listed: each as at its creation') from e;
select unalike(pg_temp.list()::text, '%sealed%', 'listed: without secrets');
select is(tests.as_service_role(format('select public.list_webhook_endpoints(%L)', tests.create_api_key('library', array['webhooks:read']))) #>> '{0,url}', 'https://library.example', 'listed: by each partner its own');

-- a new secret: the one before signs along for a day
create function pg_temp.signing() returns text[] language sql as $$ select private.valid_secrets(w.secret, w.older_secrets) from private.webhook_endpoints w join i using (id) $$;
create function pg_temp.rotate(secret text) returns jsonb language sql as $$ select tests.as_service_role(format('select public.rotate_webhook_secret(%L, %L, %L)', hash, id, secret)) from k, i $$;
update private.webhook_endpoints set secret_rotated_at = now() - interval '30 days' from i where webhook_endpoints.id = i.id;
select is(pg_temp.rotate('sealed 2') ->> 'secret_rotated_at', to_jsonb(now()) #>> '{}', 'rotated: says when');
select is(pg_temp.signing(), '{sealed 2,sealed 1}'::text[], 'rotated: two secrets sign');
select pg_temp.rotate('sealed 3');
select is(pg_temp.signing(), '{sealed 3,sealed 2,sealed 1}'::text[], 'rotated again because no answer came: the one that the partner has still signs');
update private.webhook_endpoints set secret = 'sealed 2', older_secrets = jsonb_build_array(jsonb_build_object('secret', 'sealed 1', 'replaced_at', now() - interval '24 hours' + interval '1 microsecond')) from i where webhook_endpoints.id = i.id;
select is(pg_temp.signing(), '{sealed 2,sealed 1}'::text[], 'rotated: for 24 hours');
update private.webhook_endpoints set older_secrets = jsonb_build_array(jsonb_build_object('secret', 'sealed 1', 'replaced_at', now() - interval '24 hours')) from i where webhook_endpoints.id = i.id;
select is(pg_temp.signing(), '{sealed 2}'::text[], 'rotated: then one');
select is(tests.error_of('select tests.as_service_role(format(''select public.rotate_webhook_secret(%L, gen_random_uuid(), ''''x'''')'', hash)) from k'), 'PT404 webhook_endpoint_not_found', 'rotated: an unknown endpoint');

-- deleted, with its messages
select private.emit_webhook(tests.partner('bakery'), 'redemption.used', '{}');
select is((select count(*)::int from private.webhook_messages join i on endpoint_id = i.id), 1, 'an endpoint with a message');
select lives_ok(format('select tests.as_service_role(%L)', format('select to_jsonb(1) from public.delete_webhook_endpoint(%L, %L)', hash, id)), 'deleted') from k, i;
select is((select count(*)::int from private.webhook_endpoints join i using (id)), 0, 'deleted: it is gone');
select is((select count(*)::int from private.webhook_messages join i on endpoint_id = i.id), 0, 'deleted: its messages, too');
select is((select count(*)::int from private.webhook_messages where partner_id = tests.partner('bakery')), 9, 'deleted: those of other endpoints are not');
select is(tests.error_of(format('select public.delete_webhook_endpoint(%L, %L)', hash, id)), 'PT404 webhook_endpoint_not_found', 'deleted: it is not there any more') from k, i;
select lives_ok($$ select pg_temp.create_endpoint('https://bakery.example/11') $$, 'and there is room for another one');

-- switched on again
create temporary table off as select id from private.webhook_endpoints where url = 'https://bakery.example/all';
update private.webhook_endpoints set is_enabled = false, disabled_at = now(), disabled_reason = 'test', failure_streak = 20, paused_until = now() + interval '1 hour' where id = (select id from off);
create function pg_temp.try() returns text language sql as $$ select tests.error_of(format('select public.test_webhook_endpoint(%L, %L)', hash, id)) from k, off $$;
select is(pg_temp.try(), 'PT409 webhook_endpoint_disabled', 'switched off: no test message waits for it');
select is((select count(*)::int from private.webhook_messages where type = 'webhook.test'), 0, 'switched off: there is none');
select tests.authenticate_as_service_role();
select throws_ok('select ops.enable_webhook_endpoint(gen_random_uuid())', 'PT404', 'webhook_endpoint_not_found', 'an unknown endpoint is not switched on');
select tests.reset_authentication();
select ops.enable_webhook_endpoint(id) from off;
select results_eq('select is_enabled, disabled_at, disabled_reason, failure_streak, paused_until from private.webhook_endpoints join off using (id)',
  $$ values (true, null::timestamptz, null::text, 0, now()) $$, 'switched on: as if nothing had been');
select is(pg_temp.try(), 'no error', 'switched on: it is tested again');

select * from finish();
rollback;
