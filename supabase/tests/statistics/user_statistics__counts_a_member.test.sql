-- user_statistics: what a member did, complete for oneself, without points for others.
begin;
select plan(30);
select tests.use_default_settings();
update private.settings set welcome_points = 15 where is_singleton;
select tests.create_supabase_users('anna', 'ben', 'carla');
update private.settings set welcome_points = 0 where is_singleton;

create function pg_temp.count_now() returns void language sql as $$ select tests.run_jobs('statistics', now(), 1000) $$;
create function pg_temp.figures(member text default null)
returns text
language plpgsql
as $$
begin
  return (select format('%s created, %s completed, %s helped, balance %s, earned %s, redeemed %s', s.tasks_created, s.tasks_completed, s.tasks_helped,
            coalesce(s.points_balance::text, '-'), coalesce(s.points_earned::text, '-'), coalesce(s.points_redeemed::text, '-'))
          from public.user_statistics(case when member is not null then tests.get_supabase_uid(member) end) s);
end $$;
grant execute on function pg_temp.figures(text) to authenticated;

select tests.task_in('completed', 'anna', 'ben', 40), tests.task_in('completed', 'anna', 'ben', 20), tests.task_in('completed', 'ben', 'anna', 5);
select tests.task_in(status, 'anna', 'ben', 7) from unnest('{open,assigned,in_progress,pending_confirmation,cancelled,expired,archived}'::text[]) status;
-- an archived task of the past was paid; the helper above only marks it
create temporary table r as select (select tests.create_partner('bakery')) as partner;
create temporary table w as select tests.create_reward('bakery') as loaf from r;
create temporary table d as select tests.redeem('ben', loaf) as kept, tests.redeem('ben', loaf) as failed from w;

select tests.authenticate_as('anna');
select is(pg_temp.figures(), '0 created, 0 completed, 0 helped, balance 20, earned 0, redeemed 0', 'before the job: nothing counted, the balance is always current');
select tests.reset_authentication();
select pg_temp.count_now();

select tests.authenticate_as('anna');
select is(pg_temp.figures(), '9 created, 3 completed, 1 helped, balance 20, earned 5, redeemed 0',
  'anna: every task she posted, in whatever state; the bonus at sign-up is not earned by helping');
select is(pg_temp.figures('anna'), pg_temp.figures(), 'by one''s own id: the same');
select is(pg_temp.figures('ben'), '1 created, 1 completed, 3 helped, balance -, earned -, redeemed -', 'of others: what is public, no points');
select results_eq(
  $$ select name, member_since = (select u.created_at from public.users u where u.id = s.id), trust_score, rating_average, rating_count
     from public.user_statistics(tests.get_supabase_uid('ben')) s $$,
  $$ select name, true, trust_score, rating_average, rating_count from public.users where id = tests.get_supabase_uid('ben') $$,
  'name, ratings and day of sign-up as in the profile');
select is((select count(*)::int from public.user_statistics()), 1, 'one row');

select tests.authenticate_as('ben');
select is(pg_temp.figures(), '1 created, 1 completed, 3 helped, balance 82, earned 67, redeemed 20', 'ben: redeemed twice');
select tests.authenticate_as('carla');
select is(pg_temp.figures(), '0 created, 0 completed, 0 helped, balance 15, earned 0, redeemed 0', 'carla: who did nothing has zeros');

-- a refund lowers what was redeemed
select tests.reset_authentication();
select private.end_redemption(x, 'failed', 'partner_refused', 10) from d join public.redemptions x on x.id = d.failed;
select pg_temp.count_now();
select tests.authenticate_as('ben');
select is(pg_temp.figures(), '1 created, 1 completed, 3 helped, balance 92, earned 67, redeemed 10', 'a refund lowers what was redeemed');

-- what is no statistics: adjustments, holds and their refunds
select tests.reset_authentication();
select ops.adjust_points(tests.get_supabase_uid('carla'), 100, 'Test');
update private.settings set reward_funding = 'creator' where is_singleton;
create temporary table h as select tests.post_task('carla', 30) as task;
grant select on h to authenticated;
select tests.authenticate_as('carla');
select public.cancel_task(task) from h;
select tests.reset_authentication();
update private.settings set reward_funding = 'community' where is_singleton;
select pg_temp.count_now();
select tests.authenticate_as('carla');
select is(pg_temp.figures(), '1 created, 0 completed, 0 helped, balance 115, earned 0, redeemed 0', 'adjustments and held points are neither earned nor redeemed');
select tests.reset_authentication();
select is_empty($$ select * from ops.audit_statistics() $$, 'the audit agrees');
select results_eq('select job, processed, failed from tests.run_jobs(''statistics'', now(), 1000)',
  $$ values ('count_statistics', 0, 0), ('forget_leaderboards', 0, 0) $$, 'a repeated run counts nothing twice');
