-- What a member gets for the points, from each of the three sources of codes, and what is remembered of it.
begin;
select plan(61);
select tests.use_default_settings();
select tests.create_supabase_users('anna', 'ben');
select tests.verify_email('anna', 'ben');
select ops.adjust_points(tests.get_supabase_uid(m), 1000, 'Test points.') from unnest('{anna,ben}'::text[]) m;
select tests.create_partner('bakery'), tests.create_partner('pool');
delete from private.webhook_messages;  -- what this database holds already

create function pg_temp.begin(member text, reward uuid, code text default null, expected_points integer default 10)
returns jsonb
language sql
as $$
  select tests.as_service_role(format('select public.begin_redemption(%L, %L, %L, gen_random_uuid(), %L, %L)',
    tests.get_supabase_uid(member), reward, expected_points, tests.hash_of(coalesce(code, gen_random_uuid()::text)), 'sealed ' || coalesce(code, 'code')))
$$;
create function pg_temp.id(answer jsonb) returns uuid language sql as $$ select (answer -> 'redemption' ->> 'id')::uuid $$;
create function pg_temp.error_of_begin(member text, reward uuid, code text)
returns text
language sql
as $$ select tests.error_of(format('select pg_temp.begin(%L, %L, %L)', member, reward, code)) $$;

-- generated here
create temporary table g as select tests.create_reward('bakery',
  '{"title_de": "Kuchen", "title_en": "Cake", "points_cost": 25, "discount_type": "fixed_amount", "discount_value": 2.5, "discount_currency": "EUR",
    "code_valid_days": 30, "return_days": 7, "expiry_refund_percent": 50}', 2) as reward;
alter table g add answer jsonb;
update g set answer = pg_temp.begin('anna', reward, 'NH1', 25);
select is(answer - 'redemption', '{"code_ciphertext": "sealed NH1", "request": null}', 'generated: the member gets the given code, and nobody is to be asked') from g;
select is((answer -> 'redemption') - 'id', jsonb_build_object('reward_id', reward, 'partner_id', tests.partner('bakery'), 'partner_name', 'Bakery',
  'title_de', 'Kuchen', 'title_en', 'Cake', 'points_spent', 25, 'discount_type', 'fixed_amount', 'discount_value', 2.5, 'discount_currency', 'EUR',
  'status', 'active', 'end_reason', null, 'redeemed_at', now(), 'expires_at', now() + interval '30 days', 'returnable_until', now() + interval '7 days',
  'used_at', null, 'ended_at', null), 'with everything the app shows, and nothing else') from g;
select is(to_jsonb(r) - 'idempotency_key', answer -> 'redemption' || jsonb_build_object('user_id', tests.get_supabase_uid('anna'), 'till_reference', null, 'expiry_refund_points', 12),
  'what is returned is what is stored; half of 25 points would come back, rounded down') from g join public.redemptions r on r.id = pg_temp.id(answer);
select results_eq('select amount, type::text, balance_after, task_id, description from public.point_transactions join g on redemption_id = pg_temp.id(answer)',
  $$ values (-25, 'redemption', 975, null::uuid, null::text) $$, 'the points are spent, once');
select results_eq($$ select balance, earned, spent from public.point_accounts where user_id = tests.get_supabase_uid('anna') $$, $$ values (975, 0, 25) $$, 'and gone from the account');
select results_eq('select c.partner_id, c.reward_id, c.code_hash, c.ciphertext from private.reward_codes c join g on c.redemption_id = pg_temp.id(answer)',
  $$ select tests.partner('bakery'), reward, tests.hash_of('NH1')::bytea, 'sealed NH1' from g $$, 'the code is kept, sealed');
select results_eq('select total, taken from public.reward_stocks join g on reward_id = reward', $$ values (2, 1) $$, 'one of the stock is taken');
select is_empty('select * from private.partner_requests join g on redemption_id = pg_temp.id(answer)', 'no request waits');
select is_empty('select * from private.webhook_messages', 'nobody listens, so nothing is written');
select tests.books_are_right();

