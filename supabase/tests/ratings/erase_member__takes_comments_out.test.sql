-- Deleting an account takes every comment by and about the person with it; scores stay, hidden ones are revealed as usual.
begin;
select plan(15);
select tests.use_default_settings();
select tests.create_supabase_users('anna', 'ben', 'cem');
create temporary table t as select tests.task_in('completed', 'anna', 'ben') as shown, tests.task_in('completed', 'anna', 'ben') as hidden, tests.task_in('completed', 'ben', 'anna') as unrated,
  tests.task_in('completed', 'cem', 'ben') as others;
grant select on t to public;
-- the ratings of this file: the demo neighbourhood has some, too
create temporary view own with (security_invoker = true) as select r.* from public.ratings r where r.task_id in (select unnest(array[shown, hidden, unrated, others]) from t);
grant select on own to public;
select tests.rate_task('anna', shown, 1, 'By Anna about Ben.'), tests.rate_task('ben', shown, 5, 'By Ben about Anna.'),
  tests.rate_task('ben', hidden, 4, 'Hidden, about Anna.'), tests.rate_task('anna', unrated, 2, 'Hidden, by Anna.'),
  tests.rate_task('cem', others, 3, 'By Cem about Ben.') from t;

delete from auth.users where id = tests.get_supabase_uid('anna');
select results_eq('select comment from own order by comment', array['By Cem about Ben.', null, null, null, null], 'comments by and about the person are gone; others stay');
select results_eq($$ select score from own where revealed_at is not null order by score $$, array[1, 5], 'scores stay');
select results_eq($$ select rating_average, rating_count from public.users where id = tests.get_supabase_uid('ben') $$, $$ values (1.00, 1) $$, 'and count');
select results_eq($$ select rating_average, rating_count from public.users where id = tests.get_supabase_uid('anna') $$, $$ values (5.00, 1) $$, 'for the bare id, too');
select is((select count(*)::int from own where revealed_at is null), 3, 'what was hidden stays hidden');
select tests.books_are_right();

-- the other side may still rate and change, without words
select tests.authenticate_as('ben');
select results_eq($$ select score, comment from t, public.rate_task(hidden, 3, 'She was unkind.') $$, $$ values (3, null::text) $$, 'a rating of somebody who left is kept without its comment');
select results_eq($$ select score, comment, revealed_at from t, public.rate_task(unrated, 1, 'She was.') $$, $$ values (1, null::text, now()) $$, 'a new one, too; both have rated');
select is((select count(*)::int from own where revealed_at is not null), 4, 'and both are revealed');
select tests.act_as('authenticated', jsonb_build_object('sub', tests.get_supabase_uid('anna'), 'role', 'authenticated'));
select is(tests.error_of(format('select public.rate_task(%L, 5)', hidden)), 'PT403 user_inactive', 'an old token of the erased member rates nothing') from t;
select is(tests.error_of(format('select public.explain_trust(%L)', tests.get_supabase_uid('ben'))), 'PT403 user_inactive', 'and explains nothing');
select tests.reset_authentication();
select ops.run_due_jobs(now() + interval '7 days');
select is((select count(*)::int from own where revealed_at is null), 0, 'hidden ones are revealed as usual');
select results_eq($$ select rating_average, rating_count from public.users where id = tests.get_supabase_uid('ben') $$, $$ values (2.00, 3) $$, 'and count');
select tests.books_are_right();

-- a comment that stayed would be found
update public.ratings set comment = 'planted' where task_id = (select shown from t) and score = 1;
select results_eq('select problem from ops.audit_ratings()', array['comment_of_erased_member'], 'audit: a comment that stayed');

select * from finish();
rollback;
