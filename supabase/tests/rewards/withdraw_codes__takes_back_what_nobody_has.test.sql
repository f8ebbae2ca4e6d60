-- list_codes and withdraw_codes: a partner sees and takes back the codes of its pools that nobody has, and no other.
begin;
select plan(19);
select tests.use_default_settings();
select tests.create_supabase_user('anna');
select tests.create_partner('bakery');
create temporary table k as select tests.create_api_key('bakery') as hash;
create temporary table r as select tests.create_reward('bakery', '{"code_source": "pool"}') as pool, tests.create_reward('bakery', '{"code_source": "pool"}') as second,
  tests.create_reward('bakery') as generated;
create function pg_temp.upload(reward uuid, variadic codes text[]) returns jsonb language sql as $$
  select tests.as_service_role(format('select public.add_codes(%L, %L, %L)', hash, reward, (
    select jsonb_agg(jsonb_build_object('line', n, 'hash', tests.hash_of(c), 'ciphertext', 'sealed ' || c) order by n) from unnest(codes) with ordinality u (c, n)))) from k
$$;
create function pg_temp.withdraw(reward uuid, variadic codes text[]) returns text language sql as $$
  select (a ->> 'withdrawn') || ': ' || (select string_agg(l ->> 'line' || ' ' || (l ->> 'outcome'), ', ' order by n) from jsonb_array_elements(a -> 'lines') with ordinality e (l, n))
  from (select tests.as_service_role(format('select public.withdraw_codes(%L, %L, %L)', hash, reward, (
    select jsonb_agg(jsonb_build_object('line', n, 'hash', tests.hash_of(c)) order by n) from unnest(codes) with ordinality u (c, n)))) as a from k) x
$$;
create function pg_temp.waiting(reward uuid, options text default '') returns text language sql as $$
  select (select string_agg(i ->> 'ciphertext', ', ' order by n) from jsonb_array_elements(a -> 'items') with ordinality e (i, n)) || case when a ->> 'next' is null then '' else ' …' end
  from (select tests.as_service_role(format('select public.list_codes(%L, %L%s)', hash, reward, options)) as a from k) x
$$;
create function pg_temp.stock(reward uuid) returns text language sql as $$ select s.taken || ' of ' || s.total from public.reward_stocks s where s.reward_id = reward $$;
select pg_temp.upload(pool, 'HEADER', 'A', 'B', 'C', 'D'), pg_temp.upload(second, 'E') from r;

select is(pg_temp.waiting(pool), 'sealed HEADER, sealed A, sealed B, sealed C, sealed D', 'codes that nobody has are listed in their order') from r;
select is(pg_temp.waiting(pool, ', 2'), 'sealed HEADER, sealed A …', 'in pages') from r;
select is(pg_temp.waiting(pool, format(', 2, %s', (select id from private.reward_codes where ciphertext = 'sealed A'))), 'sealed B, sealed C …', 'that go on after the last') from r;
select is(pg_temp.withdraw(pool, 'HEADER', 'X', 'E'), '1: 1 withdrawn, 2 not_found, 3 not_found', 'a code is withdrawn; unknown ones and those of another pool are not') from r;
select is(pg_temp.stock(pool) || ', ' || pg_temp.stock(second), '0 of 4, 0 of 1', 'the stock counts what is left') from r;
select is((select details ->> 'count' from private.audit_log, r where subject_id = pool and action = 'codes_withdrawn'), '1', 'the audit log knows how many');
select is(pg_temp.withdraw(pool, 'HEADER'), '0: 1 not_found', 'once more, it is gone') from r;
select tests.redeem('anna', pool) from r;
select is(pg_temp.waiting(pool), 'sealed B, sealed C, sealed D', 'a member''s code is not listed') from r;
select is(pg_temp.withdraw(pool, 'A', 'B', 'B'), '1: 1 given, 2 withdrawn, 3 withdrawn', 'nor withdrawn; a code named twice is withdrawn once') from r;
select is(pg_temp.stock(pool), '1 of 3', 'and counted once') from r;
select is(pg_temp.upload(pool, 'B') ->> 'accepted', '1', 'a withdrawn code may come back') from r;
select is(pg_temp.withdraw(pool, 'B', 'C', 'D'), '3: 1 withdrawn, 2 withdrawn, 3 withdrawn', 'all that is left') from r;
select is(pg_temp.stock(pool), '1 of 1', 'the pool is empty') from r;
select is(pg_temp.waiting(pool), null, 'and lists nothing') from r;
select is(tests.error_of(format('select tests.redeem(''anna'', %L)', pool)), 'PT409 reward_sold_out', 'nobody gets a withdrawn code') from r;
select is(tests.error_of(format('select pg_temp.withdraw(%L, ''A'')', generated)), 'PT409 reward_has_no_pool', 'a generated reward has no pool') from r;
select is(tests.error_of(format('select pg_temp.waiting(%L)', generated)), 'PT409 reward_has_no_pool', 'and nothing to list') from r;
select is(tests.error_of('select pg_temp.withdraw(gen_random_uuid(), ''A'')'), 'PT404 reward_not_found', 'an unknown reward');
select is_empty('select * from private.audit_redemptions()', 'the books are in order');
select * from finish();
rollback;
