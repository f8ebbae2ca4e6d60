begin;
select plan(31);
select tests.use_default_settings();
select tests.create_supabase_users('anna', 'ben');
create temporary table t as select tests.task_in('open', 'anna', 'ben') as open, tests.task_in('assigned', 'anna', 'ben') as assigned;
grant select on t to authenticated, service_role;
create function pg_temp.audit() returns setof text language sql as $$ select action from private.audit_log where subject_id = tests.get_supabase_uid('anna') order by id $$;

select tests.authenticate_as_service_role();
select results_eq($$ select user_id, reason, banned_at, lifted_at from ops.ban_user(tests.get_supabase_uid('anna'), ' Forty advertisements. ') $$,
  $$ values (tests.get_supabase_uid('anna'), 'Forty advertisements.', now(), null::timestamptz) $$, 'a ban, with a reason');
select is((select is_banned from public.users where id = tests.get_supabase_uid('anna')), true, 'the member is banned');
select results_eq($$ select reason from ops.ban_user(tests.get_supabase_uid('anna'), 'Fifty advertisements.') $$, array['Fifty advertisements.'], 'repeating changes the reason');
select is((select count(*)::int from public.user_bans where user_id = tests.get_supabase_uid('anna')), 1, 'of the one ban');
select tests.reset_authentication();
select results_eq($$ select concat_ws(' ', action, details ->> 'reason', login) collate "default" from private.audit_log where subject_id = tests.get_supabase_uid('anna') $$,
  array['banned Forty advertisements. ' || session_user::text collate "default"], 'the audit log says why, and through which login');
select tests.authenticate_as_service_role();

-- input
select is(tests.error_of($$ select ops.ban_user(tests.get_supabase_uid('ben'), ' ') $$), 'PT400 text_blank (reason)', 'no reason');
select is(tests.error_of($$ select ops.ban_user(tests.get_supabase_uid('ben'), null) $$), 'PT400 text_blank (reason)', 'null as a reason');
select is(tests.error_of($$ select ops.ban_user(tests.get_supabase_uid('ben'), repeat('x', 1001)) $$), 'PT400 text_too_long (reason)', 'an overlong reason');
select is(tests.error_of($$ select ops.ban_user(tests.get_supabase_uid('nobody'), 'x') $$), 'PT404 user_not_found', 'nobody');
select is(tests.error_of('select ops.ban_user(null, ''x'')'), 'PT404 user_not_found', 'null');
select is(tests.error_of($$ select ops.unban_user(tests.get_supabase_uid('nobody')) $$), 'PT404 user_not_found', 'nobody to unban');
select is(tests.error_of('select ops.unban_user(null)'), 'PT404 user_not_found', 'null to unban');
select is((select is_banned from public.users where id = tests.get_supabase_uid('ben')), false, 'nobody else was banned');

-- what it does: nothing is cancelled, nothing of theirs is found
select tests.authenticate_as('ben');
select is_empty('select id from public.nearby_tasks(-48.8767, -123.3933)', 'the member''s tasks are not found');
select results_eq('select k.status::text from t join public.tasks k on k.id in (open, assigned) order by 1', array['assigned', 'open'], 'but are what they were');
select is((public.start_task(assigned)).status, 'in_progress', 'their helpers go on') from t;
select tests.authenticate_as('anna');
select throws_ok(format('select public.cancel_task(%L)', (select open from t)), 'PT403', 'user_banned', 'the member cannot act');
select results_eq('select reason, banned_at from public.user_bans', $$ values ('Fifty advertisements.', now()) $$, 'but reads why');
select tests.reset_authentication();
select tests.books_are_right();

-- lifted
select tests.authenticate_as_service_role();
select lives_ok($$ select ops.unban_user(tests.get_supabase_uid('anna')) $$, 'the ban is lifted');
select lives_ok($$ select ops.unban_user(tests.get_supabase_uid('anna')) $$, 'lifting it again is no error');
select is((select lifted_at from public.user_bans where user_id = tests.get_supabase_uid('anna')), now(), 'the history says when');
select tests.authenticate_as('ben');
select results_eq('select id from public.nearby_tasks(-48.8767, -123.3933)', 'select open from t', 'the open task is found again');

-- an admin who edits is_banned in Studio
select tests.reset_authentication();
update public.users set is_banned = true where id = tests.get_supabase_uid('anna');
select results_eq($$ select reason, lifted_at from public.user_bans where user_id = tests.get_supabase_uid('anna') order by id $$,
  $$ values ('Fifty advertisements.', now()), (null, null::timestamptz) $$, 'in Studio it is the same, without a reason');
select tests.books_are_right('the tasks are hidden');
update public.users set is_banned = false where id = tests.get_supabase_uid('anna');
select is_empty($$ select * from public.user_bans where user_id = tests.get_supabase_uid('anna') and lifted_at is null $$, 'and back');
select tests.books_are_right('the tasks are listed again');
select results_eq('select pg_temp.audit()', array['banned', 'unbanned', 'banned', 'unbanned'], 'the audit log has every step');

-- who may not
select tests.authenticate_as('ben');
select throws_ok($$ select ops.ban_user(tests.get_supabase_uid('anna'), 'x') $$, '42501', 'permission denied for schema ops', 'a member bans nobody');
select throws_ok($$ select ops.unban_user(tests.get_supabase_uid('anna')) $$, '42501', 'permission denied for schema ops', 'nor lifts a ban');
select tests.reset_authentication();
select is((select is_banned from public.users where id = tests.get_supabase_uid('anna')), false, 'nothing changed');

select * from finish();
rollback;
