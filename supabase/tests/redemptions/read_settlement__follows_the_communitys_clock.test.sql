-- Months of settlements are those of the community's clock, and what was settled stays when the clock is changed.
begin;
select plan(25);
select tests.use_default_settings();
select tests.create_supabase_users('anna');
select tests.create_partner('bakery');
create temporary table k as select tests.create_api_key('bakery') as key, tests.create_reward('bakery', '{"points_cost": 10}') as reward;
create function pg_temp.used(name text, used_at timestamptz)
returns void
language plpgsql
as $$
declare
  v_id uuid := tests.redeem('anna', (select k.reward from k));
begin
  update public.redemptions r set status = 'used', used_at = used.used_at, till_reference = name where r.id = v_id;
end $$;
create function pg_temp.settlement(month date) returns jsonb language sql as $$
  select tests.as_service_role(format('select public.read_settlement(%L, %L)', (select key from k), month)) $$;
create function pg_temp.tills(month date) returns text language sql as $$
  select coalesce(string_agg(l ->> 'till_reference', ' ' order by n), 'none') from jsonb_array_elements(pg_temp.settlement(month) -> 'lines') with ordinality v (l, n) $$;
create function pg_temp.every_till() returns text language sql as $$
  select string_agg(pg_temp.tills(m::date), ' ' order by m) from generate_series(timestamp '2024-12-01', now() at time zone 'UTC' - interval '1 month', '1 month') m $$;

-- Berlin
select pg_temp.used('july', '2025-07-31 21:59:59.999999+00'), pg_temp.used('half-past-midnight', '2025-08-01 00:30+02'),
  pg_temp.used('august', '2025-08-31 21:59:59.999999+00'), pg_temp.used('september', '2025-08-31 22:00+00'), pg_temp.used('december', '2025-12-31 22:59:59+00'), pg_temp.used('january', '2025-12-31 23:00+00');
select is(pg_temp.tills('2025-07-01'), 'july', 'Berlin: July');
select is(pg_temp.tills('2025-08-01'), 'half-past-midnight august', 'a use at half past midnight on the first of August is settled in August');
select is(pg_temp.tills('2025-09-01'), 'september', 'September');
select is(pg_temp.tills('2025-12-01') || ' ' || pg_temp.tills('2026-01-01'), 'december january', 'and the turn of the year');
select is(pg_temp.settlement('2025-08-01') - '{lines,totals,partner}'::text[], '{"month": "2025-08", "starts_at": "2025-07-31T22:00:00+00:00", "ends_at": "2025-08-31T22:00:00+00:00", "is_test": false, "is_final": true}', 'it says from when until when');
-- March and October have a clock change: 743 and 745 hours
select is(extract(epoch from (s ->> 'ends_at')::timestamptz - (s ->> 'starts_at')::timestamptz) / 3600, hours, month::text)
from (values ('2025-03-01'::date, 743.0), ('2025-10-01', 745)) v (month, hours), pg_temp.settlement(month) s;

-- which month it is says the clock
create temporary table z as select zone, date_trunc('month', now() at time zone zone)::date as month from unnest('{Pacific/Kiritimati,Pacific/Pago_Pago}'::text[]) zone;
create function pg_temp.settlement_by(zone text, month date) returns text language plpgsql as $$
begin
  perform tests.live_by(zone);
  return tests.error_of(format('select pg_temp.settlement(%L)', month));
end $$;
select is(pg_temp.settlement_by(zone, month), 'no error', zone || ': this month has begun') from z;
select is(pg_temp.settlement_by(zone, (month + interval '1 month')::date), 'PT400 month_invalid (month)', zone || ': the next one has not') from z;
select is(pg_temp.settlement_by('UTC', null), 'PT400 month_invalid (month)', 'no month');

-- a change in the middle of a month
select tests.live_by('Europe/Berlin');
create temporary table before as select m::date as month, pg_temp.settlement(m::date)::text as settlement from generate_series(timestamp '2025-07-01', '2026-01-01', '1 month') m;
create function pg_temp.is_as_before(why text) returns text language sql as $$
  select is_empty('select month from before where settlement <> pg_temp.settlement(month)::text', why) $$;
select tests.change_clock('Pacific/Kiritimati', '2026-02-15 12:00+00');
select pg_temp.used('feb-berlin', '2026-01-31 23:00+00'), pg_temp.used('feb-kiritimati', '2026-02-28 09:59:59+00'), pg_temp.used('march', '2026-02-28 10:00+00');
select pg_temp.is_as_before('months that are settled do not move');
select is(pg_temp.tills('2026-02-01'), 'feb-berlin feb-kiritimati', 'the month of the change begins by the old clock and ends by the new one');
select is(pg_temp.tills('2026-03-01'), 'march', 'the next one is the new clock''s');
-- back, on the first day of a month: what was settled by the clock ahead gets nothing more
select tests.change_clock('Pacific/Pago_Pago', '2026-03-31 12:00+00');
select pg_temp.used('late', '2026-03-31 09:59+00'), pg_temp.used('first', '2026-03-31 11:00+00'), pg_temp.used('march-in-pago-pago', '2026-03-31 13:00+00');
select is(pg_temp.tills('2026-03-01'), 'march late', 'March is over, also while Pago Pago has March');
select is(pg_temp.tills('2026-04-01'), 'first march-in-pago-pago', 'what comes is April');
select is(pg_temp.settlement('2026-03-01') ->> 'ends_at', '2026-03-31T10:00:00+00:00', 'March ended where it had ended');
-- forward, on the last day of a month
select tests.change_clock('Pacific/Kiritimati', '2026-04-30 20:00+00');
select pg_temp.used('april', '2026-04-30 19:59:59+00'), pg_temp.used('may', '2026-04-30 20:00+00');
select is(pg_temp.tills('2026-04-01'), 'first march-in-pago-pago april', 'April lasts until the change');
select is(pg_temp.tills('2026-05-01'), 'may', 'May begins with it');
select pg_temp.is_as_before('after every change what was settled is the same to the last byte');
select is((select count(distinct t)::int from regexp_split_to_table(pg_temp.every_till(), ' ') t where t <> 'none'),
  (select count(*)::int from public.redemptions where partner_id = tests.partner('bakery') and status = 'used'), 'every use stands in a month,');
select is((select count(*)::int from regexp_split_to_table(pg_temp.every_till(), ' ') t where t <> 'none'),
  (select count(*)::int from public.redemptions where partner_id = tests.partner('bakery') and status = 'used'), 'and in one');

-- a month is final an hour after its end, by whichever clock, and stays so
select tests.live_by('UTC');
create function pg_temp.month_that_began(ago interval) returns jsonb language plpgsql as $$
begin
  -- a clock that leaps ahead by a month's end: next month begins with the change
  delete from private.community_clocks where since > '-infinity';
  insert into private.community_clocks values (now() - ago, 'UTC', (date_trunc('month', now() at time zone 'UTC') + interval '1 month')::date);
  return pg_temp.settlement(date_trunc('month', now() at time zone 'UTC')::date);
end $$;
select is(pg_temp.month_that_began(interval '59 minutes') -> 'is_final', 'false', 'what a till began before the change may still come');
select is(pg_temp.month_that_began(interval '60 minutes') -> 'is_final', 'true', 'after an hour it is final');

select * from finish();
rollback;
