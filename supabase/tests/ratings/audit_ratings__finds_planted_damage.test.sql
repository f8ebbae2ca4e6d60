-- ops.audit_ratings finds each kind of damage, and the roles that report read it and the view without a right on the table.
begin;
select plan(15);
select tests.use_default_settings();
select tests.create_supabase_users('anna', 'ben', 'cem');
create temporary table t as select tests.task_in('completed', 'anna', 'ben') as id, tests.task_in('assigned', 'anna', 'ben') as live;
select tests.rate_task('anna', id, 3), tests.rate_task('ben', id, 4) from t;
create function pg_temp.problems() returns text
language sql as $$ select coalesce(string_agg(problem || ' ' || coalesce(detail, '-'), ', ' order by problem), 'none') from ops.audit_ratings() $$;

select is(pg_temp.problems(), 'none', 'nothing is wrong');
savepoint whole;
update public.users set rating_count = 2 where id = tests.get_supabase_uid('ben');
select is(pg_temp.problems(), 'rating_counters_differ average 3.00, count 2, trust 0.87; expected 3.00, 1, 0.87', 'a count on users');
rollback to whole;
update public.users set rating_average = 3.01 where id = tests.get_supabase_uid('ben');
select is(pg_temp.problems(), 'rating_counters_differ average 3.01, count 1, trust 0.87; expected 3.00, 1, 0.87', 'an average on users');
rollback to whole;
update public.users set trust_score = 0.88 where id = tests.get_supabase_uid('ben');
select is(pg_temp.problems(), 'rating_counters_differ average 3.00, count 1, trust 0.88; expected 3.00, 1, 0.87', 'a trust on users');
rollback to whole;
update private.rating_totals set score_sum = 5 where user_id = tests.get_supabase_uid('ben');
select is(pg_temp.problems(), 'rating_totals_differ 5 in 1, expected 3 in 1', 'a sum');
rollback to whole;
update private.rating_totals set score_count = 2 where user_id = tests.get_supabase_uid('ben');
select is(pg_temp.problems(), 'rating_totals_differ 3 in 2, expected 3 in 1', 'a number');
rollback to whole;
delete from private.rating_totals where user_id = tests.get_supabase_uid('cem');
select is(pg_temp.problems(), 'rating_totals_differ  in , expected 0 in 0', 'a member without totals');
rollback to whole;
insert into public.ratings (task_id, rater_id, ratee_id, score) select id, tests.get_supabase_uid('cem'), tests.get_supabase_uid('ben'), 1 from t;
select is(pg_temp.problems(), 'rating_by_stranger -, rating_not_revealed -', 'a rating by somebody who took no part');
rollback to whole;
insert into public.ratings (task_id, rater_id, ratee_id, score) values (gen_random_uuid(), tests.get_supabase_uid('anna'), tests.get_supabase_uid('ben'), 1);
select is(pg_temp.problems(), 'rating_by_stranger -', 'a rating of no task');
rollback to whole;
insert into public.ratings (task_id, rater_id, ratee_id, score) select live, tests.get_supabase_uid('anna'), tests.get_supabase_uid('ben'), 1 from t;
select is(pg_temp.problems(), 'rating_by_stranger -', 'a rating of a task that is not completed');
rollback to whole;
update public.ratings set revealed_at = null where score = 3 and task_id = (select id from t);
select is(pg_temp.problems(), 'rating_not_revealed -', 'hidden although both have rated');
rollback to whole;

-- the roles that report
select ok(has_function_privilege('app_read', 'ops.audit_ratings()', 'execute'), 'app_read: runs the audit');
select ok(not has_table_privilege('app_read', 'ops.revealed_ratings', 'select') and not has_function_privilege('app_read', 'ops.list_revealed_ratings()', 'execute'), 'app_read: not who rated whom');
select ok(not has_any_column_privilege('app_read', 'public.ratings', 'select'), 'app_read: not the table');
select tests.authenticate_as('anna');
select is(tests.error_of('select * from ops.revealed_ratings'), '42501 permission denied for schema ops', 'members have no use for the view');
select tests.reset_authentication();

select * from finish();
rollback;
