-- Each job by itself: one that fails is undone and remembered, the others go on; each is done once in its period.
begin;
select plan(42);
select tests.use_default_settings();
create function pg_temp.job(name text) returns private.jobs language sql as $$ select j from private.jobs j where j.job = name $$;
create function pg_temp.seen(name text) returns text language sql as $$
  select concat_ws(' ', case when last_error is null then 'fine' else last_error end, case when is_overdue then 'overdue' end, case when is_due then 'due' end)
  from ops.jobs where job = name $$;
create function pg_temp.ran(as_of timestamptz default null) returns text[] language sql as $$
  select coalesce(array_agg(job order by job), '{}') from ops.run_due_jobs(as_of) where job like 'planted%' $$;

-- the list is the catalogue
select set_eq(
  $$ select p.proname::text from pg_proc p where p.pronamespace = 'private'::regnamespace and pg_get_function_arguments(p.oid) = 'as_of timestamp with time zone, batch integer, OUT processed integer, OUT failed integer' $$,
  $$ select job from private.jobs where runs_in = 'database' $$, 'every function that looks like a job is one, and every job has its function');
select set_eq($$ select 'private.' || job from private.jobs where runs_in = 'database' $$,
  $$ select p.pronamespace::regnamespace || '.' || p.proname from pg_proc p where obj_description(p.oid, 'pg_proc') like 'Job: %' $$, 'the comment says so');
select is_empty($$ select job from private.jobs where runs_in = 'database' and (step = 0 or every is null) $$, 'each has its place in the run');
select is_empty($$ select step from private.jobs where runs_in = 'database' group by step having count(*) > 1 $$, 'of its own');
select ok((select step from private.jobs where job = 'reveal_ratings') < (select min(step) from private.jobs where runs_in = 'database' and room in ('tasks', 'redemptions')), 'members come before accounts');
select ok((select min(step) from private.jobs where runs_in = 'database' and room = 'notifications') > (select max(step) from private.jobs where room in ('tasks', 'redemptions', 'ratings', 'statistics', 'messages')), 'and notifications after all of them');

-- three jobs of our own: before, broken, after
create table private.planted (job text, at timestamptz default clock_timestamp());
create function private.planted_first(as_of timestamptz, batch integer, out processed integer, out failed integer) language plpgsql as $$
begin insert into private.planted values ('first'); processed := 1; failed := 0; end $$;
create function private.planted_broken(as_of timestamptz, batch integer, out processed integer, out failed integer) language plpgsql as $$
begin insert into private.planted values ('broken'); processed := 'Anna Muster, +49 30 1234'; failed := 0; end $$;
create function private.planted_last(as_of timestamptz, batch integer, out processed integer, out failed integer) language plpgsql as $$
begin insert into private.planted values ('last'); processed := 2; failed := 1; end $$;
insert into private.jobs (job, room, step, every) values ('planted_first', 'operations', 1, '1 minute'), ('planted_broken', 'operations', 2, '1 minute'), ('planted_last', 'operations', 3, '1 hour');
set local client_min_messages = error;

select is(pg_temp.seen('planted_first'), 'fine due', 'what never ran is due, and not overdue at once');
select results_eq($$ select * from ops.run_due_jobs() where job like 'planted%' $$, $$ values ('planted_first', 1, 0), ('planted_broken', 0, 1), ('planted_last', 2, 1) $$, 'one that fails does not stop the others');
select is((select array_agg(job order by at) from private.planted), '{first,last}'::text[], 'what it did is undone');
select is(pg_temp.seen('planted_broken'), '22P02 a value cannot be used, in private.planted_broken', 'why stands in ops.jobs, without the value');
select is(pg_temp.seen('planted_last'), 'fine', 'rows that failed are no failure of the job');
select results_eq($$ select processed, failed, last_started_at = now(), last_finished_at > now(), last_succeeded_at > now(), last_duration_ms >= 0 from ops.jobs where job = 'planted_last' $$,
  $$ values (2, 1, true, true, true, true) $$, 'the run is written down');
select results_eq($$ select last_succeeded_at, last_failed_at > now() from ops.jobs where job = 'planted_broken' $$, $$ values (null::timestamptz, true) $$, 'a failure, too');

