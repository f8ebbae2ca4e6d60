begin;
select plan(20);
select tests.use_default_settings();
select tests.create_supabase_users('anna', 'ben', 'cem');

select tests.authenticate_as('anna');
select results_eq(
  $$ select blocker_id, blocked_id from public.block_user(tests.get_supabase_uid('ben')) $$,
  $$ values (tests.get_supabase_uid('anna'), tests.get_supabase_uid('ben')) $$, 'anna blocks ben');
select tests.reset_authentication();
update public.user_blocks set created_at = now() - interval '1 day';
select tests.authenticate_as('anna');
select is((public.block_user(tests.get_supabase_uid('ben'))).created_at, now() - interval '1 day', 'a repeated block is the first one');
select is((select count(*)::int from public.user_blocks), 1, 'and there is one row');
select throws_ok($$ select public.block_user(tests.get_supabase_uid('anna')) $$, 'PT400', 'cannot_block_self', 'nobody blocks themselves');
select throws_ok($$ select public.block_user(tests.get_supabase_uid('nobody')) $$, 'PT404', 'user_not_found', 'nobody blocks a stranger');
select throws_ok('select public.block_user(null)', 'PT404', 'user_not_found', 'nobody blocks null');

select tests.authenticate_as('ben');
select is_empty('select * from public.user_blocks', 'the blocked member is not told');

-- both ways: neither sees the other's open tasks, neither can help the other
select tests.reset_authentication();
create temporary table t as select tests.post_task('anna') as annas, tests.post_task('ben') as bens;
grant select on t to authenticated;
select tests.authenticate_as('ben');
select is_empty('select id from public.tasks where id = (select annas from t)', 'the blocked member does not see the blocker''s task');
select is_empty('select id from public.nearby_tasks(-48.8767, -123.3933)', 'nor finds it nearby');
select throws_ok('select public.offer_help((select annas from t))', 'PT404', 'task_not_found', 'nor can help with it');
select tests.authenticate_as('anna');
select is_empty('select id from public.tasks where id = (select bens from t)', 'the blocker does not see the blocked member''s task');
select is_empty('select id from public.nearby_tasks(-48.8767, -123.3933)', 'nor finds it nearby');
select throws_ok('select public.offer_help((select bens from t))', 'PT404', 'task_not_found', 'nor can help with it');
select tests.authenticate_as('cem');
select results_eq('select count(*)::int from public.nearby_tasks(-48.8767, -123.3933)', array[2], 'others see both');

-- lifted
select tests.authenticate_as('ben');
select lives_ok($$ select public.unblock_user(tests.get_supabase_uid('anna')) $$, 'lifting somebody else''s block is no error');
select is_empty('select id from public.nearby_tasks(-48.8767, -123.3933)', 'and lifts nothing');
select tests.authenticate_as('anna');
select lives_ok($$ select public.unblock_user(tests.get_supabase_uid('ben')) $$, 'the blocker lifts the block');
select results_eq('select id from public.nearby_tasks(-48.8767, -123.3933)', 'select bens from t', 'and sees the task again');
select lives_ok($$ select public.unblock_user(tests.get_supabase_uid('ben')) $$, 'lifting it again is no error');

-- protection from others must not end with a ban
select tests.reset_authentication();
select ops.ban_user(tests.get_supabase_uid('anna'), 'test');
select tests.authenticate_as('anna');
select lives_ok($$ select public.block_user(tests.get_supabase_uid('cem')) $$, 'a banned member can still block');

select * from finish();
rollback;
