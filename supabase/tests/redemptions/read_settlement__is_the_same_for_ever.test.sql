-- What a partner is owed for a month: exactly what was used in it, to the last byte the same whenever it is read.
begin;
select plan(33);
select tests.use_default_settings();
select tests.live_by('UTC');
select tests.create_supabase_users('anna', 'ben');
select tests.create_partner('bakery'), tests.create_partner('other');
create temporary table k as select tests.create_api_key('bakery') as key, tests.create_api_key('other') as other, tests.create_api_key('bakery', '{redemptions:read}') as narrow;
create temporary table w as select
  tests.create_reward('bakery', '{"points_cost": 10}') as item,
  tests.create_reward('bakery', '{"points_cost": 20, "discount_type": "percentage", "discount_value": 15}') as percent,
  tests.create_reward('bakery', '{"points_cost": 30, "discount_type": "fixed_amount", "discount_value": 2.5, "discount_currency": "EUR"}') as euro,
  tests.create_reward('bakery', '{"points_cost": 40, "discount_type": "fixed_amount", "discount_value": 0.05, "discount_currency": "EUR"}') as cents,
  tests.create_reward('bakery', '{"points_cost": 50, "discount_type": "fixed_amount", "discount_value": 3, "discount_currency": "CHF"}') as franc,
  tests.create_reward('other', '{"points_cost": 60, "discount_type": "fixed_amount", "discount_value": 99, "discount_currency": "EUR"}') as other;
create temporary table t (name text primary key, id uuid);
-- used at a moment of the past, at the till of that name
create function pg_temp.used(name text, reward uuid, used_at timestamptz, member text default 'anna')
returns void
language plpgsql
as $$
begin
  insert into t values (name, tests.redeem(member, reward));
  update public.redemptions r set status = 'used', used_at = used.used_at, till_reference = name where r.id = (select t.id from t where t.name = used.name);
end $$;
create function pg_temp.settlement(month date, key text default null)
returns jsonb
language sql
as $$ select tests.as_service_role(format('select public.read_settlement(%L, %L)', coalesce(key, (select k.key from k)), month)) $$;
create function pg_temp.tills(month date, key text default null)
returns text
language sql
as $$ select coalesce(string_agg(l ->> 'till_reference', ' ' order by n), 'none') from jsonb_array_elements(pg_temp.settlement(month, key) -> 'lines') with ordinality v (l, n) $$;

-- the edges of months, in UTC, wherever the session is
set local timezone = 'Pacific/Kiritimati';
select pg_temp.used('july', item, '2025-07-31 23:59:59.999999+00'), pg_temp.used('first', euro, '2025-08-01 00:00:00+00'), pg_temp.used('middle', franc, '2025-08-15 12:00:00+00', 'ben'),
  pg_temp.used('cents', cents, '2025-08-15 12:00:00.000001+00'), pg_temp.used('percent', percent, '2025-08-20 12:00:00+00'), pg_temp.used('last', euro, '2025-08-31 23:59:59.999999+00'),
  pg_temp.used('september', item, '2025-09-01 00:00:00+00'), pg_temp.used('december', item, '2025-12-31 23:59:59.999999+00'), pg_temp.used('january', item, '2026-01-01 00:00:00+00'),
  pg_temp.used('theirs', other, '2025-08-15 12:00:00+00') from w;
select is(pg_temp.tills('2025-08-01'), 'first middle cents percent last', 'a month begins with its first moment and ends before that of the next one; in order of use');
select is(pg_temp.tills('2025-07-31'), 'july', 'the month before');
select is(pg_temp.tills('2025-09-01'), 'september', 'and after');
select is(pg_temp.tills('2025-12-10'), 'december', 'the last month of a year');
select is(pg_temp.tills('2026-01-10'), 'january', 'and the first one of the next');
select is(pg_temp.tills('2025-08-31'), pg_temp.tills('2025-08-01'), 'any day of a month stands for it');
select is(pg_temp.tills('2025-08-01', other), 'theirs', 'the other partner has their own') from k;
reset timezone;
select is(pg_temp.tills('2025-08-01'), 'first middle cents percent last', 'the time zone of the session does not matter');

