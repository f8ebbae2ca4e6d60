-- Two partners, both with every scope: whatever one of them does, the other's rows are not found by their codes, not listed and not changed (by id: tests/attacks/api-keys.test.ts).
begin;
select plan(29);
select tests.use_default_settings();
select tests.create_supabase_user('anna');
select tests.create_partner('bakery'), tests.create_partner('library');
create temporary table k as select who, tests.create_api_key(who) as hash from unnest('{bakery,library}'::text[]) who;
create temporary table a (name text, value text);
insert into a select 'reward', tests.create_reward('bakery', stock_total => 5)::text;
insert into a select 'pool', tests.create_reward('bakery', '{"code_source": "pool"}')::text;
select tests.fill_pool(value::uuid, 'POOL-1', 'POOL-2') from a where name = 'pool';
insert into a select 'endpoint', tests.as_service_role(
  format('select public.create_webhook_endpoint(%L, ''https://bakery.example/hooks'', ''{redemption.created,redemption.used,redemption.cancelled}'', ''sealed secret'')', hash)) ->> 'id'
from k where who = 'bakery';
select tests.as_service_role(format('select public.connect_partner(%L, ''https://bakery.example/codes'', ''sealed secret'')', hash)) from k where who = 'bakery';
insert into a select 'sandbox', tests.create_api_key('library', is_sandbox => true);
insert into a select 'redemption', tests.redeem('anna', (select value::uuid from a where name = 'reward'), 'BREAD-1')::text;
insert into a select 'other_key', k.id::text from private.partner_api_keys k where k.partner_id = tests.partner('bakery');
insert into a select 'message', min(id)::text from private.webhook_messages where partner_id = tests.partner('bakery');

-- the same kinds of rows at the other partner, so that its lists are not empty
create temporary table b as select tests.create_reward('library', stock_total => 5) as reward;
select tests.as_service_role(format('select public.create_webhook_endpoint(%L, ''https://library.example/hooks'', ''{redemption.created}'', ''sealed secret'')', hash)) from k where who = 'library';
select tests.redeem('anna', reward, 'BOOK-1') from b;

create function pg_temp.of_bakery() returns text language sql as $$
  select md5(concat(
    (select string_agg(r::text, ';' order by r.id) from public.rewards r where r.partner_id = tests.partner('bakery')),
    (select string_agg(s::text, ';' order by s.reward_id) from public.reward_stocks s join public.rewards r on r.id = s.reward_id where r.partner_id = tests.partner('bakery')),
    (select string_agg(c::text, ';' order by c.code_hash) from private.reward_codes c where c.partner_id = tests.partner('bakery')),
    (select string_agg(r::text, ';' order by r.id) from public.redemptions r where r.partner_id = tests.partner('bakery')),
    (select string_agg(e::text, ';' order by e.id) from private.webhook_endpoints e where e.partner_id = tests.partner('bakery')),
    (select string_agg(m::text, ';' order by m.id) from private.webhook_messages m where m.partner_id = tests.partner('bakery')),
    (select c::text from private.partner_connections c where c.partner_id = tests.partner('bakery')),
    (select string_agg(e::text, ';' order by e.event_id) from private.partner_events e where e.partner_id = tests.partner('bakery'))))
$$;
create temporary table before as select pg_temp.of_bakery() as print;

create function pg_temp.command(who text, call text)
returns text
language plpgsql
as $$
declare
  v_call   text := replace(call, ':key', quote_literal((select k.hash from k where k.who = command.who)));
  v_thing  record;
  v_answer text;
begin
  for v_thing in select * from a loop
    v_call := replace(v_call, ':' || v_thing.name, quote_literal(v_thing.value));
  end loop;
  perform tests.authenticate_as_service_role();
  begin
    execute 'select public.' || v_call into v_answer;
  exception when others then
    v_answer := sqlstate || ' ' || sqlerrm;
  end;
  perform tests.reset_authentication();
  return v_answer;
end $$;

