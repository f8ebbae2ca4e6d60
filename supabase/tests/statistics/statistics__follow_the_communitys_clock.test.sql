-- Months and leaderboards are those of the community's clock; a change of it counts nothing anew.
begin;
select plan(12);
select tests.use_default_settings();
select tests.create_supabase_users('anna', 'ben');
select ops.rebuild_statistics();
create function pg_temp.count_now() returns void language sql as $$ select tests.run_jobs('statistics', now(), 1000) $$;
create function pg_temp.bonus(points integer, moment timestamptz) returns void language sql as $$
  insert into public.point_transactions (user_id, amount, type, balance_after, created_at) values (tests.get_supabase_uid('ben'), points, 'bonus', 0, moment) $$;
create function pg_temp.months() returns table (month date, points bigint) language sql as $$
  select m.month, sum(m.points_issued)::bigint from private.member_months m where m.user_id = tests.get_supabase_uid('ben') group by m.month order by m.month $$;
create temporary table now_by as select z, (date_trunc('month', now() at time zone z))::date as month, (now() at time zone z)::date as day from unnest('{Europe/Berlin,Pacific/Kiritimati,Pacific/Pago_Pago}'::text[]) z;

select pg_temp.bonus(1, '2020-07-31 21:59:59+00'), pg_temp.bonus(2, '2020-07-31 22:00+00'), pg_temp.bonus(4, '2020-08-31 21:59:59+00'), pg_temp.bonus(8, '2020-08-31 22:00+00');
select pg_temp.count_now();
select results_eq('select * from pg_temp.months()', $$ values ('2020-07-01'::date, 1::bigint), ('2020-08-01', 6), ('2020-09-01', 8) $$, 'half past midnight in Berlin is the new month');
select is_empty('select * from ops.audit_statistics()', 'the audit agrees');

-- a change in the middle of September, and back on the day that October has begun
select tests.change_clock('Pacific/Kiritimati', '2020-09-15 12:00+00');
select tests.change_clock('Pacific/Pago_Pago', '2020-09-30 11:00+00');
select pg_temp.bonus(16, '2020-09-30 09:59+00'), pg_temp.bonus(32, '2020-09-30 10:00+00'), pg_temp.bonus(64, '2020-09-30 12:00+00'), pg_temp.bonus(128, '2020-11-01 10:59+00'), pg_temp.bonus(256, '2020-11-01 11:00+00');
select pg_temp.count_now();
create function pg_temp.counted_months() returns text language sql as $$ select string_agg(to_char(month, 'MM') || ':' || points, ' ') from pg_temp.months() $$;
select is(pg_temp.counted_months(), '07:1 08:6 09:24 10:224 11:256', 'each by the clock of its time; October, once begun, stays');
select is_empty('select * from ops.audit_statistics()', 'the audit agrees without anything being counted anew');
select ops.rebuild_statistics();
select is(pg_temp.counted_months(), '07:1 08:6 09:24 10:224 11:256', 'and counted anew it is the same');
select is_empty('select * from ops.audit_statistics()', 'and the audit agrees');

-- the current month and boards
select is(tests.error_of(format('select tests.live_by(%L)', z)), 'no error', z) from now_by where z = 'Pacific/Kiritimati';
select is((select max(m.month) from public.monthly_statistics(1) m), month, 'the current month is that in Kiritimati') from now_by where z = 'Pacific/Kiritimati';
select tests.live_by('Pacific/Pago_Pago');
select is((select max(m.month) from public.monthly_statistics(1) m), month, 'or in Pago Pago') from now_by where z = 'Pacific/Pago_Pago';
select ops.rebuild_statistics();
select tests.task_in('completed', 'anna', 'ben', 30);
select pg_temp.count_now();
select results_eq($$ select period, starts_on from private.leaderboard_entries where user_id = tests.get_supabase_uid('ben') and period in ('month', 'week') order by period $$,
  $$ select p, date_trunc(p, day::timestamp)::date from now_by, unnest('{month,week}'::text[]) p where z = 'Pacific/Pago_Pago' order by p $$, 'the boards of this week and month');
-- forward: what is earned from now on counts from the new day; the entries that are there stay on their board while it lasts
select tests.change_clock('Pacific/Kiritimati', now() + interval '1 microsecond');
select is_empty('select * from ops.audit_statistics() where problem not like ''leaderboard%''', 'months are right after a change to the other end of the world');
select is(private.community_day(now()), day, 'what this transaction does is still the old day''s') from now_by where z = 'Pacific/Pago_Pago';

select * from finish();
rollback;
