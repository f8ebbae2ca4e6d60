-- A deleted account leaves no code behind that somebody could use, no points lost, and no partner unpaid.
begin;
select plan(37);
select tests.use_default_settings();
select tests.create_supabase_users('anna', 'ben');
select tests.create_partner('bakery');
delete from private.webhook_messages;
insert into private.partner_connections (partner_id, url, secret) values (tests.partner('bakery'), 'https://codes.example/ask', 'sealed secret');
insert into private.webhook_endpoints (partner_id, url, event_types, secret) values (tests.partner('bakery'), 'https://hooks.example/', '{redemption.cancelled}', 'sealed secret');
create temporary table k as select tests.create_api_key('bakery') as key;
create temporary table w as select tests.create_reward('bakery', '{"return_days": 7}', 10) as reward, tests.create_reward('bakery', '{"code_source": "partner_api"}', 10) as asked,
  tests.create_reward('bakery', '{"code_source": "pool"}') as pool;
select tests.fill_pool(pool, 'pooled', 'pooled of ben') from w;
create temporary table t (name text primary key, id uuid);
insert into t select name, tests.redeem('anna', reward, name) from w, unnest('{active,past,used,expired,returned}'::text[]) name;
insert into t select name, tests.redeem('anna', asked) from w, unnest('{pending,asked,failed,used there}'::text[]) name;
insert into t select 'pooled', tests.redeem('anna', pool) from w;
insert into t select 'of ben', tests.redeem('ben', reward, 'of ben') from w;
create function pg_temp.id(name text) returns uuid language sql as $$ select t.id from t where t.name = $1 $$;
create function pg_temp.event(type text, id uuid) returns text language sql as $$
  select tests.as_service_role(format('select public.record_partner_event(%L, %L, %L, now(), %L, null, null, ''{}'')', tests.partner('bakery'), gen_random_uuid(), type, id)) ->> 'outcome' $$;
create function pg_temp.verify(code text) returns text language sql as $$ select tests.as_service_role(format('select public.verify_code(%L, %L)', key, tests.hash_of(code))) ->> 'outcome' from k $$;
select tests.as_service_role(format('select public.use_code(%L, %L, ''T1'')', key, tests.hash_of('used'))) from k;
update public.redemptions set expires_at = now() where id = pg_temp.id('expired');
select ops.run_due_jobs(now());
update public.redemptions set expires_at = now() where id = pg_temp.id('past');
select tests.as_service_role(format('select public.return_redemption(%L, %L)', tests.get_supabase_uid('anna'), pg_temp.id('returned')));
select tests.as_service_role(format('select public.record_partner_code(%L, %L, ''sealed asked'')', pg_temp.id('asked'), tests.hash_of('asked')));
select tests.as_service_role(format('select public.record_partner_refusal(%L, ''No.'')', pg_temp.id('failed')));
select pg_temp.event('code.used', pg_temp.id('used there'));
delete from private.webhook_messages;
create temporary table ended as select r.* from public.redemptions r join t using (id) where r.status not in ('pending', 'active');
create temporary table owned as select balance from public.point_accounts where user_id = tests.get_supabase_uid('anna');
select is((select count(*)::int from ended), 5, 'five have ended, five have not');

select lives_ok($$ delete from auth.users where id = tests.get_supabase_uid('anna') $$, 'the login is deleted');

-- what could still be used is cancelled, and its points go back
select is(r.status || ' ' || r.end_reason, 'cancelled account_deleted', name || ': is cancelled') from t join public.redemptions r using (id) where name in ('active', 'past', 'pending', 'asked', 'pooled') order by name;
select results_eq($$ select p.redemption_id, p.amount, p.description from t join public.point_transactions p on p.redemption_id = t.id where p.type = 'refund' and name in ('active', 'past', 'pending', 'asked', 'pooled') order by 1 $$,
  $$ select id, 10, 'account_deleted' from t where name in ('active', 'past', 'pending', 'asked', 'pooled') order by 1 $$, 'each is refunded once');
