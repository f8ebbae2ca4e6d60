-- What Auth writes into a login after sign-up: the phone number, soft deletion, an anonymous login that becomes permanent.
begin;
select plan(25);
select tests.use_default_settings();
create function pg_temp.contact(member text) returns text language sql as
  $$ select phone_number from public.user_contacts where user_id = tests.get_supabase_uid(member) $$;

-- the login's phone number
insert into auth.users (id, phone, phone_confirmed_at, raw_user_meta_data)
values (tests.get_supabase_uid('anna'), '4915112345678', now(), '{"name": "Anna"}');
select is(pg_temp.contact('anna'), '+4915112345678', 'a number in digits alone gets its plus');
update auth.users set phone = '4915187654321' where id = tests.get_supabase_uid('anna');
select is(pg_temp.contact('anna'), '+4915187654321', 'a changed login number follows');
update auth.users set phone = '+4915187654399' where id = tests.get_supabase_uid('anna');
select is(pg_temp.contact('anna'), '+4915187654399', 'one that has its plus keeps it');
select tests.authenticate_as('anna');
select public.update_contact('+49 30 1', null);
select tests.reset_authentication();
update auth.users set phone = '4915100000000' where id = tests.get_supabase_uid('anna');
select is(pg_temp.contact('anna'), '+49 30 1', 'a number that the member typed stays');
select tests.authenticate_as('anna');
select public.update_contact('');
select tests.reset_authentication();
update auth.users set phone = '4915100000001' where id = tests.get_supabase_uid('anna');
select is(pg_temp.contact('anna'), null, 'one that the member took away does not come back');
select tests.create_supabase_users('ben', 'cem');
update auth.users set phone = '4915100000002' where id = tests.get_supabase_uid('ben');
select is(pg_temp.contact('ben'), '+4915100000002', 'a first number of the login is taken');
update auth.users set phone = null where id = tests.get_supabase_uid('ben');
select is(pg_temp.contact('ben'), null, 'and goes with it');

-- soft deletion ends like a deletion
create temporary table t as select tests.task_in('open', 'ben', 'cem') as open;
grant select on t to public;
select tests.authenticate_as('ben');
select public.update_contact('+49 30 123456', 'Sea Lane 1', 52.5, 13.4);
select tests.reset_authentication();
select ops.run_due_jobs(now());
select isnt_empty($$ select * from private.notification_deliveries where user_id = tests.get_supabase_uid('ben') $$, 'before: mail waits to be sent');
-- as admin.deleteUser(id, true) writes it
update auth.users set email = 'c2NyYW1ibGVk', phone = 'c2NyYW1i', encrypted_password = '', raw_user_meta_data = '{}' where id = tests.get_supabase_uid('ben');
select is(pg_temp.contact('ben'), '+49 30 123456', 'a scrambled number is not taken over while the member typed one');
update auth.users set deleted_at = now() where id = tests.get_supabase_uid('ben');
select results_eq(
  $$ select name, is_active, is_email_verified from public.users where id = tests.get_supabase_uid('ben') $$,
  $$ values ('Deleted member', false, false) $$, 'a login that was deleted softly leaves no member');
select is_empty($$ select * from public.user_contacts where user_id = tests.get_supabase_uid('ben') $$, 'no address');
select is((select status::text from public.tasks, t where id = t.open), 'cancelled', 'no open task');
select is_empty($$ select * from private.notification_deliveries where user_id = tests.get_supabase_uid('ben') $$, 'no mail to the scrambled address');
select tests.books_are_right();
update auth.users set email = 'ZWxzZQ', email_confirmed_at = now() where id = tests.get_supabase_uid('ben');
select results_eq(
  $$ select name, is_email_verified from public.users where id = tests.get_supabase_uid('ben') $$,
  $$ values ('Deleted member', false) $$, 'what Auth writes after that changes nothing');
update auth.users set deleted_at = null where id = tests.get_supabase_uid('ben');
select is((select is_active from public.users where id = tests.get_supabase_uid('ben')), false, 'taking the mark back does not bring the member back');
select tests.authenticate_as('ben');
select throws_ok($$ select public.update_profile('Ben') $$, 'PT403', 'user_inactive', 'nor does a token that is still valid');
select tests.reset_authentication();
select lives_ok($$ delete from auth.users where id = tests.get_supabase_uid('ben') $$, 'the row may be deleted later');

-- whoever only looks around is no member
insert into auth.users (id, is_anonymous, raw_user_meta_data) values (tests.get_supabase_uid('dora'), true, '{"name": "Dora"}');
select is_empty($$ select * from public.users where id = tests.get_supabase_uid('dora') $$, 'an anonymous login is no member');
update auth.users set raw_user_meta_data = '{"name": "Dora D"}' where id = tests.get_supabase_uid('dora');
select is_empty($$ select * from public.users where id = tests.get_supabase_uid('dora') $$, 'not by any change');
update auth.users set is_anonymous = false, email = 'dora@pgtap.example.test', email_confirmed_at = now() where id = tests.get_supabase_uid('dora');
select results_eq(
  $$ select u.name, u.is_email_verified, a.balance from public.users u join public.point_accounts a on a.user_id = u.id where u.id = tests.get_supabase_uid('dora') $$,
  $$ values ('Dora D', true, 0) $$, 'one that becomes permanent is');
insert into auth.users (id, is_anonymous) values (tests.get_supabase_uid('emil'), true);
select lives_ok($$ delete from auth.users where id = tests.get_supabase_uid('emil') $$, 'one that goes leaves nothing to erase');
select is_empty($$ select * from private.audit_log where subject_id = tests.get_supabase_uid('emil') $$, 'and no entry');

-- a login that Auth has banned gets no mail
create temporary table waiting as select tests.task_in('open', 'cem', 'anna') as task;
select ops.run_due_jobs(now());
update auth.users set banned_until = now() + interval '1 day' where id = tests.get_supabase_uid('cem');
select is((select private.delivery_json(d) from private.notification_deliveries d where d.user_id = tests.get_supabase_uid('cem') and d.channel = 'email' limit 1), null, 'no mail to a login that is banned by Auth');
update auth.users set banned_until = now() - interval '1 day' where id = tests.get_supabase_uid('cem');
select isnt((select private.delivery_json(d) from private.notification_deliveries d where d.user_id = tests.get_supabase_uid('cem') and d.channel = 'email' order by d.id desc limit 1), null, 'when that ended, again');

select * from finish();
rollback;
