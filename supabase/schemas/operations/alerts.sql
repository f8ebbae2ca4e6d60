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
