-- The life of an API key: made and shown once, used, rotated with an overlap, expired, revoked, resting with its partner.
begin;
select plan(68);
select tests.use_default_settings();
select tests.create_supabase_user('anna');
select tests.create_partner('bakery'), tests.create_partner('library');
create function pg_temp.opens(hash text) returns text language plpgsql as $$
declare
  v_answer text;
begin
  perform tests.authenticate_as_service_role();
  v_answer := tests.error_of(format('select public.list_partner_rewards(%L)', hash));
  perform tests.reset_authentication();
  return v_answer;
end $$;
create function pg_temp.hash_of_key(key text) returns text language sql as $$ select '\x' || encode(sha256(key::bytea), 'hex') $$;

-- made
select tests.authenticate_as_service_role();
create temporary table made as select * from ops.create_partner_key(tests.partner('bakery'), '  Till 3 ', array['rewards:read', 'codes:write'], now() + interval '1 year');
select tests.reset_authentication();
select matches(key, '^nhp_[0-9a-f]{64}$', 'a key says what it is and is long') from made;
select results_eq('select partner_id, name, scopes, created_at, last_used_at, expires_at, revoked_at, wrong_codes from private.partner_api_keys join made on id = key_id',
  $$ values (tests.partner('bakery'), 'Till 3', '{rewards:read,codes:write}'::text[], now(), null::timestamptz, now() + interval '1 year', null::timestamptz, 0) $$, 'it is stored with its rights');
select is((select key_hash from private.partner_api_keys join made on id = key_id), (select sha256(key::bytea) from made), 'as a hash');
select is_empty($$ select from private.partner_api_keys k, made where k::text like '%' || right(key, 20) || '%' or k::text like '%' || left(key, 20) || '%' $$, 'the key itself is not kept');
select is_empty($$ select from private.audit_log a, made where a::text like '%' || right(key, 20) || '%' $$, 'nor is it in the audit log');
select results_eq($$ select action, details ->> 'api_key_id' from private.audit_log where subject_id = tests.partner('bakery') order by id desc limit 1 $$,
  $$ select 'api_key_created', key_id::text from made $$, 'which knows that there is one');
select isnt((select key from ops.create_partner_key(tests.partner('bakery'), 'Till 3', array['rewards:read'])), (select key from made), 'each key is another one');
select is(pg_temp.opens(pg_temp.hash_of_key(key)), 'no error', 'it opens') from made;
select is(tests.as_service_role(format('select public.read_partner(%L)', pg_temp.hash_of_key(key))), jsonb_build_object(
  'id', tests.partner('bakery'), 'name', 'Bakery', 'description', null, 'website_url', null, 'logo_url', null, 'is_active', true,
  'key', jsonb_build_object('id', key_id, 'name', 'Till 3', 'scopes', '["rewards:read", "codes:write"]'::jsonb, 'is_sandbox', false, 'expires_at', now() + interval '1 year')),
  'read_partner tells whose it is and what it may do') from made;

-- input
select is(tests.error_of(format('select * from ops.create_partner_key(%s)', args)), error, 'create_partner_key: ' || args)
from (values
  ('tests.get_supabase_uid(''nobody''), ''Till'', array[''rewards:read'']', 'PT404 partner_not_found'),
  ('null, ''Till'', array[''rewards:read'']', 'PT404 partner_not_found'),
  ('tests.partner(''bakery''), ''Till'', array[''everything'']', 'PT400 scope_invalid'),
  ('tests.partner(''bakery''), ''Till'', array[''rewards:read'', ''everything'']', 'PT400 scope_invalid'),
  ('tests.partner(''bakery''), ''Till'', array[''rewards:read'', null]', 'PT400 scope_invalid'),
  ('tests.partner(''bakery''), ''Till'', ''{}''', 'PT400 scope_invalid'),
  ('tests.partner(''bakery''), ''Till'', null', 'PT400 scope_invalid'),
  ('tests.partner(''bakery''), '' '', array[''rewards:read'']', 'PT400 text_blank (name)'),
  ('tests.partner(''bakery''), null, array[''rewards:read'']', 'PT400 text_blank (name)'),
  ('tests.partner(''bakery''), repeat(''x'', 256), array[''rewards:read'']', 'PT400 text_too_long (name)')) v (args, error);

