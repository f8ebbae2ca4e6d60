-- Written by npm run db:build from supabase/schemas/operations/: edit there.

-- schemas/operations/settings.sql

alter table private.settings
  add column overdue_job_minutes integer not null default 10,
  add column cron_log_days       integer not null default 7,
  add constraint overdue_job_minutes_is_between_2_and_1440 check (overdue_job_minutes between 2 and 1440),
  add constraint cron_log_days_is_between_1_and_365 check (cron_log_days between 1 and 365);

comment on column private.settings.overdue_job_minutes is
  'Minutes a job may be late before ops.jobs says that it is overdue.';
comment on column private.settings.cron_log_days is
  'Days for which pg_cron''s own log of runs is kept, where pg_cron is.';

-- schemas/operations/monitoring.sql

-- Monitoring. From where on a figure is a warning, and from where on somebody must act: figures, alerts and pages all
-- read it here. Of every figure more is worse.

alter table private.settings
  add column slow_query_ms integer not null default 100,
  add column monitoring_days integer not null default 400;

alter table private.settings
  add constraint slow_query_ms_is_between_1_and_60000 check (slow_query_ms between 1 and 60000),
  add constraint monitoring_days_is_between_7_and_3650 check (monitoring_days between 7 and 3650);

comment on column private.settings.slow_query_ms is
  'Statements that take longer than this in the mean are slow: ops.slow_queries. In milliseconds.';
comment on column private.settings.monitoring_days is
  'Days for which daily sizes of tables and results of audits are kept.';

create table private.alert_thresholds (
  alert       text primary key,
  warn_at     numeric,
  critical_at numeric,
  unit        text not null,
  meaning     text not null,
  constraint thresholds_are_positive check (warn_at > 0 and critical_at > 0),
  constraint critical_is_not_below_warn check (critical_at >= warn_at)
);

comment on table private.alert_thresholds is
  'From where on ops.alerts warns. Edit it in Studio; a change counts at once.';
comment on column private.alert_thresholds.alert is 'Name of the alert.';
comment on column private.alert_thresholds.warn_at is 'Value from which on it is a warning; null: never.';
comment on column private.alert_thresholds.critical_at is 'Value from which on it is critical; null: never.';
comment on column private.alert_thresholds.unit is 'What the value counts.';
comment on column private.alert_thresholds.meaning is 'What the value is, and what to do when it is too high.';

alter table private.alert_thresholds enable row level security;

create function private.warn_at(alert text)
returns numeric
language sql stable set search_path = ''
as $$ select t.warn_at from private.alert_thresholds t where t.alert = warn_at.alert $$;
comment on function private.warn_at(text) is 'Value from which on an alert warns.';

create function private.seconds_since(moment timestamptz)
returns numeric
language sql stable set search_path = ''
as $$ select greatest(0, pg_catalog.round(extract(epoch from pg_catalog.statement_timestamp() - moment), 3)) $$;
comment on function private.seconds_since(timestamptz) is 'How long ago a moment is, in seconds; null of null.';

create function private.storage_option(options text[], name text)
returns numeric
language sql stable set search_path = ''
as $$
  select o.option_value::numeric from pg_catalog.pg_options_to_table(options) o
  where o.option_name = storage_option.name
$$;
comment on function private.storage_option(text[], text) is
  'A number among the storage parameters of a table or index (reloptions); null when it is not set.';

create function private.sees_all_sessions()
returns boolean
language sql stable security definer set search_path = ''
as $$ select pg_catalog.pg_has_role(current_user, 'pg_read_all_stats', 'usage') $$;
comment on function private.sees_all_sessions() is
  'Whether the owner of the product may see what other sessions do (pg_monitor, which hosted projects give).';

create function private.mask_literals(query text)
returns text
language sql immutable set search_path = ''
as $$
  -- one pass, so that a quote in a comment opens no text, and two dashes in a text no comment
  select pg_catalog.regexp_replace(query,
    '[eEuU]&?''([^''\\]|\\.|'''')*(''|$)|''([^'']|'''')*(''|$)|\$[a-zA-Z_]*\$.*|'
    '/\*([^*]|\*+[^*/])*(\*+/|$)|--[^\n]*|(?<![$"[:alnum:]_])[0-9]+(\.[0-9]+)?', '?', 'g')
$$;
comment on function private.mask_literals(text) is
  'A statement without what somebody may have written into it: texts, numbers and comments are ?, also when the end '
  'is cut off. After a text in dollars nothing follows.';

create function private.alerts_of_monitoring()
returns table (alert text, value numeric, detail text)
language sql stable set search_path = ''
as $$
  select 'sessions_unseen', (not private.sees_all_sessions())::integer::numeric,
    case when private.sees_all_sessions() then null
      else pg_catalog.format('grant pg_monitor to %I', current_user) end
$$;
comment on function private.alerts_of_monitoring() is 'Part of ops.alerts: whether monitoring sees what it judges.';

insert into private.alert_thresholds (alert, warn_at, critical_at, unit, meaning) values
  ('sessions_unseen', 1, null, '1: unseen',
   'The owner of the product may not see other sessions: slow, blocked and forgotten ones are invisible. A superuser '
   'grants pg_monitor.');

-- schemas/operations/jobs.sql

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

-- schemas/operations/activity.sql

-- Monitoring: what members do, hour by hour, from counters that a job keeps. One small row an hour, for good.

create table private.activity_hours (
  hour            timestamptz primary key,
  sign_ups        integer not null default 0,
  tasks_posted    integer not null default 0,
  tasks_completed integer not null default 0,
  points_paid     bigint not null default 0,
  redemptions     integer not null default 0,
  points_redeemed bigint not null default 0
) with (fillfactor = 70);

comment on table private.activity_hours is
  'What happened in each hour in which something did; read ops.activity_by_hour.';
comment on column private.activity_hours.hour is 'Begin of the hour, in UTC.';
comment on column private.activity_hours.sign_ups is 'Members who signed up.';
comment on column private.activity_hours.tasks_posted is 'Tasks that were posted.';
comment on column private.activity_hours.tasks_completed is 'Tasks that were completed and paid.';
comment on column private.activity_hours.points_paid is 'Points that helpers got for them.';
comment on column private.activity_hours.redemptions is 'Rewards that were redeemed, also those refunded later.';
comment on column private.activity_hours.points_redeemed is 'Points that were given for them.';

alter table private.activity_hours enable row level security;

create table private.activity_progress (
  is_singleton    boolean primary key default true,
  events_position bigint not null default 0,
  ledger_position bigint not null default 0,
  constraint activity_progress_has_one_row check (is_singleton)
);

comment on table private.activity_progress is 'How far the hours are counted, exactly one row.';
comment on column private.activity_progress.is_singleton is 'Always true: keeps the table at one row.';
comment on column private.activity_progress.events_position is 'Last id of task_events that is counted.';
comment on column private.activity_progress.ledger_position is 'Last id of point_transactions that is counted.';

alter table private.activity_progress enable row level security;

insert into private.activity_progress default values;

create index users_by_sign_up on public.users (created_at);

create function private.hour_of(moment timestamptz)
returns timestamptz
language sql immutable set search_path = ''
as $$ select pg_catalog.date_bin('1 hour', moment, '2000-01-01 00:00:00+00') $$;
comment on function private.hour_of(timestamptz) is
  'When the hour of a moment began; by whole hours of UTC.';

create function private.count_activity(as_of timestamptz, batch integer, out processed integer, out failed integer)
language plpgsql volatile set search_path = ''
as $$
declare
  c_ids      constant integer := 50 * count_activity.batch;
  v_progress private.activity_progress;
  v_events   bigint;
  v_ledger   bigint;
  v_since    timestamptz;
begin
  failed := 0;
  select p.* into v_progress from private.activity_progress p for update;
  -- no row up to there can still appear: the fence of the statistics
  select least(s.events_settled, v_progress.events_position + c_ids),
    least(s.ledger_settled, v_progress.ledger_position + c_ids)
  into v_events, v_ledger from private.statistics_progress s;
  -- sign-ups are counted anew for the last hours, because one may be committed late
  select max(h.hour) - interval '2 hours' into v_since from private.activity_hours h;

  with facts (moment, sign_ups, posted, completed, paid, redemptions, redeemed) as (
    select e.created_at, 0, 1, 0, 0, 0, 0 from public.task_events e
    where e.action = 'created' and e.id > v_progress.events_position and e.id <= v_events
    union all
    select t.created_at, 0, 0, (t.type = 'task_completed')::integer,
      case t.type when 'task_completed' then t.amount else 0 end, (t.type = 'redemption')::integer,
      case t.type when 'redemption' then -t.amount else 0 end
    from public.point_transactions t
    where t.id > v_progress.ledger_position and t.id <= v_ledger and t.type in ('task_completed', 'redemption')
  ), hours as (
    select private.hour_of(f.moment) as hour, pg_catalog.sum(f.posted) as posted,
      pg_catalog.sum(f.completed) as completed, pg_catalog.sum(f.paid) as paid,
      pg_catalog.sum(f.redemptions) as redemptions, pg_catalog.sum(f.redeemed) as redeemed
    from facts f group by 1
  )
  insert into private.activity_hours as a
    (hour, tasks_posted, tasks_completed, points_paid, redemptions, points_redeemed)
  select h.hour, h.posted, h.completed, h.paid, h.redemptions, h.redeemed from hours h order by h.hour
  on conflict (hour) do update
  set tasks_posted = a.tasks_posted + excluded.tasks_posted,
    tasks_completed = a.tasks_completed + excluded.tasks_completed, points_paid = a.points_paid + excluded.points_paid,
    redemptions = a.redemptions + excluded.redemptions, points_redeemed = a.points_redeemed + excluded.points_redeemed;
  get diagnostics processed = row_count;

  insert into private.activity_hours as a (hour, sign_ups)
  select private.hour_of(u.created_at), count(*) from public.users u
  where u.created_at >= coalesce(v_since, '-infinity') group by 1 order by 1
  on conflict (hour) do update set sign_ups = excluded.sign_ups where a.sign_ups < excluded.sign_ups;

  update private.activity_progress p
  set events_position = greatest(v_events, p.events_position), ledger_position = greatest(v_ledger, p.ledger_position)
  where p.is_singleton and (p.events_position < v_events or p.ledger_position < v_ledger);
end $$;
comment on function private.count_activity(timestamptz, integer) is
  'Job: counts what the events and the ledger have got since the last run into the hours, up to 50 times batch ids of '
  'each, and who signed up. Runs after the statistics, whose fence it uses.';

insert into private.jobs (job, room, step, every) values ('count_activity', 'operations', 82, '1 minute');
-- undo: delete from private.jobs where job = 'count_activity';

create function ops.list_activity_by_hour()
returns setof private.activity_hours
language sql stable security definer set search_path = ''
as $$ select h.* from private.activity_hours h order by h.hour desc $$;
comment on function ops.list_activity_by_hour() is 'The rows of ops.activity_by_hour.';
grant execute on function ops.list_activity_by_hour() to service_role, app_read;

create view ops.activity_by_hour with (security_invoker = true) as
select hour, sign_ups, tasks_posted, tasks_completed, points_paid, redemptions, points_redeemed
from ops.list_activity_by_hour();
comment on view ops.activity_by_hour is
  'What members did in each hour in which somebody did something, newest first; at most a minute or two late.';
comment on column ops.activity_by_hour.hour is 'Begin of the hour, in UTC.';
comment on column ops.activity_by_hour.sign_ups is 'Members who signed up.';
comment on column ops.activity_by_hour.tasks_posted is 'Tasks that were posted.';
comment on column ops.activity_by_hour.tasks_completed is 'Tasks that were completed and paid.';
comment on column ops.activity_by_hour.points_paid is 'Points that helpers got for them.';
comment on column ops.activity_by_hour.redemptions is 'Rewards that were redeemed, also those refunded later.';
comment on column ops.activity_by_hour.points_redeemed is 'Points that were given for them.';
grant select on ops.activity_by_hour to service_role, app_read;

-- schemas/operations/alerts.sql

-- Monitoring: what somebody should look at. Each subject has its figures in a function private.alerts_of_<subject>()
-- beside what it is about, and its thresholds in private.alert_thresholds.

create function ops.list_alerts()
returns table (alert text, level text, value numeric, warn_at numeric, critical_at numeric, detail text)
language plpgsql volatile security definer set search_path = '' set jit = off
as $$
declare
  v_source name;
begin
  for v_source in
    select p.proname from pg_catalog.pg_proc p
    where p.pronamespace = 'private'::regnamespace and p.proname like 'alerts\_of\_%' order by 1
  loop
    begin
      return query execute pg_catalog.format($sql$
        select a.alert, case when a.value >= t.critical_at then 'critical' when a.value >= t.warn_at then 'warn'
          else 'ok' end, a.value, t.warn_at, t.critical_at, a.detail
        from private.%I() a left join private.alert_thresholds t on t.alert = a.alert order by 1 $sql$, v_source);
    exception when others then  -- what cannot be judged is no reason to be silent about the rest
      return query select v_source::text, 'critical', null::numeric, null::numeric, null::numeric,
        pg_catalog.format('cannot be judged: %s %s', sqlstate, sqlerrm);
    end;
  end loop;
end $$;
comment on function ops.list_alerts() is 'The rows of ops.alerts.';
grant execute on function ops.list_alerts() to service_role, app_read;

