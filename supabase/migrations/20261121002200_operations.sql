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
  'Primary key of the last row of the last batch, which the next run goes on behind; null at the beginning and the end.';
comment on column private.backfills.runner is 'Process that works on it, or did last: its id and when it began.';
comment on column private.backfills.started_at is 'When its first run began.';
comment on column private.backfills.updated_at is 'When the last batch was written.';
comment on column private.backfills.finished_at is 'When no row was left; null before.';

alter table private.backfills enable row level security;

create function ops.list_backfills()
returns setof private.backfills
language sql stable security definer set search_path = ''
as $$ select b.* from private.backfills b order by b.started_at desc $$;
comment on function ops.list_backfills() is 'Columns that were or are being filled, the newest first; body of ops.backfills.';
grant execute on function ops.list_backfills() to service_role, app_read;

create view ops.backfills with (security_invoker = true) as
select b.name, b.value, b.remaining, b.rows_done, b.started_at, b.updated_at, b.finished_at from ops.list_backfills() b;
comment on view ops.backfills is
  'How far ops.backfill has come with the columns it fills; without finished_at it is under way, or was interrupted and '
  'goes on when it is called again.';
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
  batch integer default 1000, pause interval default '100 milliseconds')
language plpgsql
as $$
declare
  c_patience constant interval := '2 minutes';
  v_name text := pg_catalog.concat_ws('.', relation, column_name);
  v_left text := coalesce(remaining, pg_catalog.format('t.%I is null', column_name));
  v_statement text;
  v_key jsonb;
  v_found bigint;
  v_unchanged bigint := 0;
  v_done bigint := 0;
  v_in_pass bigint := 0;
  v_is_busy boolean;
  v_unresolved bigint := 0;
  v_told_at timestamptz := pg_catalog.clock_timestamp();
  v_moved_at timestamptz := pg_catalog.clock_timestamp();
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
    v_done := v_done + v_found;
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
    where b.name = v_name;
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
    perform pg_catalog.pg_sleep(extract(epoch from pause));
    commit;
  end loop;
  update private.backfills b set finished_at = pg_catalog.clock_timestamp(), last_key = null where b.name = v_name;
  commit;
  raise notice '%: done, % rows', v_name, v_done;
end $$;
comment on procedure ops.backfill(text, text, text, text, integer, interval) is
  'Fills a column of a table that is in use, in batches along its primary key, each a transaction of its own with a pause '
  'behind it. value and remaining are SQL, in which t is the row; without remaining, rows are left whose column is null. '
  'Called again it goes on where it was interrupted, and changes nothing that is done. Rows that others have locked come '
  'later. For the owner, outside a transaction. Errors: backfill_refused, backfill_under_way, backfill_incomplete.';

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