-- a code is never there twice
select matches(pg_temp.error_of_begin('ben', reward, 'NH1'), '^23505 ', 'a generator that repeats itself is refused')
from (select tests.create_reward('bakery') as reward) r;
select is((select balance from public.point_accounts where user_id = tests.get_supabase_uid('ben')), 1000, 'and takes no points');
select lives_ok(format('select pg_temp.begin(''ben'', %L, ''NH1'')', tests.create_reward('pool')), 'at another partner it is another code');

-- terms of the reward
select is(pg_temp.begin('anna', tests.create_reward('bakery')) -> 'redemption' -> 'returnable_until', 'null', 'without days to return it there is no such moment');
select is((pg_temp.begin('anna', tests.create_reward('bakery', '{"return_days": 365, "code_valid_days": 3}')) -> 'redemption' ->> 'returnable_until')::timestamptz, now() + interval '3 days',
  'a code can be given back while it is valid');
create temporary table refunds as
select v.*, tests.redeem('ben', tests.create_reward('bakery', jsonb_build_object('points_cost', cost, 'expiry_refund_percent', percent))) as id
from (values (0, 999, 0), (100, 999, 999), (50, 999, 499), (1, 99, 0), (1, 100, 1), (99, 10, 9), (100, 1000000, 1000000)) v (percent, cost, refund);
select is((select expiry_refund_points from public.redemptions r where r.id = f.id), refund, format('%s %% of %s points', percent, cost)) from refunds f;

-- what was promised stays, whatever becomes of the reward
update public.rewards set title_de = 'Torte', title_en = 'Gateau', points_cost = 99, discount_type = 'percentage', discount_value = 5, discount_currency = null,
  code_valid_days = 1, return_days = 0, expiry_refund_percent = 0, is_active = false where id = (select reward from g);
update public.partners set name = 'Bread and more', is_active = false where id = tests.partner('bakery');
select is(tests.as_service_role(format('select public.read_redemption(%L, %L)', tests.get_supabase_uid('anna'), pg_temp.id(answer))), answer - 'request', 'what was promised stays') from g;
select is((select expiry_refund_points from public.redemptions join g on id = pg_temp.id(answer)), 12, 'the refund too');
update public.partners set name = 'Bakery', is_active = true where id = tests.partner('bakery');
update public.rewards set is_active = true, points_cost = 25 where id = (select reward from g);

-- from a pool, in the order of upload
create temporary table p as select tests.create_reward('pool', '{"code_source": "pool"}') as reward, tests.create_reward('pool', '{"code_source": "pool"}') as other;
select is(pg_temp.error_of_begin('anna', reward, 'x'), 'PT409 reward_sold_out', 'an empty pool is sold out') from p;
select tests.fill_pool(other, 'other-1') from p;
select is(pg_temp.error_of_begin('anna', reward, 'x'), 'PT409 reward_sold_out', 'codes of another reward do not help') from p;
select tests.fill_pool(reward, 'pool-2', 'pool-1') from p;
alter table p add first jsonb, add second jsonb;
update p set first = pg_temp.begin('anna', reward, 'generated-1');
update p set second = pg_temp.begin('ben', reward, 'generated-2');
select is(first - 'redemption', '{"code_ciphertext": "sealed pool-2", "request": null}', 'pool: the code that was uploaded first') from p;
select is(second - 'redemption', '{"code_ciphertext": "sealed pool-1", "request": null}', 'the next member gets the next one') from p;
select is(first -> 'redemption' ->> 'status', 'active', 'it can be used at once') from p;
select is_empty($$ select * from private.reward_codes where code_hash in (tests.hash_of('generated-1')::bytea, tests.hash_of('generated-2')::bytea) $$, 'the code that was generated in vain is kept nowhere');
select results_eq('select total, taken from public.reward_stocks join p on reward_id = reward', $$ values (2, 2) $$, 'both are taken');
select is(pg_temp.error_of_begin('ben', reward, 'x'), 'PT409 reward_sold_out', 'then it is sold out') from p;
select is((select count(*)::int from private.reward_codes c join p on c.reward_id = p.other where c.redemption_id is null), 1, 'the pool of the other reward was not touched');
select tests.fill_pool(reward, 'pool-3') from p;
select is(pg_temp.begin('ben', reward) ->> 'code_ciphertext', 'sealed pool-3', 'until the partner uploads more') from p;
select tests.books_are_right('the books are right with pools');

