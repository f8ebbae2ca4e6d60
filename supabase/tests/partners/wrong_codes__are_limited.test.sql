-- Guessing codes: a key may be wrong a number of times within a window, then it waits, even with a right code.
begin;
select plan(38);
select tests.use_default_settings();
select tests.create_supabase_user('anna');
select tests.create_partner('bakery'), tests.create_partner('library');
create temporary table k as select tests.create_api_key('bakery') as till, tests.create_api_key('bakery') as second_till, tests.create_api_key('library') as other;
create temporary table r as select tests.redeem('anna', tests.create_reward('bakery'), 'BREAD-1') as id;
create function pg_temp.verify(key text, code text) returns text language plpgsql as $$
declare
  v_answer text;
begin
  perform tests.authenticate_as_service_role();
  begin
    v_answer := public.verify_code(key, tests.hash_of(code)) ->> 'outcome';
  exception when others then
    v_answer := sqlstate || ' ' || sqlerrm;
  end;
  perform tests.reset_authentication();
  return v_answer;
end $$;
create function pg_temp.use(key text, code text) returns text language plpgsql as $$
declare
  v_answer text;
begin
  perform tests.authenticate_as_service_role();
  begin
    v_answer := public.use_code(key, tests.hash_of(code), 'till-1') ->> 'outcome';
  exception when others then
    v_answer := sqlstate || ' ' || sqlerrm;
  end;
  perform tests.reset_authentication();
  return v_answer;
end $$;
create function pg_temp.counted(hash text) returns text language sql as $$
  select format('%s since %s', wrong_codes, now() - wrong_codes_since) from private.partner_api_keys where key_hash = hash::bytea
$$;
create function pg_temp.pass(hash text, passed interval) returns void language sql as $$
  update private.partner_api_keys set wrong_codes_since = wrong_codes_since - passed where key_hash = hash::bytea
$$;

-- counted: wrong ones only, by either command
select is(pg_temp.verify(till, 'BREAD-1'), 'valid', 'a right code') from k;
select is(pg_temp.counted(till), '0 since 00:00:00', 'is not counted') from k;
select is(pg_temp.verify(till, 'GUESS'), 'not_found', 'a wrong code') from k;
select is(pg_temp.counted(till), '1 since 00:00:00', 'is counted') from k;
select is(pg_temp.use(till, 'GUESS'), 'not_found', 'one that is to be used') from k;
select is(pg_temp.counted(till), '2 since 00:00:00', 'is counted likewise') from k;
select is(tests.error_of(format('select public.use_code(%L, %L, '' '')', till, tests.hash_of('GUESS'))), 'PT400 till_reference_invalid', 'a command that is refused for something else') from k;
select is(pg_temp.counted(till), '2 since 00:00:00', 'is not counted') from k;
select pg_temp.verify(till, 'GUESS ' || n) from k, generate_series(3, 19) n;
select is(pg_temp.verify(till, 'BREAD-1'), 'valid', 'up to the limit right codes go on') from k;
select is(pg_temp.verify(till, 'GUESS'), 'not_found', 'the twentieth wrong one is still answered') from k;
select is(pg_temp.counted(till), '20 since 00:00:00', 'and counted') from k;

-- limited
select is(pg_temp.verify(till, 'GUESS'), 'PT429 too_many_wrong_codes', 'limited: a wrong code is refused') from k;
select is(pg_temp.verify(till, 'BREAD-1'), 'PT429 too_many_wrong_codes', 'limited: so is a right one') from k;
select is(pg_temp.use(till, 'BREAD-1'), 'PT429 too_many_wrong_codes', 'limited: nor is it used') from k;
select is((select status from public.redemptions join r using (id)), 'active', 'limited: it is as it was');
select is(pg_temp.counted(till), '20 since 00:00:00', 'limited: what is refused is not counted') from k;
select is(tests.error_of(format('select public.verify_code(%L, %L)', till, tests.hash_of('GUESS'))), 'PT429 too_many_wrong_codes (600)', 'limited: the detail tells how many seconds to wait') from k;
select pg_temp.pass(till, interval '9 minutes 30.5 seconds') from k;
select is(tests.error_of(format('select public.verify_code(%L, %L)', till, tests.hash_of('GUESS'))), 'PT429 too_many_wrong_codes (30)', 'limited: rounded up') from k;
select is(tests.error_of(format('select public.list_partner_rewards(%L)', till)), 'no error', 'limited: other commands of the key go on') from k;
select is(pg_temp.verify(second_till, 'BREAD-1'), 'valid', 'limited: other tills of the partner go on') from k;
select is(pg_temp.verify(other, 'GUESS'), 'not_found', 'limited: and other partners') from k;

