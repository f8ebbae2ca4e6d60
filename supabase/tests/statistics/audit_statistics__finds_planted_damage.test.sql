-- audit_statistics: every counter that is not what a recomputation says is found.
begin;
select plan(26);
select tests.use_default_settings();
select tests.create_supabase_users('anna', 'ben', 'carla');
update public.user_settings set show_on_leaderboard = true where user_id = tests.get_supabase_uid('ben');
insert into public.neighbourhoods (slug, name, area) values ('test-sea', 'Test sea', extensions.st_multi(extensions.st_makeenvelope(-124, -49, -123, -48, 4326)));
select tests.task_in('completed', 'anna', 'ben', 40);
select tests.create_partner('bakery');
select tests.redeem('ben', tests.create_reward('bakery'));
select ops.rebuild_statistics();
select tests.run_jobs('statistics', now(), 1000);
select is_empty('select * from ops.audit_statistics()', 'everything is right');

create function pg_temp.found_after(damage text)
returns setof text
language plpgsql
as $$
begin
  begin
    execute damage;
    return query select distinct a.problem from ops.audit_statistics() a order by 1;
    raise exception using errcode = 'PT999', message = 'taken back';
  exception when sqlstate 'PT999' then
    null;
  end;
end $$;
select results_eq(format('select * from pg_temp.found_after(%L)', damage), array[problem], left(damage, 90))
from (values
  ('update private.member_totals set tasks_created = tasks_created + 1 where user_id = tests.get_supabase_uid(''anna'')', 'member_total_differs'),
  ('update private.member_totals set tasks_completed = 0 where user_id = tests.get_supabase_uid(''anna'')', 'member_total_differs'),
  ('update private.member_totals set tasks_helped = tasks_helped - 1 where user_id = tests.get_supabase_uid(''ben'')', 'member_total_differs'),
  ('update private.member_totals set points_earned = 41 where user_id = tests.get_supabase_uid(''ben'')', 'member_total_differs'),
  ('update private.member_totals set points_redeemed = 0 where user_id = tests.get_supabase_uid(''ben'')', 'member_total_differs'),
  ('delete from private.member_totals where user_id = tests.get_supabase_uid(''ben'')', 'member_total_differs'),
  ('insert into private.member_totals values (tests.get_supabase_uid(''carla''), 0, 0, 0, 0, 0)', 'member_total_differs'),
  ('update private.member_months set points_issued = 1 where user_id = tests.get_supabase_uid(''ben'')', 'member_month_differs'),
  ('update private.member_months set points_refunded = 1 where user_id = tests.get_supabase_uid(''ben'')', 'member_month_differs'),
  ('delete from private.member_months where user_id = tests.get_supabase_uid(''anna'')', 'member_month_differs'),
  ('update private.month_totals set people = people + 1 where area = ''everywhere''', 'month_total_differs'),
  ('update private.month_totals set helpers = 0 where area = ''neighbourhood''', 'month_total_differs'),
  ('update private.month_totals set points_redeemed = 0 where area = ''elsewhere''', 'month_total_differs'),
  ('delete from private.month_totals where area = ''everywhere''', 'month_total_differs'),
  ('update private.leaderboard_entries set tasks_helped = 2 where period = ''week'' and user_id = tests.get_supabase_uid(''ben'')', 'leaderboard_entry_differs'),
  ('insert into private.leaderboard_entries values (''all'', ''-infinity'', tests.get_supabase_uid(''carla''), 1, 1, false)', 'leaderboard_entry_differs'),
  ('delete from private.leaderboard_counts where period = ''year'' and level = 1 and bucket = 1', 'leaderboard_count_differs'),
  ('update private.leaderboard_counts set members = members + 1 where period = ''all'' and level = 5 and bucket = 0', 'leaderboard_count_differs')) d (damage, problem);
select set_eq($$ select * from pg_temp.found_after('update private.leaderboard_entries set points = points + 1000 where period = ''month'' and user_id = tests.get_supabase_uid(''ben'')') $$,
  array['leaderboard_count_differs', 'leaderboard_entry_differs'], 'points that nobody paid are on the board');
select set_eq($$ select * from pg_temp.found_after('update private.leaderboard_entries set is_shown = false where user_id = tests.get_supabase_uid(''ben'')') $$,
  array['leaderboard_count_differs', 'leaderboard_entry_differs'], 'somebody who agreed is not shown');
select set_eq($$ select * from pg_temp.found_after('update private.statistics_progress set events_position = 0') $$,
  array['member_month_differs', 'member_total_differs', 'month_total_differs'], 'more is counted than the job says');
-- as a job without a fence would: the position is past a row that was not counted
select set_eq($$ select * from pg_temp.found_after('select tests.task_in(''completed'', ''anna'', ''ben'', 5);
    update private.statistics_progress set ledger_fence = (select max(id) from public.point_transactions);
    update private.statistics_progress set ledger_settled = ledger_fence, ledger_position = ledger_fence') $$,
  array['leaderboard_entry_differs', 'member_month_differs', 'member_total_differs', 'month_total_differs'], 'a payment that was skipped');
select is_empty('select * from ops.audit_statistics()', 'every damage was taken back');

select tests.authenticate_as_service_role();
select lives_ok('select * from ops.audit_statistics()', 'the service role may run it');
select tests.authenticate_as('anna');
select throws_ok('select * from ops.audit_statistics()', '42501', 'permission denied for schema ops', 'a member may not');

select * from finish();
rollback;