-- a pool never gives a code twice, also when it came back
update public.rewards set return_days = 5 where id = (select reward from p);
select tests.fill_pool(reward, 'pool-4') from p;
create temporary table back as select pg_temp.begin('anna', reward) as answer from p;
select is(answer ->> 'code_ciphertext', 'sealed pool-4', 'the member has seen the last code') from back;
select is(tests.as_service_role(format('select public.return_redemption(%L, %L)', tests.get_supabase_uid('anna'), pg_temp.id(answer))) -> 'redemption' ->> 'status', 'cancelled', 'and gives it back') from back;
select results_eq('select total, taken from public.reward_stocks join p on reward_id = reward', $$ values (4, 4) $$, 'the stock stays taken');
select is(pg_temp.error_of_begin('ben', reward, 'x'), 'PT409 reward_sold_out', 'nobody else gets what somebody has seen') from p;
select tests.books_are_right('the books are right with a pool code that came back');

-- from the partner's own system
update private.settings set partner_answer_minutes = 90;
insert into private.partner_connections (partner_id, url, secret, older_secrets) values (tests.partner('bakery'), 'https://codes.example/ask', 'sealed new', jsonb_build_array(jsonb_build_object('secret', 'sealed old', 'replaced_at', now())));
create temporary table a as select tests.create_reward('bakery', '{"code_source": "partner_api", "discount_type": "percentage", "discount_value": 7.5}', 5) as reward;
alter table a add answer jsonb;
update a set answer = pg_temp.begin('anna', reward, 'generated-3');
select is(answer -> 'redemption' ->> 'status', 'pending', 'partner_api: it waits for the partner') from a;
select is(answer -> 'code_ciphertext', 'null', 'without a code') from a;
select is(answer -> 'request', jsonb_build_object('redemption_id', pg_temp.id(answer), 'url', 'https://codes.example/ask', 'attempt', 1, 'secrets', array['sealed new', 'sealed old'],
  'body', jsonb_build_object('redemption_id', pg_temp.id(answer), 'reward_id', reward, 'title_de', 'Ein Brot', 'title_en', 'A loaf', 'points_spent', 10,
    'discount_type', 'percentage', 'discount_value', 7.5, 'discount_currency', null, 'expires_at', now() + interval '90 days')), 'and with all that is needed to ask') from a;
select results_eq('select attempts, next_attempt_at, deadline_at, last_error from private.partner_requests join a on redemption_id = pg_temp.id(answer)',
  $$ values (1, now() + interval '60 seconds', now() + interval '90 minutes', null::text) $$, 'nobody else asks for a minute; the deadline is a setting');
select results_eq('select amount from public.point_transactions join a on redemption_id = pg_temp.id(answer)', array[-10], 'the points are spent already');
select is_empty($$ select * from private.reward_codes c join a on c.reward_id = a.reward or c.code_hash = tests.hash_of('generated-3')::bytea $$, 'the code that was generated in vain is kept nowhere');
update private.partner_connections set url = null, older_secrets = jsonb_build_array(jsonb_build_object('secret', 'sealed old', 'replaced_at', now() - interval '24 hours')) where partner_id = tests.partner('bakery');
select is((pg_temp.begin('anna', reward) -> 'request') - '{body,redemption_id}'::text[], '{"url": null, "attempt": 1, "secrets": ["sealed new"]}',
  'a partner that sends its codes by itself is not asked; an old secret ends after 24 hours') from a;