select tests.authenticate_as('ben');
select is(pg_temp.figures(), '1 created, 1 completed, 3 helped, balance 92, earned 67, redeemed 10', 'and changes nothing');

-- many runs of one row each come to the same
select tests.reset_authentication();
create temporary table before as select 'total' as kind, to_jsonb(m) as row from private.member_totals m
  union all select 'month', to_jsonb(m) - 'id' from private.member_months m union all select 'figures', to_jsonb(m) - 'id' from private.month_totals m
  union all select 'entry', to_jsonb(e) from private.leaderboard_entries e union all select 'count', to_jsonb(c) from private.leaderboard_counts c where members <> 0;
create function pg_temp.now_counted() returns table (kind text, "row" jsonb) language sql as $$
  select 'total', to_jsonb(m) from private.member_totals m
  union all select 'month', to_jsonb(m) - 'id' from private.member_months m union all select 'figures', to_jsonb(m) - 'id' from private.month_totals m
  union all select 'entry', to_jsonb(e) from private.leaderboard_entries e union all select 'count', to_jsonb(c) from private.leaderboard_counts c where members <> 0 $$;
select lives_ok('select ops.rebuild_statistics()', 'everything can be counted anew');
select set_eq('select * from pg_temp.now_counted()', 'select * from before', 'with the same result');
delete from private.member_totals where true;
delete from private.member_months where true;
delete from private.month_totals where true;
delete from private.leaderboard_entries where true;
delete from private.leaderboard_counts where true;
select private.count_between(i - 1, i, 0, 0, '{}') from generate_series(1, (select events_position from private.statistics_progress)) i;
select private.count_between(0, 0, i - 1, i, '{}') from generate_series(1, (select ledger_position from private.statistics_progress)) i;
select set_eq('select * from pg_temp.now_counted()', 'select * from before', 'row by row: the same result');

-- batches: a run deals with 20 times the batch, postings first
select tests.post_task('anna', 1), tests.post_task('ben', 1) from generate_series(1, 9);
insert into public.point_transactions (user_id, amount, type, balance_after) select tests.get_supabase_uid('carla'), 1, 'bonus', 0 from generate_series(1, 45);
select is((select processed from tests.run_jobs('statistics', now(), 1) where job = 'count_statistics'), 20, 'a run has a limit');
select is((select sum(j.processed)::int from generate_series(1, 3) i, lateral (select processed from tests.run_jobs('statistics', now() + (i - i) * interval '1 day', 1) where job = 'count_statistics') j), 43, 'the next ones do the rest');
select is_empty($$ select * from ops.audit_statistics() $$, 'and nothing is missing or counted twice');

-- a run that fails counts nothing, and tells
create function pg_temp.break_it() returns trigger language plpgsql as $$ begin raise exception 'planted'; end $$;
create trigger planted before insert on private.month_totals for each statement execute function pg_temp.break_it();
select tests.post_task('anna', 1);
set local client_min_messages = error;
select results_eq($$ select processed, failed from ops.run_job('count_statistics') $$, $$ values (0, 1) $$, 'a run that fails says so');
reset client_min_messages;
select is_empty($$ select * from ops.audit_statistics() $$, 'and has counted nothing');
drop trigger planted on private.month_totals;
select results_eq('select processed, failed from tests.run_jobs(''statistics'', now(), 1) where job = ''count_statistics''', $$ values (1, 0) $$, 'the next one catches up');

-- who may call it
select tests.authenticate_as('anna');
select is(tests.error_of($$ select * from public.user_statistics(gen_random_uuid()) $$), 'PT404 user_not_found', 'nobody');
select tests.reset_authentication();
select ops.ban_user(tests.get_supabase_uid('ben'), 'Test');
select tests.authenticate_as('ben');
select isnt(pg_temp.figures(), null, 'a banned member may look');
select tests.reset_authentication();
delete from auth.users where id = tests.get_supabase_uid('ben');
select tests.authenticate_as('anna');
select is(tests.error_of($$ select * from public.user_statistics(tests.get_supabase_uid('ben')) $$), 'PT404 user_not_found', 'a deleted member has no statistics');
select tests.authenticate_as('ben');
select is(tests.error_of($$ select * from public.user_statistics() $$), 'PT403 user_inactive', 'and cannot look');
select tests.reset_authentication();
select is_empty($$ select * from ops.audit_statistics() $$, 'deleting a member damages no counter');
select tests.clear_authentication();
select throws_ok('select * from public.user_statistics()', '42501', 'permission denied for function user_statistics', 'anon: not allowed');
select tests.authenticate_as_service_role();
select throws_ok('select * from public.user_statistics()', '42501', 'permission denied for function user_statistics', 'service role: is no member');
select throws_ok('select * from private.member_totals', '42501', 'permission denied for table member_totals', 'service role: cannot read the counters');

select * from finish();
rollback;
