-- Who sees what of a redemption: the member the own ones, the edge functions the sealed code, nobody what is not theirs.
begin;
select plan(68);
select tests.use_default_settings();
select tests.create_supabase_users('anna', 'ben');
select tests.create_partner('bakery');
insert into private.partner_connections (partner_id, url, secret) values (tests.partner('bakery'), 'https://codes.example/ask', 'sealed secret');
create temporary table t as select tests.redeem('anna', tests.create_reward('bakery'), 'of anna') as anna, tests.redeem('ben', tests.create_reward('bakery'), 'of ben') as ben,
  tests.redeem('anna', tests.create_reward('bakery', '{"code_source": "partner_api"}')) as pending;
grant select on t to public;
create function pg_temp.read(member text, redemption_id uuid)
returns text
language sql
as $$ select format('select public.read_redemption(%L, %L)', tests.get_supabase_uid(member), redemption_id) $$;

-- the command
select is(tests.as_service_role(pg_temp.read('anna', anna)), jsonb_build_object('redemption', private.redemption_json(r), 'code_ciphertext', 'sealed of anna'), 'the own redemption, with its sealed code') from t join public.redemptions r on r.id = anna;
select is(tests.as_service_role(pg_temp.read('anna', anna)) -> 'redemption' ?| '{user_id,idempotency_key,till_reference,expiry_refund_points}', false, 'without what is none of the app''s business') from t;
select is(tests.as_service_role(pg_temp.read('anna', pending)) - 'redemption', '{"code_ciphertext": null}', 'one that waits has no code') from t;
select throws_ok(pg_temp.read('anna', ben), 'PT404', 'redemption_not_found', 'another member''s is not there') from t;
select throws_ok(pg_temp.read('nobody', anna), 'PT404', 'redemption_not_found', 'nobody sees nothing') from t;
select throws_ok(pg_temp.read(null, anna), 'PT404', 'redemption_not_found', 'no member') from t;
select throws_ok(pg_temp.read('anna', null), 'PT404', 'redemption_not_found', 'no redemption');
select throws_ok(pg_temp.read('anna', gen_random_uuid()), 'PT404', 'redemption_not_found', 'an unknown redemption');
select ops.ban_user(tests.get_supabase_uid('anna'), 'test');
select is(tests.as_service_role(pg_temp.read('anna', anna)) ->> 'code_ciphertext', 'sealed of anna', 'a banned member keeps the code that was paid for') from t;

-- the table
select tests.authenticate_as('anna');
select set_eq('select id from public.redemptions', 'select anna from t union all select pending from t', 'a member reads the own redemptions');
select is_empty('select * from public.redemptions join t on id = ben', 'no filter reaches others');
select tests.authenticate_as('ben');
select set_eq('select id from public.redemptions', 'select ben from t', 'so does the other one');
select tests.act_as('authenticated', null);
select is_empty('select * from public.redemptions', 'without a member id: none');
select tests.authenticate_as_service_role();
select is((select count(*)::int from public.redemptions r join t on r.id in (anna, ben, pending)), 3, 'the service role reads them all');
select tests.clear_authentication();
select throws_ok('select * from public.redemptions', '42501', 'permission denied for table redemptions', 'anon reads none');

-- nobody writes
select tests.reset_authentication();
create temporary table before as select r.* from public.redemptions r join t on r.id in (anna, ben, pending);
create function pg_temp.denied(role_name text, command text, object text)
returns text
language plpgsql
as $$
declare
  v_error text;
begin
  perform tests.act_as(role_name, case when role_name = 'authenticated' then jsonb_build_object('sub', tests.get_supabase_uid('anna'), 'role', role_name) end);
  v_error := tests.error_of(command);
  perform tests.reset_authentication();
  return is(v_error, '42501 permission denied for ' || object, format('%s: %s', role_name, left(command, 60)));
end $$;
select pg_temp.denied(role, command, 'table redemptions')
from unnest('{anon,authenticated,service_role}'::text[]) role,
  unnest(array['insert into public.redemptions (id) values (gen_random_uuid())', 'update public.redemptions set status = ''active''',
    'update public.redemptions set points_spent = 0', 'delete from public.redemptions', 'truncate public.redemptions']) command;
select pg_temp.denied(role, format('select * from private.%s', name), 'table ' || name)
from unnest('{anon,authenticated,service_role}'::text[]) role, unnest('{partner_requests,reward_codes,partner_events}'::text[]) name;
select set_eq('select r.* from public.redemptions r join t on r.id in (anna, ben, pending)', 'select * from before', 'all redemptions read as before');

-- only the secret key calls commands: whoever could pass a hash or a member's id would be believed
create temporary table commands as
select p.proname::text as name, format('select public.%s(%s)', p.proname,
  (select string_agg('null', ', ') from generate_series(1, p.pronargs))) as command
from pg_proc p
where p.pronamespace = 'public'::regnamespace and p.proname in ('begin_redemption', 'read_redemption', 'return_redemption', 'claim_partner_requests', 'record_partner_code',
  'record_partner_refusal', 'record_partner_failure', 'record_partner_event', 'verify_code', 'use_code', 'cancel_redemption', 'list_partner_redemptions', 'read_settlement');
select is((select count(*)::int from commands), 13, 'the commands are there');
select pg_temp.denied(role, command, 'function ' || name) from commands, unnest('{anon,authenticated}'::text[]) role;
select set_eq('select r.* from public.redemptions r join t on r.id in (anna, ben, pending)', 'select * from before', 'nothing was changed by that');

select * from finish();
rollback;