select tests.books_are_right('the books are right while partners are asked');

-- ids sort by time
create temporary table ids (number integer generated always as identity, id uuid);
do $$
declare
  v_reward uuid := tests.create_reward('pool');
begin
  for i in 1..5 loop
    insert into ids (id) select pg_temp.id(pg_temp.begin('anna', v_reward));
    perform pg_sleep(0.002);
  end loop;
end $$;
select results_eq('select id from ids order by id', 'select id from ids order by number', 'ids sort by time');
select is((select count(*)::int from ids where id::text ~ '^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$'), 5, 'they are UUIDs of version 7');
select is((select count(*)::int from ids where abs(extract(epoch from clock_timestamp()) * 1000 - ('x' || left(replace(id::text, '-', ''), 12))::bit(48)::bigint) < 60000), 5, 'of this minute');

-- events, for those who listen
select is_empty('select * from private.webhook_messages', 'still nobody listens');
create temporary table e as select tests.create_reward('bakery', '{}', 2) as limited, tests.create_reward('bakery', '{"code_source": "partner_api"}', 1) as asked;
insert into private.webhook_endpoints (partner_id, url, event_types, secret, is_enabled) values
  (tests.partner('bakery'), 'https://all.example/', private.webhook_event_types(), 'sealed secret', true),
  (tests.partner('bakery'), 'https://used.example/', '{redemption.used}', 'sealed secret', true),
  (tests.partner('bakery'), 'https://off.example/', private.webhook_event_types(), 'sealed secret', false),
  (tests.partner('pool'), 'https://other.example/', private.webhook_event_types(), 'sealed secret', true);
create function pg_temp.heard() returns table (url text, type text) language sql as $$
  select w.url, m.type from private.webhook_messages m join private.webhook_endpoints w on w.id = m.endpoint_id order by m.id $$;
alter table e add answer jsonb;
update e set answer = pg_temp.begin('anna', limited);
select results_eq('select * from pg_temp.heard()', $$ values ('https://all.example/', 'redemption.created') $$, 'redemption.created: to enabled endpoints of this partner that want it');
select is(m.payload, jsonb_build_object('type', 'redemption.created', 'timestamp', now(), 'data', jsonb_build_object(
  'redemption_id', pg_temp.id(answer), 'reward_id', limited, 'title_de', 'Ein Brot', 'title_en', 'A loaf', 'points_spent', 10, 'discount_type', 'free_item',
  'discount_value', null, 'discount_currency', null, 'status', 'active', 'end_reason', null, 'redeemed_at', now(), 'expires_at', now() + interval '90 days',
  'used_at', null, 'till_reference', null, 'ended_at', null, 'is_test', false)), 'it tells the redemption, and nothing about the member') from e, private.webhook_messages m;
delete from private.webhook_messages;
select pg_temp.begin('ben', limited) from e;
select results_eq('select type from pg_temp.heard()', array['redemption.created', 'reward.sold_out'], 'the last one: reward.sold_out');
select is((select payload -> 'data' from private.webhook_messages where type = 'reward.sold_out'), jsonb_build_object('reward_id', limited, 'total', 2), 'with the stock') from e;
select is(pg_temp.error_of_begin('ben', limited, 'x'), 'PT409 reward_sold_out', 'one more try') from e;
select is((select count(*)::int from pg_temp.heard() where type = 'reward.sold_out'), 1, 'is no news');
delete from private.webhook_messages;
select pg_temp.begin('ben', asked) from e;
select results_eq('select type from pg_temp.heard()', array['reward.sold_out'], 'what waits for its code is not created yet, but takes the stock');
delete from private.webhook_messages;
select pg_temp.begin('ben', tests.create_reward('bakery'));
select results_eq('select type from pg_temp.heard()', array['redemption.created'], 'what has no stock is never sold out');
select tests.books_are_right('the books are right at the end');

select * from finish();
rollback;
