-- Stocks: given at creation, changed within what is given out, never for pools, never where there was none.
begin;
select plan(30);
select tests.use_default_settings();
select tests.create_supabase_user('anna');
select tests.create_partner('bakery');
create temporary table k as select tests.create_api_key('bakery') as hash;
create function pg_temp.create_reward(fields text)
returns jsonb
language sql
as $$
  select tests.as_service_role(format('select public.create_reward(%L, %L)', hash,
    '{"title_de": "Ein Brot", "title_en": "A loaf", "points_cost": 10, "discount_type": "free_item"}'::jsonb || fields::jsonb)) from k
$$;
create function pg_temp.change_reward(reward uuid, changes text)
returns jsonb
language sql
as $$ select tests.as_service_role(format('select public.change_reward(%L, %L, %L)', hash, reward, changes)) from k $$;
create function pg_temp.stock(reward uuid) returns text language sql as $$ select s.taken || ' of ' || s.total from public.reward_stocks s where s.reward_id = reward $$;

select is(pg_temp.create_reward('{"stock_total": 5}') ->> 'stock_total', '5', 'a reward with a stock');
select is(pg_temp.create_reward('{"stock_total": 10000000}') ->> 'stock_total', '10000000', 'with the largest stock');
select is(pg_temp.create_reward('{"stock_total": 2.0}') ->> 'stock_total', '2', 'a whole number may be written with a point');
select is(pg_temp.create_reward('{"stock_total": null}') ->> 'stock_total', null, 'null: unlimited');
select is(pg_temp.create_reward('{"code_source": "pool"}') ->> 'stock_total', '0', 'a pool starts empty');
select is(tests.error_of(format('select pg_temp.create_reward(%L)', fields)), 'PT409 stock_not_editable', 'create: ' || fields)
from unnest(array['{"stock_total": 0}', '{"stock_total": -1}', '{"stock_total": 1.5}', '{"stock_total": 10000001}', '{"stock_total": 1e300}', '{"stock_total": "5"}', '{"stock_total": [5]}',
  '{"stock_total": true}', '{"code_source": "pool", "stock_total": 5}']) fields;
select is((select count(*)::int from public.rewards where partner_id = tests.partner('bakery')), 5, 'what was refused was not created');

create temporary table r as select (pg_temp.create_reward('{"stock_total": 5}') ->> 'id')::uuid as stocked, (pg_temp.create_reward('{}') ->> 'id')::uuid as unlimited,
  (pg_temp.create_reward('{"code_source": "pool"}') ->> 'id')::uuid as pool;
select tests.redeem('anna', stocked), tests.redeem('anna', stocked) from r;
select is(pg_temp.change_reward(stocked, '{"stock_total": 9}') ->> 'stock_total', '9', 'a stock is raised') from r;
select is(pg_temp.change_reward(stocked, '{"stock_total": 2}') ->> 'stock_total', '2', 'and lowered to what is given out') from r;
select is(pg_temp.stock(stocked), '2 of 2', 'which stays') from r;
select is(tests.error_of(format('select pg_temp.change_reward(%L, ''{"stock_total": 1, "points_cost": 99}'')', stocked)), 'PT409 stock_too_low', 'but not below') from r;
select is((select points_cost from public.rewards join r on id = stocked), 10, 'then the rest of the change is refused, too');
select is(tests.error_of(format('select tests.redeem(''anna'', %L)', stocked)), 'PT409 reward_sold_out', 'what is given out is gone') from r;
select pg_temp.change_reward(stocked, '{"stock_total": 3}') from r;
select lives_ok(format('select tests.redeem(''anna'', %L)', stocked), 'until there is more') from r;
select is(tests.error_of(format('select pg_temp.change_reward(%L, %L)', stocked, changes)), 'PT409 stock_not_editable', 'change: ' || changes)
from r, unnest(array['{"stock_total": null}', '{"stock_total": "9"}', '{"stock_total": 0}']) changes;
select is(tests.error_of(format('select pg_temp.change_reward(%L, ''{"stock_total": 5}'')', unlimited)), 'PT409 stock_not_editable', 'unlimited stays unlimited') from r;
select is(pg_temp.stock(unlimited), null, 'there is no stock of it') from r;
select is(tests.error_of(format('select pg_temp.change_reward(%L, ''{"stock_total": 5}'')', pool)), 'PT409 stock_not_editable', 'the stock of a pool is its codes') from r;
select is(pg_temp.stock(pool), '0 of 0', 'it is what it was') from r;
select tests.books_are_right();

select * from finish();
rollback;
