-- What has ended stays as it is, and nothing is ever deleted: not by members, not by the service role, not by the owner of the
-- tables, not in Studio. And the tables hold only what is possible.
begin;
select plan(65);
select tests.use_default_settings();
select tests.create_supabase_users('anna');
select tests.create_partner('bakery');
insert into private.partner_connections (partner_id, url, secret) values (tests.partner('bakery'), 'https://codes.example/ask', 'sealed secret');
create temporary table k as select tests.create_api_key('bakery') as key;
create temporary table t as
select status, tests.redeem('anna', tests.create_reward('bakery', jsonb_build_object('code_source', case when status in ('pending', 'failed') then 'partner_api' else 'generated' end)), status) as id
from unnest('{pending,active,used,expired,cancelled,failed}'::text[]) status;
select tests.as_service_role(format('select public.use_code(%L, %L, ''T1'')', key, tests.hash_of('used'))) from k;
update public.redemptions set expires_at = now() where id = (select id from t where status = 'expired');
select ops.run_due_jobs(now());
select tests.as_service_role(format('select public.cancel_redemption(%L, %L)', key, id)) from k, t where status = 'cancelled';
select tests.as_service_role(format('select public.record_partner_refusal(%L, ''No.'')', id)) from t where status = 'failed';
select results_eq('select t.status::text, r.status::text from t join public.redemptions r using (id) order by 1', 'select status, status from t order by 1', 'there is one of each kind');
create temporary table before as select r.* from public.redemptions r join t using (id);

-- the owner, who is bound by triggers
select is(tests.error_of(format('update public.redemptions set %s where id = %L', change, id)), 'PT409 ledger_is_append_only (public.redemptions)', format('%s: %s', status, change))
from t, unnest(array['status = ''active'', used_at = null, ended_at = null', 'points_spent = 1', 'user_id = gen_random_uuid()', 'used_at = now() - interval ''1 month''', 'till_reference = ''T2''', 'expires_at = expires_at']) change
where status in ('used', 'expired', 'cancelled', 'failed') order by status;
select is(tests.error_of(format('delete from public.redemptions where id = %L', id)), 'PT409 ledger_is_append_only (public.redemptions)', status || ': cannot be deleted') from t order by status;
select matches(tests.error_of('truncate public.redemptions cascade'), '^PT409 ledger_is_append_only', 'nor can all of them');
select set_eq('select r.* from public.redemptions r join t using (id)', 'select * from before', 'all read as before');
select lives_ok(format('update public.redemptions set expires_at = expires_at + interval ''1 day'' where id = %L', id), status || ': what has not ended can be corrected in Studio') from t where status in ('pending', 'active') order by status;

-- only possible facts
create function pg_temp.copy(changes jsonb)
returns text
language sql
as $$
  select tests.error_of(format('insert into public.redemptions select r.* from jsonb_populate_record(null::public.redemptions, %L) r',
    to_jsonb(r) || jsonb_build_object('id', gen_random_uuid(), 'idempotency_key', gen_random_uuid()) || changes))
  from public.redemptions r join t using (id) where t.status = 'active'
$$;
select is(tests.error_of(format('update public.redemptions set status = %L, used_at = %L, ended_at = %L where id = %L', v.status, case when used then now() end, case when ended then now() end, t.id)),
  format('PT400 status_invalid (%s)', v.status), format('%s%s%s', v.status, case when used then ', with used_at' else '' end, case when ended then ', with ended_at' else '' end))
from (values ('pending', true, false), ('pending', false, true), ('active', true, false), ('active', false, true), ('used', false, false), ('used', true, true), ('used', false, true),
  ('expired', false, false), ('expired', true, true), ('cancelled', false, false), ('cancelled', true, false), ('failed', false, false), ('failed', true, true), ('lost', false, false)) v (status, used, ended), t where t.status = 'active';
select matches(pg_temp.copy(jsonb_build_object('idempotency_key', idempotency_key)), '^23505 .*"redemption_is_begun_once"', 'a key is used once by a member') from public.redemptions join t using (id) where t.status = 'active';
select matches(tests.error_of(format('insert into private.reward_codes (partner_id, reward_id, code_hash, ciphertext, redemption_id) select partner_id, reward_id, tests.hash_of(''second'')::bytea, ''sealed'', id from public.redemptions where id = %L', id)),
  '^23505 .*"redemption_has_one_code"', 'a redemption has one code') from t where status = 'active';
select matches(tests.error_of(format('insert into private.reward_codes (partner_id, reward_id, code_hash, ciphertext) select partner_id, reward_id, tests.hash_of(''active'')::bytea, ''sealed'' from public.redemptions where id = %L', id)),
  '^23505 ', 'a partner has a code once') from t where status = 'active';
select matches(tests.error_of(format('update private.reward_codes set redemption_id = %L where redemption_id = (select id from t where status = ''used'')', id)), '^23505 .*"redemption_has_one_code"', 'nor does a code move to a redemption that has one')
from t where status = 'active';

-- what was redeemed without a stock gets none, what was redeemed from one keeps it
select is(tests.error_of(format('insert into public.reward_stocks (reward_id, total) values (%L, 5)', reward_id)), 'PT409 stock_not_editable', 'a redeemed reward that is unlimited stays so')
from public.redemptions join t using (id) where t.status = 'active';
create temporary table limited as select tests.create_reward('bakery', '{}', 5) as reward;
select tests.redeem('anna', reward, 'limited') from limited;
select is(tests.error_of(format('delete from public.reward_stocks where reward_id = %L', reward)), 'PT409 stock_not_editable', 'a redeemed reward keeps its stock') from limited;
select is((select row(total, taken)::text from public.reward_stocks where reward_id = reward), '(5,1)', 'which still counts') from limited;

-- a reward that somebody redeemed stays
create function pg_temp.delete_reward(reward uuid) returns text language sql as $$ select tests.error_of(format('delete from public.rewards where id = %L', reward)) $$;
create temporary table w as select (select reward_id from public.redemptions join t using (id) where t.status = 'cancelled') as redeemed, tests.create_reward('bakery', '{}', 5) as never;
select is(pg_temp.delete_reward(never), 'PT409 reward_in_use', 'a reward that is offered cannot be deleted') from w;
update public.rewards set is_active = false from w where id in (redeemed, never);
select is(pg_temp.delete_reward(never), 'PT409 reward_in_use', 'nor right after it was retired: somebody may be redeeming it') from w;
update public.rewards set updated_at = now() - interval '1 hour' from w where id in (redeemed, never);
select is(pg_temp.delete_reward(redeemed), 'PT409 reward_in_use', 'nor ever, once it was redeemed') from w;
select is(pg_temp.delete_reward(never), 'no error', 'one that nobody redeemed can, an hour later') from w;
select is_empty('select * from public.reward_stocks join w on reward_id = never', 'its stock goes with it');
create temporary table p as select tests.create_reward('bakery', '{"code_source": "pool"}') as pool, tests.create_reward('bakery', '{"code_source": "pool"}') as next;
select tests.fill_pool(pool, 'pool-1', 'pool-2') from p;
update public.rewards set is_active = false, updated_at = now() - interval '1 hour' from p where id = pool;
select is(pg_temp.delete_reward(pool), 'no error', 'a pool that nobody has touched') from p;
select lives_ok(format('select tests.fill_pool(%L, ''pool-1'', ''pool-2'')', next), 'leaves its codes free for the next one') from p;
select throws_ok('truncate public.rewards cascade', 'PT409', 'reward_in_use', 'all rewards at once are never deleted');
select tests.books_are_right();

select * from finish();
rollback;
