-- No role changes or removes what was booked: not members, not the service role, not the owner of the tables, not Studio.
begin;
select plan(32);
select tests.use_default_settings();
select tests.create_supabase_users('anna', 'ben');
select tests.task_in('completed', 'anna', 'ben', 30);
create temporary table before as select * from public.point_transactions;
create temporary table audits as select * from private.audit_log;
create temporary table events as select * from public.task_events;

-- the owner: bound by the triggers
select throws_ok('update public.point_transactions set amount = 1', 'PT409', 'ledger_is_append_only', 'owner: UPDATE of an amount');
select throws_ok('update public.point_transactions set description = ''x''', 'PT409', 'ledger_is_append_only', 'owner: UPDATE of a description');
select throws_ok('update public.point_transactions set amount = amount', 'PT409', 'ledger_is_append_only', 'owner: UPDATE that changes nothing');
select throws_ok('delete from public.point_transactions', 'PT409', 'ledger_is_append_only', 'owner: DELETE');
select throws_ok('truncate public.point_transactions', 'PT409', 'ledger_is_append_only', 'owner: TRUNCATE');
select matches(tests.error_of('truncate public.tasks cascade'), '^PT409 ledger_is_append_only ', 'owner: TRUNCATE that cascades');
select is(tests.error_of('delete from public.point_transactions'), 'PT409 ledger_is_append_only (public.point_transactions)', 'the error names the table');
select throws_ok('update private.audit_log set action = ''x''', 'PT409', 'ledger_is_append_only', 'owner: UPDATE of the audit log');
select throws_ok('delete from private.audit_log', 'PT409', 'ledger_is_append_only', 'owner: DELETE from the audit log');
select throws_ok('truncate private.audit_log', 'PT409', 'ledger_is_append_only', 'owner: TRUNCATE of the audit log');
select throws_ok('update public.task_events set action = ''started''', 'PT409', 'ledger_is_append_only', 'owner: UPDATE of task events');
select throws_ok('delete from public.task_events', 'PT409', 'ledger_is_append_only', 'owner: DELETE from task events');
select throws_ok('truncate public.task_events', 'PT409', 'ledger_is_append_only', 'owner: TRUNCATE of task events');

-- members: bound by grants
select tests.authenticate_as('ben');
select throws_ok($$ insert into public.point_transactions (user_id, amount, type, balance_after) values (tests.get_supabase_uid('ben'), 100, 'bonus', 130) $$,
  '42501', 'permission denied for table point_transactions', 'member: INSERT');
select throws_ok('update public.point_transactions set amount = 1000', '42501', 'permission denied for table point_transactions', 'member: UPDATE');
select throws_ok('delete from public.point_transactions', '42501', 'permission denied for table point_transactions', 'member: DELETE');
select throws_ok('truncate public.point_transactions', '42501', 'permission denied for table point_transactions', 'member: TRUNCATE');

-- the service role
select tests.authenticate_as_service_role();
select throws_ok($$ insert into public.point_transactions (user_id, amount, type, balance_after) values (tests.get_supabase_uid('ben'), 100, 'bonus', 130) $$,
  '42501', 'permission denied for table point_transactions', 'service role: INSERT');
select throws_ok('update public.point_transactions set amount = 1000', '42501', 'permission denied for table point_transactions', 'service role: UPDATE');
select throws_ok('delete from public.point_transactions', '42501', 'permission denied for table point_transactions', 'service role: DELETE');
select throws_ok('truncate public.point_transactions', '42501', 'permission denied for table point_transactions', 'service role: TRUNCATE');
select throws_ok('select * from private.audit_log', '42501', 'permission denied for table audit_log', 'service role: the audit log is not even readable');

-- anonymous
select tests.clear_authentication();
select throws_ok('select * from public.point_transactions', '42501', 'permission denied for table point_transactions', 'anon: SELECT');
select throws_ok('delete from public.point_transactions', '42501', 'permission denied for table point_transactions', 'anon: DELETE');

-- read again
select tests.reset_authentication();
select set_eq('select * from public.point_transactions', 'select * from before', 'the ledger reads as before');
select set_eq('select * from private.audit_log', 'select * from audits', 'so does the audit log');
select set_eq('select * from public.task_events', 'select * from events', 'so do the events');
select is((select count(*)::int from before where user_id = tests.get_supabase_uid('ben')), 1, 'and there was something to protect');

-- whoever inserts as the owner cannot choose the balance: the ledger counts for itself
insert into public.point_transactions (id, user_id, amount, type, balance_after) values (-1, tests.get_supabase_uid('ben'), 5, 'bonus', 1000000);
select is((select balance_after from public.point_transactions where user_id = tests.get_supabase_uid('ben') and type = 'bonus'), 35, 'balance_after is stamped by the ledger');
select ok((select id > 0 from public.point_transactions where user_id = tests.get_supabase_uid('ben') and type = 'bonus'), 'so is the id');
select is((select balance from public.point_accounts where user_id = tests.get_supabase_uid('ben')), 35, 'and the account has moved by the amount');
select tests.books_are_right();

select * from finish();
rollback;
