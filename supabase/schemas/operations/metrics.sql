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
