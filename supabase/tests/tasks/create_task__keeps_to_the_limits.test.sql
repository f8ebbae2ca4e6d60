-- Against farming: how many tasks a creator may have open, and how many community points one may promise and issue.
begin;
select plan(42);
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

-- points promised to one helper by everybody: many creators make no difference
select tests.reset_authentication();
select tests.use_default_settings();
select tests.create_supabase_users('eva', 'finn', 'gil');
update private.settings set points_limit_per_helper = 100;
create temporary table h as select creator, tests.task_in('open', creator, 'gil', points) as id from (values ('eva', 60), ('finn', 41), ('anna', 40)) v (creator, points);
grant select on h to authenticated;
create function pg_temp.accept(creator text) returns text language plpgsql as $$
begin
  perform tests.authenticate_as(creator);
  return tests.error_of(format('select public.accept_offer(%L)', tests.offer_on((select h.id from h where h.creator = accept.creator), 'gil')));
end $$;
grant execute on function pg_temp.accept(text) to public;
select is(pg_temp.accept('eva'), 'no error', 'the first promises 60 of 100');
select is(pg_temp.accept('finn'), 'PT429 helper_points_limit_reached (60 of 100 points)', 'another creator: not 41 more');
select is(pg_temp.accept('anna'), 'no error', 'but 40');
select tests.reset_authentication();
update public.tasks set points_reward = points_reward + 900 where helper_id = tests.get_supabase_uid('gil');
update public.tasks set status = 'pending_confirmation', finished_at = now() where id = (select id from h where creator = 'eva');
select tests.authenticate_as('eva');
select is(tests.error_of(format('select public.confirm_task(%L)', (select id from h where creator = 'eva'))), 'no error', 'finished work is paid, whatever the limit says');

-- new members
select tests.reset_authentication();
select tests.use_default_settings();
update public.users set created_at = now() - interval '7 days' + interval '1 second' where id = tests.get_supabase_uid('finn');
select tests.authenticate_as('finn');
select is(pg_temp.post(460), 'PT429 points_limit_reached (41 of 500 points)', 'in the first days somebody may promise little');
select is(pg_temp.post(459), 'no error', 'up to the limit');
select tests.reset_authentication();
update public.users set created_at = now() - interval '7 days' where id = tests.get_supabase_uid('finn');
select tests.authenticate_as('finn');
select is(pg_temp.post(1000), 'no error', 'after that as everybody');

-- nobody's accounts: a confirmed e-mail address or phone number
select tests.reset_authentication();
update public.users set is_email_verified = false where id in (tests.get_supabase_uid('finn'), tests.get_supabase_uid('gil'));
create temporary table u as select tests.post_task('eva', 1) as other;
grant select on u to authenticated;
select tests.authenticate_as('finn');
select is(pg_temp.post(1), 'PT403 contact_not_verified', 'neither confirmed: no promise');
select is(tests.error_of(format('select public.update_task(%L, points_reward => 42)', (select id from h where creator = 'finn'))), 'PT403 contact_not_verified', 'nor a higher one');
select is(tests.error_of(format('select public.update_task(%L, metadata => ''{}'')', (select id from h where creator = 'finn'))), 'no error', 'other changes are free');
select is(tests.error_of(format('select public.accept_offer(%L)', tests.offer_on((select h.id from h where creator = 'finn'), 'gil'))), 'PT403 contact_not_verified', 'nor an acceptance');
select tests.authenticate_as('gil');
select is(tests.error_of(format('select public.offer_help(%L)', (select other from u))), 'PT403 contact_not_verified', 'nor an offer');
select tests.reset_authentication();
update public.users set is_phone_verified = true where id = tests.get_supabase_uid('finn');
select is(pg_temp.accept('finn'), 'PT409 helper_not_verified', 'a creator whose phone number is confirmed, a helper without');
select tests.reset_authentication();
update private.settings set community_reward_requires_verified_contact = false;
select is(pg_temp.accept('finn'), 'no error', 'where the setting is off nobody is asked');

-- floods
select tests.reset_authentication();
select tests.use_default_settings();
update private.settings set task_limit_per_day = (select count(*) + 1 from public.tasks where creator_id = tests.get_supabase_uid('eva')), offer_limit_per_day = 1;
select tests.authenticate_as('eva');
select is(pg_temp.post(1), 'no error', 'the last task of the day');
select public.cancel_task(id) from public.tasks where creator_id = auth.uid() and status = 'open';
select is(pg_temp.post(1), format('PT429 task_limit_reached (%s)', (select count(*) from public.tasks where creator_id = auth.uid())), 'cancelling does not give it back');
select tests.reset_authentication();
create temporary table d as select tests.post_task('ben', 1) as one, tests.post_task('ben', 1) as two;
grant select on d to authenticated;
select tests.create_supabase_user('hana');
select tests.authenticate_as('hana');
select is(tests.error_of(format('select public.offer_help(%L)', (select one from d))), 'no error', 'the last offer of the day');
select is(tests.error_of(format('select public.offer_help(%L)', (select two from d))), 'PT429 offer_limit_reached (1)', 'one more is too many');
select is(tests.error_of(format('select public.offer_help(%L)', (select one from d))), 'no error', 'a repeated call is answered');

-- tasks the creator pays for need no such limit
select tests.reset_authentication();
select tests.use_default_settings();
update private.settings set reward_funding = 'creator', points_limit_per_creator = 0, points_limit_per_pair = 0;
select ops.adjust_points(tests.get_supabase_uid('dora'), 10, 'Test points.');
create temporary table f as select tests.task_in('completed', 'dora', 'cem', 10) as id;
select is((select status from public.tasks join f using (id)), 'completed', 'with creator funding no points limit applies');
select tests.books_are_right();

select * from finish();
rollback;