-- last use, to the minute
create function pg_temp.last_use() returns timestamptz language sql as $$ select last_used_at from private.partner_api_keys join made on id = key_id $$;
select is(pg_temp.last_use(), now(), 'the first use is noted');
update private.partner_api_keys set last_used_at = now() - interval '59 seconds' from made where id = key_id;
select pg_temp.opens(pg_temp.hash_of_key(key)) from made;
select is(pg_temp.last_use(), now() - interval '59 seconds', 'a use within the minute is not');
update private.partner_api_keys set last_used_at = now() - interval '61 seconds' from made where id = key_id;
select pg_temp.opens(pg_temp.hash_of_key(key)) from made;
select is(pg_temp.last_use(), now(), 'one after it is');
update private.partner_api_keys set last_used_at = now() - interval '1 day' from made where id = key_id;
select is(tests.error_of(format('select public.read_settlement(%L, current_date)', pg_temp.hash_of_key(key))), 'PT403 scope_missing (settlements:read)', 'a command outside the scopes is refused') from made;
select is(pg_temp.last_use(), now() - interval '1 day', 'one that is refused is not');

-- rotated: both open during the overlap
grant select on made to service_role;
select tests.authenticate_as_service_role();
create temporary table rotated as select r.* from made, ops.rotate_partner_key(made.key_id, interval '2 hours') r;
select tests.reset_authentication();
select isnt(rotated.key, made.key, 'rotated: there is another key') from rotated, made;
select results_eq('select name, scopes, partner_id, expires_at from private.partner_api_keys join rotated on id = new_key_id',
  $$ values ('Till 3', '{rewards:read,codes:write}'::text[], tests.partner('bakery'), now() + interval '1 year') $$, 'rotated: with the same rights and length of life');
select is((select expires_at from private.partner_api_keys join made on id = key_id), now() + interval '2 hours', 'rotated: the old one ends after the overlap');
select is(pg_temp.opens(pg_temp.hash_of_key(key)), 'no error', 'rotated: until then it opens') from made;
select is(pg_temp.opens(pg_temp.hash_of_key(key)), 'no error', 'rotated: as does the new one') from rotated;
create temporary table again as select r.* from made, ops.rotate_partner_key(made.key_id, interval '2 hours') r;
select is((select expires_at from private.partner_api_keys join again on id = new_key_id), now() + interval '1 year', 'rotated again because no answer came: with the same length of life');
update private.partner_api_keys set expires_at = now() + interval '1 microsecond' from made where id = key_id;
select is(pg_temp.opens(pg_temp.hash_of_key(key)), 'no error', 'a moment before its end a key opens') from made;
update private.partner_api_keys set expires_at = now() from made where id = key_id;
select is(pg_temp.opens(pg_temp.hash_of_key(key)), 'PT401 api_key_invalid', 'at its end it does not') from made;
select is(pg_temp.opens(pg_temp.hash_of_key(key)), 'no error', 'the new one still does') from rotated;
select is(tests.error_of(format('select ops.rotate_partner_key(%L, interval ''2 hours'')', key_id)), 'PT404 api_key_not_found', 'a key that has ended is not rotated') from made;
select is((select expires_at from private.partner_api_keys join made on id = key_id), now(), 'nor brought back');

create temporary table hasty as select c.key_id, c.key from ops.create_partner_key(tests.partner('bakery'), 'Shop', array['rewards:read']) c;
create temporary table successor as select r.new_key_id as id from hasty, ops.rotate_partner_key(hasty.key_id) r;
select is((select expires_at from private.partner_api_keys join successor using (id)), null, 'a key that never ends is followed by one that never ends');
select is((select expires_at from private.partner_api_keys join hasty on id = key_id), now() + interval '24 hours', 'the overlap is a day unless said otherwise');
create temporary table second as select r.new_key_id as id from hasty, ops.rotate_partner_key(hasty.key_id, interval '7 days') r;
select is((select expires_at from private.partner_api_keys join second using (id)), null, 'nor is one that was rotated again because no answer came followed by one that does');
select is((select expires_at from private.partner_api_keys join hasty on id = key_id), now() + interval '24 hours', 'a second rotation does not make it longer');
select ops.rotate_partner_key(key_id, interval '-1 day') from hasty;
select is(pg_temp.opens(pg_temp.hash_of_key(key)), 'PT401 api_key_invalid', 'without an overlap the old one ends at once') from hasty;

