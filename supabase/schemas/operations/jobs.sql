-- Room: operations. Runs the jobs of all rooms: what is due, each by itself.

create function private.period_of(job private.jobs, moment timestamptz)
returns timestamptz
language sql immutable set search_path = ''
as $$ select pg_catalog.date_bin(job.every, moment, timestamptz '2000-01-01 00:00:00+00' + job.starts_at) $$;
comment on function private.period_of(private.jobs, timestamptz) is
  'When the period of a job began in which a moment is.';

create function private.is_due(job private.jobs)
returns boolean
language plpgsql stable set search_path = ''
as $$
declare
  v_works boolean;
begin
  case job.runs_in
    when 'database' then
      -- also when the last run stands in the future, because the server's clock was wrong
      return job.is_behind or job.started_at is null
        or job.started_at not between private.period_of(job, now()) and now() + job.every;
    when 'command' then
      return job.leased_until <= now()
        and coalesce(job.succeeded_at, '-infinity') not between private.period_of(job, now()) and now() + job.every;
    else
      if job.leased_until > now() then return false; end if;
      execute pg_catalog.format('select private.%I()', 'has_work_for_' || job.job) into v_works;
      return v_works;
  end case;
end $$;
comment on function private.is_due(private.jobs) is
  'Whether a job is to be done now: once in each period, at once again after a whole batch; a function while it has '
  'work. What runs outside the database only while nobody else is at it.';

create function private.describe_error(code text, message text, context text)
returns text
language sql immutable set search_path = ''
as $$
  select pg_catalog.left(code || ' ' ||
    -- class 22 repeats the value it could not use
    case when code like '22%' then 'a value cannot be used' else message end
    || coalesce(', in ' || pg_catalog.substring(context, 'function ([a-z_.]+)'), ''), 500)
$$;
comment on function private.describe_error(text, text, text) is
  'An error of PostgreSQL in words that repeat no data: code, message, and the function it happened in.';

create function private.run_job(job private.jobs, as_of timestamptz, out processed integer, out failed integer)
language plpgsql volatile set search_path = ''
as $$
declare
  c_batch constant integer := 1000;
  v_began timestamptz := pg_catalog.clock_timestamp();
  v_error text;
  v_code  text;
  v_context text;
begin
  begin
    execute pg_catalog.format(
      'select coalesce(r.processed, 0), coalesce(r.failed, 0) from private.%I($1, $2) r', run_job.job.job)
    into processed, failed using as_of, c_batch;
  -- a job that somebody ends, or statement_timeout, leaves the others their turn
  exception when query_canceled or others then
    get stacked diagnostics
      v_code = returned_sqlstate, v_error = message_text, v_context = pg_exception_context;
    processed := 0;
    failed := 1;
    raise warning 'job % failed: % %', run_job.job.job, v_code, v_error;
    v_error := private.describe_error(v_code, v_error, v_context);
  end;
  update private.jobs j
  set started_at = now(), finished_at = pg_catalog.clock_timestamp(), processed = run_job.processed,
      failed = run_job.failed,
      duration_ms = 1000 * extract(epoch from pg_catalog.clock_timestamp() - v_began),
      is_behind = run_job.processed + run_job.failed >= c_batch and v_error is null,
      succeeded_at = case when v_error is null then pg_catalog.clock_timestamp() else j.succeeded_at end,
      failed_at = case when v_error is null then j.failed_at else pg_catalog.clock_timestamp() end,
      error = coalesce(v_error, j.error)
  where j.job = run_job.job.job;
end $$;
comment on function private.run_job(private.jobs, timestamptz) is
  'Does one job and writes down how it went. When it fails, what it did is undone and the error is kept.';

create function ops.run_due_jobs(as_of timestamptz default null)
returns table (job text, processed integer, failed integer)
language plpgsql volatile security definer set search_path = ''
-- Jobs wait for nobody before the accounts; an account that somebody holds for long is left for the next run.
set lock_timeout = '10s'
as $$
declare
  v_job private.jobs;
begin
  -- one run at a time: two would pay the same helpers in different order and wait for each other
  if not pg_catalog.pg_try_advisory_xact_lock(pg_catalog.hashtext('ops.run_due_jobs')) then
    return;
  end if;
  for v_job in
    select j.* from private.jobs j where j.runs_in = 'database' order by j.step
  loop
    continue when as_of is null and not private.is_due(v_job);
    job := v_job.job;
    select r.* into processed, failed from private.run_job(v_job, coalesce(as_of, now())) r;
    return next;
  end loop;
