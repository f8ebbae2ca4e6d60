begin;
select plan(32);
select tests.use_default_settings();
select tests.create_supabase_users('anna', 'ben');

select tests.authenticate_as_service_role();
select results_eq(
  $$ select user_id, task_id, amount, type::text, balance_after, description from ops.adjust_points(tests.get_supabase_uid('anna'), 100, '  Prize of the summer fair.  ') $$,
  $$ values (tests.get_supabase_uid('anna'), null::uuid, 100, 'admin_adjustment', 100, 'Prize of the summer fair.') $$, 'points are given, with a reason');
select results_eq(
  $$ select amount, balance_after, description from ops.adjust_points(tests.get_supabase_uid('anna'), -40, 'Booked twice.') $$,
  $$ values (-40, 60, 'Booked twice.') $$, 'and taken');

create function pg_temp.book(who text, amount integer, reason text) returns bigint language sql as $$
  select id from ops.adjust_points(tests.get_supabase_uid(who), amount, reason, '11111111-1111-4111-8111-111111111111')
$$;
select is(pg_temp.book('anna', 5, 'Sent twice.'), pg_temp.book('anna', 5, ' Sent twice. '), 'with the same key it is the same adjustment');
select is(tests.error_of($$ select pg_temp.book('anna', -1000, 'Sent twice.') $$), 'PT409 idempotency_key_reused', 'another amount is another one');
select is(tests.error_of($$ select pg_temp.book('anna', 5, 'For something else.') $$), 'PT409 idempotency_key_reused', 'another reason, too');
select is(tests.error_of($$ select pg_temp.book('ben', 5, 'Sent twice.') $$), 'PT409 idempotency_key_reused', 'another member');
select is(tests.error_of($$ select pg_temp.book('nobody', 5, 'Sent twice.') $$), 'PT409 idempotency_key_reused', 'and nobody');
select is((select balance_after from ops.adjust_points(tests.get_supabase_uid('anna'), -5, 'Taken back.')), 60, 'it was booked once');

select throws_ok($$ select ops.adjust_points(tests.get_supabase_uid('anna'), -61, 'x') $$, 'PT402', 'insufficient_points', 'but never more than there are');
select throws_ok($$ select ops.adjust_points(tests.get_supabase_uid('anna'), 0, 'x') $$, 'PT400', 'amount_invalid', 'no points');
select throws_ok($$ select ops.adjust_points(tests.get_supabase_uid('anna'), null, 'x') $$, 'PT400', 'amount_invalid', 'null points');
select throws_ok($$ select ops.adjust_points(tests.get_supabase_uid('anna'), 1000001, 'x') $$, 'PT400', 'amount_invalid', 'more than a million');
select throws_ok($$ select ops.adjust_points(tests.get_supabase_uid('anna'), -2147483648, 'x') $$, 'PT400', 'amount_invalid', 'the smallest integer');
select is(tests.error_of($$ select ops.adjust_points(tests.get_supabase_uid('anna'), 1, '') $$), 'PT400 text_blank (reason)', 'no reason');
select is(tests.error_of($$ select ops.adjust_points(tests.get_supabase_uid('anna'), 1, null) $$), 'PT400 text_blank (reason)', 'null as a reason');
select is(tests.error_of($$ select ops.adjust_points(tests.get_supabase_uid('anna'), 1, repeat('x', 1001)) $$), 'PT400 text_too_long (reason)', 'an overlong reason');
select throws_ok($$ select ops.adjust_points(tests.get_supabase_uid('nobody'), 1, 'x') $$, 'PT404', 'user_not_found', 'nobody');
select throws_ok($$ select ops.adjust_points(null, 1, 'x') $$, 'PT404', 'user_not_found', 'null');

select results_eq($$ select balance, earned, spent from public.point_accounts where user_id = tests.get_supabase_uid('anna') $$,
  $$ values (60, 0, 0) $$, 'adjustments are neither earned nor spent');
select results_eq($$ select balance from public.point_accounts where user_id = tests.get_supabase_uid('ben') $$, array[0], 'nobody else''s balance moved');

-- the member reads it, the audit log has it
select tests.authenticate_as('anna');
select results_eq('select amount, type::text, balance_after, description from public.point_transactions order by id',
  $$ values (100, 'admin_adjustment', 100, 'Prize of the summer fair.'), (-40, 'admin_adjustment', 60, 'Booked twice.'),
    (5, 'admin_adjustment', 65, 'Sent twice.'), (-5, 'admin_adjustment', 60, 'Taken back.') $$, 'the member reads the reasons');
select throws_ok($$ select ops.adjust_points(tests.get_supabase_uid('anna'), 100, 'Please.') $$, '42501', 'permission denied for schema ops', 'a member cannot adjust points');
select tests.clear_authentication();
select throws_ok($$ select ops.adjust_points(tests.get_supabase_uid('anna'), 100, 'Please.') $$, '42501', 'permission denied for schema ops', 'nor can anon');
select tests.reset_authentication();
select is((select balance from public.point_accounts where user_id = tests.get_supabase_uid('anna')), 60, 'the balance is as before');
select results_eq(
  $$ select action::text, subject_id, details ->> 'amount' from private.audit_log where subject_id = tests.get_supabase_uid('anna') order by id $$,
  $$ values ('points_adjusted', tests.get_supabase_uid('anna'), '100'), ('points_adjusted', tests.get_supabase_uid('anna'), '-40'),
    ('points_adjusted', tests.get_supabase_uid('anna'), '5'), ('points_adjusted', tests.get_supabase_uid('anna'), '-5') $$, 'each adjustment stands in the audit log');
select tests.books_are_right();

-- welcome points of the settings
update private.settings set welcome_points = 25;
select tests.create_supabase_user('cem');
select results_eq($$ select amount, type::text, balance_after, task_id from public.point_transactions where user_id = tests.get_supabase_uid('cem') $$,
  $$ values (25, 'bonus', 25, null::uuid) $$, 'welcome points are booked at sign-up');
select results_eq($$ select balance, earned, spent from public.point_accounts where user_id = tests.get_supabase_uid('cem') $$,
  $$ values (25, 25, 0) $$, 'and arrive');
update private.settings set welcome_points = 0;
select tests.create_supabase_user('dora');
select is_empty($$ select * from public.point_transactions where user_id = tests.get_supabase_uid('dora') $$, 'without the setting there are none');
delete from auth.users where id = tests.get_supabase_uid('cem');
update private.settings set welcome_points = 25;
insert into auth.users (id) values (tests.get_supabase_uid('cem'));
select is((select count(*)::int from public.point_transactions where user_id = tests.get_supabase_uid('cem')), 1, 'a login that comes back is not welcomed twice');
select tests.books_are_right('the books are right after that too');
select is((select sum(amount)::int from ops.ledger_entries where account = 'member:' || tests.get_supabase_uid('cem')), 25, 'double entry shows the bonus');

select * from finish();
rollback;