create view ops.alerts with (security_invoker = true) as select * from ops.list_alerts();
comment on view ops.alerts is
  'What somebody should look at: select * from ops.alerts where level <> ''ok''. Reads catalogues, statistics, queues '
  'and results of jobs, never a large table. What each means and what to do: private.alert_thresholds. The processor '
  'and the free disk cannot be seen from here.';
comment on column ops.alerts.alert is 'Name; docs/operations/monitoring.md lists them.';
comment on column ops.alerts.level is 'ok, warn, critical.';
comment on column ops.alerts.value is 'The figure; more is worse. Null: it could not be judged, see detail.';
comment on column ops.alerts.warn_at is 'From where on it is a warning; null: never.';
comment on column ops.alerts.critical_at is 'From where on it is critical; null: never.';
comment on column ops.alerts.detail is 'What it is about, where one thing stands out. Names no member.';
grant select on ops.alerts to service_role, app_read;

create function private.alerts_of_jobs()
returns table (alert text, value numeric, detail text)
language sql stable set search_path = ''
as $$
  with j as materialized (select j.* from ops.list_jobs() j)
  select 'failed_jobs', count(*)::numeric,
    pg_catalog.string_agg(pg_catalog.format('%s: %s', j.job, j.last_error), '; ' order by j.job)
  from j where j.last_error is not null
  union all
  select 'overdue_jobs', count(*)::numeric, pg_catalog.string_agg(j.job, ', ' order by j.job) from j where j.is_overdue
$$;
comment on function private.alerts_of_jobs() is 'Part of ops.alerts: jobs that fail or do not run.';

insert into private.alert_thresholds (alert, warn_at, critical_at, unit, meaning) values
  ('failed_jobs', 1, 5, 'jobs',
   'Jobs whose last run failed: ops.jobs has the error. Mend its cause, then select * from ops.run_job(name).'),
  ('overdue_jobs', 1, 3, 'jobs',
   'Jobs that should have run and have not: see ops.jobs. Nobody calls ops.run_due_jobs(): look at pg_cron, or at '
   'npm run jobs.');

-- schemas/operations/audits.sql

create function ops.audit_all()
returns table (audit text, problem text, subject_id text, detail text)
language plpgsql stable security definer set search_path = ''
as $$
declare
  v_audit name;
begin
  for v_audit in
    select p.proname from pg_catalog.pg_proc p
    where p.pronamespace = 'ops'::regnamespace and p.proname like 'audit\_%' and p.proname <> 'audit_all'
    order by 1
  loop
    return query execute pg_catalog.format('select %L, a.* from ops.%I() a', v_audit, v_audit);
  end loop;
end $$;
comment on function ops.audit_all() is
  'Every audit of every room, found in the catalogue: one row per problem, none when everything is right.';
grant execute on function ops.audit_all() to service_role, app_read;

create table private.audit_runs (
  id          bigint generated always as identity primary key,
  finished_at timestamptz not null default pg_catalog.clock_timestamp(),
  duration_ms integer not null,
  problems    jsonb not null
);

comment on table private.audit_runs is
  'What the audits found, once a day, for settings.monitoring_days; the alert audits reads the newest.';
comment on column private.audit_runs.duration_ms is 'How long they took, in milliseconds.';
comment on column private.audit_runs.problems is 'How many problems each audit found; {} when everything was right.';

alter table private.audit_runs enable row level security;

create function private.run_audits(as_of timestamptz, batch integer, out processed integer, out failed integer)
language plpgsql volatile set search_path = ''
as $$
declare
  v_began    timestamptz := pg_catalog.clock_timestamp();
  v_problems jsonb;
begin
  failed := 0;
  select coalesce(pg_catalog.jsonb_object_agg(a.audit, a.problems), '{}'), coalesce(pg_catalog.sum(a.problems), 0)
  into v_problems, processed
  from (select f.audit, count(*) as problems from ops.audit_all() f group by f.audit) a;
  insert into private.audit_runs (duration_ms, problems)
  values (1000 * extract(epoch from pg_catalog.clock_timestamp() - v_began), v_problems);
  delete from private.audit_runs r
  where r.finished_at < as_of - pg_catalog.make_interval(days => (select p.monitoring_days from private.settings p));
end $$;
comment on function private.run_audits(timestamptz, integer) is
  'Job: asks all audits, which read whole tables, and keeps how many problems each found. First in its run, so that '
  'nobody waits for locks of other jobs meanwhile.';

insert into private.jobs (job, room, step, every, starts_at) values ('run_audits', 'operations', 1, '1 day', '02:30');
-- undo: delete from private.jobs where job = 'run_audits';

create function private.alerts_of_audits()
returns table (alert text, value numeric, detail text)
language sql stable set search_path = ''
as $$
  select 'audits', coalesce(pg_catalog.sum(p.value::numeric), 0),
    pg_catalog.string_agg(pg_catalog.format('%s: %s', p.key, p.value), ', ' order by p.key)
  from (select r.problems from private.audit_runs r order by r.id desc limit 1) r
  cross join pg_catalog.jsonb_each_text(r.problems) p
$$;
comment on function private.alerts_of_audits() is 'Part of ops.alerts: what the audits found when they ran last.';

insert into private.alert_thresholds (alert, warn_at, critical_at, unit, meaning) values
  ('audits', null, 1, 'problems',
   'Problems that the audits found when they ran last: select * from ops.audit_all(). After it is mended, '
   'select * from ops.run_job(''run_audits'').');

-- schemas/operations/backfill.sql

create table private.backfills (
  name            text primary key,
  value           text not null,
  remaining       text not null,
  rows_done       bigint not null default 0,
  last_key        jsonb,
  runner          jsonb not null,
  started_at      timestamptz not null default now(),
  updated_at      timestamptz not null default now(),
  finished_at     timestamptz
);

comment on table private.backfills is 'How far ops.backfill has come with the columns it fills.';
comment on column private.backfills.name is 'The column, schema.table.column.';
comment on column private.backfills.value is 'SQL expression of the value, in which t is the row.';
comment on column private.backfills.remaining is 'SQL condition of the rows that are left, in which t is the row.';
comment on column private.backfills.rows_done is 'Rows written since it began, repeated runs included.';
comment on column private.backfills.last_key is
  'Primary key of the last row of the last batch, behind which the next run goes on; null at beginning and end.';
comment on column private.backfills.runner is 'Process that works on it, or did last: its id and its beginning.';
comment on column private.backfills.started_at is 'When its first run began.';
comment on column private.backfills.updated_at is 'When the last batch was written.';
comment on column private.backfills.finished_at is 'When no row was left; null before.';

alter table private.backfills enable row level security;

create function ops.list_backfills()
returns setof private.backfills
language sql stable security definer set search_path = ''
as $$ select b.* from private.backfills b order by b.started_at desc $$;
comment on function ops.list_backfills() is
  'Columns that were or are being filled, the newest first; body of the view ops.backfills.';
grant execute on function ops.list_backfills() to service_role, app_read;

create view ops.backfills with (security_invoker = true) as
select b.name, b.value, b.remaining, b.rows_done, b.started_at, b.updated_at, b.finished_at from ops.list_backfills() b;
comment on view ops.backfills is
  'How far ops.backfill has come with the columns it fills; without finished_at it is under way, or was interrupted '
  'and goes on when it is called again.';
comment on column ops.backfills.name is 'The column, schema.table.column.';
comment on column ops.backfills.value is 'SQL expression of the value, in which t is the row.';
comment on column ops.backfills.remaining is 'SQL condition of the rows that are left, in which t is the row.';
comment on column ops.backfills.rows_done is 'Rows written since it began, repeated runs included.';
comment on column ops.backfills.started_at is 'When its first run began.';
comment on column ops.backfills.updated_at is 'When the last batch was written.';
comment on column ops.backfills.finished_at is 'When no row was left; null before.';
grant select on ops.backfills to service_role, app_read;

create function private.backfill_statement(relation text, column_name text, value text, remaining text)
returns text
language plpgsql stable set search_path = ''
as $$
declare
  v_relation oid := (
    select c.oid from pg_catalog.pg_class c
    where c.oid = pg_catalog.to_regclass(relation) and c.relkind in ('r', 'p')
      and c.relnamespace in ('public'::regnamespace, 'private'::regnamespace));
  v_columns text[];
  v_types text[];
  v_check refcursor;
begin
  if v_relation is null then
    raise exception using errcode = 'PT400', message = 'backfill_refused',
      detail = pg_catalog.format('%s is no table of public or private.', relation),
      hint = 'Name the table with its schema: public.tasks.';
  end if;
  if not exists (
    select from pg_catalog.pg_attribute a
    where a.attrelid = v_relation and a.attname = column_name and a.attnum > 0 and a.attgenerated = ''
  ) then
    raise exception using errcode = 'PT400', message = 'backfill_refused',
      detail = pg_catalog.format('%s has no column %s that can be written.', relation, column_name),
      hint = 'Name the column alone, without quotes.';
  end if;
  select pg_catalog.array_agg(pg_catalog.quote_ident(a.attname) order by k.place),
    pg_catalog.array_agg(pg_catalog.format_type(a.atttypid, a.atttypmod) order by k.place)
  into v_columns, v_types
  from pg_catalog.pg_index i
  cross join pg_catalog.unnest(i.indkey::smallint[]) with ordinality k (attnum, place)
  join pg_catalog.pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum
  where i.indrelid = v_relation and i.indisprimary;
  if v_columns is null then
    raise exception using errcode = 'PT400', message = 'backfill_refused',
      detail = pg_catalog.format('%s has no primary key.', relation),
      hint = 'Batches follow the primary key: the table needs one.';
  end if;
  -- a cursor takes one query only: an expression that ends it and begins another is refused here
  open v_check for execute pg_catalog.format(E'select (%s\n), (%s\n)::boolean from %s t limit 0',
    value, remaining, v_relation::regclass);
  close v_check;
  -- what others have locked is left for the next pass: it waits for nobody, and nobody for it longer than a batch takes
  return pg_catalog.format(
    E'with part as materialized (\n'
    '  select %1$s from %2$s t where ($1 is null or (%3$s) > (%4$s)) and (%5$s\n)\n'
    '  order by %3$s limit $2 for no key update of t skip locked\n'
    '), done as (\n'
    '  update %2$s t set %6$I = (%7$s\n) from part where (%3$s) = (%8$s) returning ((%5$s\n)) is true as is_left\n'
    ')\n'
    'select (select pg_catalog.count(*) from part) as found,\n'
    '  (select pg_catalog.count(*) from done where is_left) as unchanged,\n'
    '  (select pg_catalog.jsonb_build_array(%9$s) from part order by %10$s limit 1) as last_key',
    (select pg_catalog.string_agg('t.' || c, ', ') from pg_catalog.unnest(v_columns) c),
    v_relation::regclass,
    (select pg_catalog.string_agg('t.' || c, ', ') from pg_catalog.unnest(v_columns) c),
    (select pg_catalog.string_agg(pg_catalog.format('($1 ->> %s)::%s', c.place - 1, c.type), ', ' order by c.place)
     from pg_catalog.unnest(v_types) with ordinality c (type, place)),
    remaining, column_name, value,
    (select pg_catalog.string_agg('part.' || c, ', ') from pg_catalog.unnest(v_columns) c),
    (select pg_catalog.string_agg('part.' || c || '::text', ', ') from pg_catalog.unnest(v_columns) c),
    (select pg_catalog.string_agg('part.' || c || ' desc', ', ') from pg_catalog.unnest(v_columns) c));
end $$;
comment on function private.backfill_statement(text, text, text, text) is
  'The statement that fills a batch: $1 is the key it goes on behind, $2 the most rows. Errors: backfill_refused.';

create function private.begin_backfill(name text, value text, remaining text)
returns void
language plpgsql volatile set search_path = ''
as $$
declare
  v_me jsonb := (
    select pg_catalog.jsonb_build_object('pid', a.pid, 'began_at', a.backend_start)
    from pg_catalog.pg_stat_activity a where a.pid = pg_catalog.pg_backend_pid());
  v_before private.backfills;
begin
  insert into private.backfills (name, value, remaining, runner) values (
    begin_backfill.name, begin_backfill.value, begin_backfill.remaining, coalesce(v_me, '{}'))
  on conflict do nothing;
  if found then
    return;
  end if;
  select * into v_before from private.backfills b where b.name = begin_backfill.name for update;
  -- a connection may serve somebody else by now: whoever works on it is in the middle of its call
  if v_before.runner <> v_me and exists (
    select from pg_catalog.pg_stat_activity a
    where pg_catalog.jsonb_build_object('pid', a.pid, 'began_at', a.backend_start) = v_before.runner
      and a.state = 'active' and a.query ~* '\mbackfill\M'
  ) then
    raise exception using errcode = 'PT409', message = 'backfill_under_way', detail = begin_backfill.name,
      hint = 'It goes on by itself: see ops.backfills.';
  end if;
  update private.backfills b set
    value = begin_backfill.value,
    remaining = begin_backfill.remaining,
    runner = coalesce(v_me, '{}'),
    -- interrupted, it goes on; finished, or with another value, it looks at all rows again
    last_key = case when b.finished_at is null and b.value = begin_backfill.value
      and b.remaining = begin_backfill.remaining then b.last_key end,
    finished_at = null
  where b.name = begin_backfill.name;
end $$;
comment on function private.begin_backfill(text, text, text) is
  'Notes who works on it; what was interrupted goes on where it was. Errors: backfill_under_way.';