-- what it says
create temporary table s as select pg_temp.settlement('2025-08-01') as settlement;
select is(settlement - '{lines,totals}'::text[], jsonb_build_object('month', '2025-08', 'starts_at', '2025-08-01T00:00:00+00:00', 'ends_at', '2025-09-01T00:00:00+00:00', 'is_test', false, 'is_final', true, 'partner', jsonb_build_object('id', tests.partner('bakery'), 'name', 'Bakery')), 'which month of whom; it is final') from s;
select is(settlement -> 'totals', '{"redemptions": 5, "points_spent": 170, "fixed_amounts": [{"currency": "CHF", "amount": 3.00}, {"currency": "EUR", "amount": 5.05}]}', 'the totals: amounts of money by currency, to the cent') from s;
select is(settlement -> 'totals' #>> '{fixed_amounts,1,amount}', '5.05', 'with two decimals') from s;
select is(settlement -> 'lines' -> 0, jsonb_build_object('redemption_id', (select id from t where name = 'first'), 'reward_id', euro, 'title_de', 'Ein Brot', 'title_en', 'A loaf', 'points_spent', 30,
  'discount_type', 'fixed_amount', 'discount_value', 2.5, 'discount_currency', 'EUR', 'used_at', timestamptz '2025-08-01 00:00:00+00', 'till_reference', 'first'), 'a line says what was promised, when and where it was used, and nothing about the member') from s, w;
select is((select sum((l ->> 'points_spent')::int)::int from jsonb_array_elements(settlement -> 'lines') l), (settlement -> 'totals' ->> 'points_spent')::int, 'the lines add up') from s;

-- an empty month, the current one, the next one
select is(pg_temp.settlement('2025-06-01') - '{partner,month,starts_at,ends_at}'::text[], '{"is_test": false, "is_final": true, "lines": [], "totals": {"redemptions": 0, "points_spent": 0, "fixed_amounts": []}}', 'a month without use');
create temporary table m as select (now() at time zone 'UTC')::date as today;
insert into t select 'now', tests.redeem('anna', item, 'now') from w;
select is(tests.as_service_role(format('select public.use_code(%L, %L, ''now'')', key, tests.hash_of('now'))) ->> 'outcome', 'used', 'a code is used today') from k;
select is(pg_temp.tills(today), 'now', 'it stands in this month') from m;
select is(pg_temp.settlement(today) -> 'is_final', 'false', 'which is not final yet') from m;
select throws_ok(format('select pg_temp.settlement(%L)', (date_trunc('month', today::timestamp) + interval '1 month')::date), 'PT400', 'month_invalid', 'the next one has not begun') from m;

-- to the last byte the same
create temporary table texts as select month::date, pg_temp.settlement(month::date)::text as before from unnest('{2025-07-01,2025-08-01,2025-09-01,2025-12-01,2026-01-01}'::text[]) month;
create function pg_temp.is_as_before(why text) returns text language sql as $$
  select results_eq('select month, pg_temp.settlement(month)::text from texts order by month', 'select month, before from texts order by month', why) $$;
select pg_temp.is_as_before('read again, it is the same to the last byte');
select set_config('timezone', 'Asia/Kathmandu', true);
select pg_temp.is_as_before('wherever the session is');
reset timezone;
-- everything that can happen afterwards
update public.rewards set title_de = 'Neu', title_en = 'New', points_cost = 99, is_active = false where partner_id = tests.partner('bakery');
select pg_temp.is_as_before('after the rewards have changed');
update public.rewards set points_cost = 10, is_active = true where id = (select item from w);
insert into t select name, tests.redeem('ben', item, name) from w, unnest('{used,cancelled,expired,open}'::text[]) name;
insert into t select 'used there', tests.redeem('ben', item, 'used there') from w;
update public.redemptions set redeemed_at = '2025-08-02 12:00:00+00' where id in (select id from t where name in ('used', 'cancelled', 'expired', 'open', 'used there'));
select tests.as_service_role(format('select public.use_code(%L, %L, ''later'')', key, tests.hash_of('used'))) from k;
select tests.as_service_role(format('select public.cancel_redemption(%L, %L)', key, id)) from k, t where name = 'cancelled';
update public.redemptions set expires_at = '2025-08-30 12:00:00+00' where id = (select id from t where name = 'expired');
select ops.run_due_jobs(now());
select is(tests.as_service_role(format('select public.record_partner_event(%L, ''late'', ''code.used'', %L, %L, null, null, %L)', tests.partner('bakery'), now(), id,
  '{"used_at": "2025-08-10T12:00:00Z"}')) ->> 'outcome', 'applied', 'a use in a settled month is reported late') from t where name = 'used there';
select results_eq($$ select name, status::text from public.redemptions join t using (id) where name in ('used', 'cancelled', 'expired', 'open', 'used there') order by name $$,
  $$ values ('cancelled', 'cancelled'), ('expired', 'expired'), ('open', 'active'), ('used', 'used'), ('used there', 'used') $$, 'much has happened to what was redeemed in that month');
select pg_temp.is_as_before('and its settlement does not change');
select is((pg_temp.settlement(today) -> 'totals' ->> 'redemptions')::int, 3, 'what was used late stands in this month') from m;
select tests.as_service_role(format('select public.cancel_redemption(%L, %L)', k.other, tests.redeem('anna', w.other))) from k, w;
delete from auth.users where id = tests.get_supabase_uid('ben');
select pg_temp.is_as_before('nor after a member has left');
update public.partners set is_active = false where id = tests.partner('other');
select pg_temp.is_as_before('nor after another partner was switched off');

-- who may
select throws_ok(format('select public.read_settlement(%L, ''2025-08-01'')', narrow), 'PT403', 'scope_missing', 'a key without the scope') from k;
select throws_ok(format('select public.read_settlement(%L, ''2025-08-01'')', other), 'PT403', 'partner_inactive', 'a partner who is switched off') from k;
select throws_ok(format('select public.read_settlement(%L, ''2025-08-01'')', tests.hash_of('no key')), 'PT401', 'api_key_invalid', 'no key');

-- and the books agree with it
select is((select sum((s -> 'totals' ->> 'points_spent')::int)::int from (select pg_temp.settlement(month) from texts union all select pg_temp.settlement(today) from m) v (s)),
  (select sum(points_spent)::int from public.redemptions where partner_id = tests.partner('bakery') and status = 'used'), 'every use stands in one month');
select is((select count(*)::int from public.redemptions r join t using (id) where r.partner_id = tests.partner('bakery') and r.status = 'used'), 12, 'and there were twelve');
select tests.books_are_right();

select * from finish();
rollback;
