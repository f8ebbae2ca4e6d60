-- What nobody ended ends by itself, once: codes past their term, and redemptions whose partner stayed silent.
begin;
select plan(57);
select tests.use_default_settings();
select tests.create_supabase_users('anna', 'ben', 'cem');
-- whatever this database holds already ends first, so that the counts below are our own
select ops.run_due_jobs(now() + interval '2 years');
select tests.create_partner('bakery');
delete from private.webhook_messages;
insert into private.partner_connections (partner_id, url, secret) values (tests.partner('bakery'), 'https://codes.example/ask', 'sealed secret');
insert into private.webhook_endpoints (partner_id, url, event_types, secret) values (tests.partner('bakery'), 'https://hooks.example/', '{redemption.expired,redemption.cancelled}', 'sealed secret');
create temporary table k as select tests.create_api_key('bakery') as key;
create function pg_temp.run(job text, as_of timestamptz default now())
returns text
language sql
as $$ select format('%s done, %s failed', r.processed, r.failed) from ops.run_due_jobs(as_of) r where r.job = run.job $$;
create function pg_temp.balance(member text) returns integer language sql as $$ select balance from public.point_accounts where user_id = tests.get_supabase_uid(member) $$;
create function pg_temp.told(id uuid) returns text language sql as $$
  select coalesce(string_agg(type, ' ' order by m.id), 'nothing') from private.webhook_messages m where payload -> 'data' ->> 'redemption_id' = $1::text $$;

-- codes past their term, with the refund that their reward promised
create temporary table x as
select v.*, tests.create_reward('bakery', jsonb_build_object('points_cost', cost, 'expiry_refund_percent', percent, 'code_valid_days', 30), 10) as reward
from (values (0, 100, 0), (50, 100, 50), (50, 25, 12), (100, 25, 25), (1, 99, 0), (99, 101, 99)) v (percent, cost, refund);
alter table x add id uuid;
update x set id = tests.redeem('anna', reward, format('%s of %s', percent, cost));
-- the promise of that moment counts
update public.rewards set expiry_refund_percent = 100 - expiry_refund_percent where id in (select reward from x);
select is(pg_temp.run('expire_redemptions', now() + interval '30 days' - interval '1 microsecond'), '0 done, 0 failed', 'a moment before the end nothing expires');
select is(pg_temp.balance('anna'), 0, 'and nothing comes back');
select is(pg_temp.run('expire_redemptions', now() + interval '30 days'), '6 done, 0 failed', 'at the end all six expire');
select is(pg_temp.balance('anna'), 186, 'and what was promised comes back');
select is(coalesce((select sum(amount)::int from public.point_transactions p where p.redemption_id = x.id and p.type = 'refund'), 0), refund, format('%s %% of %s points', percent, cost)) from x;
select is((select count(*)::int from public.point_transactions p where p.redemption_id = x.id), case refund when 0 then 1 else 2 end, format('%s %% of %s points: in one booking, none for nothing', percent, cost)) from x;
select results_eq('select distinct r.status::text, r.end_reason::text, r.ended_at, r.used_at from public.redemptions r join x using (id)', $$ values ('expired', null::text, now(), null::timestamptz) $$, 'they are expired');
select results_eq($$ select distinct p.description from public.point_transactions p join x on p.redemption_id = x.id where p.type = 'refund' $$, array['expired'], 'the refund says why');
select results_eq('select distinct s.taken from public.reward_stocks s join x on s.reward_id = x.reward', array[1], 'the stock stays taken: the code was given out');
select results_eq('select distinct pg_temp.told(id) from x', array['redemption.expired'], 'the partner is told');
select results_eq($$ select details from private.audit_log join x on subject_id = x.id where percent = 50 and cost = 25 $$, $$ values ('{"reason": null, "refund": 12}'::jsonb) $$, 'the audit log has it');
select is(pg_temp.run('expire_redemptions', now() + interval '31 days'), '0 done, 0 failed', 'repeating finds nothing more');
select is(pg_temp.balance('anna'), 186, 'no point comes back twice');
select is(tests.as_service_role(format('select public.use_code(%L, %L, ''T1'')', key, tests.hash_of('50 of 25'))) ->> 'outcome', 'expired', 'no till takes such a code') from k;
select tests.books_are_right();

