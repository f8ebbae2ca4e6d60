-- The community's clock: when its days begin, and what stays when it is changed.
begin;
select plan(54);
select tests.use_default_settings();
-- the session's zone plays no part
set local timezone = 'Asia/Kathmandu';

create function pg_temp.hours(day date) returns numeric language sql as $$
  select extract(epoch from private.day_begins_at(day + 1) - private.day_begins_at(day)) / 3600 $$;
create function pg_temp.at(moment timestamptz) returns text language sql as $$
  select to_char(moment at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS') $$;
-- every moment lies in the day that its day's bounds say, and days never go back
create function pg_temp.stray_moments(from_day date, days integer)
returns bigint
language sql
as $$
  select count(*) from (
    select m, private.community_day(m) as day, lag(private.community_day(m)) over (order by m) as before
    from generate_series(from_day::timestamp at time zone 'UTC', (from_day + days)::timestamp at time zone 'UTC', '13 minutes') m) v
  where day < before or m < private.day_begins_at(day)
    or exists (select from generate_series(1, 3) i where private.day_begins_at(day + i) <= m)
$$;

-- Berlin, which it is when nobody has chosen -----------------------------------------------------------------------------
select results_eq('select time_zone, since, first_day from private.community_clocks', $$ values ('Europe/Berlin', '-infinity'::timestamptz, '-infinity'::date) $$, 'Berlin, since ever');
select is((select time_zone from private.settings), 'Europe/Berlin', 'as the setting says');
select is(private.community_day('2026-07-31 21:59:59.999999+00'), '2026-07-31'::date, 'the last moment of July in Berlin');
select is(private.community_day('2026-07-31 22:00:00+00'), '2026-08-01'::date, 'the first one of August, when it is July in UTC');
select is(private.community_day('2026-08-01 00:30+02'), '2026-08-01'::date, 'half past midnight is August');
select results_eq($$ select private.community_period(p, '2027-01-03 22:59:59.999999+00') from unnest('{day,week,month,year}'::text[]) p $$,
  array['2027-01-03', '2026-12-28', '2027-01-01', '2027-01-01']::date[], 'Sunday belongs to the week that began in December');
select results_eq($$ select private.community_period(p, '2026-12-31 23:00+00') from unnest('{day,week,month,year}'::text[]) p $$,
  array['2027-01-01', '2026-12-28', '2027-01-01', '2027-01-01']::date[], 'New Year begins at midnight in Berlin');
select is(pg_temp.at(private.day_begins_at('2026-08-01')), '2026-07-31 22:00:00', 'where August begins');
select is(pg_temp.hours('2026-03-28'), 24.0, 'a day of 24 hours');
select is(pg_temp.hours('2026-03-29'), 23.0, 'summer time begins: 23 hours');
select is(pg_temp.hours('2026-10-25'), 25.0, 'summer time ends: 25 hours');
select is(pg_temp.hours('2026-10-26'), 24.0, 'and 24 again');
select is(pg_temp.stray_moments('2026-03-27', 4), 0::bigint, 'every moment in March lies in its day');
select is(pg_temp.stray_moments('2026-10-24', 4), 0::bigint, 'every moment in October, too');
select is(private.community_day(null), null, 'no moment, no day');
select is(private.day_begins_at(null), null, 'no day, no moment');
select results_eq($$ select private.community_day(m) from unnest('{-infinity,infinity}'::timestamptz[]) m $$, array['-infinity', 'infinity']::date[], 'endless moments');

-- elsewhere --------------------------------------------------------------------------------------------------------------
select tests.live_by('Pacific/Kiritimati');
select is(private.community_day('2026-07-31 10:00+00'), '2026-08-01'::date, 'Kiritimati is 14 hours ahead');
select is(pg_temp.stray_moments('2026-07-30', 3), 0::bigint, 'Kiritimati: every moment lies in its day');
select tests.live_by('Pacific/Pago_Pago');
select is(private.community_day('2026-08-01 10:59+00'), '2026-07-31'::date, 'Pago Pago is 11 hours behind');
select is(pg_temp.stray_moments('2026-07-30', 3), 0::bigint, 'Pago Pago: every moment lies in its day');
select tests.live_by('Atlantic/Azores');
select is(pg_temp.at(private.day_begins_at('2026-10-25')), '2026-10-25 00:00:00', 'the Azores strike midnight twice: the day begins with the first');
select is(pg_temp.hours('2026-10-25'), 25.0, 'and has 25 hours');
select is(pg_temp.stray_moments('2026-10-24', 3), 0::bigint, 'the Azores: every moment lies in its day');
select tests.live_by('Africa/Cairo');
select is(pg_temp.hours('2026-04-24'), 23.0, 'Cairo leaps over midnight: the day begins at one');
select is(pg_temp.stray_moments('2026-04-23', 3), 0::bigint, 'Cairo: every moment lies in its day');

-- the setting ------------------------------------------------------------------------------------------------------------
select tests.live_by('Europe/Berlin');
select throws_ok(format('update private.settings set time_zone = %L', zone), 'PT400', 'time_zone_invalid', format('%s is no time zone', coalesce(zone, 'null')))
from unnest(array['Berlin', 'CET', 'Europe/Berlin-2', 'posix/Europe/Berlin', 'right/UTC', 'Mars/Phobos', '+02:00', '', null]) zone;
select is((select time_zone from private.settings), 'Europe/Berlin', 'what is none changes nothing');
update private.settings set time_zone = 'EUROPE/berlin', welcome_points = 1;
select is((select time_zone from private.settings), 'Europe/Berlin', 'it is spelled as the list does');
select is((select count(*)::int from private.community_clocks), 1, 'the same again is no change');
update private.settings set time_zone = 'pacific/kiritimati';
select results_eq($$ select time_zone, since between now() and clock_timestamp(), first_day = (since at time zone 'Europe/Berlin')::date from private.community_clocks where since > '-infinity' $$,
  $$ values ('Pacific/Kiritimati', true, true) $$, 'a change is noted: from when on, and which day had begun');
select is(private.community_day(clock_timestamp()), (clock_timestamp() at time zone 'Pacific/Kiritimati')::date, 'what comes goes by the new clock');
select is(private.community_day(since - interval '1 microsecond'), (since at time zone 'Europe/Berlin')::date, 'what was goes by the old one') from private.community_clocks where since > '-infinity';
select is((select details -> 'time_zone' from private.audit_log where action = 'settings_changed' order by id desc limit 1), '["Europe/Berlin", "Pacific/Kiritimati"]', 'and logged');

-- changes: forward, the days between are left out; back, no day begins twice ------------------------------------------------
select tests.live_by('Pacific/Pago_Pago');
create temporary table past as select d::date as day, private.day_begins_at(d::date) as begins from generate_series(date '2026-07-01', '2026-08-31', '1 day') d;
select tests.change_clock('Pacific/Kiritimati', '2026-08-31 20:00+00');
select is(private.community_day('2026-08-31 19:59:59.999999+00'), '2026-08-31'::date, 'forward: August in Pago Pago,');
select is(private.community_day('2026-08-31 20:00+00'), '2026-09-01'::date, 'then September in Kiritimati');
select is(pg_temp.at(private.day_begins_at('2026-09-01')), '2026-08-31 20:00:00', 'which begins with the change');
select is_empty('select day from past where begins <> private.day_begins_at(day)', 'days that have begun stay');
select is(pg_temp.stray_moments('2026-08-30', 4), 0::bigint, 'forward: every moment lies in its day');
select tests.change_clock('Pacific/Pago_Pago', '2026-09-30 20:00+00');
select is(private.community_day('2026-09-30 19:59+00'), '2026-10-01'::date, 'back: October in Kiritimati');
select is(private.community_day('2026-09-30 20:00+00'), '2026-10-01'::date, 'stays October in Pago Pago, where it is September');
select is(private.community_day('2026-10-02 10:59+00'), '2026-10-01'::date, 'for all of its first day');
select is(private.community_day('2026-10-02 11:00+00'), '2026-10-02'::date, 'then days go by the new clock');
select is(pg_temp.at(private.day_begins_at('2026-10-01')), '2026-09-30 10:00:00', 'it began in Kiritimati');
select is(pg_temp.stray_moments('2026-09-29', 5), 0::bigint, 'back: every moment lies in its day');
select is_empty('select day from past where begins <> private.day_begins_at(day)', 'and the past stays');

select * from finish();
rollback;