-- by code: unknown, and used by nobody else's till
select is(pg_temp.command('library', 'verify_code(:key, ''' || tests.hash_of('BREAD-1') || ''')')::jsonb, '{"outcome": "not_found", "redemption": null}', 'another partner''s code is unknown');
select is(pg_temp.command('library', 'use_code(:key, ''' || tests.hash_of('BREAD-1') || ''', ''till-1'')')::jsonb,
  '{"outcome": "not_found", "is_repeat": false, "redemption": null}', 'and not usable');
select is(pg_temp.command('library', 'verify_code(:key, ''' || tests.hash_of('POOL-1') || ''')')::jsonb ->> 'outcome', 'not_found', 'nor is one that waits in another partner''s pool');

-- events: only for the own redemptions
create function pg_temp.event(type text, redemption_id text, code text) returns text language sql as $$
  select tests.as_service_role(format('select public.record_partner_event(tests.partner(''library''), %L, %L, now(), %L, %L, ''sealed'', ''{}'')',
    'evt_' || gen_random_uuid(), type, redemption_id, tests.hash_of(code))) ->> 'outcome'
$$;
select is(pg_temp.event(type, (select value from a where name = 'redemption'), null), 'not_found', type || ' by the id of another partner''s redemption')
from unnest('{code.used,code.cancelled}'::text[]) type;
select is(pg_temp.event(type, null, 'BREAD-1'), 'not_found', type || ' by another partner''s code') from unnest('{code.used,code.cancelled}'::text[]) type;
select is(pg_temp.event('code.issued', (select value from a where name = 'redemption'), 'OTHER-1'), 'not_found', 'code.issued for another partner''s redemption');

-- lists: the own rows only
select is_empty($$ select * from jsonb_array_elements(pg_temp.command('library', 'list_partner_rewards(:key, 100)')::jsonb -> 'items') i
  where i ->> 'partner_id' <> tests.partner('library')::text $$, 'rewards: none of another partner');
select is(jsonb_array_length(pg_temp.command('library', 'list_partner_rewards(:key, 100)')::jsonb -> 'items'), 1, 'rewards: the own one');
select is(jsonb_path_query_array(pg_temp.command('library', 'list_partner_redemptions(:key)')::jsonb, '$.items[*].reward_id'), (select jsonb_build_array(reward) from b), 'redemptions: the own one');
select is(pg_temp.command('library', 'list_partner_redemptions(:key, reward_id => :reward)')::jsonb -> 'items', '[]', 'redemptions: none by another partner''s reward');
select is(pg_temp.command('library', 'list_partner_redemptions(:key, after => ''ffffffff-ffff-ffff-ffff-fffffffffffe'')')::jsonb #>> '{items,1}', null, 'redemptions: paging starts nowhere else');
select is(jsonb_path_query_array(pg_temp.command('library', 'list_webhook_endpoints(:key)')::jsonb, '$[*].url'), '["https://library.example/hooks"]', 'endpoints: the own one');
select is(jsonb_array_length(pg_temp.command('library', 'list_webhook_messages(:key, null, 100)')::jsonb -> 'items'), 1, 'messages: the own one');
select is(pg_temp.command('library', 'read_partner(:key)')::jsonb ->> 'name', 'Library', 'read_partner: the own name');
select is(pg_temp.command('library', 'read_settlement(:key, current_date)')::jsonb #> '{totals,redemptions}', '0', 'settlement: nothing of another partner');

-- writing: never into another partner's rows
select is(pg_temp.command('library', 'create_reward(:key, jsonb_build_object(''title_de'', ''Zwei'', ''title_en'', ''Two'', ''points_cost'', 5, ''discount_type'', ''free_item'', ''partner_id'', tests.partner(''bakery'')))'),
  'PT400 reward_invalid', 'a reward is not created for another partner');
select is(pg_temp.command('library', 'create_reward(:key, jsonb_build_object(''title_de'', ''Zwei'', ''title_en'', ''Two'', ''points_cost'', 5, ''discount_type'', ''free_item'', ''id'', :reward::text))'),
  'PT400 reward_invalid', 'nor over another partner''s');
select lives_ok($$ select pg_temp.command('library', 'connect_partner(:key, ''https://library.example/codes'', ''sealed by another'')') $$, 'a partner connects itself');
select is(tests.as_service_role('select public.read_partner_connection(tests.partner(''bakery''))'), '{"secrets": ["sealed secret"]}', 'and nobody else');

select is(pg_temp.of_bakery(), (select print from before), 'after all that, every row of the other partner is as before');

-- the same code may be known to two partners; each till sees its own
create temporary table pool as select tests.create_reward('library', '{"code_source": "pool"}') as id;
select is(pg_temp.command('library', format('add_codes(:key, %L, %L)', (select id from pool), jsonb_build_array(jsonb_build_object('line', 1, 'hash', tests.hash_of('BREAD-1'), 'ciphertext', 'sealed'))))::jsonb ->> 'accepted',
  '1', 'two partners may give out the same code');
select is(pg_temp.command('library', 'verify_code(:key, ''' || tests.hash_of('BREAD-1') || ''')')::jsonb ->> 'outcome', 'not_found', 'in the pool it is not valid yet');
select is(pg_temp.command('bakery', 'verify_code(:key, ''' || tests.hash_of('BREAD-1') || ''')')::jsonb ->> 'outcome', 'valid', 'at the first partner it still is');
select is(pg_temp.command('library', format('withdraw_codes(:key, %L, %L)', (select id from pool), jsonb_build_array(jsonb_build_object('line', 1, 'hash', tests.hash_of('POOL-1')))))::jsonb,
  '{"withdrawn": 0, "lines": [{"line": 1, "outcome": "not_found"}]}', 'a code in another partner''s pool is not withdrawn through the own one');
select is(jsonb_array_length(pg_temp.command('library', 'list_api_keys(:key)')::jsonb), 2, 'keys: the own ones');
select pg_temp.command('library', 'create_api_key(:key, ''Till 2'')');
select is((select count(*)::int from private.partner_api_keys where partner_id = tests.partner('bakery') and revoked_at is null), 1, 'no key is made or ended for another partner');
select isnt((select max(last_used_at) from private.partner_api_keys where partner_id = tests.partner('library')), null, 'these were real calls');

select * from finish();
rollback;