-- what has ended otherwise, or waits, does not expire
create temporary table o as
select name, tests.redeem('anna', tests.create_reward('bakery', jsonb_build_object('code_source', source, 'return_days', 7, 'code_valid_days', 1))::uuid, name) as id
from (values ('used', 'generated'), ('returned', 'generated'), ('cancelled', 'generated'), ('pending', 'partner_api')) v (name, source);
select tests.as_service_role(format('select public.use_code(%L, %L, ''T1'')', key, tests.hash_of('used'))) from k;
select tests.as_service_role(format('select public.return_redemption(%L, %L)', tests.get_supabase_uid('anna'), id)) from o where name = 'returned';
select tests.as_service_role(format('select public.cancel_redemption(%L, %L)', key, id)) from k, o where name = 'cancelled';
update private.partner_requests set deadline_at = now() + interval '1 year' where redemption_id = (select id from o where name = 'pending');
select is(pg_temp.run('expire_redemptions', now() + interval '2 days'), '0 done, 0 failed', 'used, returned, cancelled and waiting ones do not expire');
select results_eq('select name, status::text from public.redemptions join o using (id) order by name', $$ values ('cancelled', 'cancelled'), ('pending', 'pending'), ('returned', 'cancelled'), ('used', 'used') $$, 'they are what they were');
update private.partner_requests set deadline_at = now() where redemption_id = (select id from o where name = 'pending');
select ops.run_due_jobs(now() + interval '1 minute');

-- partners that stayed silent
create temporary table s as select tests.create_reward('bakery', '{"code_source": "partner_api"}', 5) as reward, tests.create_reward('bakery', '{"code_source": "partner_api"}') as other;
alter table s add first uuid, add second uuid, add third uuid, add fourth uuid;
update s set first = tests.redeem('ben', reward);
update s set second = tests.redeem('ben', reward);
update s set third = tests.redeem('ben', reward);
update s set fourth = tests.redeem('ben', other);
update private.partner_requests set deadline_at = now() + interval '10 minutes' where redemption_id in (select unnest(array[first, second, fourth]) from s);
select is((select taken from public.reward_stocks join s on reward_id = reward), 3, 'three are taken');
select is(pg_temp.run('refund_unanswered', now() + interval '10 minutes'), '0 done, 0 failed', 'at the deadline somebody may still be asking');
select is(pg_temp.run('refund_unanswered', now() + interval '10 minutes 59.999999 seconds'), '0 done, 0 failed', 'for a minute');
select is(pg_temp.run('refund_unanswered', now() + interval '11 minutes'), '3 done, 0 failed', 'then nobody is, and three fail');
select is(pg_temp.balance('ben'), 30, 'the points are back');
select results_eq('select r.status::text, r.end_reason::text, r.ended_at from public.redemptions r join s on r.id in (first, second, fourth)', $$ values ('failed', 'partner_silent', now()), ('failed', 'partner_silent', now()), ('failed', 'partner_silent', now()) $$, 'they say why');
select is((select taken from public.reward_stocks join s on reward_id = reward), 1, 'the stock has room for two more');
select is_empty('select * from private.partner_requests join s on redemption_id in (first, second, fourth)', 'nobody asks any more');
select is(pg_temp.told(first), 'redemption.cancelled', 'the partner is told') from s;
select is((select r.status from public.redemptions r join s on r.id = third), 'pending', 'the one with a later deadline waits');
select is(pg_temp.run('refund_unanswered', now() + interval '11 minutes'), '0 done, 0 failed', 'repeating finds nothing more');
select is(pg_temp.balance('ben'), 30, 'no point comes back twice');
select is((select taken from public.reward_stocks join s on reward_id = reward), 1, 'nor any stock');
select is(tests.as_service_role(format('select public.record_partner_code(%L, %L, ''sealed late'')', first, tests.hash_of('late'))) ->> 'outcome', 'ended', 'a code that comes now is dropped') from s;
select tests.as_service_role(format('select public.record_partner_code(%L, %L, ''sealed in time'')', third, tests.hash_of('in time'))) from s;
select is(pg_temp.run('refund_unanswered', now() + interval '10 hours'), '0 done, 0 failed', 'one that has its code is not refunded');
select tests.books_are_right('the books are right after silence');