-- Neither definer nor with a search_path of its own: PostgreSQL lets such procedures commit nothing. So each of its
-- transactions empties the search_path first, and only the owner may call it.
create procedure ops.backfill(
  relation text, column_name text, value text, remaining text default null,
  batch integer default 1000, pause interval default '100 milliseconds', at_most interval default null)
language plpgsql
as $$
declare
  c_patience constant interval := interval '2 minutes';
  v_name text := pg_catalog.concat_ws('.', relation, column_name);
  v_left text := coalesce(remaining, pg_catalog.format('t.%I is null', column_name));
  v_statement text;
  v_key jsonb;
  v_found bigint;
  v_unchanged bigint := 0;
  v_done bigint;
  v_in_pass bigint := 0;
  v_is_busy boolean;
  v_unresolved bigint := 0;
  v_began_at timestamptz := pg_catalog.clock_timestamp();
  v_told_at timestamptz := v_began_at;
  v_moved_at timestamptz := v_began_at;
begin
  perform pg_catalog.set_config('search_path', '', true);
  if batch is null or batch not between 1 and 10000 or pause is null
    or pause not between interval '0' and interval '1 minute' then
    raise exception using errcode = 'PT400', message = 'backfill_refused',
      detail = 'A batch is 1 to 10000 rows, a pause at most a minute.', hint = 'Small batches keep no one waiting.';
  end if;
  v_statement := private.backfill_statement(relation, column_name, value, v_left);
  perform private.begin_backfill(v_name, value, v_left);
  v_key := (select b.last_key from private.backfills b where b.name = v_name);
  commit;
  loop
    perform pg_catalog.set_config('search_path', '', true);
    perform pg_catalog.set_config('lock_timeout', '200ms', true);
    begin
      execute v_statement into v_found, v_unchanged, v_key using v_key, batch;
      v_is_busy := false;
    exception when lock_not_available or deadlock_detected or serialization_failure then
      v_key := (select b.last_key from private.backfills b where b.name = v_name);
      v_found := 0;
      v_is_busy := true;
    end;
    v_in_pass := v_in_pass + v_found;
    if v_found > 0 then
      v_unresolved := v_unresolved + v_unchanged;
      v_moved_at := pg_catalog.clock_timestamp();
    end if;
    if not v_is_busy and v_found < batch then
      v_key := null;  -- the end of the table: what was passed over, or came meanwhile, is for the next pass
    end if;
    update private.backfills b set last_key = v_key, rows_done = b.rows_done + v_found,
      updated_at = pg_catalog.clock_timestamp()
    where b.name = v_name returning b.rows_done into v_done;
    commit;
    if pg_catalog.clock_timestamp() > v_told_at + interval '1 second' then
      raise notice '%: % rows', v_name, v_done;
      v_told_at := pg_catalog.clock_timestamp();
    end if;
    if not v_is_busy and v_key is null then
      perform pg_catalog.set_config('search_path', '', true);
      if v_unresolved > 0 then
        raise exception using errcode = 'PT409', message = 'backfill_incomplete',
          detail = pg_catalog.format('%s: the value leaves %s rows as they were.', v_name, v_unresolved),
          hint = 'The condition of what is left must be false once the value is set.';
      end if;
      -- only a pass that found nothing tells that nothing is left; what it passed over is locked now
      if v_in_pass = 0 then
        execute pg_catalog.format('select not exists (select from %s t where (%s))', relation, v_left) into v_is_busy;
        exit when v_is_busy;
      end if;
      v_in_pass := 0;
    end if;
    if pg_catalog.clock_timestamp() > v_moved_at + c_patience then
      raise exception using errcode = 'PT409', message = 'backfill_incomplete',
        detail = pg_catalog.format('%s: others hold the rows that are left.', v_name),
        hint = 'Call it again: it goes on where it was. See pg_locks for who holds them.';
    end if;
    if pg_catalog.clock_timestamp() > v_began_at + at_most then
      raise notice '%: % rows, call it again', v_name, v_done;
      return;
    end if;
    perform pg_catalog.pg_sleep(extract(epoch from pause));
    commit;
  end loop;
  update private.backfills b set finished_at = pg_catalog.clock_timestamp(), last_key = null where b.name = v_name;
  commit;
  raise notice '%: done, % rows', v_name, v_done;
end $$;
comment on procedure ops.backfill(text, text, text, text, integer, interval, interval) is
  'Fills a column of a table in use, in batches along its primary key, each a transaction with a pause. value and '
  'remaining are SQL in which t is the row; without it, rows are left whose column is null. Called again it goes '
  'on where it was interrupted, or ended after at_most, and changes nothing that is done. What others locked comes '
  'later. For the owner, outside a transaction. Errors: backfill_refused, backfill_under_way, backfill_incomplete.';

-- schemas/operations/backlog.sql

-- Monitoring: what waits in the queues of room outbox, and what was given up.

create index webhook_messages_given_up on private.webhook_messages (created_at) where status = 'dead';
create index notification_deliveries_given_up on private.notification_deliveries (channel, created_at)
  where status = 'dead';

create function private.lately()
returns timestamptz
language sql stable set search_path = ''
as $$ select now() - private.give_up_after() - interval '1 day' $$;
comment on function private.lately() is
  'What was made since then and given up is news: what was given up for its age may be a day old.';

create function ops.list_outbox_backlog()
returns table (queue text, pending bigint, due bigint, oldest_due_at timestamptz, waits_seconds numeric, dead bigint,
  dead_lately bigint)
-- by the partial indexes, which hold only what waits or was given up, however much was sent; compiling costs more
language sql stable security definer set search_path = '' set enable_seqscan = off set jit = off
as $$
  with q as (
    select 'webhooks' as queue, count(*) as pending,
      count(*) filter (where m.next_attempt_at <= now() and e.is_enabled and e.paused_until <= now()) as due,
      min(m.next_attempt_at) filter (where m.next_attempt_at <= now() and e.is_enabled and e.paused_until <= now())
        as oldest_due_at, d.dead, d.dead_lately
    from (select count(*) as dead, count(*) filter (where g.created_at > private.lately()) as dead_lately
          from private.webhook_messages g where g.status = 'dead') d
    left join (private.webhook_messages m join private.webhook_endpoints e on e.id = m.endpoint_id)
      on m.status = 'pending'
    group by d.dead, d.dead_lately
    union all
    select c.queue, p.pending, p.due, p.oldest_due_at, d.dead, d.dead_lately
    from (values ('email'), ('web_push')) c (queue)
    cross join lateral (
      select count(*) as pending, count(*) filter (where w.next_attempt_at <= now()) as due,
        min(w.next_attempt_at) filter (where w.next_attempt_at <= now()) as oldest_due_at
      from private.notification_deliveries w where w.status = 'pending' and w.channel = c.queue) p
    cross join lateral (
      select count(*) as dead, count(*) filter (where g.created_at > private.lately()) as dead_lately
      from private.notification_deliveries g where g.status = 'dead' and g.channel = c.queue) d
    union all
    -- rows that wait are all there are: the others are redemptions with a code, or refunded
    select 'partner_codes', count(*), count(*) filter (where r.next_attempt_at <= now() and r.deadline_at > now()),
      min(r.next_attempt_at) filter (where r.next_attempt_at <= now() and r.deadline_at > now()), 0, 0
    from private.partner_requests r
  )
  select q.queue, q.pending, q.due, q.oldest_due_at, coalesce(private.seconds_since(q.oldest_due_at), 0), q.dead,
    q.dead_lately
  from q order by 1
$$;
comment on function ops.list_outbox_backlog() is 'The rows of ops.outbox_backlog.';
grant execute on function ops.list_outbox_backlog() to service_role, app_read;

create view ops.outbox_backlog with (security_invoker = true) as select * from ops.list_outbox_backlog();
comment on view ops.outbox_backlog is
  'How the queues of room outbox are doing: one row each, also when nothing waits.';
comment on column ops.outbox_backlog.queue is 'webhooks, email, web_push, partner_codes.';
comment on column ops.outbox_backlog.pending is 'Waiting, for their time or after a failure.';
comment on column ops.outbox_backlog.due is
  'Waiting although their time has come; without webhooks to endpoints that are disabled or paused.';
comment on column ops.outbox_backlog.oldest_due_at is 'Since when the oldest of these is due.';
comment on column ops.outbox_backlog.waits_seconds is
  'The same in seconds. Long: nobody calls the function that sends, or the channel is not set up.';
comment on column ops.outbox_backlog.dead is 'Given up; forgotten after 90 days.';
comment on column ops.outbox_backlog.dead_lately is 'Given up, of the last four days: most can still be sent again.';
grant select on ops.outbox_backlog to service_role, app_read;

create function private.alerts_of_backlog()
returns table (alert text, value numeric, detail text)
language sql stable set search_path = ''
as $$
  with b as materialized (select b.* from ops.list_outbox_backlog() b)
  select 'outbox_waits', max(b.waits_seconds),
    pg_catalog.string_agg(pg_catalog.format('%s: %s due', b.queue, b.due), ', ' order by b.queue)
      filter (where b.due > 0)
  from b
  union all
  select 'dead_letters', pg_catalog.sum(b.dead_lately),
    pg_catalog.string_agg(pg_catalog.format('%s: %s', b.queue, b.dead_lately), ', ' order by b.queue)
      filter (where b.dead_lately > 0)
  from b
$$;
comment on function private.alerts_of_backlog() is 'Part of ops.alerts: what is not sent.';

insert into private.alert_thresholds (alert, warn_at, critical_at, unit, meaning) values
  ('outbox_waits', 600, 3600, 'seconds',
   'How long the oldest message has been due: see ops.outbox_backlog. Nobody calls the function that sends, or e-mail '
   'or push is not set up.'),
  ('dead_letters', 10, 100, 'messages',
   'Messages of the last four days that were given up: see ops.outbox_backlog, ops.webhook_endpoints_health and '
   'ops.notification_outbox. Mend the cause, then send them again.');

-- schemas/operations/backups.sql

create table private.backups (
  id          bigint generated always as identity primary key,
  taken_at    timestamptz not null,
  finished_at timestamptz not null default now(),
  store       text not null,
  name        text not null,
  bytes       bigint not null,
  kind        text not null,
  is_verified boolean not null,
  constraint backups_stand_once_in_a_store unique (store, name),
  constraint backups_kind_is_known check (kind in ('scheduled', 'manual', 'deploy', 'base')),
  constraint backups_bytes_are_positive check (bytes > 0)
);
comment on table private.backups is
  'Backups that are complete and still kept: one row each, written by npm run ops:backup, deleted with the backup by '
  'its retention. A restored database has the rows from before its own backup.';
comment on column private.backups.taken_at is 'The moment whose data it holds; what came later is not in it.';
comment on column private.backups.store is 'Folder, or s3://bucket/prefix; never a password.';
comment on column private.backups.name is 'What npm run ops:restore -- --name takes.';
comment on column private.backups.bytes is 'Size in the store: compressed, and encrypted if it was asked for.';
comment on column private.backups.kind is
  'Why it was made: scheduled (daily), manual, deploy (before a deployment); base is a copy of the whole server.';
comment on column private.backups.is_verified is
  'Whether it was read back from the store and its checksums were right.';
alter table private.backups enable row level security;

create function ops.list_backups()
returns setof private.backups
language sql stable security definer set search_path = ''
as $$ select b.* from private.backups b order by b.taken_at desc $$;
comment on function ops.list_backups() is 'Backups that are kept, the newest first; body of the view ops.backups.';
grant execute on function ops.list_backups() to service_role, app_read;

create view ops.backups with (security_invoker = true) as
select b.finished_at, b.store, b.name, b.bytes, b.kind, b.is_verified, b.taken_at from ops.list_backups() b;
comment on view ops.backups is
  'Backups that are complete and still kept, the newest first: for alerts, the doctor, and whoever has to restore.';
comment on column ops.backups.store is 'Folder, or s3://bucket/prefix.';
comment on column ops.backups.name is 'What npm run ops:restore -- --name takes.';
comment on column ops.backups.bytes is 'Size in the store.';
comment on column ops.backups.kind is 'scheduled, manual, deploy, or base: a copy of the whole server.';
comment on column ops.backups.is_verified is
  'Whether it was read back from the store and its checksums were right.';
comment on column ops.backups.taken_at is 'The moment whose data it holds.';
grant select on ops.backups to service_role, app_read;

create function ops.list_sealing_keys()
returns table (key_id text, texts bigint)
language sql stable security definer set search_path = ''
as $$
  select pg_catalog.split_part(s.sealed, '.', 1), count(*)
  from (
    select c.ciphertext from private.reward_codes c
    union all select c.secret from private.partner_connections c
    union all select e.secret from private.webhook_endpoints e
    union all select o.older ->> 'secret'
    from (select c.older_secrets from private.partner_connections c
          union all select e.older_secrets from private.webhook_endpoints e) s
    cross join lateral pg_catalog.jsonb_array_elements(s.older_secrets) o (older)) s (sealed)
  where s.sealed like '%.%.%'
  group by 1
$$;
comment on function ops.list_sealing_keys() is
  'Names of the keys under which codes and secrets are sealed; body of the view ops.sealing_keys.';
grant execute on function ops.list_sealing_keys() to service_role, app_read;

create view ops.sealing_keys with (security_invoker = true) as
select k.key_id, k.texts from ops.list_sealing_keys() k;
comment on view ops.sealing_keys is
  'Which keys of SEALING_KEYS the functions need to open what is stored. The keys themselves are in the environment of '
  'the functions alone.';
