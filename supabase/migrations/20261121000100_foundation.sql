-- Written by npm run db:build from supabase/schemas/foundation/: edit there.

-- schemas/foundation/schemas.sql

-- Room: foundation. Schemas, default privileges, settings, the audit log, paging.
-- Nothing is public by default: beside each object stands the one grant that it needs.

create schema if not exists extensions;
-- undo: nothing

create schema if not exists private;

create schema if not exists ops;

comment on schema private is 'Privileged function bodies and sensitive tables. Not exposed by the API.';

comment on schema ops is
  'Operations for admins (Studio, service role), jobs (app_service) and read-only reporting (app_read). Not exposed by '
  'the API.';

create extension if not exists postgis with schema extensions;

-- Two roles that log in, because settings of a role do not follow `set role`; nobody can until the operator gives them
-- a password. What is as it should be is left alone: other databases of the server have the same roles, and may be
-- migrating.
do $$
declare
  v_role    text;
  v_setting text;
  v_value   text;
begin
  foreach v_role in array array['app_read', 'app_service'] loop
    if not exists (select from pg_catalog.pg_roles where rolname = v_role) then
      execute pg_catalog.format('create role %I login', v_role);
    elsif not (select rolcanlogin from pg_catalog.pg_roles where rolname = v_role) then
      execute pg_catalog.format('alter role %I login', v_role);
    end if;
  end loop;
  for v_role, v_setting, v_value in values
    ('app_read', 'default_transaction_read_only', 'on'),
    ('app_read', 'statement_timeout', '30s'),
    ('app_read', 'idle_in_transaction_session_timeout', '60s'),
    ('app_service', 'statement_timeout', '300s'),
    ('app_service', 'idle_in_transaction_session_timeout', '60s')
  loop
    if not exists (select from pg_catalog.pg_roles
                   where rolname = v_role and v_setting || '=' || v_value = any (rolconfig)) then
      execute pg_catalog.format('alter role %I set %s = %L', v_role, v_setting, v_value);
    end if;
  end loop;
exception when insufficient_privilege then  -- somebody else made one of them: that is theirs to change
  raise warning 'app_read and app_service are not as they should be (%): see docs/operations/connections.md', sqlerrm;
end $$;
-- undo: nothing

-- The rollback restores the defaults of projects created before 2026; newer ones start without the last three.
alter default privileges revoke execute on functions from public;
-- undo: alter default privileges grant execute on functions to public;

alter default privileges in schema public revoke all on tables from anon, authenticated, service_role;
-- undo: alter default privileges in schema public grant all on tables to anon, authenticated, service_role;

alter default privileges in schema public revoke all on sequences from anon, authenticated, service_role;
-- undo: alter default privileges in schema public grant all on sequences to anon, authenticated, service_role;

alter default privileges in schema public revoke all on functions from anon, authenticated, service_role;
-- undo: alter default privileges in schema public grant all on functions to anon, authenticated, service_role;

grant usage on schema public to anon, authenticated, service_role;

grant usage on schema extensions to anon, authenticated, service_role;

revoke all on schema private from public;

revoke all on schema ops from public;

-- The invoker RPCs in public call their bodies in private; execute is granted function by function.
grant usage on schema private to anon, authenticated;

grant usage on schema ops to service_role, app_read, app_service;
grant usage on schema private to service_role;

create procedure private.grant_columns(relation regclass, roles text)
language plpgsql set search_path = ''
as $$
declare
  v_columns text := (
    select pg_catalog.string_agg(pg_catalog.quote_ident(a.attname), ', ' order by a.attnum)
    from pg_catalog.pg_attribute a where a.attrelid = relation and a.attnum > 0 and not a.attisdropped);
begin
  execute pg_catalog.format('grant select (%s) on %s to %s', v_columns, relation, roles);
end $$;
comment on procedure private.grant_columns(regclass, text) is
  'Lets roles read a table, column by column. A grant of the whole table would show its system columns, too: xmin and '
  'xmax tell which rows one transaction wrote and locked, and so who did what. A column that is added later needs '
  'it again.';

create procedure private.keep_no_statistics(relation regclass)
language plpgsql set search_path = ''
as $$
declare
  v_changes text := (
    select pg_catalog.string_agg(pg_catalog.format('alter column %I set statistics 0', a.attname), ', ')
    from pg_catalog.pg_attribute a where a.attrelid = relation and a.attnum > 0 and not a.attisdropped);
begin
  execute pg_catalog.format('alter table %s %s', relation, v_changes);
