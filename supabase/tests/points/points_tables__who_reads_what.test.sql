-- point_accounts, point_transactions and the computed field users.points_balance.
begin;
select plan(19);
select tests.use_default_settings();
select tests.create_supabase_users('anna', 'ben', 'cem');
select ops.adjust_points(tests.get_supabase_uid('anna'), 50, 'Test points.');
select tests.task_in('completed', 'anna', 'ben', 30);
select ops.ban_user(tests.get_supabase_uid('cem'), 'test');

select tests.authenticate_as('anna');
select results_eq('select user_id, balance, earned, spent from public.point_accounts', $$ values (tests.get_supabase_uid('anna'), 50, 0, 0) $$, 'a member reads the own account, no other');
select results_eq('select user_id, amount from public.point_transactions', $$ values (tests.get_supabase_uid('anna'), 50) $$, 'a member reads the own transactions: not the helper''s for the own task');
select is_empty($$ select * from public.point_transactions where user_id = tests.get_supabase_uid('ben') or amount = 30 $$, 'no filter reaches others');
select results_eq(
  $$ select u.points_balance from public.users u join unnest('{anna,ben,cem}'::text[]) m on u.id = tests.get_supabase_uid(m) order by m $$,
  array[50, null, null], 'points_balance is the own balance, null on others');

select tests.authenticate_as('ben');
select results_eq('select user_id, balance, earned, spent from public.point_accounts', $$ values (tests.get_supabase_uid('ben'), 30, 30, 0) $$, 'the helper reads the own account');
select results_eq('select amount, type::text, balance_after from public.point_transactions', $$ values (30, 'task_completed', 30) $$, 'and the payment');
select is((select points_balance(u) from public.users u where u.id = tests.get_supabase_uid('ben')), 30, 'and the own balance');

select tests.authenticate_as('cem');
select results_eq('select user_id, balance from public.point_accounts', $$ values (tests.get_supabase_uid('cem'), 0) $$, 'a banned member reads the own account');
select is_empty('select * from public.point_transactions', 'and the own history');

select tests.act_as('authenticated', null);
select is_empty('select * from public.point_accounts', 'without a member id: no accounts');
select is_empty('select * from public.point_transactions', 'and no transactions');

select tests.authenticate_as_service_role();
select is((select count(*)::int from public.point_accounts where user_id in (tests.get_supabase_uid('anna'), tests.get_supabase_uid('ben'), tests.get_supabase_uid('cem'))), 3, 'the service role reads every account');
select is((select count(*)::int from public.point_transactions where user_id in (tests.get_supabase_uid('anna'), tests.get_supabase_uid('ben'))), 2, 'and every transaction');
select is((select points_balance(u) from public.users u where u.id = tests.get_supabase_uid('ben')), 30, 'and every balance');
select is((select sum(amount)::int from ops.ledger_entries), 0, 'and the double entry, which sums to zero');

select tests.clear_authentication();
select throws_ok('select * from public.point_accounts', '42501', 'permission denied for table point_accounts', 'anon reads no accounts');
select throws_ok('select * from public.point_transactions', '42501', 'permission denied for table point_transactions', 'and no transactions');
select throws_ok('select * from ops.ledger_entries', '42501', 'permission denied for schema ops', 'and no double entry');
select tests.authenticate_as('anna');
select throws_ok('select * from ops.ledger_entries', '42501', 'permission denied for schema ops', 'nor does a member');

select * from finish();
rollback;