comment on column ops.sealing_keys.texts is 'How many codes and secrets are sealed under it.';
grant select on ops.sealing_keys to service_role, app_read;

-- schemas/operations/bloat.sql

-- Monitoring: how much of tables and indexes is air.

create function ops.list_bloat()
returns table (schema_name text, table_name text, index_name text, bytes bigint, expected_bytes bigint,
  bloat_bytes bigint, bloat_share numeric)
language sql stable security definer set search_path = ''
as $$
  with widths as (  -- of what a column takes in a row in the mean
    select n.oid as schema_id, s.tablename, s.attname, (1 - s.null_frac) * s.avg_width as width,
      s.null_frac > 0 as nulls
    from pg_catalog.pg_stats s join pg_catalog.pg_namespace n on n.nspname = s.schemaname
    where not s.inherited
  ), relations as (
    select c.oid, c.relnamespace, c.relname, c.relkind, c.relpages, c.reltuples,
      coalesce(private.storage_option(c.reloptions, 'fillfactor'), case c.relkind when 'i' then 90 else 100 end) / 100
        as fill, i.indrelid, i.indkey
    from pg_catalog.pg_class c
    left join pg_catalog.pg_index i on i.indexrelid = c.oid
    left join pg_catalog.pg_am m on m.oid = c.relam
    where c.relpages > 0 and c.reltuples >= 0 and (c.relkind in ('r', 'm') or (c.relkind = 'i' and m.amname = 'btree'))
  ), columns as (
    select r.oid, w.width, w.nulls
    from relations r
    join pg_catalog.pg_attribute a on a.attrelid = r.oid and a.attnum > 0 and not a.attisdropped
    -- an index has statistics of its own for expressions only, else those of its table's column
    left join pg_catalog.pg_attribute o on r.indkey[a.attnum - 1] > 0 and o.attrelid = r.indrelid
      and o.attnum = r.indkey[a.attnum - 1]
    left join pg_catalog.pg_class t on t.oid = o.attrelid
    left join widths w on w.schema_id = coalesce(t.relnamespace, r.relnamespace)
      and w.tablename = coalesce(t.relname, r.relname) and w.attname = coalesce(o.attname, a.attname)
  ), rows as (
    select c.oid, count(*) as columns, pg_catalog.sum(c.width) as width, pg_catalog.bool_or(c.nulls) as nulls
    from columns c
    group by c.oid having count(*) = count(c.width)  -- without statistics of all columns there is no estimate
  ), estimates as (
    select r.*, pg_catalog.current_setting('block_size')::numeric as block,
      case r.relkind
        when 'i' then 1 + pg_catalog.ceil(r.reltuples::numeric
          * (4 + 8 * pg_catalog.ceil((8 + case when w.nulls then 8 else 0 end + w.width::numeric) / 8))
          / ((pg_catalog.current_setting('block_size')::numeric - 40) * r.fill))
        else pg_catalog.ceil(r.reltuples::numeric
          * (4 + 8 * pg_catalog.ceil((23 + case when w.nulls then (w.columns + 7) / 8 else 0 end) / 8.0)
            + 8 * pg_catalog.ceil(w.width::numeric / 8))
          / ((pg_catalog.current_setting('block_size')::numeric - 24) * r.fill)) end as expected_pages
    from relations r join rows w on w.oid = r.oid
  )
  select n.nspname::text, coalesce(t.relname, e.relname)::text, case e.relkind when 'i' then e.relname::text end,
    (e.relpages * e.block)::bigint, (e.expected_pages * e.block)::bigint,
    greatest(0, (e.relpages - e.expected_pages) * e.block)::bigint,
    pg_catalog.round(greatest(0, e.relpages - e.expected_pages) / e.relpages, 3)
  from estimates e
  join pg_catalog.pg_namespace n on n.oid = e.relnamespace
  left join pg_catalog.pg_class t on t.oid = e.indrelid
  where n.nspname not like 'pg\_%' and n.nspname <> 'information_schema'
  order by 6 desc, 1, 2, 3
$$;
comment on function ops.list_bloat() is 'The rows of ops.bloat.';
grant execute on function ops.list_bloat() to service_role, app_read;

create view ops.bloat with (security_invoker = true) as select * from ops.list_bloat();
comment on view ops.bloat is
  'How much of tables and B-tree indexes is not used, the most first. An estimate from the statistics of the last '
  'analyze, which reads nothing of the tables: off by a tenth or so, and by more for small ones and for long values. '
  'Tables without statistics are left out.';
comment on column ops.bloat.schema_name is 'Its schema.';
comment on column ops.bloat.table_name is 'The table, or that of the index.';
comment on column ops.bloat.index_name is 'The index; null for the table itself.';
comment on column ops.bloat.bytes is 'What it takes.';
comment on column ops.bloat.expected_bytes is 'What its rows need.';
comment on column ops.bloat.bloat_bytes is 'What it takes more than they need.';
comment on column ops.bloat.bloat_share is 'The same as a part of what it takes, 0 to 1.';
grant select on ops.bloat to service_role, app_read;

-- schemas/operations/cache.sql

-- Monitoring: how much is read from memory.

create function ops.list_cache()
returns table (schema_name text, table_name text, table_hits bigint, table_reads bigint, table_hit_ratio numeric,
  index_hits bigint, index_reads bigint, index_hit_ratio numeric)
language sql stable security definer set search_path = ''
as $$
  with s as (
    select t.schemaname::text as schema_name, t.relname::text as table_name,
      coalesce(t.heap_blks_hit, 0) + coalesce(t.toast_blks_hit, 0) as table_hits,
      coalesce(t.heap_blks_read, 0) + coalesce(t.toast_blks_read, 0) as table_reads,
      coalesce(t.idx_blks_hit, 0) + coalesce(t.tidx_blks_hit, 0) as index_hits,
      coalesce(t.idx_blks_read, 0) + coalesce(t.tidx_blks_read, 0) as index_reads
    from pg_catalog.pg_statio_user_tables t
  )
  select s.schema_name, s.table_name, pg_catalog.sum(s.table_hits)::bigint, pg_catalog.sum(s.table_reads)::bigint,
    pg_catalog.round(pg_catalog.sum(s.table_hits) / nullif(pg_catalog.sum(s.table_hits + s.table_reads), 0), 4),
    pg_catalog.sum(s.index_hits)::bigint, pg_catalog.sum(s.index_reads)::bigint,
    pg_catalog.round(pg_catalog.sum(s.index_hits) / nullif(pg_catalog.sum(s.index_hits + s.index_reads), 0), 4)
  from s
  group by grouping sets ((s.schema_name, s.table_name), ())
  order by pg_catalog.sum(s.table_reads + s.index_reads) desc nulls last, 1 nulls first, 2
$$;
comment on function ops.list_cache() is 'The rows of ops.cache.';
grant execute on function ops.list_cache() to service_role, app_read;

create view ops.cache with (security_invoker = true) as select * from ops.list_cache();
comment on view ops.cache is
  'How many pages were in the server''s memory when they were needed, since the statistics were reset: all tables '
  'together (without names) and each one, most reads first. What is a read here may still come from the memory of the '
  'operating system.';
comment on column ops.cache.schema_name is 'Its schema; null of all together.';
comment on column ops.cache.table_name is 'Its name; null of all together.';
comment on column ops.cache.table_hits is 'Pages of rows that were there.';
comment on column ops.cache.table_reads is 'Pages of rows that were fetched.';
comment on column ops.cache.table_hit_ratio is 'Part of the pages of rows that were there, 0 to 1; null: none needed.';
comment on column ops.cache.index_hits is 'Pages of indexes that were there.';
comment on column ops.cache.index_reads is 'Pages of indexes that were fetched.';
comment on column ops.cache.index_hit_ratio is 'Part of the pages of indexes that were there, 0 to 1.';
grant select on ops.cache to service_role, app_read;

create function private.alerts_of_cache()
returns table (alert text, value numeric, detail text)
language sql stable set search_path = ''
as $$
  -- after a start or a reset everything is fetched once: a ratio means something from some 100,000 pages on
  select 'cache_misses',
    case when d.blks_hit + d.blks_read < 100000 then 0
      else pg_catalog.round(100.0 * d.blks_read / (d.blks_hit + d.blks_read), 2) end,
    pg_catalog.format('%s of %s pages', d.blks_read, d.blks_hit + d.blks_read)
  from pg_catalog.pg_stat_database d where d.datname = pg_catalog.current_database()
$$;
comment on function private.alerts_of_cache() is 'Part of ops.alerts: pages that are not in memory.';

insert into private.alert_thresholds (alert, warn_at, critical_at, unit, meaning) values
  ('cache_misses', 5, null, '%',
   'Pages that were not in the server''s memory, since the statistics were reset: see ops.cache. More memory, or a '
   'statement that reads less.');

-- schemas/operations/connections.sql

-- Monitoring: who is connected, who waits for whom, and who holds a transaction open. What others are doing stands in
-- their statements, and so may what members wrote: the statements are masked, and not for reporting.

create function private.connection_limit()
returns integer
language sql stable set search_path = ''
as $$
  select pg_catalog.current_setting('max_connections')::integer
    - pg_catalog.current_setting('superuser_reserved_connections')::integer
    - coalesce(pg_catalog.current_setting('reserved_connections', true)::integer, 0)
$$;
comment on function private.connection_limit() is 'How many connections the server has for others than superusers.';

create function private.sessions()
returns setof pg_catalog.pg_stat_activity
language sql volatile set search_path = ''
as $$
  -- backend_type is null of sessions that the owner may not see
  select a.* from pg_catalog.pg_stat_activity a where coalesce(a.backend_type, 'client backend') = 'client backend'
$$;
comment on function private.sessions() is 'Sessions of clients, on every database of the server.';

create function private.shown_query(query text)
returns text
language sql immutable set search_path = ''
as $$ select pg_catalog.left(private.mask_literals(pg_catalog.left(query, 4000)), 500) $$;
comment on function private.shown_query(text) is 'A statement of another session, masked, at most 500 characters.';

create function ops.list_connections()
returns table (role text, state text, connections integer, longest_seconds numeric, connection_limit integer)
language sql volatile security definer set search_path = ''
as $$
  select coalesce(s.usename, '')::text, coalesce(s.state, 'unseen'), count(*)::integer,
    max(private.seconds_since(s.state_change)), private.connection_limit()
  from private.sessions() s
  group by 1, 2 order by 3 desc, 1, 2
$$;
comment on function ops.list_connections() is 'The rows of ops.connections.';
grant execute on function ops.list_connections() to service_role, app_read;

create view ops.connections with (security_invoker = true) as select * from ops.list_connections();
comment on view ops.connections is 'Connections of clients to the whole server, by role and state.';
comment on column ops.connections.role is 'Login.';
comment on column ops.connections.state is
  'active, idle, idle in transaction and others of pg_stat_activity; unseen without pg_monitor.';
comment on column ops.connections.connections is 'How many there are.';
comment on column ops.connections.longest_seconds is 'How long the one that is longest in this state has been so.';
comment on column ops.connections.connection_limit is
  'How many the server has for all of them together, without those it keeps for superusers.';
grant select on ops.connections to service_role, app_read;

create function ops.list_locks()
returns table (blocked_pid integer, blocked_role text, waits_seconds numeric, lock_type text, relation text,
  blocked_query text, blocking_pid integer, blocking_role text, blocking_state text, blocking_seconds numeric,
  blocking_query text)
language sql volatile security definer set search_path = ''
as $$
  select w.pid, w.usename::text, private.seconds_since(coalesce(l.waitstart, w.query_start)), l.locktype,
    l.relation::regclass::text, private.shown_query(w.query), b.pid, b.usename::text, b.state,
    private.seconds_since(b.xact_start), private.shown_query(b.query)
  from private.sessions() w
  cross join lateral (
    select distinct p.pid from pg_catalog.unnest(pg_catalog.pg_blocking_pids(w.pid)) p (pid)) p
  left join pg_catalog.pg_stat_activity b on b.pid = p.pid
  left join lateral (
    select l.locktype, l.waitstart, case when l.database = w.datid then l.relation end as relation
    from pg_catalog.pg_locks l where l.pid = w.pid and not l.granted limit 1) l on true
  where w.wait_event_type = 'Lock' and w.datname = pg_catalog.current_database()
  order by 3 desc, 1, 7
$$;
comment on function ops.list_locks() is 'The rows of ops.locks.';
grant execute on function ops.list_locks() to service_role;

create view ops.locks with (security_invoker = true) as select * from ops.list_locks();
comment on view ops.locks is
  'Who waits for a lock on this database, and who holds it up: one row for each pair, the longest wait first. '
  'Statements are masked.';
comment on column ops.locks.blocked_pid is 'Session that waits.';
comment on column ops.locks.blocked_role is 'Its login.';
comment on column ops.locks.waits_seconds is 'For how long.';
comment on column ops.locks.lock_type is 'What it waits for: relation, tuple, transactionid, advisory and others.';
comment on column ops.locks.relation is 'The table or index, where the lock is on one.';
comment on column ops.locks.blocked_query is 'What it wants to do, masked.';
comment on column ops.locks.blocking_pid is 'Session it waits for; null: a prepared transaction.';
comment on column ops.locks.blocking_role is 'Login of that session.';
comment on column ops.locks.blocking_state is 'What that session is doing; idle in transaction: nothing.';
comment on column ops.locks.blocking_seconds is 'How long its transaction has been open.';
comment on column ops.locks.blocking_query is 'Its statement, or its last one, masked.';
grant select on ops.locks to service_role;

