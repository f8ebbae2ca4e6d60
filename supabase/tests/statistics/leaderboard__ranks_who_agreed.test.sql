-- leaderboard: who earned most in a period, of those who agreed; the caller always.
begin;
select plan(47);
select tests.use_default_settings();
select ops.run_due_jobs(now());

select tests.create_supabase_users('carla', 'anna', 'ben', 'dora', 'emil', 'fritz');
update public.user_settings set show_on_leaderboard = true
where user_id in (select tests.get_supabase_uid(n) from unnest('{anna,ben,dora,emil}'::text[]) n);

-- a board of one's own: what other data is in this database is not on it
create function pg_temp.board(period text, page_size integer default 100)
returns table (rank bigint, name text, points bigint, helped bigint, is_me boolean)
language plpgsql
as $$
begin
  return query
    select l.rank, l.name, l.points, l.tasks_helped, l.is_me from public.leaderboard(board.period, board.page_size) l
    where l.user_id = any (array(select tests.get_supabase_uid(n) from unnest('{anna,ben,carla,dora,emil,fritz}'::text[]) n));
end $$;
grant execute on function pg_temp.board(text, integer) to authenticated;
create function pg_temp.count_now() returns void language sql as $$ select tests.run_jobs('statistics', now(), 1000) $$;
create function pg_temp.help(helper text, points integer) returns void language sql as $$ select tests.task_in('completed', 'carla', helper, points) $$;
-- nothing else is on the boards while this test runs
delete from private.leaderboard_entries where true;
delete from private.leaderboard_counts where true;
delete from private.leaderboard_changes where true;
create function pg_temp.audit_is_clean(description text)
returns text language sql
as $$
  select extensions.is_empty(
    'select * from ops.audit_statistics() where problem not in (''leaderboard_entry_differs'') or subject_id in (select tests.get_supabase_uid(n)::text from unnest(''{anna,ben,carla,dora,emil,fritz}''::text[]) n)',
    description)
$$;

select pg_temp.help('ben', 40), pg_temp.help('ben', 30), pg_temp.help('anna', 50), pg_temp.help('dora', 50), pg_temp.help('emil', 5), pg_temp.help('fritz', 900);

-- before the job has counted
select tests.authenticate_as('anna');
select results_eq('select * from pg_temp.board(''month'')', $$ values (1::bigint, 'Anna', 0::bigint, 0::bigint, true) $$, 'nothing is counted yet: only the caller, with nothing');
select tests.reset_authentication();
select lives_ok('select pg_temp.count_now()', 'the job counts');

-- anna ------------------------------------------------------------------------------------------------------------------
create function pg_temp.expected_by_anna() returns table (rank bigint, name text, points bigint, helped bigint, is_me boolean) language sql as $$
  select * from (values (1::bigint, 'Ben', 70::bigint, 2::bigint, false), (2, 'Anna', 50, 1, true), (2, 'Dora', 50, 1, false), (4, 'Emil', 5, 1, false)) v $$;
grant execute on function pg_temp.expected_by_anna() to authenticated;
select tests.authenticate_as('anna');
select set_eq(format('select * from pg_temp.board(%L)', p), 'select * from pg_temp.expected_by_anna()', p || ': most points first, equal points share a rank, who did not agree is not there')
from unnest('{week,month,year,all}'::text[]) p;
select results_eq('select rank from pg_temp.board(''week'')', array[1, 2, 2, 4]::bigint[], 'in order of rank');
select results_eq('select name from pg_temp.board(''month'') where rank = 2',
  $$ select name from (values ('Anna'), ('Dora')) v (name) order by tests.get_supabase_uid(lower(name)) $$, 'equal points in a fixed order');
select is((select count(*)::int from public.leaderboard()), 4, 'month is the default');

-- pages
select results_eq('select rank, name, is_me from pg_temp.board(''month'', 1)', $$ values (1::bigint, 'Ben', false), (2, 'Anna', true) $$, 'the own row follows when it is not among the first');
select is((select count(*)::int from pg_temp.board('month', 0)), 2, 'a page size below 1 is 1');
select is((select count(*)::int from pg_temp.board('month', null)), 4, 'no page size is 20');
select is((select count(*)::int from pg_temp.board('month', 2147483647)), 4, 'a large page size is 100');

-- input
select is(tests.error_of($$ select * from public.leaderboard('decade') $$), 'PT400 period_invalid (decade)', 'a period that does not exist');
select is(tests.error_of($$ select * from public.leaderboard(null) $$), 'PT400 period_invalid (null)', 'no period');
select is(tests.error_of($$ select * from public.leaderboard('Month') $$), 'PT400 period_invalid (Month)', 'a period in capitals');

-- fritz did not agree: the own row with the rank among the shown, for nobody else ------------------------------------------
select tests.authenticate_as('fritz');
select results_eq('select rank, name, points, helped from pg_temp.board(''month'') where is_me', $$ values (1::bigint, 'Fritz', 900::bigint, 1::bigint) $$, 'not shown: the own row, ranked among the shown');
select is((select count(*)::int from pg_temp.board('month')), 5, 'with everybody who is shown');
-- carla never helped
select tests.authenticate_as('carla');
select results_eq('select rank, points, helped from pg_temp.board(''all'') where is_me', $$ values (5::bigint, 0::bigint, 0::bigint) $$, 'no points: the last rank');

