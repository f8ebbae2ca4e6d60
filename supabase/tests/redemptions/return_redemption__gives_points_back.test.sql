-- A member gives an unused code back within the reward's window: the points return once, the stock has room again.
begin;
select plan(46);
select tests.use_default_settings();
select tests.create_supabase_users('anna', 'ben');
select tests.create_partner('bakery');
delete from private.webhook_messages;
insert into private.webhook_endpoints (partner_id, url, event_types, secret) values (tests.partner('bakery'), 'https://hooks.example/', '{redemption.cancelled}', 'sealed secret');
insert into private.partner_connections (partner_id, url, secret) values (tests.partner('bakery'), 'https://codes.example/ask', 'sealed secret');
create temporary table k as select tests.create_api_key('bakery') as key;

create function pg_temp.give_back(redemption_id uuid, member text default 'anna')
returns text
language sql
as $$ select format('select public.return_redemption(%L, %L)', tests.get_supabase_uid(member), redemption_id) $$;
create function pg_temp.error_of_return(redemption_id uuid, member text default 'anna')
returns text
language sql
as $$ select tests.error_of(format('select tests.as_service_role(%L)', pg_temp.give_back(redemption_id, member))) $$;
create function pg_temp.stock(reward uuid) returns integer language sql as $$ select taken from public.reward_stocks where reward_id = $1 $$;
create function pg_temp.balance(member text) returns integer language sql as $$ select balance from public.point_accounts where user_id = tests.get_supabase_uid(member) $$;

create temporary table t as select tests.create_reward('bakery', '{"return_days": 7, "points_cost": 30}', 1) as reward;
alter table t add id uuid, add answer jsonb;
update t set id = tests.redeem('anna', reward, 'code');
select is(pg_temp.balance('anna'), 0, 'the points are spent');
update t set answer = tests.as_service_role(pg_temp.give_back(id));
select is(answer, jsonb_build_object('redemption', private.redemption_json(r)), 'the answer is the redemption') from t join public.redemptions r using (id);
select results_eq('select status::text, end_reason::text, ended_at, used_at from public.redemptions join t using (id)', $$ values ('cancelled', 'returned', now(), null::timestamptz) $$, 'it is cancelled');
select is(pg_temp.balance('anna'), 30, 'the points are back');
select results_eq('select amount, type::text, balance_after, description, task_id from public.point_transactions join t on redemption_id = t.id order by point_transactions.id',
  $$ values (-30, 'redemption', 0, null::text, null::uuid), (30, 'refund', 30, 'returned', null) $$, 'by a refund that says why');
select results_eq($$ select earned, spent from public.point_accounts where user_id = tests.get_supabase_uid('anna') $$, $$ values (0, 0) $$, 'nothing was earned by that, and nothing is spent');
select is(pg_temp.stock(reward), 0, 'the stock has room again') from t;
select results_eq('select action, details from private.audit_log join t on subject_id = t.id', $$ values ('redemption_cancelled', '{"reason": "returned", "refund": 30}'::jsonb) $$, 'the audit log has it');
select results_eq($$ select type, payload -> 'data' ->> 'redemption_id', payload -> 'data' ->> 'status', payload -> 'data' ->> 'end_reason' from private.webhook_messages $$,
  $$ select 'redemption.cancelled', id::text, 'cancelled', 'returned' from t $$, 'the partner is told');
select is(tests.as_service_role(format('select public.verify_code(%L, %L)', key, tests.hash_of('code'))) ->> 'outcome', 'cancelled', 'no till takes the code any more') from k;
select is(tests.as_service_role(format('select public.use_code(%L, %L, ''T1'')', key, tests.hash_of('code'))) ->> 'outcome', 'cancelled', 'really none') from k;
select tests.books_are_right();

-- repeated
select is(tests.as_service_role(pg_temp.give_back(id)), answer, 'giving it back again is the same answer') from t;
select is(pg_temp.balance('anna'), 30, 'without points');
select is(pg_temp.stock(reward), 0, 'without stock') from t;
select is((select count(*)::int from private.webhook_messages), 1, 'without an event');
select lives_ok(format('select tests.redeem(''ben'', %L)', reward), 'somebody else takes what came back') from t;
select is(pg_temp.stock(reward), 1, 'from the stock') from t;
select is(tests.as_service_role(pg_temp.give_back(id)), answer, 'even then') from t;
select is(pg_temp.stock(reward), 1, 'the stock counts right') from t;

-- whose
create temporary table o as select tests.redeem('ben', tests.create_reward('bakery', '{"return_days": 7}')) as id;
select is(pg_temp.error_of_return(id), 'PT404 redemption_not_found', 'a member cannot give back what is another''s') from o;
select is(pg_temp.error_of_return(id, null), 'PT404 redemption_not_found', 'nor can nobody') from o;
select is(pg_temp.error_of_return(gen_random_uuid()), 'PT404 redemption_not_found', 'nor what does not exist');
select is(pg_temp.error_of_return(null), 'PT404 redemption_not_found', 'nor nothing');
select is((select status from public.redemptions join o using (id)), 'active', 'it is what it was');
select ops.ban_user(tests.get_supabase_uid('ben'), 'test');
select is(tests.as_service_role(pg_temp.give_back(id, 'ben')) -> 'redemption' ->> 'status', 'cancelled', 'a ban does not keep points from coming back') from o;

