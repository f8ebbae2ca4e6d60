-- What happens by the clock. Each room writes its jobs beside their functions: private.<job>(as_of, batch) does what is
-- due at a moment, at most a batch of it, and tells how many it did and how many failed.
create table private.jobs (
  job          text primary key,
  room         text not null,
  runs_in      text not null default 'database',
  step         smallint not null default 0,
  every        interval,
  starts_at    interval not null default '0',
  created_at   timestamptz not null default now(),
  started_at   timestamptz,
  finished_at  timestamptz,
  succeeded_at timestamptz,
  failed_at    timestamptz,
  duration_ms  integer,
  processed    integer,
  failed       integer,
  error        text,
  is_behind    boolean not null default false,
  leased_until timestamptz not null default '-infinity',
  request_id   bigint,
  constraint jobs_run_somewhere check (runs_in in ('database', 'function', 'command')),
  constraint jobs_run_every_minute_to_week check (every between interval '1 minute' and interval '7 days'),
  constraint jobs_are_called_when_there_is_work_or_by_the_clock check ((runs_in = 'function') = (every is null))
) with (fillfactor = 50);  -- written every minute, in place

comment on table private.jobs is
  'What happens by the clock, and how each job''s last run went. Rooms write their rows; ops.jobs shows them.';
comment on column private.jobs.job is
  'Its name, and that of its function private.<job> or, with hyphens, of its edge function.';
comment on column private.jobs.room is 'Room it belongs to.';
comment on column private.jobs.runs_in is
  'database: function private.<job>, in ops.run_due_jobs. function: the edge function, called while '
  'private.has_work_for_<job>(). command: npm run jobs does it itself.';
comment on column private.jobs.step is
  'Place in the run, whose locks last to its end: below 20 what locks members, then what locks point accounts, from '
  '100 on notifications and hosts (docs/locks.md). 0: no place, it is no part of the run.';
comment on column private.jobs.every is
  'Length of its period, in each of which it is done once; null: whenever there is work.';
comment on column private.jobs.starts_at is 'When its period begins, counted from midnight UTC.';
comment on column private.jobs.started_at is 'Begin of its last run, or of the run of all jobs that it was part of.';
comment on column private.jobs.duration_ms is 'How long its last run took, in milliseconds.';
comment on column private.jobs.processed is 'What its last run did.';
comment on column private.jobs.failed is
  'Rows that its last run could not do and left for the next one; 1 when all of it failed.';
comment on column private.jobs.error is
  'Why it failed, at failed_at. Without personal data: the server''s log has all.';
comment on column private.jobs.is_behind is 'The last run did a whole batch, so the next one follows at once.';
comment on column private.jobs.leased_until is
  'Outside the database: until then somebody is at it, or waits before trying again.';
comment on column private.jobs.request_id is 'The call under way, in pg_net''s numbers; null without pg_net.';

alter table private.jobs enable row level security;
