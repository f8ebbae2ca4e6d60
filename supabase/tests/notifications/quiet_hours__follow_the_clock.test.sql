-- Quiet hours are meant on the clock on the wall: over midnight, in other zones, and on the nights when the clock is changed.
begin;
select plan(24);
select tests.use_default_settings();
create function pg_temp.sent(quiet_from time, quiet_until time, zone text, moment timestamptz) returns text language sql as $$
  select to_char(private.end_of_quiet_hours(quiet_from, quiet_until, zone, moment) at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS')
$$;

select is(pg_temp.sent(null, null, 'Europe/Berlin', '2026-01-10 02:00+01'), '2026-01-10 01:00:00', 'without quiet hours: at once');
-- within one day
select is(pg_temp.sent('12:00', '14:00', 'UTC', '2026-01-10 11:59:59+00'), '2026-01-10 11:59:59', 'before the rest: at once');
select is(pg_temp.sent('12:00', '14:00', 'UTC', '2026-01-10 12:00+00'), '2026-01-10 14:00:00', 'as it begins: after it');
select is(pg_temp.sent('12:00', '14:00', 'UTC', '2026-01-10 13:59:59.999+00'), '2026-01-10 14:00:00', 'before it ends: after it');
select is(pg_temp.sent('12:00', '14:00', 'UTC', '2026-01-10 14:00+00'), '2026-01-10 14:00:00', 'as it ends: at once');
select is(pg_temp.sent('00:00', '06:00', 'UTC', '2026-01-10 00:00+00'), '2026-01-10 06:00:00', 'from midnight');
select is(pg_temp.sent('22:00', '00:00', 'UTC', '2026-01-10 23:00+00'), '2026-01-11 00:00:00', 'until midnight');
-- over midnight
select is(pg_temp.sent('22:00', '07:00', 'Europe/Berlin', '2026-01-10 21:59+01'), '2026-01-10 20:59:00', 'in the evening: at once');
select is(pg_temp.sent('22:00', '07:00', 'Europe/Berlin', '2026-01-10 22:00+01'), '2026-01-11 06:00:00', 'late: next morning');
select is(pg_temp.sent('22:00', '07:00', 'Europe/Berlin', '2026-01-11 00:00+01'), '2026-01-11 06:00:00', 'at midnight: in the morning');
select is(pg_temp.sent('22:00', '07:00', 'Europe/Berlin', '2026-01-11 06:59+01'), '2026-01-11 06:00:00', 'early: in the morning');
select is(pg_temp.sent('22:00', '07:00', 'Europe/Berlin', '2026-01-11 07:00+01'), '2026-01-11 06:00:00', 'in the morning: at once');
select is(pg_temp.sent('22:00', '07:00', 'Europe/Berlin', '2026-12-31 23:00+01'), '2027-01-01 06:00:00', 'over New Year');
select is(pg_temp.sent('22:00', '07:00', 'Europe/Berlin', '2028-02-28 23:00+01'), '2028-02-29 06:00:00', 'into a leap day');
-- elsewhere
select is(pg_temp.sent('22:00', '07:00', 'Asia/Kolkata', '2026-01-10 16:30+00'), '2026-01-11 01:30:00', 'half an hour off');
select is(pg_temp.sent('22:00', '07:00', 'Pacific/Auckland', '2026-01-10 10:00+00'), '2026-01-10 18:00:00', 'on the other side of the earth');
select is(pg_temp.sent('22:00', '07:00', 'America/Los_Angeles', '2026-01-10 10:00+00'), '2026-01-10 15:00:00', 'and of the date line');
-- 29 March 2026, 2 o'clock is 3 o'clock
select is(pg_temp.sent('22:00', '07:00', 'Europe/Berlin', '2026-03-28 23:00+01'), '2026-03-29 05:00:00', 'a night of eight hours');
select is(pg_temp.sent('22:00', '02:30', 'Europe/Berlin', '2026-03-29 01:00+01'), '2026-03-29 01:30:00', 'an end the clock leaps over: half past three');
select is(pg_temp.sent('02:15', '02:45', 'Europe/Berlin', '2026-03-29 01:00+00'), '2026-03-29 01:00:00', 'a rest the clock leaps over: at once');
-- 25 October 2026, 3 o'clock is 2 o'clock
select is(pg_temp.sent('22:00', '07:00', 'Europe/Berlin', '2026-10-24 23:00+02'), '2026-10-25 06:00:00', 'a night of ten hours');
select is(pg_temp.sent('22:00', '02:30', 'Europe/Berlin', '2026-10-25 01:00+02'), '2026-10-25 01:30:00', 'an end that comes twice: the second time');

-- around every change of the clock in 2026 in these zones: never within the rest, never early, never later than the rest is long (an hour more when the clock is changed)
select is_empty($$
  select z.zone, q.quiet_from, m from unnest('{Europe/Berlin,America/New_York,Australia/Lord_Howe,Africa/Casablanca}'::text[]) z (zone),
    (values (time '22:00', time '07:00'), ('12:30', '13:00'), ('01:30', '02:15')) q (quiet_from, quiet_until),
    unnest('{2026-02-14,2026-03-07,2026-03-21,2026-03-28,2026-04-04,2026-10-03,2026-10-24,2026-10-31}'::date[]) d (day),
    generate_series(d.day::timestamp at time zone 'UTC', (d.day + 2)::timestamp at time zone 'UTC', '19 minutes') m,
    lateral (select private.end_of_quiet_hours(q.quiet_from, q.quiet_until, z.zone, m) as sent) e,
    lateral (select (e.sent at time zone z.zone)::time as local) l
  where e.sent < m
     or e.sent > m + case when q.quiet_until > q.quiet_from then q.quiet_until - q.quiet_from else q.quiet_until - q.quiet_from + interval '24 hours' end + interval '1 hour'
     or case when q.quiet_from < q.quiet_until then l.local >= q.quiet_from and l.local < q.quiet_until else l.local >= q.quiet_from or l.local < q.quiet_until end
  limit 3 $$, 'at any time around the changes, in four zones');

-- the digest comes on Mondays at 8, also when the clock is changed the day before
select tests.create_supabase_user('anna');
select results_eq(
  $$ select to_char(private.next_digest_at(tests.get_supabase_uid('anna'), m) at time zone 'UTC', 'YYYY-MM-DD HH24:MI')
     from unnest(array['2026-03-23 08:00+01', '2026-03-29 23:59+02', '2026-03-30 07:59+02', '2026-10-25 23:59+01']::timestamptz[]) m $$,
  array['2026-03-30 06:00', '2026-03-30 06:00', '2026-03-30 06:00', '2026-10-26 07:00'], 'Mondays at 8');

select * from finish();
rollback;