select is((select a.balance - o.balance from public.point_accounts a, owned o where a.user_id = tests.get_supabase_uid('anna')), 50, 'to the account, which stays');
select set_eq('select r.* from public.redemptions r join ended using (id)', 'select * from ended', 'what had ended stays as it was');
select is((select taken from public.reward_stocks join w on reward_id = reward), 3, 'the stock has room again for two');
select is((select taken from public.reward_stocks join w on reward_id = asked), 1, 'and there, too');
select is((select taken from public.reward_stocks join w on reward_id = pool), 1, 'a pool has not: its code was seen');
select is_empty('select * from private.partner_requests join t on redemption_id = t.id', 'nobody asks for a code any more');
select is((select count(*)::int from private.webhook_messages where type = 'redemption.cancelled' and payload -> 'data' ->> 'end_reason' = 'account_deleted'), 5, 'the partner is told of each');
select is_empty($$ select * from private.webhook_messages where payload::text ~ tests.get_supabase_uid('anna')::text $$, 'without saying whose it was');

-- the codes are gone, all but those that were used; that they were given is remembered
select results_eq($$ select name from private.reward_codes c join t on t.id = c.redemption_id where c.ciphertext <> '' order by 1 $$, array['of ben', 'used'], 'only the code that was used is kept, and those of others');
select is((select ciphertext from private.reward_codes c join w on c.reward_id = w.pool where c.redemption_id is null), 'sealed pooled of ben', 'the pool keeps what nobody has seen');
select is(pg_temp.verify(code), want, code || ': no till takes the code any more')
from (values ('active', 'cancelled'), ('past', 'cancelled'), ('asked', 'cancelled'), ('pooled', 'cancelled'), ('expired', 'expired'), ('returned', 'cancelled')) v (code, want);
select is(tests.as_service_role(format('select public.add_codes(%L, %L, %L)', key, pool, jsonb_build_array(
  jsonb_build_object('line', 1, 'hash', tests.hash_of('pooled'), 'ciphertext', 'sealed again'), jsonb_build_object('line', 2, 'hash', tests.hash_of('active'), 'ciphertext', 'sealed again')))) ->> 'accepted', '0',
  'nor does one come in again, for somebody else') from k, w;
select is(pg_temp.verify('used'), 'used', 'but the one that was used');
select is(pg_temp.verify('of ben'), 'valid', 'others'' codes are as good as before');
select tests.books_are_right();

-- the member can do nothing any more, and late answers change nothing
select throws_ok(format('select public.read_redemption(%L, %L)', tests.get_supabase_uid('anna'), pg_temp.id('used')), 'PT404', 'redemption_not_found', 'the member reads nothing any more');
select throws_ok(format('select public.begin_redemption(%L, %L, 10, gen_random_uuid(), %L, ''sealed code'')', tests.get_supabase_uid('anna'), reward, tests.hash_of('x')), 'PT403', 'user_inactive', 'and redeems nothing') from w;
create temporary table after as select r.* from public.redemptions r join t using (id);
select is(tests.as_service_role(format('select public.record_partner_code(%L, %L, ''sealed late'')', pg_temp.id('pending'), tests.hash_of('late'))) ->> 'outcome', 'ended', 'a code that comes now is dropped');
select is(pg_temp.event('code.used', pg_temp.id('asked')), 'conflict', 'a use that is reported now is a conflict');
select is(pg_temp.event('code.cancelled', pg_temp.id('asked')), 'ignored', 'a cancellation is no news');
select is((select count(*)::int from tests.run_jobs('redemptions', now() + interval '1 year', 1000) where failed > 0), 0, 'nor do the deadlines stumble');
select set_eq('select r.* from public.redemptions r join t using (id) where r.user_id = tests.get_supabase_uid(''anna'')', 'select * from after where user_id = tests.get_supabase_uid(''anna'')', 'all is as it was');
select is((select count(*)::int from jsonb_array_elements(tests.as_service_role(format('select public.list_partner_redemptions(%L, page_size => 100)', key)) -> 'items')), 11, 'the partner still finds all of them') from k;
select tests.books_are_right('the books are right at the end');

select * from finish();
rollback;
