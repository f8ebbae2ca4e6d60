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
  'Operations for admins (Studio, service role) and read-only reporting (app_read). Not exposed by the API.';

create extension if not exists postgis with schema extensions;

do $$
begin
  if not exists (select from pg_catalog.pg_roles where rolname = 'app_read') then
    create role app_read nologin;
  end if;
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

grant usage on schema ops to service_role, app_read;
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
  constraint settings_has_one_row check (is_singleton)
);

comment on table private.settings is
  'Product settings, exactly one row, with columns of many rooms. Edit it in Studio; changes count from the next '
  'command on.';
comment on column private.settings.is_singleton is 'Always true: keeps the table at one row.';

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
