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
