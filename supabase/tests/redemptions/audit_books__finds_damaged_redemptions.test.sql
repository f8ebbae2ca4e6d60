-- The proof of the books must be able to fail for redemptions, too: each kind of damage, planted past the triggers, is named.
begin;
select plan(33);
select tests.use_default_settings();
select tests.create_supabase_users('anna', 'ben');
select tests.create_partner('bakery'), tests.create_partner('other');
insert into private.partner_connections (partner_id, url, secret) values (tests.partner('bakery'), 'https://codes.example/ask', 'sealed secret');
create temporary table k as select tests.create_api_key('bakery') as key;
create temporary table w as select tests.create_reward('bakery', '{"return_days": 7, "expiry_refund_percent": 50}', 10) as reward, tests.create_reward('bakery', '{"code_source": "partner_api"}', 10) as asked,
  tests.create_reward('bakery', '{"code_source": "pool"}') as pool, tests.create_reward('bakery', '{}', 10) as same_partner, tests.create_reward('other') as other;
select tests.fill_pool(pool, 'pool-1', 'pool-2') from w;
create temporary table t (name text primary key, id uuid);
insert into t select name, tests.redeem('anna', reward, name) from w, unnest('{active,used,expired,cancelled}'::text[]) name;
insert into t select name, tests.redeem('anna', asked) from w, unnest('{pending,failed}'::text[]) name;
insert into t select 'pooled', tests.redeem('anna', pool) from w;
select tests.as_service_role(format('select public.use_code(%L, %L, ''T1'')', key, tests.hash_of('used'))) from k;
update public.redemptions set expires_at = now() where id = (select id from t where name = 'expired');
select ops.run_due_jobs(now());
select tests.as_service_role(format('select public.return_redemption(%L, %L)', tests.get_supabase_uid('anna'), id)) from t where name = 'cancelled';
select tests.as_service_role(format('select public.record_partner_refusal(%L, ''No.'')', id)) from t where name = 'failed';
select tests.books_are_right('before the damage everything is right');

-- what an admin with the database password could do, and nobody else; $name stands for a redemption
create function pg_temp.damage(relation regclass, command text)
returns setof text
language plpgsql
as $$
begin
  execute format('alter table %s disable trigger user', relation);
  execute regexp_replace(command, '\$(\w+)', '(select t.id from t where t.name = ''\1'')', 'g');
  execute format('alter table %s enable trigger user', relation);
  return query select distinct problem from ops.audit_books() order by 1;
  raise exception using errcode = 'TT001';  -- undo the damage
exception when sqlstate 'TT001' then
  return;
end $$;