end $$;
comment on procedure private.keep_no_statistics(regclass) is
  'Lets the planner know nothing of what stands in a table: its estimates, which Prefer: count=planned answers with, '
  'count rows that row level security hides. A column that is added later needs it again.';

-- schemas/foundation/triggers.sql

create function private.set_updated_at()
returns trigger
language plpgsql set search_path = ''
as $$
begin
  new.updated_at := now();
  return new;
end $$;
comment on function private.set_updated_at() is 'Trigger: stamps updated_at when the statement did not.';

create function private.refuse_change()
returns trigger
language plpgsql set search_path = ''
as $$
begin
  raise exception using errcode = 'PT409', message = 'ledger_is_append_only',
    detail = tg_table_schema || '.' || tg_table_name,
    hint = 'Rows of this table are never changed or removed. '
      'Correct points with ops.adjust_points(user_id, amount, reason).';
end $$;
comment on function private.refuse_change() is
  'Trigger: refuses UPDATE, DELETE and TRUNCATE on append-only tables, for every role. Raises PT409 '
  'ledger_is_append_only.';

-- schemas/foundation/words_and_limits.sql

-- Words that columns may hold and numbers that inputs are held to: their one home. `npm run db:types` takes them to
-- TypeScript, with their comments.

create function private.default_page_size() returns integer language sql immutable set search_path = '' return 20;
comment on function private.default_page_size() is 'Rows of a page when nothing is said.';

create function private.max_page_size() returns integer language sql immutable set search_path = '' return 100;
comment on function private.max_page_size() is 'Most rows of a page; larger wishes are lowered to this.';

create function private.default_time_zone() returns text language sql immutable set search_path = ''
  return 'Europe/Berlin';
comment on function private.default_time_zone() is
  'Time zone of a community, and of members, who have not chosen one.';

-- schemas/foundation/arguments.sql

create function private.require_argument(is_good boolean, argument text)
returns void
language plpgsql immutable set search_path = ''
as $$
begin
  if is_good is not true then
    raise exception using errcode = 'PT400', message = 'validation_failed', detail = argument,
      hint = 'The argument that the detail names is missing or malformed.';
  end if;
end $$;
comment on function private.require_argument(boolean, text) is
  'Raises PT400 validation_failed, detail names the argument, unless it is good. For what '
  'callers check before, or always send.';

-- schemas/foundation/audit_log.sql

create table private.audit_log (
  id         bigint generated always as identity primary key,
  actor_id   uuid,
  action     text not null,
  subject_id uuid,
  details    jsonb,
  created_at timestamptz not null default now(),
  login      text not null default session_user
);

comment on table private.audit_log is
  'Who did what to whom: one row for each command that moves points or rights. Append-only.';
comment on column private.audit_log.actor_id is 'Member who acted; null for the system and for admins.';
comment on column private.audit_log.login is
  'Database login that it was done through: authenticator for the API, postgres for Studio and the SQL editor.';
comment on column private.audit_log.action is
  'What was done, as a verb in the past: confirmed, banned, points_adjusted.';
comment on column private.audit_log.subject_id is 'The task or member it was done to.';
comment on column private.audit_log.details is
  'Facts needed to explain the entry, and the reason an admin gave; no personal data of the members.';

alter table private.audit_log enable row level security;

create trigger audit_log_is_append_only before update or delete on private.audit_log
  for each row execute function private.refuse_change();
create trigger audit_log_is_not_truncated before truncate on private.audit_log
  for each statement execute function private.refuse_change();

-- schemas/foundation/jobs.sql

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

-- schemas/foundation/limits.sql

create function private.check_daily_limit(count bigint, daily_limit integer, slug text)
returns void
language plpgsql immutable set search_path = ''
as $$
begin
  if count >= daily_limit then
    raise exception using errcode = 'PT429', message = slug, detail = daily_limit::text,
      hint = 'You have done this as often as is allowed in 24 hours.';
  end if;
end $$;
comment on function private.check_daily_limit(bigint, integer, text) is
  'Raises PT429 with this slug when something was done as often as is allowed in a day.';

-- schemas/foundation/paging.sql

create function private.clamp_page_size(page_size integer)
returns integer
language plpgsql immutable set search_path = ''
as $$ begin
  return greatest(1, least(coalesce(page_size, private.default_page_size()), private.max_page_size()));
end $$;
comment on function private.clamp_page_size(integer) is 'Rows of a page, from what was asked for.';

create function private.as_page(items jsonb, page_size integer, key text)
returns jsonb
language sql immutable set search_path = ''
as $$
  select pg_catalog.jsonb_build_object(
    'items', coalesce(items, '[]'),
    'next', case when pg_catalog.jsonb_array_length(items) = page_size then items -> -1 ->> key end)
