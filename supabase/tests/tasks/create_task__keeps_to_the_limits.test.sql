-- Against farming: how many tasks a creator may have open, and how many community points one may promise and issue.
begin;
select plan(23);
select tests.use_default_settings();
select tests.create_supabase_users('anna', 'ben', 'cem', 'dora');
create function pg_temp.post(points integer)
returns text
language sql
as $$ select tests.error_of(format('select public.create_task(''Mow the lawn'', ''x'', ''garten'', 52.5, 13.4, %s)', points)) $$;
grant execute on function pg_temp.post(integer) to authenticated;

-- open tasks
update private.settings set open_task_limit = 2;
create temporary table t as select tests.post_task('anna', 1) as first, tests.post_task('anna', 1) as second;
select tests.authenticate_as('anna');
select is(pg_temp.post(1), 'PT429 open_task_limit_reached (2)', 'a third open task is one too many');
select tests.authenticate_as('ben');
select is(pg_temp.post(1), 'no error', 'others have limits of their own');
select tests.reset_authentication();
create temporary table offers as select tests.offer_help('ben', first) as id from t;
grant select on t, offers to authenticated;
select tests.authenticate_as('anna');
select public.accept_offer(id) from offers;
select is(pg_temp.post(1), 'no error', 'a task that is assigned is not open');
select is(pg_temp.post(1), 'PT429 open_task_limit_reached (2)', 'the freed place is taken again');
select public.cancel_task(second) from t;
select is(pg_temp.post(1), 'no error', 'cancelling frees a place');
select tests.reset_authentication();
update private.settings set open_task_limit = 0;
select tests.authenticate_as('dora');
select is(pg_temp.post(1), 'PT429 open_task_limit_reached (0)', 'a limit of 0 closes posting');
select is_empty('select * from public.tasks where creator_id = auth.uid()', 'and nothing was posted');

-- points promised by a creator
select tests.reset_authentication();
select tests.use_default_settings();
update private.settings set points_limit_per_creator = 100, points_limit_per_pair = 60;
create temporary table k as select tests.task_in('completed', 'dora', 'ben', 30) as paid, tests.task_in('pending_confirmation', 'dora', 'cem', 20) as waiting,
  tests.task_in('in_progress', 'dora', 'cem', 10) as working, tests.task_in('cancelled', 'dora', 'ben', 25) as cancelled, tests.post_task('dora', 15) as open;
grant select on k to authenticated;
select tests.authenticate_as('dora');
select is(pg_temp.post(26), 'PT429 points_limit_reached (75 of 100 points)', 'completed, waiting, working and open tasks count; cancelled ones do not');
select is(pg_temp.post(25), 'no error', 'up to the limit');
select is(pg_temp.post(1), 'PT429 points_limit_reached (100 of 100 points)', 'and not beyond');
select is(tests.error_of(format('select public.update_task(%L, points_reward => 16)', (select open from k))), 'PT429 points_limit_reached (100 of 100 points)', 'raising a reward counts as a promise');
select is((select points_reward from public.tasks where id = (select open from k)), 15, 'and is refused whole');
select is(tests.error_of(format('select public.update_task(%L, points_reward => 14)', (select open from k))), 'no error', 'lowering it frees points');
select is(pg_temp.post(1), 'no error', 'which can be promised again');
select tests.reset_authentication();
update public.tasks set completed_at = now() - interval '30 days' where id = (select paid from k);
select tests.authenticate_as('dora');
select is(pg_temp.post(30), 'no error', 'what was completed before the window no longer counts');
select is(pg_temp.post(1), 'PT429 points_limit_reached (100 of 100 points)', 'the rest does');
select tests.authenticate_as('cem');
select is(pg_temp.post(100), 'no error', 'others have limits of their own');

-- points promised to one helper, checked when the helper is accepted
select tests.reset_authentication();
select tests.use_default_settings();
update private.settings set points_limit_per_pair = 60;
create temporary table p as select tests.task_in('open', 'dora', 'cem', 31) as too_much, tests.task_in('open', 'dora', 'cem', 30) as enough, tests.task_in('open', 'dora', 'ben', 60) as others;
grant select on p to authenticated;
select tests.authenticate_as('dora');
select is(tests.error_of(format('select public.accept_offer(%L)', tests.offer_on((select too_much from p), 'cem'))), 'PT429 pair_points_limit_reached (30 of 60 points)',
  'what this helper is promised by this creator, 20 waiting and 10 working, counts');
select is((select status from public.tasks where id = (select too_much from p)), 'open', 'the refused task is still open');
select is(tests.error_of(format('select public.accept_offer(%L)', tests.offer_on((select enough from p), 'cem'))), 'no error', 'up to the limit');
select is(tests.error_of(format('select public.accept_offer(%L)', tests.offer_on((select others from p), 'ben'))), 'no error', 'another helper has an account of its own; what lies before the window does not count');

-- tasks the creator pays for need no such limit
select tests.reset_authentication();
update private.settings set reward_funding = 'creator', points_limit_per_creator = 0, points_limit_per_pair = 0;
select ops.adjust_points(tests.get_supabase_uid('dora'), 10, 'Test points.');
create temporary table f as select tests.task_in('completed', 'dora', 'cem', 10) as id;
select is((select status from public.tasks join f using (id)), 'completed', 'with creator funding no points limit applies');
select tests.books_are_right();

select * from finish();
rollback;
