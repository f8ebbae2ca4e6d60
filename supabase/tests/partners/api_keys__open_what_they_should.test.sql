-- API keys: made and shown once, alive or not, and what each scope opens. Every command of partners is tried with every kind of key.
begin;
select plan(123);
select tests.use_default_settings();
select tests.create_supabase_user('anna');
select tests.create_partner('bakery'), tests.create_partner('library');
create temporary table k as select tests.create_api_key('bakery') as hash;
create temporary table things (name text, value text);
grant select on k, things to service_role;
create temporary table s as select tests.create_api_key('bakery', is_sandbox => true) as hash;
insert into things values ('reward', tests.create_reward('bakery', stock_total => 9)), ('pool', tests.create_reward('bakery', '{"code_source": "pool"}')),
  ('code', tests.hash_of('BREAD-1')), ('endpoint', tests.as_service_role(format(
    'select public.create_webhook_endpoint(%L, ''https://bakery.example/hooks'', array[''redemption.created''], ''sealed secret'')', (select hash from k))) ->> 'id');
insert into things select 'redemption', tests.redeem('anna', (select value::uuid from things where name = 'reward'), 'BREAD-1');
insert into things select 'other_key', k.key_id from ops.create_partner_key(tests.partner('bakery'), 'Till 2', '{redemptions:use}') k;
insert into things select 'message', min(id)::text from private.webhook_messages where partner_id = tests.partner('bakery');

create temporary table commands (name text, scope text, call text);
insert into commands values
  ('read_partner', null, 'read_partner(:key)'),
  ('list_partner_rewards', 'rewards:read', 'list_partner_rewards(:key)'),
  ('create_reward', 'rewards:write', 'create_reward(:key, ''{"title_de": "Zwei", "title_en": "Two", "points_cost": 5, "discount_type": "free_item"}'')'),
  ('change_reward', 'rewards:write', 'change_reward(:key, :reward, ''{"points_cost": 11}'')'),
  ('retire_reward', 'rewards:write', 'retire_reward(:key, :reward)'),
  ('add_codes', 'codes:write', 'add_codes(:key, :pool, jsonb_build_array(jsonb_build_object(''line'', 1, ''hash'', :code::text, ''ciphertext'', ''sealed'')))'),
  ('list_codes', 'codes:write', 'list_codes(:key, :pool)'),
  ('withdraw_codes', 'codes:write', 'withdraw_codes(:key, :pool, jsonb_build_array(jsonb_build_object(''line'', 1, ''hash'', :code::text)))'),
  ('list_partner_redemptions', 'redemptions:read', 'list_partner_redemptions(:key)'),
  ('verify_code', 'redemptions:use', 'verify_code(:key, :code)'),
  ('use_code', 'redemptions:use', 'use_code(:key, :code, ''till-1'')'),
  ('create_test_code', 'redemptions:use', 'create_test_code(:key, :reward, :code)'),
  ('cancel_redemption', 'redemptions:cancel', 'cancel_redemption(:key, :redemption)'),
  ('read_settlement', 'settlements:read', 'read_settlement(:key, current_date)'),
  ('list_webhook_endpoints', 'webhooks:read', 'list_webhook_endpoints(:key)'),
  ('list_webhook_messages', 'webhooks:read', 'list_webhook_messages(:key)'),
  ('create_webhook_endpoint', 'webhooks:write', 'create_webhook_endpoint(:key, ''https://bakery.example/more'', array[''redemption.used''], ''sealed secret'')'),
  ('rotate_webhook_secret', 'webhooks:write', 'rotate_webhook_secret(:key, :endpoint, ''sealed secret 2'')'),
  ('delete_webhook_endpoint', 'webhooks:write', 'delete_webhook_endpoint(:key, :endpoint)'),
  ('replay_webhook_message', 'webhooks:write', 'replay_webhook_message(:key, :message)'),
  ('test_webhook_endpoint', 'webhooks:write', 'test_webhook_endpoint(:key, :endpoint)'),
  ('list_api_keys', 'keys:write', 'list_api_keys(:key)'),
  ('create_api_key', 'keys:write', 'create_api_key(:key, ''Till 3'')'),
  ('rotate_api_key', 'keys:write', 'rotate_api_key(:key, :other_key)'),
  ('revoke_api_key', 'keys:write', 'revoke_api_key(:key, :other_key)'),
  ('connect_partner', 'connection:write', 'connect_partner(:key, ''https://bakery.example/codes'', ''sealed secret'')');