-- once in a period
select is(pg_temp.ran(), '{}', 'nothing is done twice in its minute');
update private.jobs set started_at = started_at - interval '1 minute' where job like 'planted%';
select is(pg_temp.ran(), case when date_trunc('hour', now()) = date_trunc('hour', now() - interval '1 minute') then '{planted_broken,planted_first}' else '{planted_broken,planted_first,planted_last}' end::text[], 'a minute later what is done every minute');
update private.jobs set started_at = date_trunc('hour', now()) - interval '1 second' where job = 'planted_last';
select is(pg_temp.ran(), '{planted_last}', 'in the next hour what is done every hour');
select is(pg_temp.ran(now()), '{planted_broken,planted_first,planted_last}', 'with a moment all of them');
update private.jobs set started_at = now() + interval '2 hours' where job = 'planted_last';
select is(pg_temp.ran(), '{planted_last}', 'a clock that was wrong holds up nothing');
create or replace function private.planted_last(as_of timestamptz, batch integer, out processed integer, out failed integer) language sql as $$ select batch, 0 $$;
select pg_temp.ran(now());
select is(pg_temp.ran(), '{planted_last}', 'after a whole batch the next follows at once');

-- late
update private.jobs set started_at = now() - interval '8 minutes' where job = 'planted_first';
select is(pg_temp.seen('planted_first'), 'fine due', 'for ten minutes a job may be late');
update private.jobs set started_at = now() - interval '12 minutes' where job = 'planted_first';
select is(pg_temp.seen('planted_first'), 'fine overdue due', 'then it is overdue');
update private.settings set overdue_job_minutes = 20;
select is(pg_temp.seen('planted_first'), 'fine due', 'the minutes are a setting');
update private.settings set overdue_job_minutes = 10;
update private.jobs set started_at = null, created_at = now() - interval '12 minutes' where job = 'planted_first';
select is(pg_temp.seen('planted_first'), 'fine overdue due', 'so is one that never ran');
update private.jobs set started_at = now() - interval '50 hours', every = '1 day' where job = 'planted_first';
select is(pg_temp.seen('planted_first'), 'fine overdue due', 'and one of every day');
update private.jobs set every = '1 day', starts_at = date_trunc('minute', now() at time zone 'UTC') - date_trunc('day', now() at time zone 'UTC') - interval '5 minutes', started_at = now() - interval '23 hours' where job = 'planted_first';
select is(pg_temp.seen('planted_first'), 'fine due', 'whose day begins at its own hour');

-- by hand
select results_eq($$ select * from ops.run_job('planted_broken') $$, $$ values (0, 1) $$, 'one job again');
create or replace function private.planted_broken(as_of timestamptz, batch integer, out processed integer, out failed integer) language sql as $$ select 5, 0 $$;
select results_eq($$ select * from ops.run_job('planted_broken') $$, $$ values (5, 0) $$, 'until it is mended');
select results_eq($$ select last_error, last_failure like '22P02%', last_failed_at is not null from ops.jobs where job = 'planted_broken' $$, $$ values (null::text, true, true) $$, 'the last failure stays to be seen');
select is(tests.error_of($$ select ops.run_job('no_such_job') $$), 'PT404 job_not_found', 'a job that does not exist');
select is(tests.error_of($$ select ops.run_job(null) $$), 'PT404 job_not_found', 'or no name');

-- ended by somebody, or by statement_timeout
create or replace function private.planted_broken(as_of timestamptz, batch integer, out processed integer, out failed integer) language plpgsql as $$
begin raise exception using errcode = 'query_canceled', message = 'canceling statement due to user request'; end $$;
select results_eq($$ select job, failed from ops.run_due_jobs(now()) where job like 'planted%' $$, $$ values ('planted_first', 0), ('planted_broken', 1), ('planted_last', 0) $$, 'a job that is cancelled leaves the others their turn');
select is(pg_temp.seen('planted_broken'), '57014 canceling statement due to user request, in private.planted_broken', 'and says so');
-- a run without rows
create or replace function private.planted_broken(as_of timestamptz, batch integer, out processed integer, out failed integer) language sql as $$ select null::integer, null::integer $$;
select lives_ok($$ select ops.run_job('planted_broken') $$, 'a job that counts nothing');
select is((pg_temp.job('planted_broken')).is_behind, false, 'is not behind');

-- who may
select tests.authenticate_as_service_role();
select isnt_empty('select * from ops.jobs', 'the service role reads the jobs');
select lives_ok($$ select ops.run_job('planted_first') $$, 'and runs one');
select throws_ok('select * from private.jobs', '42501', null, 'but not their table');
select tests.reset_authentication();
select ok(has_table_privilege('app_read', 'ops.jobs', 'select'), 'so do reports');
select ok(not has_function_privilege('app_read', 'ops.run_job(text)', 'execute'), 'which run none');
select tests.create_supabase_users('anna');
select tests.authenticate_as('anna');
select throws_ok('select * from ops.jobs', '42501', null, 'members read nothing of it');
select throws_ok($$ select ops.run_job('planted_first') $$, '42501', null, 'and run nothing');
select tests.reset_authentication();
select is_empty($$ select * from ops.jobs where concat_ws(' ', job, room, schedule, runs_in) is null $$, 'the list reads whole');

select * from finish();
rollback;
