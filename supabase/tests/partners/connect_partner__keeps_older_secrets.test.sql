-- connect_partner, read_partner_connection: where a partner is asked for codes, and the secrets both sides may sign with.
begin;
select plan(20);
select tests.use_default_settings();
select tests.create_partner('bakery'), tests.create_partner('library');
create temporary table k as select tests.create_api_key('bakery') as hash;
create function pg_temp.connect(url text, secret text) returns jsonb language sql as $$
  select tests.as_service_role(format('select public.connect_partner(%L, %L, %L)', hash, url, secret)) from k
$$;
create function pg_temp.secrets(partner text default 'bakery') returns jsonb language sql as $$
  select tests.as_service_role(format('select public.read_partner_connection(%L)', tests.partner(partner))) -> 'secrets'
$$;

select is(pg_temp.secrets(), null, 'before it is connected, nobody can sign for a partner');
select is(pg_temp.connect('https://bakery.example/codes', 'sealed 1'), jsonb_build_object('url', 'https://bakery.example/codes', 'updated_at', now()), 'connected; the secret is not in the answer');
select is(pg_temp.secrets(), '["sealed 1"]', 'one secret counts');
select results_eq('select action, details from private.audit_log where subject_id = tests.partner(''bakery'') and action = ''partner_connected''',
  $$ select 'partner_connected', jsonb_build_object('api_key_id', id) from private.partner_api_keys where partner_id = tests.partner('bakery') $$, 'the audit log knows who, and no secret');
select is(pg_temp.secrets('library'), null, 'for this partner only');

-- changed: the one before counts for a day
select is(pg_temp.connect('https://bakery.example/v2', 'sealed 2') ->> 'url', 'https://bakery.example/v2', 'connected again');
select is(pg_temp.secrets(), '["sealed 2", "sealed 1"]', 'both secrets count, the new one first');
update private.partner_connections set secret_rotated_at = now() - interval '23:59:59' where partner_id = tests.partner('bakery');
select is(pg_temp.secrets(), '["sealed 2", "sealed 1"]', 'up to 24 hours');
update private.partner_connections set secret_rotated_at = now() - interval '24 hours' where partner_id = tests.partner('bakery');
select is(pg_temp.secrets(), '["sealed 2"]', 'then the new one alone');
select pg_temp.connect('https://bakery.example/v2', 'sealed 3'), pg_temp.connect('https://bakery.example/v2', 'sealed 4');
select is(pg_temp.secrets(), '["sealed 4", "sealed 3", "sealed 2"]', 'changed again because no answer came: the one that the partner has still counts');
select is(pg_temp.connect(null, 'sealed 5') ->> 'url', null, 'without an address the partner sends its codes by itself');
select is(pg_temp.secrets(), '["sealed 5", "sealed 4", "sealed 3", "sealed 2"]', 'and signs all the same');

-- input
select is(tests.error_of(format('select pg_temp.connect(%L, ''sealed 6'')', url)), 'PT400 webhook_url_invalid', 'address: ' || left(url, 40))
from unnest(array['', 'bakery.example', 'ftp://bakery.example', 'https://bakery.example/a b', 'https://' || repeat('x', 2000)]) url;
select is(pg_temp.secrets(), '["sealed 5", "sealed 4", "sealed 3", "sealed 2"]', 'what was refused changed nothing');
select pg_temp.connect(null, 'sealed 7'), pg_temp.connect(null, 'sealed 8');
select is(pg_temp.secrets(), '["sealed 8", "sealed 7", "sealed 5", "sealed 4", "sealed 3"]', 'five count at most');

-- an inactive partner signs nothing
update public.partners set is_active = false where id = tests.partner('bakery');
select is(pg_temp.secrets(), null, 'for an inactive partner nobody can sign');

select * from finish();
rollback;
