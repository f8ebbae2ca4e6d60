-- A rating that the other side does not answer is revealed after 7 days, by the job. One bad row stops nothing.
begin;
select plan(17);
select tests.use_default_settings();
select tests.create_supabase_users('anna', 'ben', 'cem', 'dora');
-- the ratings of this file, with the rights of whoever reads: the demo neighbourhood has some, too
create temporary view own with (security_invoker = true) as
select r.* from public.ratings r where r.rater_id in (select tests.get_supabase_uid(name) from unnest(array['anna', 'ben', 'cem', 'dora']) name);
grant select on own to public;
select ops.run_due_jobs(now() + interval '2 years');
create function pg_temp.run(as_of timestamptz) returns text
language sql as $$ select j.processed || ' revealed, ' || j.failed || ' failed' from private.reveal_ratings(as_of, 1000) j $$;
create function pg_temp.hidden() returns integer language sql as $$ select count(*)::int from own where revealed_at is null $$;
create temporary table t as select tests.task_in('completed', 'anna', 'ben') as id, tests.task_in('completed', 'cem', 'dora') as later;
select tests.rate_task('anna', id, 3), tests.rate_task('cem', later, 4) from t;
update public.ratings set created_at = now() + interval '1 second' where task_id = (select later from t);

select is(pg_temp.run(now() + interval '7 days' - interval '1 microsecond'), '0 revealed, 0 failed', 'not a moment before');
select is(pg_temp.hidden(), 2, 'both are hidden');
select is((select rating_count from public.users where id = tests.get_supabase_uid('ben')), 0, 'and count for nothing');
select is(pg_temp.run(now() + interval '7 days'), '1 revealed, 0 failed', 'after 7 days it is revealed');
select is((select revealed_at from public.ratings where task_id = (select id from t)), now(), 'now');
select is((select updated_at from public.ratings where task_id = (select id from t)), now(), 'which is no change by its author');
select is((select rating_count from public.users where id = tests.get_supabase_uid('ben')), 1, 'and counted');
select is(pg_temp.run(now() + interval '7 days'), '0 revealed, 0 failed', 'once');
select tests.authenticate_as('ben');
select is((select count(*)::int from own), 1, 'the other side reads it');
select tests.reset_authentication();

-- who rates after that is hidden for nobody's sake
select tests.rate_task('ben', id, 1) from t;
select is(pg_temp.hidden(), 1, 'a late answer is revealed at once: both have rated');
select is(pg_temp.run(null), '0 revealed, 0 failed', 'no moment, nothing due');

-- one bad row
create temporary table u as select tests.task_in('completed', 'anna', 'dora') as bad, tests.task_in('completed', 'ben', 'cem') as good;
select tests.rate_task('anna', bad, 3), tests.rate_task('ben', good, 3) from u;
create function pg_temp.fail() returns trigger language plpgsql as $$ begin raise exception 'planted'; end $$;
create trigger planted before update of revealed_at on public.ratings for each row when (old.score = 3) execute function pg_temp.fail();
update public.ratings set score = 2 where task_id = (select good from u);
select is(pg_temp.run(now() + interval '8 days'), '2 revealed, 1 failed', 'a row that cannot be revealed does not hold up the others');
drop trigger planted on public.ratings;
select is(pg_temp.run(now() + interval '8 days'), '1 revealed, 0 failed', 'and comes with a later run');
select is(pg_temp.hidden(), 0, 'nothing is left');
select tests.books_are_right();

-- the audit knows what the job owes
insert into public.ratings (task_id, rater_id, ratee_id, score, created_at)
select tests.task_in('completed', 'anna', 'cem'), tests.get_supabase_uid('anna'), tests.get_supabase_uid('cem'), 5, now() - interval '8 days 1 second';
select results_eq('select problem from ops.audit_ratings()', array['rating_not_revealed'], 'audit: hidden for more than a day too long');
select results_eq($$ select column_name::text collate "default" from information_schema.columns where table_schema = 'ops' and table_name = 'revealed_ratings' order by ordinal_position $$,
  '{id,task_id,rater_id,ratee_id,score,comment,created_at,updated_at,revealed_at}'::text[], 'the view has the columns of the table');

select * from finish();
rollback;