-- no more than a batch at once, the longest overdue first
create temporary table b as select n, tests.redeem('ben', tests.create_reward('bakery', jsonb_build_object('code_valid_days', n))) as id from generate_series(1, 5) n;
select results_eq('select * from tests.run_jobs(''redemptions'', now() + interval ''5 days'', 2)', $$ values ('expire_redemptions', 2, 0), ('refund_unanswered', 0, 0), ('end_test_codes', 0, 0) $$, 'a batch of two');
select results_eq('select n from b join public.redemptions r using (id) where r.status = ''expired'' order by n', array[1, 2], 'takes the longest overdue');
select results_eq('select processed from tests.run_jobs(''redemptions'', now() + interval ''5 days'', 2) where job = ''expire_redemptions''', array[2], 'the next one goes on');
select results_eq('select processed from tests.run_jobs(''redemptions'', now() + interval ''5 days'', 2) where job = ''expire_redemptions''', array[1], 'the last one ends it');
create temporary table q as select tests.redeem('ben', s.other) as id from s, generate_series(1, 3);
update private.partner_requests set deadline_at = now() where redemption_id in (select id from q);
select results_eq('select processed from tests.run_jobs(''redemptions'', now() + interval ''1 minute'', 2) where job = ''refund_unanswered''', array[2], 'a batch of two that nobody answered');
select results_eq('select processed from tests.run_jobs(''redemptions'', now() + interval ''1 minute'', 2) where job = ''refund_unanswered''', array[1], 'and the last one');
select results_eq('select * from tests.run_jobs(''redemptions'', null, 2)', $$ values ('expire_redemptions', 0, 0), ('refund_unanswered', 0, 0), ('end_test_codes', 0, 0) $$, 'no moment, nothing due');
select tests.books_are_right('the books are right after batches');

-- one bad row holds up nobody: cem's account is gone
create temporary table f as
select member, tests.redeem(member, tests.create_reward('bakery', '{"code_valid_days": 1, "expiry_refund_percent": 100}')) as expired,
  tests.redeem(member, s.reward) as silent from s, unnest('{cem,anna}'::text[]) member;
update private.partner_requests set deadline_at = now() where redemption_id in (select silent from f);
select is((select taken from public.reward_stocks join s on reward_id = reward), 3, 'three are taken');
create temporary table lost as select * from public.point_transactions where user_id = tests.get_supabase_uid('cem');
alter table public.point_accounts disable trigger user;
alter table public.point_transactions disable trigger user;
delete from public.point_transactions where user_id = tests.get_supabase_uid('cem');
delete from public.point_accounts where user_id = tests.get_supabase_uid('cem');
set local client_min_messages = error;
alter table public.point_transactions enable trigger user;
alter table public.point_accounts enable trigger user;
select results_eq('select * from tests.run_jobs(''redemptions'', now() + interval ''1 day'', 10)', $$ values ('expire_redemptions', 1, 1), ('refund_unanswered', 1, 1), ('end_test_codes', 0, 0) $$, 'what cannot be refunded is counted as failed');
reset client_min_messages;
select results_eq('select e.status::text, s.status::text from f join public.redemptions e on e.id = expired join public.redemptions s on s.id = silent order by member',
  $$ values ('expired', 'failed'), ('active', 'pending') $$, 'the others have ended, the bad ones are whole');
select is((select taken from public.reward_stocks join s on reward_id = reward), 2, 'the stock counts those that have ended');
insert into public.point_accounts (user_id) values (tests.get_supabase_uid('cem'));
alter table public.point_accounts disable trigger user;
alter table public.point_transactions disable trigger user;
insert into public.point_transactions select * from lost;
update public.point_accounts a set balance = l.balance, spent = l.spent
from (select sum(amount) as balance, -sum(amount) filter (where type = 'redemption') as spent from lost) l where a.user_id = tests.get_supabase_uid('cem');
alter table public.point_transactions enable trigger user;
alter table public.point_accounts enable trigger user;
select results_eq('select * from tests.run_jobs(''redemptions'', now() + interval ''1 day'', 10)', $$ values ('expire_redemptions', 1, 0), ('refund_unanswered', 1, 0), ('end_test_codes', 0, 0) $$, 'when it is mended, the next run ends them');
select tests.books_are_right('the books are right at the end');

select * from finish();
rollback;