$$;
comment on function private.as_page(jsonb, integer, text) is
  'A page of a list: items, and next = where the following page starts, null at the end.';

create function private.encode_cursor(list text, key double precision, id uuid)
returns text
language plpgsql stable set search_path = ''
as $$ begin
  return pg_catalog.replace(
    pg_catalog.encode(pg_catalog.convert_to(list || '|' || key || '|' || id, 'utf8'), 'base64'), E'\n', '');
end $$;
comment on function private.encode_cursor(text, double precision, uuid) is
  'Where the page of a list goes on: after the row with this sort key and id. Clients take it for opaque.';

create function private.decode_cursor(value text, list text, out key double precision, out id uuid)
language plpgsql immutable set search_path = ''
as $$
declare
  v_parts text[];
begin
  v_parts := pg_catalog.string_to_array(pg_catalog.convert_from(pg_catalog.decode(value, 'base64'), 'utf8'), '|');
  -- the range refuses NaN, infinity and what no time or distance can be
  key := v_parts[2]::double precision;
  if v_parts[1] is distinct from list or pg_catalog.cardinality(v_parts) <> 3 or key not between 0 and 1e17 then
    raise invalid_parameter_value;
  end if;
  id := v_parts[3]::uuid;
exception when data_exception then
  raise exception using errcode = 'PT400', message = 'cursor_invalid',
    hint = 'Pass the cursor of the last row you received, with the same sort.';
end $$;
comment on function private.decode_cursor(text, text) is
  'Sort key and id from a cursor of this list. Raises PT400 cursor_invalid.';

-- schemas/foundation/settings.sql

create table private.settings (
  is_singleton boolean primary key default true,
  updated_at   timestamptz not null default now(),
  time_zone    text not null default private.default_time_zone(),
  constraint settings_has_one_row check (is_singleton)
);

comment on table private.settings is
  'Product settings, exactly one row, with columns of many rooms. Edit it in Studio; changes count from the next '
  'command on.';
comment on column private.settings.is_singleton is 'Always true: keeps the table at one row.';
comment on column private.settings.time_zone is
  'The community''s clock, such as Europe/Berlin: when days, weeks, months and years begin for settlements, '
  'statistics, leaderboards, and limits of rewards. A change holds from that moment on; nothing is counted or settled '
  'anew (private.community_clocks). Limits in 24 hours know no clock, quiet hours and digests follow the member''s.';

alter table private.settings enable row level security;

create trigger settings_set_updated_at before update on private.settings
  for each row when (old.updated_at = new.updated_at) execute function private.set_updated_at();

insert into private.settings default values;

create function private.log_settings()
returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  insert into private.audit_log (actor_id, action, details)
  select auth.uid(), 'settings_changed',
    pg_catalog.jsonb_object_agg(n.key, pg_catalog.jsonb_build_array(o.value, n.value))
  from pg_catalog.jsonb_each(to_jsonb(old)) o join pg_catalog.jsonb_each(to_jsonb(new)) n using (key)
  where n.key <> 'updated_at' and n.value <> o.value
  having count(*) > 0;
  return null;
end $$;
comment on function private.log_settings() is
  'Trigger on settings: the audit log tells what was changed, from what to what. Settings are edited in Studio.';
create trigger settings_are_logged after update on private.settings
  for each row execute function private.log_settings();

-- schemas/foundation/time.sql

create table private.community_clocks (
  since     timestamptz primary key,
  time_zone text not null,
  first_day date not null
);

comment on table private.community_clocks is
  'Which time zone the community lived by since when. Every day, and so every week, month and year, follows from it: '
  'what was settled, counted or shown stays in its month when settings.time_zone changes, which alone writes here.';
comment on column private.community_clocks.since is
  'When the setting changed; the first one holds since ever.';
comment on column private.community_clocks.time_zone is 'The setting from then on.';
comment on column private.community_clocks.first_day is
  'The day that had begun by then. No day begins twice: it lasts until it has ended by the new clock, too.';

alter table private.community_clocks enable row level security;

insert into private.community_clocks (since, time_zone, first_day)
values ('-infinity', private.default_time_zone(), '-infinity');

create function private.community_day(moment timestamptz)
returns date
language plpgsql stable set search_path = ''
as $$
begin
  return (
    select greatest(c.first_day, (moment at time zone c.time_zone)::date)
    from private.community_clocks c where c.since <= moment order by c.since desc limit 1);
