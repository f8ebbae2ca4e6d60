-- ops.sealing_keys: every column that holds sealed texts is counted. ops.backups: who may read it.
begin;
select plan(7);
select tests.use_default_settings();
select is_empty('select * from ops.sealing_keys', 'nothing is sealed at first');
select tests.create_partner('bakery');
create temporary table k as select tests.create_api_key('bakery') as hash;
select public.create_webhook_endpoint(hash, 'https://bakery.example/hooks', array['redemption.created'], 'a1.nonce.hook'),
  public.connect_partner(hash, 'https://bakery.example/codes', 'a2.nonce.secret') from k;
update private.webhook_endpoints set older_secrets = '[{"secret": "a0.nonce.old"}]';
update private.partner_connections set older_secrets = '[{"secret": "a1.nonce.old"}]';
insert into private.reward_codes (partner_id, reward_id, code_hash, ciphertext)
select tests.partner('bakery'), tests.create_reward('bakery', '{"code_source": "pool"}'), '\x01', 'b1.nonce.code';
insert into private.reward_codes (partner_id, reward_id, code_hash, ciphertext)
select c.partner_id, c.reward_id, '\x02', '' from private.reward_codes c;
select bag_eq('select key_id, texts from ops.sealing_keys', $$ values ('a0', 1::bigint), ('a1', 2), ('a2', 1), ('b1', 1) $$, 'each key with what it seals; an erased code needs none');
select bag_eq(
  $$ select table_name::text, column_name::text from information_schema.columns
     where table_schema = 'private' and col_description(format('%I.%I', table_schema, table_name)::regclass, ordinal_position) ~* '\msealed\M' $$,
  $$ values ('reward_codes', 'ciphertext'), ('partner_connections', 'secret'), ('webhook_endpoints', 'secret'),
    ('partner_connections', 'older_secrets'), ('webhook_endpoints', 'older_secrets') $$,
  'no other column holds sealed texts; one that comes belongs into ops.list_sealing_keys');

insert into private.backups (taken_at, store, name, bytes, kind, is_verified) values (now(), '/backups', 'one', 1, 'manual', true);
select throws_ok($$ insert into private.backups (taken_at, store, name, bytes, kind, is_verified) values (now(), '/backups', 'one', 1, 'manual', true) $$, '23505', null, 'a backup stands there once');
select tests.authenticate_as_service_role();
select is((select count(*)::int from ops.backups where name = 'one'), 1, 'the secret key sees backups');
select tests.reset_authentication();
select tests.create_supabase_users('anna');
select tests.authenticate_as('anna');
select throws_ok('select * from ops.backups', '42501', null, 'members do not');
select throws_ok('select * from ops.sealing_keys', '42501', null, 'nor what is sealed');

select * from finish();
rollback;