create temporary table damages (number integer generated always as identity, relation text, command text, problems text[], why text);
insert into damages (relation, command, problems, why) values
  ('public.point_transactions', 'update public.point_transactions set user_id = tests.get_supabase_uid(''ben'') where redemption_id = $active',
    '{account_differs_from_ledger,balance_after_breaks_chain,payment_without_redemption,redemption_not_paid_right}', 'a payment that was booked on somebody else'),
  ('public.point_transactions', 'update public.point_transactions set redemption_id = gen_random_uuid() where redemption_id = $active', '{payment_without_redemption,redemption_not_paid_right}', 'a payment that belongs to nothing'),
  ('public.point_transactions', 'update public.point_transactions set redemption_id = gen_random_uuid() where redemption_id = $cancelled and type = ''refund''', '{payment_without_redemption,redemption_not_paid_right}', 'a refund that belongs to nothing'),
  ('public.point_transactions', 'update public.point_transactions set type = ''admin_adjustment'', redemption_id = null where redemption_id = $used', '{account_differs_from_ledger,redemption_not_paid_right}', 'a payment that was renamed'),
  ('public.point_transactions', 'update public.point_transactions set type = ''bonus'' where redemption_id = $failed and type = ''refund''', '{account_differs_from_ledger,redemption_not_paid_right}', 'a refund that was renamed'),
  ('public.reward_stocks', 'insert into public.point_transactions (user_id, redemption_id, amount, type, balance_after) values (tests.get_supabase_uid(''anna''), $active, 10, ''refund'', 0)', '{redemption_not_paid_right}', 'a refund of what can still be used'),
  ('public.reward_stocks', 'insert into public.point_transactions (user_id, redemption_id, amount, type, balance_after) values (tests.get_supabase_uid(''anna''), $used, 10, ''refund'', 0)', '{redemption_not_paid_right}', 'a refund of what was used'),
  ('public.reward_stocks', 'insert into public.point_transactions (user_id, redemption_id, amount, type, balance_after) values (tests.get_supabase_uid(''anna''), $pending, 10, ''refund'', 0)', '{redemption_not_paid_right}', 'a refund of what still waits'),
  ('public.redemptions', 'update public.redemptions set status = ''cancelled'', ended_at = now() where id = $active', '{redemption_not_paid_right,stock_differs}', 'cancelled by hand, without refund'),
  ('public.redemptions', 'update public.redemptions set status = ''expired'', ended_at = now() where id = $active', '{redemption_not_paid_right}', 'expired by hand, without the refund that was promised'),
  ('public.redemptions', 'update public.redemptions set status = ''failed'', ended_at = now() where id = $pending', '{queued_redemption_not_pending,redemption_not_paid_right,stock_differs}', 'failed by hand, without refund'),
  ('public.redemptions', 'update public.redemptions set status = ''used'', used_at = now(), ended_at = null where id = $cancelled', '{redemption_not_paid_right,stock_differs}', 'used by hand, after the points went back'),
  ('public.redemptions', 'update public.redemptions set ended_at = now() where id = $used', '{redemption_status_impossible}', 'used and ended'),
  ('public.redemptions', 'update public.redemptions set points_spent = points_spent + 1 where id = $used', '{redemption_not_paid_right}', 'a price that was edited'),
  ('public.redemptions', 'update public.redemptions set expiry_refund_points = 10 where id = $expired', '{redemption_not_paid_right}', 'a promised refund that was edited'),
  ('public.redemptions', 'update public.redemptions set user_id = tests.get_supabase_uid(''ben'') where id = $used', '{payment_without_redemption,redemption_not_paid_right}', 'a redemption that was given to somebody else'),
  ('public.redemptions', 'update public.redemptions set user_id = gen_random_uuid() where id = $used', '{payment_without_redemption,redemption_not_paid_right,redemption_without_reward}', 'a redemption of nobody'),
  ('public.redemptions', 'delete from public.redemptions where id = $used', '{code_of_another_reward,payment_without_redemption,stock_differs}', 'a redemption that was deleted'),
  ('public.redemptions', 'update public.redemptions set reward_id = (select other from w) where id = $failed', '{redemption_without_reward}', 'a reward of another partner'),
  ('public.redemptions', 'update public.redemptions set partner_id = tests.partner(''other'') where id = $failed', '{redemption_without_reward}', 'another partner'),
  ('public.redemptions', 'update public.redemptions set reward_id = (select same_partner from w) where id = $active', '{code_of_another_reward,stock_differs}', 'another reward of the same partner'),
  ('public.rewards', 'update public.rewards set is_limited = not is_limited where id = (select asked from w)', '{reward_limit_not_marked}', 'a stock that its reward does not know of'),
  ('public.rewards', 'delete from public.rewards where id = (select asked from w)', '{redemption_without_reward}', 'a reward that was deleted past its trigger'),
  ('private.reward_codes', 'delete from private.reward_codes where redemption_id = $active', '{active_redemption_without_code}', 'a code that was deleted'),
  ('private.reward_codes', 'update private.reward_codes set reward_id = (select same_partner from w) where redemption_id = $active', '{code_of_another_reward}', 'a code that was moved to another reward'),
  ('private.reward_codes', 'update private.reward_codes set redemption_id = gen_random_uuid() where redemption_id = $used', '{code_of_another_reward}', 'a code of nothing'),
  ('private.reward_codes', 'delete from private.reward_codes where code_hash = tests.hash_of(''pool-2'')::bytea', '{stock_differs}', 'a code that was taken out of a pool'),
  ('private.partner_requests', 'delete from private.partner_requests where redemption_id = $pending', '{pending_redemption_not_queued}', 'one that waits, and nobody will ask for it'),
  ('private.partner_requests', 'insert into private.partner_requests (redemption_id, partner_id, next_attempt_at, deadline_at) values ($active, gen_random_uuid(), now(), now())', '{queued_redemption_not_pending}', 'one that is asked for, and has its code'),
  ('public.reward_stocks', 'update public.reward_stocks set taken = taken - 1 where reward_id = (select reward from w)', '{stock_differs}', 'a stock that was counted down'),
  ('public.reward_stocks', 'update public.reward_stocks set total = total + 1 where reward_id = (select pool from w)', '{stock_differs}', 'a pool that claims to have one more');

select bag_eq(format('select pg_temp.damage(%L, %L)', relation, command), problems, why) from damages order by number;
select tests.books_are_right('afterwards everything is right again');

select * from finish();
rollback;
