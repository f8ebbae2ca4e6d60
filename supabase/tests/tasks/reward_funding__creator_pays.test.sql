-- Creator funding: held when posted, paid at confirmation, returned when it ends otherwise. Fixed per task at posting.
begin;
select plan(34);
select tests.use_default_settings();
select tests.create_supabase_users('anna', 'ben');
update private.settings set reward_funding = 'creator';
create function pg_temp.balance(member text) returns integer language sql as $$ select balance from public.point_accounts where user_id = tests.get_supabase_uid(member) $$;
create function pg_temp.bookings(task_id uuid)
returns table (member text, amount integer, type text, balance_after integer)
language sql
as $$
  select m.name, p.amount, p.type, p.balance_after from public.point_transactions p
  join unnest('{anna,ben}'::text[]) m (name) on p.user_id = tests.get_supabase_uid(m.name) where p.task_id = $1 order by p.id
$$;

-- no points, no task
select tests.authenticate_as('anna');
select is(tests.error_of($$ select public.create_task('Mow the lawn', 'x', 'garten', 52.5, 13.4, 10) $$), 'PT402 insufficient_points (10 points are needed)', 'without points nothing can be posted');
select is_empty('select * from public.tasks where creator_id = auth.uid()', 'no task is left behind');
select tests.reset_authentication();
select is_empty($$ select * from private.task_locations where creator_id = tests.get_supabase_uid('anna') $$, 'no place');
select is_empty($$ select * from private.open_tasks where creator_id = tests.get_supabase_uid('anna') $$, 'nothing to find');

-- the whole story
select ops.adjust_points(tests.get_supabase_uid('anna'), 100, 'Test points.');
create temporary table t as select tests.task_in('pending_confirmation', 'anna', 'ben', 30) as id;
grant select on t to authenticated;
select is(pg_temp.balance('anna'), 70, 'posting holds the reward');
select is((select sum(e.amount)::int from ops.ledger_entries e join public.point_transactions p on p.id = e.transaction_id where e.account = 'held' and p.task_id = (select id from t)), 30, 'on the counter-account held');
select is(pg_temp.balance('ben'), 0, 'the helper has nothing yet');
select tests.authenticate_as('anna');
select public.confirm_task(id) from t;
select public.confirm_task(id) from t;
select tests.reset_authentication();
select results_eq('select * from t, pg_temp.bookings(id)', $$ select id, v.* from t, (values ('anna', -30, 'task_hold', 70), ('ben', 30, 'task_completed', 30)) v $$,
  'confirming, even twice, pays the helper once and the creator nothing more');
select is((select coalesce(sum(e.amount), 0)::int from ops.ledger_entries e join public.point_transactions p on p.id = e.transaction_id where e.account = 'held' and p.task_id = (select id from t)), 0, 'nothing is held any more');
select results_eq($$ select earned, spent from public.point_accounts where user_id = tests.get_supabase_uid('anna') $$, $$ values (0, 30) $$, 'the creator spent them');
select results_eq($$ select earned, spent from public.point_accounts where user_id = tests.get_supabase_uid('ben') $$, $$ values (30, 0) $$, 'the helper earned them');
select tests.books_are_right();

-- changing the reward
delete from t;
insert into t select tests.post_task('anna', 20);
select tests.authenticate_as('anna');
select is((public.update_task(id, points_reward => 50)).points_reward, 50, 'raising the reward') from t;
select is((public.update_task(id, points_reward => 5)).points_reward, 5, 'lowering it, as nobody has offered') from t;
select is((public.update_task(id, title => 'Mow the front lawn')).points_reward, 5, 'leaving it alone') from t;
select is(tests.error_of(format('select public.update_task(%L, points_reward => 71)', id)), 'PT402 insufficient_points (66 points are needed)', 'raising it beyond what there is') from t;
select is((select points_reward from public.tasks join t using (id)), 5, 'changes nothing');
select tests.reset_authentication();
select results_eq('select b.amount, b.type, b.balance_after from t, pg_temp.bookings(id) b', $$ values (-20, 'task_hold', 50), (-30, 'task_hold', 20), (45, 'refund', 65) $$,
  'the hold follows the reward, the difference only');
select tests.books_are_right();

-- cancelling returns it, from open, assigned and in progress
create temporary table c as select tests.task_in('cancelled', 'anna', 'ben', 7) as assigned, tests.task_in('in_progress', 'anna', 'ben', 8) as working;
grant select on c to authenticated;
select tests.authenticate_as('anna');
select public.cancel_task(id) from t;
select public.cancel_task(id) from t;
select public.cancel_task(working) from c;
select tests.reset_authentication();
select is(pg_temp.balance('anna'), 70, 'everything cancelled came back, once');
select results_eq('select b.amount, b.type from c, pg_temp.bookings(working) b', $$ values (-8, 'task_hold'), (8, 'refund') $$, 'as a refund for the task');
select results_eq($$ select earned, spent from public.point_accounts where user_id = tests.get_supabase_uid('anna') $$, $$ values (0, 30) $$, 'a refund is not earned; it is no longer spent');
select tests.books_are_right();

-- so does expiry
delete from t;
insert into t select tests.post_task('anna', 9, expires_at => now() + interval '1 hour');
select is(pg_temp.balance('anna'), 61, 'held');
select ops.run_due_jobs(now() + interval '2 hours');
select results_eq('select b.amount, b.type from t, pg_temp.bookings(id) b', $$ values (-9, 'task_hold'), (9, 'refund') $$, 'expiry returns it');
select is(pg_temp.balance('anna'), 70, 'all of it');

-- stepping back and rejecting do not move points
delete from t;
insert into t select tests.task_in('pending_confirmation', 'anna', 'ben', 11);
select tests.authenticate_as('anna');
select public.reject_completion(id, 'The hedge is still there.') from t;
select tests.authenticate_as('ben');
select public.release_task(id) from t;
select tests.reset_authentication();
select results_eq('select b.amount, b.type from t, pg_temp.bookings(id) b', $$ values (-11, 'task_hold') $$, 'rejecting and releasing leave the hold alone');

-- the funding is the task's own: changing the setting changes nothing for tasks under way
update private.settings set reward_funding = 'community';
select results_eq('select reward_funding::text from public.tasks join t using (id)', array['creator'], 'a task keeps its funding');
select tests.authenticate_as('anna');
select public.cancel_task(id) from t;
select tests.reset_authentication();
select results_eq('select b.amount, b.type from t, pg_temp.bookings(id) b', $$ values (-11, 'task_hold'), (11, 'refund') $$, 'and is settled by it');
delete from t;
insert into t select tests.task_in('completed', 'anna', 'ben', 12);
update private.settings set reward_funding = 'creator';
select results_eq('select b.member, b.amount, b.type from t, pg_temp.bookings(id) b', $$ values ('ben', 12, 'task_completed') $$, 'a community task costs the creator nothing');
select is((select sum(-e.amount)::int from ops.ledger_entries e join public.point_transactions p on p.id = e.transaction_id where e.account = 'issued' and p.task_id = (select id from t)), 12, 'its points are issued');

-- all the points, to the last
select tests.authenticate_as('anna');
select is(tests.error_of($$ select public.create_task('Mow the lawn', 'x', 'garten', 52.5, 13.4, 70) $$), 'no error', 'all points can be held');
select is(tests.error_of($$ select public.create_task('Mow the lawn', 'x', 'garten', 52.5, 13.4, 1) $$), 'PT402 insufficient_points (1 points are needed)', 'and then none');
select tests.reset_authentication();
select tests.books_are_right();

select * from finish();
rollback;