end $$;
comment on function ops.run_due_jobs(timestamptz) is
  'Does the jobs of all rooms that are due, at most 1000 of each; called every minute by pg_cron, npm run jobs or the '
  'local stack. With a moment: all jobs, with what is due at that moment; now() for what is due now, whatever the '
  'schedule says. Each job by itself: one that fails is undone, its error stands in ops.jobs, the others go on. Safe '
  'to repeat. Returns a row per job done, with the number done and failed; none while another run is under way.';
grant execute on function ops.run_due_jobs(timestamptz) to service_role, app_service;

create function ops.run_job(job text)
returns table (processed integer, failed integer)
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_job private.jobs;
begin
  -- waits for a run under way: it may be at this very job
  perform pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtext('ops.run_due_jobs'));
  select j.* into v_job from private.jobs j where j.job = run_job.job for no key update;
  if not found then raise exception using errcode = 'PT404', message = 'job_not_found'; end if;
  if v_job.runs_in <> 'database' then
    update private.jobs j set leased_until = '-infinity' where j.job = v_job.job;
    return;
  end if;
  return query select r.* from private.run_job(v_job, now()) r;
end $$;
comment on function ops.run_job(text) is
  'Does one job again, whatever the schedule says, and returns how many it did and how many failed; why it failed '
  'stands in ops.jobs. What runs outside the database is freed for its next turn instead, and no row returns. '
  'Errors: job_not_found.';
grant execute on function ops.run_job(text) to service_role, app_service;

create function ops.list_jobs()
returns table (job text, room text, schedule text, last_started_at timestamptz, last_finished_at timestamptz,
  last_succeeded_at timestamptz, last_duration_ms integer, processed integer, failed integer, last_error text,
  is_overdue boolean, runs_in text, is_due boolean, last_failed_at timestamptz, last_failure text)
language sql stable security definer set search_path = ''
as $$
  select j.job, j.room,
    case when j.every is null then 'when there is work' else 'every ' || pg_catalog.to_char(j.every,
      case when j.every >= '1 day' then 'FMDD "days"' when j.every >= '1 hour' then 'FMHH24 "hours"' else
        'FMMI "minutes"' end)
      || case when j.starts_at > '0' then pg_catalog.to_char(j.starts_at, '" from "HH24:MI" UTC on"') else '' end end,
    j.started_at, j.finished_at, j.succeeded_at, j.duration_ms, j.processed, j.failed,
    case when j.failed_at > coalesce(j.succeeded_at, '-infinity') then j.error end,
    case j.runs_in
      when 'database' then coalesce(j.started_at, j.created_at) < private.period_of(j, v.moment)
      -- whoever has no npm run jobs needs none
      when 'command' then j.started_at is not null and coalesce(j.succeeded_at, j.created_at)
        < private.period_of(j, v.moment)
      else false end,
    j.runs_in, private.is_due(j), j.failed_at, j.error
  from private.jobs j
  cross join (select now() - pg_catalog.make_interval(mins => s.overdue_job_minutes) as moment
    from private.settings s) v
  order by j.step, j.job
$$;
comment on function ops.list_jobs() is 'All jobs and how their last runs went; body of the view ops.jobs.';
grant execute on function ops.list_jobs() to service_role, app_read, app_service;

create view ops.jobs with (security_invoker = true) as
select l.* from ops.list_jobs() l;

comment on view ops.jobs is
  'What happens by the clock: each job with its schedule and its last run. One that stopped is overdue, one that '
  'failed has last_error.';
comment on column ops.jobs.job is 'Name; ops.run_job takes it.';
comment on column ops.jobs.room is 'Room it belongs to.';
comment on column ops.jobs.schedule is 'How often, in words.';
comment on column ops.jobs.last_started_at is
  'Begin of the last run; null: never. A run under way, or one that a crash ended, is not seen.';
comment on column ops.jobs.last_duration_ms is 'In milliseconds.';
comment on column ops.jobs.processed is 'What the last run did.';
comment on column ops.jobs.failed is 'Rows that the last run could not do; 1 when all of it failed.';
comment on column ops.jobs.last_error is 'Why the last run failed; null when it succeeded. Without personal data.';
comment on column ops.jobs.is_overdue is
  'It should have run overdue_job_minutes ago and has not. Never for functions, whose backlog is in the outbox.';
comment on column ops.jobs.runs_in is
  'database (pg_cron, npm run jobs or the local stack), function (an edge function), command (npm run jobs alone).';
comment on column ops.jobs.is_due is 'The next turn does it.';
comment on column ops.jobs.last_failed_at is 'When it failed last, also when it succeeded since.';
comment on column ops.jobs.last_failure is 'Why it failed then.';

grant select on ops.jobs to service_role, app_read;