-- the window
create temporary table w as
select n, tests.redeem('anna', tests.create_reward('bakery', jsonb_build_object('return_days', case when n > 0 then 7 else 0 end)), 'window ' || n) as id from generate_series(0, 3) n;
select is(pg_temp.error_of_return(id), 'PT409 redemption_not_returnable (active)', 'a reward without a window') from w where n = 0;
update public.redemptions set returnable_until = now() where id = (select id from w where n = 1);
select is(pg_temp.error_of_return(id), 'PT409 redemption_not_returnable (active)', 'when the window ends it is closed') from w where n = 1;
update public.redemptions set returnable_until = now() + interval '1 microsecond' where id = (select id from w where n = 2);
select is(pg_temp.error_of_return(id), 'no error', 'a moment before that it is open') from w where n = 2;
update public.redemptions set expires_at = now() where id = (select id from w where n = 3);
select is(pg_temp.error_of_return(id), 'PT409 redemption_not_returnable (active)', 'a code past its term, which the job has not ended yet') from w where n = 3;

-- the status
create temporary table s as
select status, tests.redeem('anna', tests.create_reward('bakery', '{"return_days": 7, "code_source": "partner_api", "expiry_refund_percent": 50}')) as id
from unnest('{pending,used,expired,cancelled,failed}'::text[]) status;
select tests.as_service_role(format('select public.record_partner_code(%L, %L, ''sealed code'')', id, tests.hash_of(status))) from s where status in ('used', 'expired');
select tests.as_service_role(format('select public.use_code(%L, %L, ''T1'')', key, tests.hash_of('used'))) from k;
update public.redemptions set expires_at = now() where id = (select id from s where status = 'expired');
select ops.run_due_jobs(now());
select tests.as_service_role(format('select public.cancel_redemption(%L, %L)', key, id)) from k, s where status = 'cancelled';
select tests.as_service_role(format('select public.record_partner_refusal(%L, ''No.'')', id)) from s where status = 'failed';
select is(pg_temp.error_of_return(id), case when status = 'pending' then 'PT409 redemption_pending' else 'PT409 redemption_not_returnable (' || status || ')' end, status) from s order by status;
select results_eq($$ select coalesce(sum(amount) filter (where type = 'refund'), 0)::int from s left join public.point_transactions p on p.redemption_id = s.id group by status order by status $$,
  $$ values (10), (5), (10), (0), (0) $$, 'cancelled, expired, failed, pending, used: refunded as they ended, once');
select is((select r.status from public.redemptions r join s using (id) where s.status = 'pending'), 'pending', 'what waits still waits');

-- pools and deleted accounts
select ops.unban_user(tests.get_supabase_uid('ben'));
create temporary table p as select tests.create_reward('bakery', '{"code_source": "pool", "return_days": 7}') as reward;
select tests.fill_pool(reward, 'pool-1', 'pool-2') from p;
alter table p add id uuid;
update p set id = tests.redeem('anna', reward);
select is(pg_temp.error_of_return(id), 'no error', 'a code from a pool can be given back') from p;
select is(pg_temp.stock(reward), 1, 'but stays taken: it was seen') from p;
select is((select count(*)::int from private.reward_codes join p on redemption_id = p.id), 1, 'and bound to its redemption');
create temporary table d as select tests.redeem('ben', tests.create_reward('bakery', '{"return_days": 7}')) as id;
delete from auth.users where id = tests.get_supabase_uid('ben');
select is(pg_temp.error_of_return(id, 'ben'), 'PT404 redemption_not_found', 'a deleted member gives nothing back: it came back already') from d;
select tests.books_are_right('the books are right at the end');

-- not without end: each code makes work for its partner
select tests.create_supabase_users('dora');
update private.settings set return_limit_per_day = 1;
create temporary table l as select tests.create_reward('bakery', '{"return_days": 7, "points_cost": 1}') as reward;
alter table l add one uuid, add two uuid;
update l set one = tests.redeem('dora', reward, 'one'), two = tests.redeem('dora', reward, 'two');
select is(pg_temp.error_of_return(one, 'dora'), 'no error', 'the last return of the day') from l;
select is(pg_temp.error_of_return(one, 'dora'), 'no error', 'a repeated call is answered') from l;
select is(pg_temp.error_of_return(two, 'dora'), 'PT429 return_limit_reached (1)', 'one more is too many') from l;
select is((select status::text from public.redemptions where id = two), 'active', 'the code is good for what it cost') from l;

select * from finish();
rollback;
