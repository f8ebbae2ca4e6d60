-- Written by npm run db:build from supabase/schemas/operations/: edit there.

-- schemas/operations/jobs.sql

-- Room: operations. The job that calls what each room has due.

create function ops.run_due_jobs(as_of timestamptz default now())
returns table (job text, processed integer, failed integer)
language plpgsql volatile security definer set search_path = ''
as $$
declare
  c_batch constant integer := 1000;
begin
  -- one run at a time: two would pay the same helpers in different order and wait for each other
  if not pg_catalog.pg_try_advisory_xact_lock(pg_catalog.hashtext('ops.run_due_jobs')) then
    return;
  end if;
  -- first what locks members, because the others lock point accounts: members come before accounts everywhere
  return query select * from private.run_ratings_jobs(as_of, c_batch);
  return query select * from private.run_tasks_jobs(as_of, c_batch);
  return query select * from private.run_redemptions_jobs(as_of, c_batch);
  return query select * from private.run_recommendations_jobs(as_of, c_batch);
  return query select * from private.run_webhooks_jobs(as_of, c_batch);
  return query select * from private.archive_tasks(as_of, c_batch);
  return query select * from private.forget_contacts(as_of, c_batch);
  return query select * from private.run_statistics_jobs(as_of, c_batch);
  return query select * from private.run_messages_jobs(as_of, c_batch);
  -- last: they lock notifications and hosts and wait for nobody after that
  return query select * from private.run_notifications_jobs(as_of, c_batch);
  return query select * from private.run_outbox_jobs(as_of, c_batch);
end $$;
comment on function ops.run_due_jobs(timestamptz) is
  'Does what is due at a moment: expires open tasks past their deadline, confirms finished tasks that nobody '
  'answered, expires codes past their term, refunds redemptions whose partner stayed silent, forgets webhook '
  'messages after 90 days and conversations as long after their last message as the settings say, archives tasks '
  'completed more than a year ago, deletes old exact places, reveals ratings after 7 days, counts statistics (up to '
  '20,000 rows), reminds of deadlines and puts notifications into the outbox. At most 1000 of each per call; safe to '
  'repeat. Returns one row per job with the number done and failed; nothing while another run is under way.';
grant execute on function ops.run_due_jobs(timestamptz) to service_role;

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
    union all select unnest(array[c.secret, c.previous_secret]) from private.partner_connections c
    union all select unnest(array[e.secret, e.previous_secret]) from private.webhook_endpoints e) s (sealed)
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

-- schemas/operations/long_lists.sql

-- Most members have few of everything, and some have thousands. Planned for the few, a page of a list would be fetched
-- by reading and sorting all that its owner has; told that everybody has about 30, more than a page, the planner reads
-- the page alone, in the order of the index. Told of many more, it would read a small table from its end instead. A
-- share and not a number: it holds at every size.
do $$
declare
  v_list record;
begin
  for v_list in
    select distinct i.indrelid::regclass as relation, owner.attname as owner
    from pg_catalog.pg_index i
    join pg_catalog.pg_class c on c.oid = i.indrelid and c.relnamespace = 'public'::regnamespace
    join pg_catalog.pg_attribute owner on owner.attrelid = c.oid and owner.attnum = i.indkey[0]
    join pg_catalog.pg_attribute place on place.attrelid = c.oid and place.attnum = i.indkey[1]
    where owner.atttypid = 'uuid'::regtype and (place.attname = 'id' or place.atttypid = 'timestamptz'::regtype)
  loop
    execute pg_catalog.format('alter table %s alter column %I set (n_distinct = -0.033)',
      v_list.relation, v_list.owner);
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

-- schemas/operations/schedule.sql

-- By pg_cron where the platform has it; the local stack calls ops.run_due_jobs() itself.
do $$
begin
  if exists (select from pg_catalog.pg_available_extensions where name = 'pg_cron') then
    create extension if not exists pg_cron;
    perform cron.schedule('run-due-jobs', '* * * * *', 'select ops.run_due_jobs()');
  end if;
exception when others then  -- installed on the machine, but not loaded by this server
  raise notice 'pg_cron cannot be used here (%), call ops.run_due_jobs() every minute yourself', sqlerrm;
end $$;
-- undo: do $$
-- undo: begin
-- undo:   if to_regclass('cron.job') is not null then
-- undo:     -- by query, not by cron.unschedule by name, which fails when there is no such job
-- undo:     perform cron.unschedule(j.jobid) from cron.job j where j.jobname = 'run-due-jobs';
-- undo:   end if;
-- undo: end $$;