create function ops.list_long_transactions()
returns table (pid integer, role text, application text, state text, transaction_seconds numeric,
  state_seconds numeric, is_idle boolean, query text)
language sql volatile security definer set search_path = ''
as $$
  with s as (
    select s.*, s.state like 'idle in transaction%' as is_idle, private.seconds_since(s.xact_start) as open_seconds,
      private.seconds_since(s.state_change) as state_seconds
    from private.sessions() s
    where s.xact_start is not null and s.pid <> pg_catalog.pg_backend_pid()
      and s.datname = pg_catalog.current_database()
  )
  select s.pid, s.usename::text, s.application_name, s.state, s.open_seconds, s.state_seconds, s.is_idle,
    private.shown_query(s.query)
  from s
  where s.open_seconds >= private.warn_at('long_transactions')
    or (s.is_idle and s.state_seconds >= private.warn_at('idle_transactions'))
  order by s.open_seconds desc, s.pid
$$;
comment on function ops.list_long_transactions() is 'The rows of ops.long_transactions.';
grant execute on function ops.list_long_transactions() to service_role;

create view ops.long_transactions with (security_invoker = true) as select * from ops.list_long_transactions();
comment on view ops.long_transactions is
  'Transactions on this database that have been open, or idle, for as long as the alerts long_transactions and '
  'idle_transactions warn of, the longest first. They hold their locks and keep vacuum from its work.';
comment on column ops.long_transactions.pid is 'Session.';
comment on column ops.long_transactions.role is 'Its login.';
comment on column ops.long_transactions.application is 'What it calls itself.';
comment on column ops.long_transactions.state is 'active, idle in transaction, idle in transaction (aborted).';
comment on column ops.long_transactions.transaction_seconds is 'How long the transaction has been open.';
comment on column ops.long_transactions.state_seconds is 'How long it has been in this state.';
comment on column ops.long_transactions.is_idle is 'Whether it does nothing.';
comment on column ops.long_transactions.query is 'Its statement, or its last one, masked.';
grant select on ops.long_transactions to service_role;

create function private.alerts_of_connections()
returns table (alert text, value numeric, detail text)
language sql volatile set search_path = ''
as $$
  with s as materialized (select s.* from private.sessions() s),
  here as (
    select s.*, s.state like 'idle in transaction%' as is_idle from s
    where s.datname = pg_catalog.current_database() and s.pid <> pg_catalog.pg_backend_pid())
  select 'connections', pg_catalog.round(100.0 * count(*) / private.connection_limit(), 1),
    pg_catalog.format('%s of %s', count(*), private.connection_limit())
  from s
  union all
  select 'long_transactions', coalesce(max(private.seconds_since(h.xact_start)), 0),
    'pid ' || (pg_catalog.array_agg(h.pid order by h.xact_start))[1]
  from here h where h.xact_start is not null
  union all
  select 'idle_transactions', coalesce(max(private.seconds_since(h.state_change)), 0),
    'pid ' || (pg_catalog.array_agg(h.pid order by h.state_change))[1]
  from here h where h.is_idle
  union all
  select 'blocked_sessions', coalesce(max(private.seconds_since(h.query_start)), 0),
    pg_catalog.format('%s sessions wait for locks', count(*))
  from here h where h.wait_event_type = 'Lock'
$$;
comment on function private.alerts_of_connections() is
  'Part of ops.alerts: connections, and transactions that hold up others. Reads no locks, which would hold up others, '
  'too: how long somebody waits is counted from the begin of the statement.';

insert into private.alert_thresholds (alert, warn_at, critical_at, unit, meaning) values
  ('connections', 80, 95, '%',
   'Connections of clients in use, of those the server has for others than superusers: see ops.connections. Connect '
   'through the pooler, or end what is idle.'),
  ('long_transactions', 300, 1800, 'seconds',
   'The longest open transaction: see ops.long_transactions. Cancel it if nobody needs it.'),
  ('idle_transactions', 60, 300, 'seconds',
   'The longest transaction that does nothing: see ops.long_transactions. End its session.'),
  ('blocked_sessions', 10, 60, 'seconds',
   'The longest wait for a lock: see ops.locks for who holds it.');

-- schemas/operations/indexes.sql

-- Monitoring: indexes that are broken, superfluous or missing. Of the product's owner's tables only: the platform's are
-- not ours to mend.

create function private.index_definition(index pg_catalog.pg_index)
returns text
language sql stable set search_path = ''
as $$
  select pg_catalog.concat_ws(' ', index.indkey, index.indclass, index.indcollation, index.indoption,
    pg_catalog.pg_get_expr(index.indexprs, index.indrelid), pg_catalog.pg_get_expr(index.indpred, index.indrelid),
    (select c.relam from pg_catalog.pg_class c where c.oid = index.indexrelid))
$$;
comment on function private.index_definition(pg_catalog.pg_index) is
  'What two indexes of a table have in common when one of them is enough.';

create function private.covers_foreign_key(index pg_catalog.pg_index, key pg_catalog.pg_constraint)
returns boolean
language sql stable set search_path = ''
as $$
  select index.indrelid = key.conrelid and index.indisvalid
    and (select pg_catalog.array_agg(c order by c)
         from pg_catalog.unnest((index.indkey::smallint[])[0:pg_catalog.cardinality(key.conkey) - 1]) c)
      = (select pg_catalog.array_agg(c order by c) from pg_catalog.unnest(key.conkey) c)
$$;
comment on function private.covers_foreign_key(pg_catalog.pg_index, pg_catalog.pg_constraint) is
  'Whether the rows that refer to a row are found by an index: its first columns are the key''s, in any order.';

create function ops.list_index_problems()
returns table (problem text, schema_name text, table_name text, index_name text, bytes bigint, scans bigint,
  detail text, remedy text)
language sql volatile security definer set search_path = '' set lock_timeout = '2s'
as $$
  with tables as (
    select c.oid, n.nspname::text as schema_name, c.relname::text as table_name
    from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p', 'm') and c.relowner = current_user::regrole
      and n.nspname not like 'pg\_%'
  ), indexes as (
    select t.*, i as row, i.indexrelid as id, c.relname::text as index_name, i.indisvalid as is_valid,
      i.indisunique or i.indisexclusion or i.indisreplident as is_rule,
      pg_catalog.pg_relation_size(i.indexrelid) as bytes, coalesce(s.idx_scan, 0) as scans,
      pg_catalog.format('%I.%I', t.schema_name, c.relname) as name
    from tables t
    join pg_catalog.pg_index i on i.indrelid = t.oid
    join pg_catalog.pg_class c on c.oid = i.indexrelid and c.relkind = 'i'
    left join pg_catalog.pg_stat_all_indexes s on s.indexrelid = i.indexrelid
  ), keys as (
    select t.*, k as row, k.conname::text as key_name, k.conrelid, k.conkey
    from tables t join pg_catalog.pg_constraint k on k.conrelid = t.oid and k.contype = 'f'
  )
  select 'invalid', i.schema_name, i.table_name, i.index_name, i.bytes, i.scans,
    'it is written to and never read: its creation was broken off',
    pg_catalog.format('drop index concurrently %s', i.name)
  from indexes i where not i.is_valid
  union all
  select 'duplicate', i.schema_name, i.table_name, i.index_name, i.bytes, i.scans,
    pg_catalog.format('%s is the same', o.index_name), pg_catalog.format('drop index concurrently %s', i.name)
  from indexes i
  cross join lateral (
    select o.index_name from indexes o
    where o.oid = i.oid and o.id <> i.id and o.is_valid
      and private.index_definition(o.row) = private.index_definition(i.row)
      and (o.is_rule, -o.id::bigint) > (i.is_rule, -i.id::bigint)
    order by o.is_rule desc, o.id limit 1) o
  where i.is_valid and not (i.is_rule and exists (
    select from pg_catalog.pg_constraint k where k.conindid = i.id))
  union all
  select 'unused', i.schema_name, i.table_name, i.index_name, i.bytes, i.scans,
    'not read once ' || coalesce('since ' || d.stats_reset::text, 'yet'),
    pg_catalog.format('drop index concurrently %s; ask first whether a replica or a yearly report reads it', i.name)
  from indexes i
  join pg_catalog.pg_stat_database d on d.datname = pg_catalog.current_database()
  where i.is_valid and i.scans = 0 and not i.is_rule and i.bytes >= 1000000
    and coalesce(d.stats_reset, '-infinity') < pg_catalog.statement_timestamp() - interval '7 days'
    -- found by it when the row that they refer to is deleted
    and not exists (select from keys k where k.oid = i.oid and private.covers_foreign_key(i.row, k.row))
  union all
  select 'foreign_key_without_index', k.schema_name, k.table_name, null, null, null,
    pg_catalog.format('%s: deleting what it refers to reads the whole table', k.key_name),
    pg_catalog.format('create index concurrently on %I.%I (%s)', k.schema_name, k.table_name, (
      select pg_catalog.string_agg(pg_catalog.quote_ident(a.attname), ', ' order by c.place)
      from pg_catalog.unnest(k.conkey) with ordinality c (attnum, place)
      join pg_catalog.pg_attribute a on a.attrelid = k.conrelid and a.attnum = c.attnum))
  from keys k
  where not exists (select from indexes i where private.covers_foreign_key(i.row, k.row))
  union all
  select 'read_in_full', t.schema_name, t.table_name, null, pg_catalog.pg_relation_size(t.oid), s.seq_scan,
    pg_catalog.format('%s rows were read in each of %s scans', s.seq_tup_read / s.seq_scan, s.seq_scan),
    'look in ops.slow_queries for the statement, and index what it searches by'
  from tables t join pg_catalog.pg_stat_all_tables s on s.relid = t.oid
  where s.seq_scan >= 100 and s.n_live_tup >= 10000 and s.seq_tup_read / s.seq_scan >= s.n_live_tup / 2
  order by 1, 5 desc nulls last, 2, 3, 4
$$;
comment on function ops.list_index_problems() is
  'The rows of ops.index_problems. Fails after 2 seconds while an index is locked for a rewrite.';
grant execute on function ops.list_index_problems() to service_role, app_read;

create view ops.index_problems with (security_invoker = true) as select * from ops.list_index_problems();
comment on view ops.index_problems is
  'Indexes to mend: invalid ones, duplicates, large ones that nobody reads; foreign keys without one; large tables '
  'that are read in full again and again.';
comment on column ops.index_problems.problem is
  'invalid, duplicate, unused (1 MB and more, statistics of at least 7 days), foreign_key_without_index, read_in_full '
  '(10,000 rows and more, 100 times and more).';
comment on column ops.index_problems.schema_name is 'Schema of the table.';
comment on column ops.index_problems.table_name is 'The table.';
comment on column ops.index_problems.index_name is 'The index; null where one is missing.';
comment on column ops.index_problems.bytes is 'Size of the index; of a table that is read in full, of the table.';
comment on column ops.index_problems.scans is
  'How often the index was read, or the table in full, since the statistics were reset.';
comment on column ops.index_problems.detail is 'What is wrong.';
comment on column ops.index_problems.remedy is 'What to do, as SQL where it is one statement.';
grant select on ops.index_problems to service_role, app_read;

create function private.alerts_of_indexes()
returns table (alert text, value numeric, detail text)
language sql stable set search_path = ''
as $$
  select 'invalid_indexes', count(*)::numeric, pg_catalog.string_agg(i.indexrelid::regclass::text, ', ')
  from pg_catalog.pg_index i join pg_catalog.pg_class c on c.oid = i.indexrelid
  where not i.indisvalid and c.relkind = 'i' and c.relowner = current_user::regrole
    -- one that is just being built is not valid yet
    and not exists (select from pg_catalog.pg_stat_progress_create_index p where p.index_relid = i.indexrelid)
$$;
comment on function private.alerts_of_indexes() is 'Part of ops.alerts: indexes that are no use.';

insert into private.alert_thresholds (alert, warn_at, critical_at, unit, meaning) values
  ('invalid_indexes', 1, null, 'indexes',
   'Indexes whose creation was broken off: they cost at every write and are never read. ops.index_problems has the '
   'statement that drops them.');

-- schemas/operations/leases.sql

-- Jobs outside the database: edge functions that are called, and what npm run jobs does itself. Whoever does one holds
-- a lease on it meanwhile, so that several programs may ask at the same time, through any pooler.

create function ops.claim_jobs(runs_in text)
returns setof text
language sql volatile security definer set search_path = ''
as $$
  update private.jobs j
  set started_at = now(),
      -- a call ends within a minute; a long command renews its lease
      leased_until = now() + case j.runs_in when 'function' then interval '75 seconds' else interval '10 minutes' end
  where j.runs_in <> 'database' and j.job = any (array(
    select c.job from private.jobs c where c.runs_in = claim_jobs.runs_in and private.is_due(c)
    for no key update skip locked))
  returning j.job
$$;
comment on function ops.claim_jobs(text) is
  'Takes what is due in a place (function, command) and nobody else is at, and returns its names. ops.finish_job ends '
  'it; without, it is due again after 75 seconds, a command after 10 minutes.';
grant execute on function ops.claim_jobs(text) to service_role, app_service;

