-- Deleting the login erases the person; the books stay, and whoever dealt with them is not left hanging.
begin;
select plan(32);
select tests.use_default_settings();
select tests.create_supabase_users('anna', 'ben', 'cem');
update private.settings set reward_funding = 'creator', welcome_points = 0;
select ops.adjust_points(tests.get_supabase_uid(m), 500, 'Test points.') from unnest('{anna,ben,cem}'::text[]) m;

-- anna's tasks, with ben or cem helping
create temporary table t as select
  tests.task_in('open', 'anna', 'ben') as open,
  tests.task_in('assigned', 'anna', 'ben') as assigned,
  tests.task_in('in_progress', 'anna', 'ben') as in_progress,
  tests.task_in('pending_confirmation', 'anna', 'ben', 11) as pending,
  tests.task_in('completed', 'anna', 'ben', 12) as completed,
  tests.task_in('cancelled', 'anna', 'ben') as cancelled,
-- others' tasks in which anna has a part
  tests.task_in('open', 'cem', 'anna') as offered,
  tests.task_in('assigned', 'cem', 'anna') as helping,
  tests.task_in('in_progress', 'ben', 'anna') as working,
  tests.task_in('pending_confirmation', 'cem', 'anna', 13) as finished,
  tests.task_in('completed', 'cem', 'anna', 14) as earned;
select tests.authenticate_as('anna');
select public.update_profile('Anna Beispiel', 'I like plants.', tests.get_supabase_uid('anna') || '/me.png');
select public.update_contact('+49 30 123456', 'Sea Lane 1', 52.5, 13.4);
select public.block_user(tests.get_supabase_uid('cem'));
select tests.authenticate_as('cem');
select public.block_user(tests.get_supabase_uid('anna'));
select public.block_user(tests.get_supabase_uid('ben'));
select tests.reset_authentication();
grant select on t to authenticated;
create temporary table ledger as select * from public.point_transactions where user_id = tests.get_supabase_uid('anna');

select lives_ok($$ delete from auth.users where id = tests.get_supabase_uid('anna') $$, 'the login is deleted');

-- the person is gone
select results_eq(
  $$ select name, avatar_path, bio, is_active, is_email_verified, is_phone_verified from public.users where id = tests.get_supabase_uid('anna') $$,
  $$ values ('Deleted member', null::text, null::text, false, false, false) $$, 'the profile is blank');
select is_empty($$ select * from public.user_contacts where user_id = tests.get_supabase_uid('anna') $$, 'the contact data are gone');
select is_empty($$ select * from public.user_blocks where tests.get_supabase_uid('anna') in (blocker_id, blocked_id) $$, 'so are blocks, either way');
select is((select count(*)::int from public.user_blocks where blocker_id = tests.get_supabase_uid('cem')), 1, 'blocks between others stay');
select is_empty($$ select * from public.task_offers where helper_id = tests.get_supabase_uid('anna') and message is not null $$, 'the words of the offers are gone');
select is_empty($$ select * from private.task_locations where creator_id = tests.get_supabase_uid('anna') $$, 'so are the exact places of all own tasks');
select is((select count(*)::int from private.task_locations l join t on l.task_id in (t.offered, t.helping, t.working, t.finished, t.earned)), 5, 'but not those of tasks of others');

-- what was under way ends
select results_eq(
  $$ select status::text from t join public.tasks k on k.id in (t.open, t.assigned, t.in_progress) $$, array['cancelled', 'cancelled', 'cancelled'],
  'own tasks that were not finished are cancelled');
select results_eq($$ select k.status::text, k.helper_id from t join public.tasks k on k.id in (t.helping, t.working) $$,
  $$ values ('open', null::uuid), ('open', null::uuid) $$, 'tasks they helped with are open again');
select is((select status from t join public.tasks k on k.id = t.pending), 'pending_confirmation', 'finished work of others still waits');
select is((select status from t join public.tasks k on k.id = t.finished), 'pending_confirmation', 'own finished work still waits');
select is((select status from public.task_offers o join t on o.task_id = t.offered), 'withdrawn', 'offers are withdrawn');
select results_eq($$ select action::text, details ->> 'reason' from public.task_events e join t on e.task_id = t.assigned order by e.id desc limit 1 $$,
  $$ values ('cancelled', 'account_deleted') $$, 'the other side can read why');
select results_eq($$ select action::text, details ->> 'reason' from public.task_events e join t on e.task_id = t.helping order by e.id desc limit 1 $$,
  $$ values ('released', 'account_deleted') $$, 'on either side');
select is_empty($$ select * from private.open_tasks where creator_id = tests.get_supabase_uid('anna') $$, 'nothing of theirs is found nearby');

-- the books stay
select is_empty($$ select * from ledger except select * from public.point_transactions $$, 'every ledger row is still there');
select is((select count(*)::int from public.point_transactions p join t on p.task_id in (t.open, t.assigned, t.in_progress) where p.type = 'refund'), 3, 'held points of the cancelled tasks are returned');
select tests.books_are_right();
select is((select count(*)::int from private.audit_log where action = 'member_erased' and subject_id = tests.get_supabase_uid('anna')), 1, 'the audit log knows');
select is_empty($$ select * from private.audit_log where subject_id = tests.get_supabase_uid('anna') and (details::text || action) ~* 'beispiel|sea lane|plants' $$, 'without saying who it was');

-- whoever finished work is paid
select ops.run_due_jobs(now() + interval '15 days');
select results_eq($$ select k.status::text from t join public.tasks k on k.id in (t.pending, t.finished) $$, array['completed', 'completed'], 'the deadline confirms both');
select is((select amount from public.point_transactions p join t on p.task_id = t.pending and p.type = 'task_completed'), 11, 'the helper of an erased creator is paid');
select is((select amount from public.point_transactions p join t on p.task_id = t.finished and p.type = 'task_completed'), 13, 'an erased helper''s work is booked');
select tests.books_are_right('the books are right after that too');

-- the account is closed for good
select tests.authenticate_as('anna');
select throws_ok($$ select public.update_profile(name => 'Anna') $$, 'PT403', 'user_inactive', 'a token that is still valid cannot bring the name back');
select is((select name from public.users where id = tests.get_supabase_uid('anna')), 'Deleted member', 'the profile stays blank');
select tests.authenticate_as('cem');
select throws_ok(format('select public.accept_offer(%L)', (select id from public.task_offers where task_id = (select offered from t))), 'PT409', 'offer_not_pending', 'a withdrawn offer cannot be accepted');

-- a member without any history can go too, and a login that never was a member
select tests.reset_authentication();
select tests.create_supabase_user('dora');
select lives_ok($$ delete from auth.users where id = tests.get_supabase_uid('dora') $$, 'a member without history');
select is((select is_active from public.users where id = tests.get_supabase_uid('dora')), false, 'is inactive');
select lives_ok($$ delete from auth.users where id = tests.get_supabase_uid('cem') $$, 'a member with a ban-free history of blocks and tasks');
select is((select name from public.users where id = tests.get_supabase_uid('cem')), 'Deleted member', 'is blank too');

select * from finish();
rollback;