-- the window passes
select pg_temp.pass(till, interval '29.4 seconds') from k;
select is(pg_temp.verify(till, 'BREAD-1'), 'PT429 too_many_wrong_codes', 'a moment before the window has passed') from k;
select pg_temp.pass(till, interval '0.1 seconds') from k;
select is(pg_temp.verify(till, 'BREAD-1'), 'valid', 'when it has passed, the till goes on') from k;
select is(pg_temp.verify(till, 'GUESS'), 'not_found', 'a wrong code then') from k;
select is(pg_temp.counted(till), '1 since 00:00:00', 'is the first of a new window') from k;
select pg_temp.pass(till, interval '9 minutes') from k;
select pg_temp.verify(till, 'GUESS') from k;
select is(pg_temp.counted(till), '2 since 00:09:00', 'the window does not move with each wrong code') from k;

-- both are settings
update private.settings set wrong_code_limit = 3, wrong_code_minutes = 60;
select is(pg_temp.verify(till, 'GUESS'), 'not_found', 'settings: the third') from k;
select is(tests.error_of(format('select public.verify_code(%L, %L)', till, tests.hash_of('BREAD-1'))), 'PT429 too_many_wrong_codes (3060)', 'settings: is the last, for an hour') from k;
select tests.use_default_settings();
select is(pg_temp.use(till, 'BREAD-1'), 'used', 'settings: with others it is not limited') from k;

-- what is no wrong guess: codes of this partner in any state
select is(pg_temp.counted(till), '3 since 00:09:00', 'three so far') from k;
select is(pg_temp.use(till, 'BREAD-1'), 'used', 'used again with the same reference') from k;
select is(pg_temp.verify(till, 'BREAD-1'), 'used', 'a used code') from k;
select is(pg_temp.counted(till), '3 since 00:09:00', 'is no wrong one') from k;

-- a key for each till, and all of them together
select tests.create_partner('cinema');
create temporary table c as select n, tests.create_api_key('cinema') as hash from generate_series(1, 12) n;
select pg_temp.verify(hash, 'GUESS ' || g) from c, generate_series(1, 20) g where n <= 9;
select is(pg_temp.verify(hash, 'GUESS'), 'PT429 too_many_wrong_codes', 'a till that guesses waits') from c where n = 1;
select is(pg_temp.verify(hash, 'GUESS'), 'not_found', 'the others at the shop go on') from c where n = 10;
select pg_temp.verify(hash, 'GUESS ' || g) from c, generate_series(1, 19) g where n = 10;
select is(pg_temp.verify(hash, 'GUESS'), 'PT429 too_many_wrong_codes', 'ten times the limit of one: all keys of the partner wait, new ones, too') from c where n = 11;
update private.partner_api_keys set revoked_at = now() where key_hash = (select c.hash::bytea from c where n = 1);
select is(pg_temp.verify(hash, 'GUESS'), 'PT429 too_many_wrong_codes', 'a revoked key does not make its guesses unsaid') from c where n = 12;
select pg_temp.pass(hash, interval '11 minutes') from c;
select is(pg_temp.verify(hash, 'GUESS'), 'not_found', 'until the time is over') from c where n = 12;
select * from finish();
rollback;
