-- Written by npm run db:build: takes the room operations out again. DELETES what is in private.alert_thresholds, private.activity_hours, private.activity_progress, private.audit_runs, private.backfills, private.backups, private.size_snapshots: take a backup first.

drop function private.alerts_of_vacuum;
drop view ops.vacuum_debt;
drop function ops.list_vacuum_debt;
drop function private.alerts_of_sizes;
drop view ops.growth;
drop function ops.list_growth;
delete from private.jobs where job = 'measure_sizes';
drop function private.measure_sizes;
drop table private.size_snapshots;
drop view ops.sizes;
drop function ops.list_sizes;
do $$
begin
  if to_regclass('cron.job') is not null then
    -- by query, not by cron.unschedule by name, which fails when there is no such job
    perform cron.unschedule(j.jobid) from cron.job j where j.jobname = 'run-due-jobs';
  end if;
end $$;
drop function private.alerts_of_replication;
drop view ops.replication;
drop function ops.list_replication;
drop function private.unarchived_bytes;
drop function private.wal_position;
drop function private.alerts_of_queries;
drop view ops.slow_queries;
drop function ops.list_slow_queries;
drop function private.statements_are_counted;
drop function private.slow_statements;
drop function private.schema_of_statements;
drop function public.read_readiness;
drop function private.newest_migration;
drop function public.read_metrics;
drop function private.alerts_of_backups;
do $$
declare
  v_list record;
begin
  for v_list in
    select a.attrelid::regclass as relation, a.attname as owner from pg_catalog.pg_attribute a
    join pg_catalog.pg_class c on c.oid = a.attrelid and c.relnamespace = 'public'::regnamespace
    where a.attoptions is not null
  loop
    execute pg_catalog.format('alter table %s alter column %I reset (n_distinct)',
      v_list.relation, v_list.owner);
  end loop;
end $$;
delete from private.jobs where room = 'operations';
drop function private.purge_cron_log;
drop function private.call_functions;
drop function private.project_address;
drop function ops.finish_job;
drop function ops.hold_job;
drop function ops.claim_jobs;
drop function private.alerts_of_indexes;
drop view ops.index_problems;
drop function ops.list_index_problems;
drop function private.covers_foreign_key;
drop function private.index_definition;
drop function private.alerts_of_connections;
drop view ops.long_transactions;
drop function ops.list_long_transactions;
drop view ops.locks;
drop function ops.list_locks;
drop view ops.connections;
drop function ops.list_connections;
drop function private.shown_query;
drop function private.sessions;
drop function private.connection_limit;
drop function private.alerts_of_cache;
drop view ops.cache;
drop function ops.list_cache;
drop view ops.bloat;
drop function ops.list_bloat;
drop view ops.sealing_keys;
drop function ops.list_sealing_keys;
drop view ops.backups;
drop function ops.list_backups;
drop table private.backups;
drop function private.alerts_of_backlog;
drop view ops.outbox_backlog;
drop function ops.list_outbox_backlog;
drop function private.lately;
drop index private.notification_deliveries_given_up;
drop index private.webhook_messages_given_up;
drop procedure ops.backfill;
drop function private.begin_backfill;
drop function private.backfill_statement;
drop view ops.backfills;
drop function ops.list_backfills;
drop table private.backfills;
drop function private.alerts_of_audits;
delete from private.jobs where job = 'run_audits';
drop function private.run_audits;
drop table private.audit_runs;
drop function ops.audit_all;
drop function private.alerts_of_jobs;
drop view ops.alerts;
drop function ops.list_alerts;
drop view ops.activity_by_hour;
drop function ops.list_activity_by_hour;
delete from private.jobs where job = 'count_activity';
drop function private.count_activity;
drop function private.hour_of;
drop index public.users_by_sign_up;
drop table private.activity_progress;
drop table private.activity_hours;
drop view ops.jobs;
drop function ops.list_jobs;
drop function ops.run_job;
drop function ops.run_due_jobs;
drop function private.run_job;
drop function private.describe_error;
drop function private.is_due;
drop function private.period_of;
drop function private.alerts_of_monitoring;
drop function private.mask_literals;
drop function private.sees_all_sessions;
drop function private.storage_option;
drop function private.seconds_since;
drop function private.warn_at;
drop table private.alert_thresholds;
alter table private.settings drop constraint monitoring_days_is_between_7_and_3650;
alter table private.settings drop constraint slow_query_ms_is_between_1_and_60000;
alter table private.settings drop column slow_query_ms;
alter table private.settings drop column monitoring_days;
alter table private.settings drop column overdue_job_minutes;
alter table private.settings drop column cron_log_days;
