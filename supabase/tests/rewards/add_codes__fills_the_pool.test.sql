-- add_codes: uploaded codes go into the pool once, in order, sealed; duplicates are named; the stock counts what is there.
begin;
select plan(26);
select tests.use_default_settings();
select tests.create_supabase_user('anna');
select tests.create_partner('bakery');
create temporary table k as select tests.create_api_key('bakery') as hash;
create temporary table r as select tests.create_reward('bakery', '{"code_source": "pool"}') as pool, tests.create_reward('bakery', '{"code_source": "pool"}') as second,
  tests.create_reward('bakery') as generated, tests.create_reward('bakery', '{"code_source": "partner_api"}') as asked;
create function pg_temp.upload(reward uuid, all_or_nothing boolean, variadic codes text[])
returns jsonb
language sql
as $$
  select tests.as_service_role(format('select public.add_codes(%L, %L, %L, %L)', hash, reward, (
    select coalesce(jsonb_agg(jsonb_build_object('line', n, 'hash', tests.hash_of(c), 'ciphertext', 'sealed ' || c) order by n), '[]') from unnest(codes) with ordinality u (c, n)),
    all_or_nothing)) from k
$$;
create function pg_temp.outcomes(answer jsonb) returns text language sql as $$
  select format('%s accepted, %s rejected, stored: %s; %s', answer ->> 'accepted', answer ->> 'rejected', answer ->> 'is_stored',
    (select string_agg(l ->> 'line' || ' ' || (l ->> 'outcome'), ', ' order by n) from jsonb_array_elements(answer -> 'lines') with ordinality e (l, n)))
$$;
create function pg_temp.stock(reward uuid) returns text language sql as $$ select s.taken || ' of ' || s.total from public.reward_stocks s where s.reward_id = reward $$;

select is(pg_temp.outcomes(pg_temp.upload(pool, false, 'A', 'B', 'C')), '3 accepted, 0 rejected, stored: true; 1 accepted, 2 accepted, 3 accepted', 'codes are uploaded') from r;
select is(pg_temp.stock(pool), '0 of 3', 'the stock is the codes') from r;
select results_eq('select ciphertext, code_hash, redemption_id from private.reward_codes join r on reward_id = pool order by id',
  $$ select 'sealed ' || c, tests.hash_of(c)::bytea, null::uuid from unnest('{A,B,C}'::text[]) c $$, 'as sealed, in the order of the lines');
select results_eq('select details ->> ''count'' from private.audit_log join r on subject_id = pool where action = ''codes_added''', array['3'], 'the audit log knows how many');
select is_empty('select from private.audit_log a, r where subject_id = pool and a::text like ''%sealed%''', 'and none of them');

-- duplicates
select is(pg_temp.outcomes(pg_temp.upload(pool, false, 'D', 'D', 'E', 'D')), '2 accepted, 2 rejected, stored: true; 1 accepted, 2 duplicate, 3 accepted, 4 duplicate', 'within the upload: the first counts') from r;
select is(pg_temp.outcomes(pg_temp.upload(pool, false, 'A', 'F', 'E')), '1 accepted, 2 rejected, stored: true; 1 duplicate, 2 accepted, 3 duplicate', 'against the pool') from r;
select is(pg_temp.outcomes(pg_temp.upload(second, false, 'A', 'G')), '1 accepted, 1 rejected, stored: true; 1 duplicate, 2 accepted', 'against another pool of the partner') from r;
select tests.redeem('anna', pool), tests.redeem('anna', generated, 'H') from r;
select is(pg_temp.outcomes(pg_temp.upload(second, false, 'A', 'H', 'I')), '1 accepted, 2 rejected, stored: true; 1 duplicate, 2 duplicate, 3 accepted', 'against codes that were given out') from r;
select is(pg_temp.outcomes(pg_temp.upload(second, false, 'A', 'I')), '0 accepted, 2 rejected, stored: false; 1 duplicate, 2 duplicate', 'nothing but duplicates') from r;
select is(pg_temp.stock(pool) || ', ' || pg_temp.stock(second), '1 of 6, 0 of 2', 'the stocks count what was stored') from r;

-- all or nothing
select is(pg_temp.outcomes(pg_temp.upload(second, true, 'J', 'A', 'K')), '0 accepted, 3 rejected, stored: false; 1 accepted, 2 duplicate, 3 accepted', 'all or nothing: one duplicate stores nothing, and is named') from r;
select is(pg_temp.outcomes(pg_temp.upload(second, true, 'J', 'K', 'J')), '0 accepted, 3 rejected, stored: false; 1 accepted, 2 accepted, 3 duplicate', 'all or nothing: also one within the upload') from r;
select is(pg_temp.stock(second), '0 of 2', 'all or nothing: the stock is as before') from r;
select is(pg_temp.outcomes(pg_temp.upload(second, true, 'J', 'K')), '2 accepted, 0 rejected, stored: true; 1 accepted, 2 accepted', 'all or nothing: all') from r;
select is(pg_temp.upload(second, null, 'L', 'A') ->> 'accepted', '1', 'null is false') from r;
select is(tests.as_service_role(format('select public.add_codes(%L, %L, ''[]'')', hash, second)), '{"accepted": 0, "rejected": 0, "is_stored": false, "lines": []}', 'no codes') from r, k;
select is(tests.as_service_role(format('select public.add_codes(%L, %L, %L)', hash, second, jsonb_agg(jsonb_build_object('line', 1, 'hash', tests.hash_of('N'), 'ciphertext', 'sealed N')))) -> 'accepted',
  '1', 'two lines with the same number count as what is stored') from r, k, generate_series(1, 2) group by hash, second;
select is(pg_temp.stock(second), '0 of 6', 'as does the stock') from r;

-- only pools have one
select is(tests.error_of(format('select pg_temp.upload(%L, false, ''X'')', generated)), 'PT409 reward_has_no_pool', 'a generated reward has no pool') from r;
select is(tests.error_of(format('select pg_temp.upload(%L, false, ''X'')', asked)), 'PT409 reward_has_no_pool', 'nor one whose codes are asked for') from r;
select is(tests.error_of('select pg_temp.upload(gen_random_uuid(), false, ''X'')'), 'PT404 reward_not_found', 'an unknown reward');
select is_empty($$ select from private.reward_codes where code_hash = tests.hash_of('X')::bytea $$, 'nothing of that was stored');

-- a retired reward may still be filled; the pool is emptied in the order of upload
update public.rewards set is_active = false where id = (select pool from r);
select is(pg_temp.upload(pool, false, 'M') ->> 'accepted', '1', 'a retired reward is filled before it comes back') from r;
update public.rewards set is_active = true where id = (select pool from r);
select tests.redeem('anna', pool), tests.redeem('anna', pool) from r;
select results_eq('select ciphertext from private.reward_codes join r on reward_id = pool where redemption_id is not null order by id', array['sealed A', 'sealed B', 'sealed C'], 'codes are given out in the order of upload');
select tests.books_are_right();

select * from finish();
rollback;