create function ops.hold_job(job text)
returns boolean
language sql volatile security definer set search_path = ''
as $$
  update private.jobs j set leased_until = now() + interval '10 minutes'
  where j.job = hold_job.job and j.runs_in = 'command' and j.leased_until > now()
  returning true
$$;
comment on function ops.hold_job(text) is
  'Renews the lease of a command that takes long, for 10 minutes; null when it has ended and another may be at it.';
grant execute on function ops.hold_job(text) to service_role, app_service;

create function ops.finish_job(job text, error text default null)
returns void
language sql volatile security definer set search_path = ''
as $$
  update private.jobs j
  set finished_at = pg_catalog.clock_timestamp(),
      duration_ms = least(1000 * extract(epoch from pg_catalog.clock_timestamp() - j.started_at), 2147483647),
      processed = (error is null)::integer, failed = (error is not null)::integer, request_id = null,
      succeeded_at = case when finish_job.error is null then pg_catalog.clock_timestamp() else j.succeeded_at end,
      failed_at = case when finish_job.error is null then j.failed_at else pg_catalog.clock_timestamp() end,
      error = coalesce(pg_catalog.left(finish_job.error, 500), j.error),
      leased_until = now() + case
        when finish_job.error is null then interval '0'
        when j.runs_in = 'function' then interval '10 seconds'
        else interval '15 minutes' end
  where j.job = finish_job.job and j.runs_in <> 'database'
$$;
comment on function ops.finish_job(text, text) is
  'Writes down how a claimed job ended and gives it back. With an error it is tried again: a function after 10 '
  'seconds, a command after 15 minutes. An error must not hold personal data.';
grant execute on function ops.finish_job(text, text) to service_role, app_service;

create function private.project_address(out url text, out key text)
language plpgsql stable set search_path = ''
as $$
declare
  v_secrets regclass := pg_catalog.to_regclass('vault.decrypted_secrets');
begin
  if v_secrets is not null then
    execute pg_catalog.format($sql$
      select max(s.decrypted_secret) filter (where s.name = 'project_url'),
        max(s.decrypted_secret) filter (where s.name = 'secret_key')
      from %s s where s.name in ('project_url', 'secret_key') $sql$, v_secrets) into url, key;
  end if;
end $$;
comment on function private.project_address() is
  'Where the project''s functions are, and its secret key, from Vault; nulls where nothing of it is.';

create function private.call_functions(as_of timestamptz, batch integer, out processed integer, out failed integer)
language plpgsql volatile set search_path = ''
as $$
declare
  v_url     text;
  v_key     text;
  v_job     private.jobs;
  v_name    text;
  v_status  integer;
  v_error   text;
  v_answers regclass := pg_catalog.to_regclass('net._http_response');
begin
  processed := 0; failed := 0;
  select rtrim(a.url, '/'), a.key into v_url, v_key from private.project_address() a;
  if v_url is null or v_key is null or v_answers is null then
    return;
  end if;
  -- what came of the last calls
  for v_job in select j.* from private.jobs j where j.request_id is not null for no key update skip locked loop
    execute pg_catalog.format('select r.status_code, r.error_msg from %s r where r.id = $1', v_answers)
    into v_status, v_error using v_job.request_id;
    v_error := case
      when v_status between 200 and 299 then null
      when v_status is not null then 'answered ' || v_status
      when v_error is not null then v_error
      when v_job.leased_until <= now() then 'no answer' else 'waiting' end;
    continue when v_error = 'waiting';
    perform ops.finish_job(v_job.job, v_error);
    failed := failed + (v_error is not null)::integer;
  end loop;
  -- sent when this transaction has ended
  for v_name in select c from ops.claim_jobs('function') c limit batch loop
    execute pg_catalog.format($sql$
      update private.jobs j set request_id = %I.http_post(url := $2, headers := $3, timeout_milliseconds := 60000)
      where j.job = $1 $sql$, 'net')
    using v_name, v_url || '/functions/v1/' || pg_catalog.replace(v_name, '_', '-'),
      pg_catalog.jsonb_build_object('apikey', v_key);
    processed := processed + 1;
  end loop;
end $$;
comment on function private.call_functions(timestamptz, integer) is
  'Job: calls the edge functions that have work, where pg_net is and Vault holds project_url and secret_key; one call '
  'of each at a time. Counts the calls, and as failed what was not answered well since the last run.';

create function private.purge_cron_log(as_of timestamptz, batch integer, out processed integer, out failed integer)
language plpgsql volatile set search_path = ''
as $$
declare
  v_runs regclass := pg_catalog.to_regclass('cron.job_run_details');
begin
  processed := 0; failed := 0;
  if v_runs is null then
    return;
  end if;
  execute pg_catalog.format($sql$
    delete from %1$s d
    where d.runid in (select r.runid from %1$s r where coalesce(r.end_time, r.start_time) < $1 limit $2) $sql$, v_runs)
  using as_of - (select pg_catalog.make_interval(days => s.cron_log_days) from private.settings s), batch;
  get diagnostics processed = row_count;
end $$;
comment on function private.purge_cron_log(timestamptz, integer) is
  'Job: forgets what pg_cron noted of its runs cron_log_days ago. pg_cron itself keeps it for ever.';

insert into private.jobs (job, room, step, every) values
  ('purge_cron_log', 'operations', 190, '1 hour'),
  ('call_functions', 'operations', 200, '1 minute');
-- undo: delete from private.jobs where room = 'operations';

insert into private.jobs (job, room, runs_in, every, starts_at) values
  ('back_up', 'operations', 'command', '1 day', '3 hours');
-- undo: nothing

-- schemas/operations/long_lists.sql

-- Most members have few of everything, and some have thousands. Planned for the few, a page of a list would be fetched
-- by reading and sorting all that its owner has; told that everybody has about 1,000, more than a page even after a
-- cursor and a policy, of which the planner expects that a small part of the rows stay, it reads the page alone, in the
-- order of the index. About 100 where the order is that of the primary key: told of more, it would read a small table
-- from its end instead. Shares, not numbers: they hold at every size.
do $$
declare
  v_list record;
begin
  for v_list in
    select i.indrelid::regclass as relation, owner.attname as owner,
      case when bool_or(place.attname = 'id') then '-0.01' else '-0.001' end as distinct_share
    from pg_catalog.pg_index i
    join pg_catalog.pg_class c on c.oid = i.indrelid and c.relnamespace = 'public'::regnamespace
    join pg_catalog.pg_attribute owner on owner.attrelid = c.oid and owner.attnum = i.indkey[0]
    join pg_catalog.pg_attribute place on place.attrelid = c.oid and place.attnum = i.indkey[1]
    where owner.atttypid = 'uuid'::regtype and (place.attname = 'id' or place.atttypid = 'timestamptz'::regtype)
    group by 1, 2
  loop
    execute pg_catalog.format('alter table %s alter column %I set (n_distinct = %s)',
      v_list.relation, v_list.owner, v_list.distinct_share);
  end loop;
end $$;
-- undo: do $$
-- undo: declare
-- undo:   v_list record;
-- undo: begin
-- undo:   for v_list in
-- undo:     select a.attrelid::regclass as relation, a.attname as owner from pg_catalog.pg_attribute a
-- undo:     join pg_catalog.pg_class c on c.oid = a.attrelid and c.relnamespace = 'public'::regnamespace
-- undo:     where a.attoptions is not null
-- undo:   loop
-- undo:     execute pg_catalog.format('alter table %s alter column %I reset (n_distinct)',
-- undo:       v_list.relation, v_list.owner);
-- undo:   end loop;
-- undo: end $$;

-- schemas/operations/loss.sql

-- Monitoring: how much would be lost if this server were lost now.

create function private.alerts_of_backups()
returns table (alert text, value numeric, detail text)
language sql stable set search_path = ''
as $$
  -- without any, the age of what would be lost: since the first sign-up
  select 'backup_age', coalesce(pg_catalog.round(private.seconds_since(coalesce(b.taken_at,
      (select u.created_at from public.users u order by u.created_at limit 1))) / 3600, 2), 0),
    coalesce(b.name || ' in ' || b.store, 'there is none')
  from (values (1)) one
  left join lateral (
    select b.* from private.backups b where b.is_verified order by b.taken_at desc limit 1) b on true
$$;
comment on function private.alerts_of_backups() is 'Part of ops.alerts: how much would be lost without the server.';

insert into private.alert_thresholds (alert, warn_at, critical_at, unit, meaning) values
  ('backup_age', 25, 26, 'hours',
   'Age of the newest backup that was read back and found right, or of what would be lost without one. The daily one '
   'is made at 03:00 UTC; where the WAL archive covers the time since (archiving_fails, archive_lags), allow more.');

-- schemas/operations/metrics.sql

-- Monitoring: every figure in one answer, for the edge functions metrics and health.

create function public.read_metrics()
returns jsonb
language plpgsql volatile security definer set search_path = '' set jit = off
as $$
begin
  return (
    -- a name that has several figures tells them apart by labels
    select pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object('name', f.name, 'labels', f.labels, 'value', f.value))
    from (
      select 'info' as name, pg_catalog.jsonb_build_object('version', public.get_api_version(),
        'postgres', pg_catalog.current_setting('server_version')) as labels, 1::numeric as value
      union all
      select v.name, pg_catalog.jsonb_build_object('alert', a.alert), v.value
      from ops.list_alerts() a
      cross join lateral (values ('alert_value', a.value),
        ('alert_level', pg_catalog.array_position('{ok,warn,critical}'::text[], a.level) - 1)) v (name, value)
      union all
      select 'connections', pg_catalog.jsonb_build_object('role', c.role, 'state', c.state), c.connections
      from ops.list_connections() c
      union all
      select 'connections_limit', '{}', private.connection_limit()
      union all
      select v.name, '{}', v.value
      from pg_catalog.pg_stat_database d
      cross join lateral (values ('database_size_bytes', pg_catalog.pg_database_size(d.datid)),
        ('commits_total', d.xact_commit), ('rollbacks_total', d.xact_rollback), ('deadlocks_total', d.deadlocks),
        ('cache_hits_total', d.blks_hit), ('cache_reads_total', d.blks_read),
        ('temporary_bytes_total', d.temp_bytes)) v (name, value)
      where d.datname = pg_catalog.current_database()
      union all
      -- of the daily snapshot: measuring all tables takes longer than a scrape may
      select v.name, pg_catalog.jsonb_build_object('schema', s.schema_name, 'table', s.table_name), v.value
      from private.size_snapshots s
      cross join lateral (values ('table_size_bytes', s.total_bytes), ('table_index_bytes', s.index_bytes),
        ('table_rows', s.row_estimate)) v (name, value)
      where s.taken_at = (select max(n.taken_at) from private.size_snapshots n)
      union all
      select v.name, pg_catalog.jsonb_build_object('job', j.job, 'room', j.room), v.value
      from ops.list_jobs() j
      cross join lateral (values ('job_success_timestamp_seconds', extract(epoch from j.last_succeeded_at)),
        ('job_duration_seconds', j.last_duration_ms / 1000.0), ('job_failed', (j.last_error is not null)::integer),
        ('job_overdue', j.is_overdue::integer)) v (name, value)
      where v.value is not null
      union all
      select v.name, pg_catalog.jsonb_build_object('queue', b.queue), v.value
      from ops.list_outbox_backlog() b
      cross join lateral (values ('outbox_pending', b.pending), ('outbox_due', b.due),
        ('outbox_wait_seconds', b.waits_seconds), ('outbox_dead', b.dead)) v (name, value)
      union all
      select v.name, pg_catalog.jsonb_build_object('kind', r.kind,
        -- of the archive the name is that of its last segment, which changes
        'name', case r.kind when 'archive' then 'archive' else r.name end), v.value
      from ops.list_replication() r
      cross join lateral (values ('replication_lag_seconds', r.lag_seconds),
        ('replication_lag_bytes', r.lag_bytes)) v (name, value)
      where v.value is not null
      union all
      select v.name, '{}', v.value
      from (select pg_catalog.sum(h.sign_ups) as sign_ups, pg_catalog.sum(h.tasks_posted) as tasks_posted,
          pg_catalog.sum(h.tasks_completed) as tasks_completed, pg_catalog.sum(h.points_paid) as points_paid,
          pg_catalog.sum(h.redemptions) as redemptions, pg_catalog.sum(h.points_redeemed) as points_redeemed
        from private.activity_hours h) h
      cross join lateral (values ('sign_ups_total', h.sign_ups), ('tasks_posted_total', h.tasks_posted),
        ('tasks_completed_total', h.tasks_completed), ('points_paid_total', h.points_paid),
        ('redemptions_total', h.redemptions), ('points_redeemed_total', h.points_redeemed)) v (name, value)
      union all
      select 'audits_timestamp_seconds', '{}', extract(epoch from r.finished_at)
      from (select a.finished_at from private.audit_runs a order by a.id desc limit 1) r
      union all
      select 'backup_timestamp_seconds', '{}', extract(epoch from b.taken_at)
      from (select b.taken_at from private.backups b where b.is_verified order by b.taken_at desc limit 1) b
    ) f (name, labels, value));
end $$;
comment on function public.read_metrics() is
  'Every figure of monitoring: [{name, labels, value}], value null where it could not be told. Names no member. For '
  'the edge function metrics.';
grant execute on function public.read_metrics() to service_role;

create function private.newest_migration()
returns text
language plpgsql stable set search_path = ''
as $$
declare
  v_version text;