end $$;
comment on function private.community_day(timestamptz) is
  'The day a moment lies in, by the clock that the community had then. Never goes back.';

create function private.community_period(period text, moment timestamptz)
returns date
language plpgsql stable set search_path = ''
as $$
begin
  return pg_catalog.date_trunc(period, private.community_day(moment)::timestamp)::date;
end $$;
comment on function private.community_period(text, timestamptz) is
  'First day of the day, week (from Monday), month or year that a moment lies in, by the community''s clock.';

create function private.day_begins_at(day date)
returns timestamptz
language plpgsql stable set search_path = ''
as $$
begin
  return (
    select min(b.moment)
    from (select k.*, lead(k.since) over (order by k.since) as until from private.community_clocks k) c
    cross join lateral (select day::timestamp at time zone c.time_zone as moment) m
    cross join lateral (
      select case
        when day <= c.first_day then c.since
        -- a clock that goes back over midnight strikes it twice, of which PostgreSQL takes the second
        when ((m.moment - interval '1 hour') at time zone c.time_zone)::date = day
          then greatest(c.since, m.moment - interval '1 hour')
        else greatest(c.since, m.moment) end as moment) b
    where day is not null and (c.until is null or b.moment < c.until));
end $$;
comment on function private.day_begins_at(date) is
  'The first moment of a day by the community''s clock: the inverse of private.community_day. What lies from the '
  'beginning of one day to that of another can be read by an index on the moment.';

create function private.time_zone_named(name text)
returns text
language plpgsql stable set search_path = ''
as $$
begin
  -- the list alone: behind any word PostgreSQL also reads rules such as Europe/Berlin-2, and before it abbreviations
  return (
    select z.name from pg_catalog.pg_timezone_names z
    where pg_catalog.lower(z.name) = pg_catalog.lower(time_zone_named.name)
      and z.name ~ '^UTC$|/' and z.name !~ '^(posix|right)/');
end $$;
comment on function private.time_zone_named(text) is
  'A time zone as the list spells it; null for what is no name of one. Reading the list takes some 30 ms.';

create function private.check_time_zone()
returns trigger
language plpgsql set search_path = ''
as $$
declare
  v_name text := private.time_zone_named(new.time_zone);
begin
  if v_name is null then
    raise exception using errcode = 'PT400', message = 'time_zone_invalid',
      detail = coalesce(pg_catalog.left(new.time_zone, 100), 'null'),
      hint = 'Please name a time zone such as Europe/Berlin.';
  end if;
  new.time_zone := v_name;
  return new;
end $$;
comment on function private.check_time_zone() is
  'Trigger on settings and user_settings: refuses what is no name of a time zone, and spells the others as the list '
  'does. Raises PT400 time_zone_invalid.';
create trigger settings_check_time_zone before update on private.settings
  for each row when (new.time_zone is distinct from old.time_zone) execute function private.check_time_zone();

create function private.change_clock()
returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
  -- not now(): what was decided while this transaction waited for others was decided by the old clock
  v_since timestamptz := pg_catalog.clock_timestamp();
begin
  insert into private.community_clocks (since, time_zone, first_day)
  values (v_since, new.time_zone, private.community_day(v_since));
  return null;
end $$;
comment on function private.change_clock() is
  'Trigger on settings: from here on days begin by another clock; those that have begun stay as they are.';
create trigger settings_change_clock after update on private.settings
  for each row when (new.time_zone <> old.time_zone) execute function private.change_clock();

-- schemas/foundation/timeouts.sql

-- A transaction that begins and is then forgotten holds its locks: nobody else accepts, confirms or pays meanwhile. The
-- API ends its transactions at once, so that one which is idle for long is a fault. Platforms set no limit themselves.
do $$
begin
  alter role authenticator set idle_in_transaction_session_timeout = '30s';
exception when insufficient_privilege or undefined_object then
  raise warning 'idle_in_transaction_session_timeout of authenticator is not for this role to set: let an admin do it';
end $$;
-- undo: do $$
-- undo: begin
-- undo:   alter role authenticator reset idle_in_transaction_session_timeout;
-- undo: exception when insufficient_privilege or undefined_object then
-- undo:   raise warning 'the role that migrates may not reset idle_in_transaction_session_timeout of authenticator';
-- undo: end $$;

-- schemas/foundation/version.sql

create function public.get_api_version()
returns text
language sql immutable set search_path = ''
as $$ select '0.1.0'::text $$;
comment on function public.get_api_version() is
  'Version of the database API (semantic version). Callable by everyone, also anonymously.';
grant execute on function public.get_api_version() to anon, authenticated, service_role;