-- revoked: dies at once
create temporary table other as select tests.create_api_key('bakery') as hash;
select tests.authenticate_as_service_role();
select lives_ok('select ops.revoke_partner_key(new_key_id) from rotated', 'a key is revoked');
select tests.reset_authentication();
select is(pg_temp.opens(pg_temp.hash_of_key(key)), 'PT401 api_key_invalid', 'revoked: it opens nothing any more') from rotated;
select is(pg_temp.opens(hash), 'no error', 'revoked: other keys of the partner still do') from other;
select results_eq('select action from private.audit_log join rotated on subject_id = new_key_id', array['api_key_revoked'], 'revoked: the audit log knows');
update private.partner_api_keys set revoked_at = now() - interval '1 day' from rotated where id = new_key_id;
select ops.revoke_partner_key(new_key_id) from rotated;
select is((select revoked_at from private.partner_api_keys join rotated on id = new_key_id), now() - interval '1 day', 'revoked again: the first moment stays');
select is(tests.error_of(format('select ops.rotate_partner_key(%L)', new_key_id)), 'PT404 api_key_not_found', 'a revoked key is not rotated') from rotated;
select is(tests.error_of('select ops.rotate_partner_key(gen_random_uuid())'), 'PT404 api_key_not_found', 'nor an unknown one');
select is(tests.error_of('select ops.revoke_partner_key(gen_random_uuid())'), 'PT404 api_key_not_found', 'nor is that revoked');
select is(tests.error_of('select ops.revoke_partner_key(null)'), 'PT404 api_key_not_found', 'nor null');

-- for trying
create temporary table sandbox as select * from ops.create_partner_key(tests.partner('bakery'), 'For trying', '{redemptions:use,webhooks:write}', is_sandbox => true);
select matches(key, '^nhp_sandbox_[0-9a-f]{64}$', 'a sandbox key says what it is') from sandbox;
select is(tests.as_service_role(format('select public.read_partner(%L)', pg_temp.hash_of_key(key))) #> '{key,is_sandbox}', 'true', 'read_partner says it, too') from sandbox;
select is(tests.error_of(format('select ops.create_partner_key(tests.partner(''bakery''), ''x'', array[%L], is_sandbox => true)', scope)), 'PT400 scope_invalid', 'never for one: ' || scope)
from unnest(private.partner_scopes()) scope where scope <> all (private.sandbox_scopes());
select ok(private.sandbox_scopes() <@ private.partner_scopes() and not private.sandbox_scopes() && '{rewards:write,codes:write,connection:write,keys:write}', 'what it can be allowed is known, and changes nothing real');
create temporary table keeper as select tests.create_api_key('bakery') as hash;
grant select on keeper, sandbox to service_role;
create temporary table own as select tests.as_service_role(format('select public.create_api_key(%L, ''Trying'', ''{redemptions:use}'', true)', hash)) as key from keeper;
select matches(key ->> 'key', '^nhp_sandbox_', 'a partner makes one itself') from own;
select is(key -> 'is_sandbox', 'true', 'marked') from own;
select is((select count(*)::int from jsonb_array_elements(tests.as_service_role(format('select public.list_api_keys(%L)', hash))) l where (l ->> 'is_sandbox')::boolean), 2, 'and finds it among its keys') from keeper;
select is(tests.error_of(format('select public.create_api_key(%L, ''Trying'', ''{rewards:write}'', true)', hash)), 'PT400 scope_invalid', 'with the same limits') from keeper;
select is(tests.as_service_role(format('select public.rotate_api_key(%L, %L)', hash, key ->> 'id')) -> 'is_sandbox', 'true', 'its successor is one as well') from keeper, own;

-- keys rest with their partner
update public.partners set is_active = false where id = tests.partner('bakery');
select is(pg_temp.opens(hash), 'PT403 partner_inactive', 'the keys of an inactive partner rest') from other;
select is(pg_temp.opens(pg_temp.hash_of_key(key)), 'PT401 api_key_invalid', 'dead ones stay dead') from rotated;
select is(pg_temp.opens(tests.create_api_key('library')), 'no error', 'those of others do not rest');
update public.partners set is_active = true where id = tests.partner('bakery');
select is(pg_temp.opens(hash), 'no error', 'when the partner is back, they open again') from other;

-- who may not
select tests.authenticate_as('anna');
select throws_ok('select * from ops.create_partner_key(tests.partner(''bakery''), ''Mine'', array[''rewards:read''])', '42501', 'permission denied for schema ops', 'a member makes no keys');
select tests.clear_authentication();
select throws_ok('select ops.revoke_partner_key(gen_random_uuid())', '42501', 'permission denied for schema ops', 'nor does anon revoke any');
select tests.reset_authentication();
select is((select count(*)::int from private.partner_api_keys where name = 'Mine'), 0, 'there is none');

select * from finish();
rollback;
