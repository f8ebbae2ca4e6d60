alter table private.settings
  add column overdue_job_minutes integer not null default 10,
  add column cron_log_days       integer not null default 7,
  add constraint overdue_job_minutes_is_between_2_and_1440 check (overdue_job_minutes between 2 and 1440),
  add constraint cron_log_days_is_between_1_and_365 check (cron_log_days between 1 and 365);

comment on column private.settings.overdue_job_minutes is
  'Minutes a job may be late before ops.jobs says that it is overdue.';
comment on column private.settings.cron_log_days is
  'Days for which pg_cron''s own log of runs is kept, where pg_cron is.';
