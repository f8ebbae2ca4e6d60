-- connect_partner, read_partner_connection: where a partner is asked for codes, and the secrets both sides may sign with.
begin;
select plan(22);
select tests.use_default_settings();
select tests.create_partner('bakery'), tests.create_partner('library');
create temporary table k as select tests.create_api_key('bakery') as hash;
create function pg_temp.connect(url text, secret text) returns jsonb language sql as $$
  select tests.as_service_role(format('select public.connect_partner(%L, %L, %L)', hash, url, secret)) from k
$$;
create function pg_temp.secrets(partner text default 'bakery') returns jsonb language sql as $$
  select tests.as_service_role(format('select public.read_partner_connection(%L)', tests.partner(partner))) -> 'secrets'
$$;
create function pg_temp.wait(span interval) returns void language sql as $$
  update private.partner_connections set older_secrets = (
    select jsonb_agg(o || jsonb_build_object('replaced_at', (o ->> 'replaced_at')::timestamptz - span)) from jsonb_array_elements(older_secrets) o)
  where partner_id = tests.partner('bakery')
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
select pg_temp.wait('23:59:59');
select is(pg_temp.secrets(), '["sealed 2", "sealed 1"]', 'up to 24 hours');
select pg_temp.wait('1 second');
select is(pg_temp.secrets(), '["sealed 2"]', 'then the new one alone');
select pg_temp.connect('https://bakery.example/v2', 'sealed 3'), pg_temp.connect('https://bakery.example/v2', 'sealed 4');
select is(pg_temp.secrets(), '["sealed 4", "sealed 3", "sealed 2"]', 'changed again because no answer came: the one that the partner has still counts');
select is(pg_temp.connect(null, 'sealed 5') ->> 'url', null, 'without an address the partner sends its codes by itself');
select is(pg_temp.secrets(), '["sealed 5", "sealed 4", "sealed 3", "sealed 2"]', 'and signs all the same');
select pg_temp.wait('12 hours'), pg_temp.connect(null, 'sealed 5b');
select pg_temp.wait('12 hours');
select is(pg_temp.secrets(), '["sealed 5b", "sealed 5"]', 'each for its own 24 hours: to change it again keeps no older one longer');
select pg_temp.connect(null, 'sealed 6');
select is(jsonb_array_length(older_secrets), 2, 'what has ended is forgotten') from private.partner_connections where partner_id = tests.partner('bakery');

-- input
select is(tests.error_of(format('select pg_temp.connect(%L, ''sealed x'')', url)), 'PT400 webhook_url_invalid', 'address: ' || left(url, 40))
from unnest(array['', 'bakery.example', 'ftp://bakery.example', 'https://bakery.example/a b', 'https://' || repeat('x', 2000)]) url;
select is(pg_temp.secrets(), '["sealed 6", "sealed 5b", "sealed 5"]', 'what was refused changed nothing');
select pg_temp.connect(null, 'sealed 7'), pg_temp.connect(null, 'sealed 8'), pg_temp.connect(null, 'sealed 9');
select is(pg_temp.secrets(), '["sealed 9", "sealed 8", "sealed 7", "sealed 6", "sealed 5b"]', 'five count at most');

-- an inactive partner signs nothing
update public.partners set is_active = false where id = tests.partner('bakery');
select is(pg_temp.secrets(), null, 'for an inactive partner nobody can sign');

select * from finish();
rollback;