begin
  execute 'select max(m.version) from supabase_migrations.schema_migrations m' into v_version;
  return v_version;
exception when undefined_table or invalid_schema_name or insufficient_privilege then
  return null;
end $$;
comment on function private.newest_migration() is
  'Version of the newest migration by the history of the Supabase CLI; null where none is kept.';

create function public.read_readiness()
returns jsonb
language plpgsql stable security definer set search_path = '' set jit = off
as $$
begin
  return pg_catalog.jsonb_build_object(
    'version', public.get_api_version(),
    'migration', private.newest_migration(),
    'jobs_ran_lately', coalesce((
      select max(j.started_at) from private.jobs j where j.runs_in = 'database') > now() - (
      select pg_catalog.make_interval(mins => s.overdue_job_minutes) from private.settings s), false),
    'stuck_queues', (
      select coalesce(pg_catalog.jsonb_agg(b.queue order by b.queue), '[]') from ops.list_outbox_backlog() b
      where b.waits_seconds >= (
        select t.critical_at from private.alert_thresholds t where t.alert = 'outbox_waits')));
end $$;
comment on function public.read_readiness() is
  'Whether the database is fit to serve: {version, migration, jobs_ran_lately, stuck_queues}. For the edge function '
  'health.';
grant execute on function public.read_readiness() to service_role;

-- schemas/operations/queries.sql

-- Monitoring: which statements are slow.

create function private.schema_of_statements()
returns name
language sql stable set search_path = ''
as $$
  select n.nspname from pg_catalog.pg_extension e join pg_catalog.pg_namespace n on n.oid = e.extnamespace
  where e.extname = 'pg_stat_statements'
$$;
comment on function private.schema_of_statements() is
  'Schema that pg_stat_statements was created in; null where it is missing.';

create function private.slow_statements(with_text boolean)
returns table (query_id text, role text, calls bigint, mean_ms numeric, max_ms numeric, total_ms numeric,
  row_count bigint, hits bigint, reads bigint, query text)
language plpgsql stable set search_path = ''
as $$
declare
  v_schema name := private.schema_of_statements();
begin
  if v_schema is null then
    return;
  end if;
  return query execute pg_catalog.format($sql$
    select s.queryid::text, r.rolname::text, s.calls, round(s.mean_exec_time::numeric, 2),
      round(s.max_exec_time::numeric, 2), round(s.total_exec_time::numeric, 2), s.rows, s.shared_blks_hit,
      s.shared_blks_read, s.query
    from %I.pg_stat_statements($1) s left join pg_catalog.pg_roles r on r.oid = s.userid
    where s.mean_exec_time >= (select p.slow_query_ms from private.settings p)
      and s.dbid = (select d.oid from pg_catalog.pg_database d where d.datname = pg_catalog.current_database())
    $sql$, v_schema) using with_text;
exception when object_not_in_prerequisite_state then  -- created, but the server has not loaded it
  return;
end $$;
comment on function private.slow_statements(boolean) is
  'What pg_stat_statements says about slow statements of this database; nothing where it is missing or not loaded.';

create function private.statements_are_counted()
returns boolean
language plpgsql stable set search_path = ''
as $$
declare
  v_schema name := private.schema_of_statements();
begin
  if v_schema is null then
    return false;
  end if;
  execute pg_catalog.format('select from %I.pg_stat_statements_info', v_schema);
  return true;
exception when object_not_in_prerequisite_state then
  return false;
end $$;
comment on function private.statements_are_counted() is 'Whether pg_stat_statements is created and loaded.';

create function ops.list_slow_queries()
returns table (query_id text, role text, calls bigint, mean_ms numeric, max_ms numeric, total_ms numeric,
  row_count bigint, cache_hit_ratio numeric, query text)
language sql stable security definer set search_path = ''
as $$
  select s.query_id, s.role, s.calls, s.mean_ms, s.max_ms, s.total_ms, s.row_count,
    pg_catalog.round(s.hits::numeric / nullif(s.hits + s.reads, 0), 4),
    -- what is no query is stored as it was written, passwords and all
    case when s.query ~* '^\s*(select|insert|update|delete|merge|with)\M'
      then pg_catalog.left(private.mask_literals(s.query), 1000)
      else pg_catalog.substring(s.query, '^\s*(\w+)') || ' …' end
  from private.slow_statements(true) s
  order by s.total_ms desc
$$;
comment on function ops.list_slow_queries() is 'The rows of ops.slow_queries.';
grant execute on function ops.list_slow_queries() to service_role, app_read;

create view ops.slow_queries with (security_invoker = true) as select * from ops.list_slow_queries();
comment on view ops.slow_queries is
  'Statements that take longer in the mean than settings.slow_query_ms, by the time they took in all, since '
  'pg_stat_statements was reset; texts and numbers are masked. Empty where pg_stat_statements is missing or not '
  'loaded: see the alert statements_uncounted.';
comment on column ops.slow_queries.query_id is 'Its queryid in pg_stat_statements.';
comment on column ops.slow_queries.role is 'As whom it ran.';
comment on column ops.slow_queries.calls is 'How often it ran.';
comment on column ops.slow_queries.mean_ms is 'Mean duration, in milliseconds.';
comment on column ops.slow_queries.max_ms is 'Longest duration, in milliseconds.';
comment on column ops.slow_queries.total_ms is 'All of its time, in milliseconds.';
comment on column ops.slow_queries.row_count is 'Rows it read or changed in all.';
comment on column ops.slow_queries.cache_hit_ratio is 'Part of its pages that were in memory, 0 to 1.';
comment on column ops.slow_queries.query is
  'The statement, masked, at most 1000 characters; of what is no query only the first word.';
grant select on ops.slow_queries to service_role, app_read;

create function private.alerts_of_queries()
returns table (alert text, value numeric, detail text)
language sql stable set search_path = ''
as $$
  select 'slow_queries', count(*)::numeric, 'slowest in the mean: ' || max(s.mean_ms) || ' ms'
  from private.slow_statements(false) s
  where s.calls >= 10 and s.role in ('anon', 'authenticated', 'service_role')
  union all
  select 'statements_uncounted', (not private.statements_are_counted())::integer::numeric, null
$$;
comment on function private.alerts_of_queries() is 'Part of ops.alerts: slow statements.';

insert into private.alert_thresholds (alert, warn_at, critical_at, unit, meaning) values
  ('slow_queries', 1, 10, 'statements',
   'Statements of the API that ran at least 10 times and take longer in the mean than settings.slow_query_ms: see '
   'ops.slow_queries.'),
  ('statements_uncounted', 1, null, '1: uncounted',
   'pg_stat_statements is missing or the server has not loaded it: slow statements are not seen. Put it into '
   'shared_preload_libraries and create the extension. The embedded database has none.');

-- schemas/operations/replication.sql

-- Monitoring: standbys, replication slots, and the archive of the write-ahead log (WAL).

create function private.wal_position()
returns pg_lsn
language sql stable set search_path = ''
as $$
  select case when pg_catalog.pg_is_in_recovery() then pg_catalog.pg_last_wal_replay_lsn()
    else pg_catalog.pg_current_wal_lsn() end
$$;
comment on function private.wal_position() is 'Up to where this server has written, or as a standby replayed, its WAL.';

create function private.unarchived_bytes()
returns numeric
language sql stable set search_path = ''
as $$
  select greatest(0, private.wal_position() - '0/0'::pg_lsn - (
    select (hex.log * 4294967296 + (hex.segment + 1) * pg_catalog.pg_size_bytes(
      pg_catalog.current_setting('wal_segment_size')))
    from (select ('x' || pg_catalog.substr(a.last_archived_wal, 9, 8))::bit(32)::bigint as log,
            ('x' || pg_catalog.substr(a.last_archived_wal, 17, 8))::bit(32)::bigint as segment) hex))
  from pg_catalog.pg_stat_archiver a where a.last_archived_wal ~ '^[0-9A-F]{24}'
$$;
comment on function private.unarchived_bytes() is
  'How much WAL was written after the last segment that was archived; null while none was.';

create function ops.list_replication()
returns table (kind text, name text, state text, lag_seconds numeric, lag_bytes numeric, detail text)
language sql stable security definer set search_path = ''
as $$
  select 'standby', r.application_name, coalesce(r.state, 'unseen'),
    coalesce(pg_catalog.round(extract(epoch from r.replay_lag), 3), 0), private.wal_position() - r.replay_lsn,
    pg_catalog.format('%s, sync %s', coalesce(host(r.client_addr), 'local'), r.sync_state)
  from pg_catalog.pg_stat_replication r
  union all
  select 'slot', s.slot_name::text, case when s.active then 'active' else 'inactive' end, null,
    private.wal_position() - s.restart_lsn, coalesce(s.wal_status, 'nothing kept')
  from pg_catalog.pg_replication_slots s
  union all
  select 'archive', coalesce(a.last_archived_wal, 'nothing archived yet'),
    case when a.last_failed_time > coalesce(a.last_archived_time, '-infinity') then 'fails' else 'works' end,
    private.seconds_since(coalesce(a.last_archived_time, a.stats_reset)), private.unarchived_bytes(),
    case when a.last_failed_time > coalesce(a.last_archived_time, '-infinity')
      then pg_catalog.format('%s, %s failures in all', a.last_failed_wal, a.failed_count) end
  from pg_catalog.pg_stat_archiver a where pg_catalog.current_setting('archive_mode') <> 'off'
  union all
  select 'this_server', 'standby', 'replays',
    case when pg_catalog.pg_last_wal_receive_lsn() = pg_catalog.pg_last_wal_replay_lsn() then 0
      else private.seconds_since(pg_catalog.pg_last_xact_replay_timestamp()) end,
    pg_catalog.pg_last_wal_receive_lsn() - pg_catalog.pg_last_wal_replay_lsn(), null
  where pg_catalog.pg_is_in_recovery()
$$;
comment on function ops.list_replication() is 'The rows of ops.replication.';
grant execute on function ops.list_replication() to service_role, app_read;

create view ops.replication with (security_invoker = true) as select * from ops.list_replication();
comment on view ops.replication is
  'Where the write-ahead log (WAL) goes: standbys that are connected, slots that keep it for somebody, the archive, '
  'and how far this server is behind when it is a standby itself. Empty where there is nothing of it.';
comment on column ops.replication.kind is 'standby, slot, archive, this_server.';
comment on column ops.replication.name is 'Of the standby or slot; of the archive the last segment in it.';
comment on column ops.replication.state is
  'Of a standby streaming and others, of a slot active or inactive, of the archive works or fails.';
comment on column ops.replication.lag_seconds is
  'How far behind in time; of the archive since when nothing came. 0 of a standby that has everything.';
comment on column ops.replication.lag_bytes is 'How far behind in WAL; of a slot what is kept for it.';
comment on column ops.replication.detail is 'Address of the standby; what of its WAL a slot still has; what failed.';
grant select on ops.replication to service_role, app_read;

create function private.alerts_of_replication()
returns table (alert text, value numeric, detail text)
language sql stable set search_path = ''
as $$
  with r as materialized (select r.* from ops.list_replication() r)
  select 'replication_lag', coalesce(max(r.lag_seconds), 0),
    (pg_catalog.array_agg(r.name order by r.lag_seconds desc nulls last))[1]
  from r where r.kind in ('standby', 'this_server')
  union all
  -- what a slot has lost cannot be had again, however little it was
  select 'slot_holds_wal', coalesce(max(case when r.detail = 'lost' then 1000
    else pg_catalog.round(r.lag_bytes / 1e9, 3) end), 0),
    (pg_catalog.array_agg(pg_catalog.format('%s %s, %s', r.name, r.state, r.detail) order by r.lag_bytes desc))[1]
  from r where r.kind = 'slot' and (r.state = 'inactive' or r.detail in ('unreserved', 'lost'))
  union all
  select 'archiving_fails', coalesce(max(r.lag_seconds), 0), max(r.detail)
  from r where r.kind = 'archive' and r.state = 'fails'
  union all
  -- what comes from a server that does nothing is not late
  select 'archive_lags', coalesce(max(r.lag_seconds), 0), max(r.lag_bytes) || ' bytes are not archived'
  from r where r.kind = 'archive' and coalesce(r.lag_bytes, 1e9) > 65536
$$;
comment on function private.alerts_of_replication() is 'Part of ops.alerts: standbys, slots and the archive.';

insert into private.alert_thresholds (alert, warn_at, critical_at, unit, meaning) values
  ('replication_lag', 60, 300, 'seconds',
   'How far the slowest standby is behind. What it lacks is lost when it is promoted.'),
  ('slot_holds_wal', 1, 50, 'GB (10^9 bytes)',
   'WAL that is kept for a standby that does not come, until the disk is full; 1000: some was lost, the standby has to '
   'be made anew. Drop the slot if nobody needs it.'),
  ('archiving_fails', 1, 300, 'seconds',
   'Since when nothing has come into the archive, while attempts fail: what is newer cannot be recovered.'),
  ('archive_lags', 300, 900, 'seconds',
   'Since when nothing has come into the archive, although there is something for it. Set archive_timeout.');

-- schemas/operations/schedule.sql

-- Where the platform has pg_cron and pg_net, they do what npm run jobs does elsewhere. Both may be on the machine and
-- not for this database: not loaded by the server, of another database, or for superusers only.
do $$
begin
  if exists (select from pg_catalog.pg_available_extensions where name = 'pg_cron') then
    create extension if not exists pg_cron;
    perform cron.schedule('run-due-jobs', '* * * * *', 'select ops.run_due_jobs()');
  end if;