-- how a command names a thing of the partner, and what it answers to somebody else's
create temporary table not_found (thing text, answer text);
insert into not_found values (':reward', 'PT404 reward_not_found'), (':pool', 'PT404 reward_not_found'), (':redemption', 'PT404 redemption_not_found'),
  (':endpoint', 'PT404 webhook_endpoint_not_found'), (':message', 'PT404 webhook_message_not_found'), (':other_key', 'PT404 api_key_not_found');

-- the answer to a command of the edge function; it is taken back, so that each one finds the same rows
create function pg_temp.answer(call text, key text)
returns text
language plpgsql
as $$
declare
  v_call    text := replace(call, ':key', quote_nullable(key));
  v_thing   record;
  v_code    text;
  v_message text;
  v_detail  text;
begin
  for v_thing in select * from things loop
    v_call := replace(v_call, ':' || v_thing.name, quote_literal(v_thing.value));
  end loop;
  perform tests.authenticate_as_service_role();
  execute 'select public.' || v_call;
  raise exception using errcode = 'PT000', message = 'answered';
exception when others then
  get stacked diagnostics v_code = returned_sqlstate, v_message = message_text, v_detail = pg_exception_detail;
  return case v_code when 'PT000' then v_message else v_code || ' ' || v_message || coalesce(' (' || nullif(v_detail, '') || ')', '') end;
end $$;
create function pg_temp.all_answer(key text, answer text)
returns text
language sql
as $$ select is_empty(format('select name, pg_temp.answer(call, %L) from commands where pg_temp.answer(call, %1$L) <> %L', key, answer), 'every command: ' || answer) $$;

select results_eq('select name from commands order by name collate "C"',
  $$ select proname::text collate "default" from pg_proc where pronamespace = 'public'::regnamespace and 'api_key_hash' = any (proargnames) order by proname collate "C" $$,
  'every command that takes a key is tried here');
select set_eq('select distinct scope from commands where scope is not null', 'select unnest(private.partner_scopes())', 'with every scope there is');

-- scopes: all, only the one, all but the one, none of this kind
select is(pg_temp.answer(call, hash), case name when 'create_test_code' then 'PT403 sandbox_key_required' else 'answered' end, name || ': every scope') from commands, k;
select is(pg_temp.answer(call, tests.create_api_key('bakery', array[scope], name = 'create_test_code')), 'answered', name || ': its scope is enough') from commands where scope is not null;
select is(pg_temp.answer(call, tests.create_api_key('bakery', array_remove(private.partner_scopes(), scope))), 'PT403 scope_missing (' || scope || ')', name || ': all others are not')
from commands where scope is not null;

-- a sandbox key with all that it can have: what would change something real it may not, what is real is not there
select is(pg_temp.answer(call, hash), case when scope <> all (private.sandbox_scopes()) then 'PT403 scope_missing (' || scope || ')'
  else coalesce((select n.answer from not_found n where call ~ (n.thing || '\M') and n.thing not in (':reward', ':pool')), 'answered') end, name || ': a sandbox key') from commands, s;
select is(pg_temp.answer('read_partner(:key)', tests.create_api_key('bakery', array['codes:write'])), 'answered', 'read_partner: any key');

-- another partner's key with every scope: as if the thing were not there
select is(pg_temp.answer(call, tests.create_api_key('library', is_sandbox => name = 'create_test_code')), answer, name || ': another partner')
from commands join not_found on call ~ (thing || '\M');
select set_eq(
  $$ select proname::text from pg_proc where pronamespace = 'public'::regnamespace and 'api_key_hash' = any (proargnames)
       and proargnames && '{reward_id,redemption_id,endpoint_id,message_id,key_id}'::text[] and proname <> 'list_partner_redemptions' $$,
  $$ select name from commands join not_found on call ~ (thing || '\M') $$, 'every command that takes an id was asked for another partner''s');

-- no key, a wrong key
select pg_temp.all_answer(null, 'PT401 api_key_invalid');
select pg_temp.all_answer('\x' || repeat('00', 32), 'PT401 api_key_invalid');
select pg_temp.all_answer('', 'PT401 api_key_invalid');
select pg_temp.all_answer((select left(hash, -2) from k), 'PT401 api_key_invalid');

select * from finish();
rollback;