-- opting out acts at once, before any job -------------------------------------------------------------------------------------
select tests.authenticate_as('ben');
select public.update_settings(show_on_leaderboard => false);
select results_eq('select rank, name, points from pg_temp.board(''month'') where is_me', $$ values (1::bigint, 'Ben', 70::bigint) $$, 'ben opted out: still sees himself');
select tests.authenticate_as('emil');
select is((select count(*)::int from pg_temp.board('month') where name = 'Ben'), 0, 'ben opted out: gone at once');
select results_eq('select rank from pg_temp.board(''month'', 1) where is_me', array[3::bigint], 'and the ranks below move up at once');
select tests.reset_authentication();
select pg_temp.audit_is_clean('while ben waits for the job nothing is wrong');
select pg_temp.count_now();
select pg_temp.audit_is_clean('nor after it');
select tests.authenticate_as('emil');
select results_eq('select rank from pg_temp.board(''month'', 1) where is_me', array[3::bigint], 'the same after the job');
select is((select count(*)::int from pg_temp.board('month') where name = 'Ben'), 0, 'and ben stays away');
-- opting in again comes with the job
select tests.authenticate_as('ben');
select public.update_settings(show_on_leaderboard => true);
select tests.authenticate_as('emil');
select is((select count(*)::int from pg_temp.board('month') where name = 'Ben'), 0, 'ben agreed again: not yet');
select tests.reset_authentication();
select pg_temp.count_now();
select tests.authenticate_as('emil');
select is((select count(*)::int from pg_temp.board('month') where name = 'Ben'), 1, 'but with the next run');
-- twice in a minute
select tests.authenticate_as('ben');
select public.update_settings(show_on_leaderboard => false), public.update_settings(show_on_leaderboard => true), public.update_settings(show_on_leaderboard => false);
select tests.reset_authentication();
select pg_temp.count_now();
select is((select count(*)::int from private.leaderboard_entries where user_id = tests.get_supabase_uid('ben') and is_shown), 0, 'of several choices the last one holds');

-- bans and deleted accounts ----------------------------------------------------------------------------------------------------
select ops.ban_user(tests.get_supabase_uid('dora'), 'Test');
select tests.authenticate_as('anna');
select is((select count(*)::int from pg_temp.board('month') where name = 'Dora'), 0, 'a banned member is gone at once');
select tests.reset_authentication();
select pg_temp.count_now();
select tests.authenticate_as('dora');
select results_eq('select rank, points from pg_temp.board(''month'') where is_me', $$ values (1::bigint, 50::bigint) $$, 'a banned member may look, and sees the own row');
select tests.reset_authentication();
select ops.unban_user(tests.get_supabase_uid('dora'));
select pg_temp.count_now();
select tests.authenticate_as('anna');
select is((select count(*)::int from pg_temp.board('month') where name = 'Dora'), 1, 'lifting the ban brings the member back');
select tests.reset_authentication();
delete from auth.users where id = tests.get_supabase_uid('dora');
select tests.authenticate_as('anna');
select is((select count(*)::int from public.leaderboard('month', 100) where user_id = tests.get_supabase_uid('dora')), 0, 'a deleted member is gone at once');
select tests.reset_authentication();
select pg_temp.count_now();
select tests.authenticate_as('anna');
select is((select count(*)::int from public.leaderboard('month', 100) where user_id = tests.get_supabase_uid('dora')), 0, 'and stays away');
select tests.reset_authentication();
select pg_temp.audit_is_clean('the audit agrees');
select tests.authenticate_as('dora');
select is(tests.error_of('select * from public.leaderboard()'), 'PT403 user_inactive', 'a deleted member cannot look');

-- ended periods -----------------------------------------------------------------------------------------------------------------
select tests.reset_authentication();
insert into private.leaderboard_entries select period, starts_on - 400, user_id, points, tasks_helped, is_shown from private.leaderboard_entries where period <> 'all';
insert into private.leaderboard_counts select period, starts_on - 400, level, bucket, members from private.leaderboard_counts where period <> 'all';
select results_eq('select processed > 0, failed from tests.run_jobs(''statistics'', now(), 1000) where job = ''forget_leaderboards''', $$ values (true, 0) $$, 'boards of ended periods are forgotten');
select is((select count(*)::int from private.leaderboard_entries where period <> 'all' and starts_on < current_date - 366)
  + (select count(*)::int from private.leaderboard_counts where period <> 'all' and starts_on < current_date - 366), 0, 'all of them');
select is((select count(*)::int from private.leaderboard_entries where user_id = tests.get_supabase_uid('anna')), 4, 'the current ones stay');
select pg_temp.count_now() from (select tests.run_jobs('statistics', now() + interval '2 years', 1000)) j;
select is((select count(*)::int from private.leaderboard_entries where user_id = tests.get_supabase_uid('anna')), 4, 'a look ahead ends no period');

-- weeks begin on Monday, in Berlin
select results_eq($$ select private.period_start(p, '2027-01-03 22:59:59.999999+00') from unnest('{week,month,year,all}'::text[]) p $$,
  array['2026-12-28', '2027-01-01', '2027-01-01', '-infinity']::date[], 'Sunday belongs to the week that began in December');
select is(private.period_start('week', '2027-01-03 23:00:00+00'), '2027-01-04'::date, 'Monday begins the next');
select is(private.period_start('month', '2026-12-01 00:30:00+01'), '2026-12-01'::date, 'half past midnight in Berlin, when it is the month before in UTC, is the new month');

-- who may call it
select tests.clear_authentication();
select throws_ok('select * from public.leaderboard()', '42501', 'permission denied for function leaderboard', 'anon: not allowed');
select tests.authenticate_as_service_role();
select throws_ok('select * from public.leaderboard()', '42501', 'permission denied for function leaderboard', 'service role: has no rank');
select tests.authenticate_as('anna');
select throws_ok('select * from private.leaderboard_entries', '42501', 'permission denied for table leaderboard_entries', 'member: cannot read the board itself');
select throws_ok('select private.count_statistics(now(), 1)', '42501', 'permission denied for function count_statistics', 'member: cannot run the job');

select * from finish();
rollback;