exception when others then
  raise notice 'pg_cron cannot be used here (%): let "npm run jobs" run instead', sqlerrm;
end $$;
-- undo: do $$
-- undo: begin
-- undo:   if to_regclass('cron.job') is not null then
-- undo:     -- by query, not by cron.unschedule by name, which fails when there is no such job
-- undo:     perform cron.unschedule(j.jobid) from cron.job j where j.jobname = 'run-due-jobs';
-- undo:   end if;
-- undo: end $$;

do $$
begin
  if exists (select from pg_catalog.pg_available_extensions where name = 'pg_net') then
    create extension if not exists pg_net with schema extensions;
  end if;
exception when others then
  raise notice 'pg_net cannot be used here (%): let "npm run jobs" call the functions', sqlerrm;
end $$;
-- undo: nothing

-- schemas/operations/sizes.sql

-- Monitoring: how large everything is, and how fast it grows.

create function ops.list_sizes()
returns table (schema_name text, table_name text, total_bytes bigint, table_bytes bigint, index_bytes bigint,
  toast_bytes bigint, row_estimate bigint)
-- a table that is being rewritten is locked: better no answer than one that waits for it
language sql volatile security definer set search_path = '' set lock_timeout = '2s'
as $$
  select n.nspname::text, c.relname::text, s.total, s.main, s.indexes, s.total - s.main - s.indexes,
    greatest(case when c.reltuples < 0 then t.n_live_tup else c.reltuples end, 0)::bigint
  from pg_catalog.pg_class c
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  left join pg_catalog.pg_stat_all_tables t on t.relid = c.oid
  cross join lateral (select pg_catalog.pg_total_relation_size(c.oid) as total,
    pg_catalog.pg_relation_size(c.oid) as main, pg_catalog.pg_indexes_size(c.oid) as indexes) s
  where c.relkind in ('r', 'm') and n.nspname not like 'pg\_%' and n.nspname <> 'information_schema'
  order by s.total desc, 1, 2
$$;
comment on function ops.list_sizes() is
  'The rows of ops.sizes. Fails after 2 seconds while a table is locked for a rewrite.';
grant execute on function ops.list_sizes() to service_role, app_read;

create view ops.sizes with (security_invoker = true) as select * from ops.list_sizes();
comment on view ops.sizes is 'How much disk each table takes now, the largest first.';
comment on column ops.sizes.schema_name is 'Its schema.';
comment on column ops.sizes.table_name is 'Its name.';
comment on column ops.sizes.total_bytes is 'Everything of it, with indexes and long values.';
comment on column ops.sizes.table_bytes is 'The rows alone.';
comment on column ops.sizes.index_bytes is 'All its indexes.';
comment on column ops.sizes.toast_bytes is 'Long values that are kept beside it, and its maps of free space.';
comment on column ops.sizes.row_estimate is 'About how many rows it has, as of the last analyze.';
grant select on ops.sizes to service_role, app_read;

create table private.size_snapshots (
  taken_at     timestamptz not null,
  schema_name  text not null,
  table_name   text not null,
  total_bytes  bigint not null,
  index_bytes  bigint not null,
  row_estimate bigint not null,
  primary key (schema_name, table_name, taken_at)
);

comment on table private.size_snapshots is
  'How large each table was, once a day, for settings.monitoring_days. Append-only; read ops.growth.';
comment on column private.size_snapshots.taken_at is 'When.';
comment on column private.size_snapshots.schema_name is 'Schema of the table.';
comment on column private.size_snapshots.table_name is 'Name of the table.';
comment on column private.size_snapshots.total_bytes is 'Everything of it, with indexes and long values.';
comment on column private.size_snapshots.index_bytes is 'All its indexes.';
comment on column private.size_snapshots.row_estimate is 'About how many rows it had.';

create index size_snapshots_by_age on private.size_snapshots (taken_at);

alter table private.size_snapshots enable row level security;

create function private.measure_sizes(as_of timestamptz, batch integer, out processed integer, out failed integer)
language plpgsql volatile set search_path = ''
as $$
declare
  v_now timestamptz := least(as_of, now());  -- a look ahead measures nothing of the future
begin
  processed := 0; failed := 0;
  -- 23 hours: a day that begins a minute early is still the next one
  if not exists (select from private.size_snapshots s where s.taken_at > v_now - interval '23 hours') then
    insert into private.size_snapshots (taken_at, schema_name, table_name, total_bytes, index_bytes, row_estimate)
    select v_now, s.schema_name, s.table_name, s.total_bytes, s.index_bytes, s.row_estimate from ops.list_sizes() s;
    get diagnostics processed = row_count;
  end if;
  delete from private.size_snapshots s
  where s.taken_at < as_of - pg_catalog.make_interval(days => (select p.monitoring_days from private.settings p));
end $$;
comment on function private.measure_sizes(timestamptz, integer) is
  'Job: notes once a day how large every table is, and forgets what is older than settings.monitoring_days.';

insert into private.jobs (job, room, step, every, starts_at) values
  ('measure_sizes', 'operations', 2, '1 day', '02:30');
-- undo: delete from private.jobs where job = 'measure_sizes';

create function ops.list_growth()
returns table (schema_name text, table_name text, measured_at timestamptz, total_bytes bigint, since timestamptz,
  bytes_per_day bigint, rows_per_day bigint, doubles_in_days integer)
language sql stable security definer set search_path = ''
as $$
  with newest as (
    select s.* from private.size_snapshots s
    where s.taken_at = (select max(m.taken_at) from private.size_snapshots m)
  ), grown as (
    select n.*, o.taken_at as since, extract(epoch from n.taken_at - o.taken_at) / 86400 as days,
      n.total_bytes - o.total_bytes as more_bytes, n.row_estimate - o.row_estimate as more_rows
    from newest n
    join lateral (
      select s.* from private.size_snapshots s
      where s.schema_name = n.schema_name and s.table_name = n.table_name and s.taken_at < n.taken_at
        and s.taken_at >= n.taken_at - interval '31 days'
      order by s.taken_at limit 1) o on true
  )
  select g.schema_name, g.table_name, g.taken_at, g.total_bytes, g.since,
    pg_catalog.round(g.more_bytes / g.days)::bigint, pg_catalog.round(g.more_rows / g.days)::bigint,
    case when g.more_bytes > 0
      then least(g.total_bytes / (g.more_bytes / g.days), 100000)::integer end
  from grown g
  order by g.more_bytes / g.days desc, 1, 2
$$;
comment on function ops.list_growth() is 'The rows of ops.growth.';
grant execute on function ops.list_growth() to service_role, app_read;

create view ops.growth with (security_invoker = true) as select * from ops.list_growth();
comment on view ops.growth is
  'How fast each table grows, from the daily snapshots of at most the last 31 days; empty until there are two.';
comment on column ops.growth.schema_name is 'Its schema.';
comment on column ops.growth.table_name is 'Its name.';
comment on column ops.growth.measured_at is 'When it was measured last.';
comment on column ops.growth.total_bytes is 'How large it was then.';
comment on column ops.growth.since is 'The first of the snapshots that are compared.';
comment on column ops.growth.bytes_per_day is 'What was added a day; negative when it shrank.';
comment on column ops.growth.rows_per_day is 'About how many rows were added a day.';
comment on column ops.growth.doubles_in_days is 'Days until it is twice as large; null when it does not grow.';
grant select on ops.growth to service_role, app_read;

create function private.alerts_of_sizes()
returns table (alert text, value numeric, detail text)
language sql stable set search_path = ''
as $$
  select 'database_size',
    pg_catalog.round(pg_catalog.pg_database_size(pg_catalog.current_database()) / 1e9, 3), null::text
$$;
comment on function private.alerts_of_sizes() is 'Part of ops.alerts: the size of the database.';

insert into private.alert_thresholds (alert, warn_at, critical_at, unit, meaning) values
  ('database_size', null, null, 'GB (10^9 bytes)',
   'Size of this database. The disk cannot be seen from SQL: set the thresholds to 70 % and 85 % of yours, or watch '
   'its free space outside.');

-- schemas/operations/vacuum.sql

-- Monitoring: what autovacuum has before it, and how far the counter of transactions is from its end.

create function ops.list_vacuum_debt()
returns table (schema_name text, table_name text, dead_rows bigint, vacuum_at bigint, debt numeric,
  changed_rows bigint, analyze_at bigint, vacuumed_at timestamptz, analyzed_at timestamptz, freeze_age bigint,
  wraparound_share numeric)
language sql stable security definer set search_path = ''
as $$
  with t as (
    select s.*, c.relfrozenxid,
      (case when c.reltuples < 0 then 0 else c.reltuples end)::numeric as rows, o.options
    from pg_catalog.pg_stat_user_tables s
    join pg_catalog.pg_class c on c.oid = s.relid
    cross join lateral (
      select pg_catalog.jsonb_object_agg(p.option_name, p.option_value) as options
      from pg_catalog.pg_options_to_table(c.reloptions) p) o
    where c.relkind in ('r', 'm')
  ), d as (
    select t.*,
      coalesce(t.options ->> 'autovacuum_vacuum_threshold',
        pg_catalog.current_setting('autovacuum_vacuum_threshold'))::numeric
      + coalesce(t.options ->> 'autovacuum_vacuum_scale_factor',
        pg_catalog.current_setting('autovacuum_vacuum_scale_factor'))::numeric * t.rows as vacuum_at,
      coalesce(t.options ->> 'autovacuum_analyze_threshold',
        pg_catalog.current_setting('autovacuum_analyze_threshold'))::numeric
      + coalesce(t.options ->> 'autovacuum_analyze_scale_factor',
        pg_catalog.current_setting('autovacuum_analyze_scale_factor'))::numeric * t.rows as analyze_at
    from t
  )
  select d.schemaname::text, d.relname::text, d.n_dead_tup, d.vacuum_at::bigint,
    pg_catalog.round(d.n_dead_tup / greatest(d.vacuum_at, 1), 2), d.n_mod_since_analyze, d.analyze_at::bigint,
    greatest(d.last_vacuum, d.last_autovacuum), greatest(d.last_analyze, d.last_autoanalyze),
    pg_catalog.age(d.relfrozenxid)::bigint, pg_catalog.round(pg_catalog.age(d.relfrozenxid) / 2147483648.0, 4)
  from d
  order by d.n_dead_tup / greatest(d.vacuum_at, 1) desc, 1, 2
$$;
comment on function ops.list_vacuum_debt() is 'The rows of ops.vacuum_debt.';
grant execute on function ops.list_vacuum_debt() to service_role, app_read;

create view ops.vacuum_debt with (security_invoker = true) as select * from ops.list_vacuum_debt();
comment on view ops.vacuum_debt is
  'What vacuum and analyze have before them in each table, the most first. A table that is far over its mark for long '
  'is not reached by autovacuum: it is too slow, or something holds an old transaction open.';
comment on column ops.vacuum_debt.schema_name is 'Its schema.';
comment on column ops.vacuum_debt.table_name is 'Its name.';
comment on column ops.vacuum_debt.dead_rows is 'About how many rows are dead.';
comment on column ops.vacuum_debt.vacuum_at is 'From how many on autovacuum comes.';
comment on column ops.vacuum_debt.debt is 'The one divided by the other.';
comment on column ops.vacuum_debt.changed_rows is 'About how many rows were changed since it was analyzed.';
comment on column ops.vacuum_debt.analyze_at is 'From how many on it is analyzed.';
comment on column ops.vacuum_debt.vacuumed_at is 'When it was vacuumed last.';
comment on column ops.vacuum_debt.analyzed_at is 'When it was analyzed last.';
comment on column ops.vacuum_debt.freeze_age is 'Transactions since its oldest row that is not frozen.';
comment on column ops.vacuum_debt.wraparound_share is
  'The same as a part of the 2^31 after which the server refuses to write, 0 to 1.';
grant select on ops.vacuum_debt to service_role, app_read;

create function private.alerts_of_vacuum()
returns table (alert text, value numeric, detail text)
language sql stable set search_path = ''
as $$
  select 'vacuum_debt', coalesce(max(v.debt), 0),
    (pg_catalog.array_agg(pg_catalog.format('%s.%s', v.schema_name, v.table_name) order by v.debt desc))[1]
  from ops.list_vacuum_debt() v where v.dead_rows >= 10000
  union all
  select 'wraparound',
    pg_catalog.round(100 * max(greatest(pg_catalog.age(d.datfrozenxid), pg_catalog.mxid_age(d.datminmxid)))
      / 2147483648.0, 2),
    (pg_catalog.array_agg(d.datname::text
      order by greatest(pg_catalog.age(d.datfrozenxid), pg_catalog.mxid_age(d.datminmxid)) desc))[1]
  from pg_catalog.pg_database d
$$;
comment on function private.alerts_of_vacuum() is 'Part of ops.alerts: what autovacuum has not done.';

insert into private.alert_thresholds (alert, warn_at, critical_at, unit, meaning) values
  ('vacuum_debt', 3, 10, 'times its mark',
   'The table with at least 10,000 dead rows that is furthest over the mark at which autovacuum comes: see '
   'ops.vacuum_debt. End old transactions, then vacuum it.'),
  ('wraparound', 40, 70, '%',
   'How much of the 2^31 transactions is used after which the server refuses to write: vacuum (freeze) the oldest '
   'tables of that database.');
