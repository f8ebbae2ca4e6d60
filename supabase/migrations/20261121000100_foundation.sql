-- Room: foundation. Schemas, default privileges, settings, the audit log, and the helpers every room uses.
-- Definer functions here: none of them is exposed; they read private tables on behalf of members.

-- Schemas ---------------------------------------------------------------------------------------------------------------

create schema if not exists extensions;
create schema if not exists private;
create schema if not exists ops;

comment on schema private is 'Privileged function bodies and sensitive tables. Not exposed by the API.';
comment on schema ops is 'Operations for admins (Studio, service role) and read-only reporting (app_read). Not exposed by the API.';

create extension if not exists postgis with schema extensions;

-- Privileges ------------------------------------------------------------------------------------------------------------
-- Nothing is public by default: every object below states its own grants.

do $$
begin
  if not exists (select from pg_catalog.pg_roles where rolname = 'app_read') then
    create role app_read nologin;
  end if;
end $$;

alter default privileges revoke execute on functions from public;
alter default privileges in schema public revoke all on tables from anon, authenticated, service_role;
alter default privileges in schema public revoke all on sequences from anon, authenticated, service_role;
alter default privileges in schema public revoke all on functions from anon, authenticated, service_role;

grant usage on schema public to anon, authenticated, service_role;
grant usage on schema extensions to anon, authenticated, service_role;
revoke all on schema private from public;
revoke all on schema ops from public;
-- The invoker RPCs in public call their bodies in private; execute is granted function by function.
grant usage on schema private to anon, authenticated;
grant usage on schema ops to service_role, app_read;

-- Tables ----------------------------------------------------------------------------------------------------------------

create table private.settings (
  is_singleton             boolean primary key default true,
  reward_funding           text not null default 'community',
  confirmation_days        integer not null default 14,
  points_limit_per_creator integer not null default 5000,
  points_limit_per_pair    integer not null default 2000,
  points_limit_days        integer not null default 30,
  open_task_limit          integer not null default 20,
  welcome_points           integer not null default 0,
  updated_at               timestamptz not null default now(),
  constraint settings_has_one_row check (is_singleton),
  constraint reward_funding_is_known check (reward_funding in ('community', 'creator')),
  constraint confirmation_days_is_between_1_and_365 check (confirmation_days between 1 and 365),
  constraint points_limit_per_creator_is_not_negative check (points_limit_per_creator >= 0),
  constraint points_limit_per_pair_is_not_negative check (points_limit_per_pair >= 0),
  constraint points_limit_days_is_between_1_and_365 check (points_limit_days between 1 and 365),
  constraint open_task_limit_is_not_negative check (open_task_limit >= 0),
  constraint welcome_points_is_between_0_and_10000 check (welcome_points between 0 and 10000)
);

create table private.audit_log (
  id         bigint generated always as identity primary key,
  actor_id   uuid,
  action     text not null,
  subject_id uuid,
  details    jsonb,
  created_at timestamptz not null default now()
);

-- Comments --------------------------------------------------------------------------------------------------------------

comment on table private.settings is 'Product settings, exactly one row. Edit it in Studio; changes hold from the next command on.';
comment on column private.settings.is_singleton is 'Always true: keeps the table at one row.';
comment on column private.settings.reward_funding is 'Who pays rewards of tasks created from now on: community (points are issued) or creator (held at posting, paid at confirmation).';
comment on column private.settings.confirmation_days is 'Days after which a finished task that nobody answered confirms itself.';
comment on column private.settings.points_limit_per_creator is 'Most community points one creator may commit and issue within points_limit_days.';
comment on column private.settings.points_limit_per_pair is 'Most community points one creator may commit and issue to the same helper within points_limit_days.';
comment on column private.settings.points_limit_days is 'Length in days of the window for both points limits.';
comment on column private.settings.open_task_limit is 'Most open tasks a creator may have when posting another.';
comment on column private.settings.welcome_points is 'Points booked as bonus at sign-up; needed to get started when creators pay rewards.';
comment on column private.settings.updated_at is 'Last change.';

comment on table private.audit_log is 'Who did what to whom: one row for each command that moves points or rights. Append-only.';
comment on column private.audit_log.id is 'Order of entry.';
comment on column private.audit_log.actor_id is 'Member who acted; null for the system and for admins.';
comment on column private.audit_log.action is 'What was done, as a verb in the past: confirmed, banned, points_adjusted.';
comment on column private.audit_log.subject_id is 'The task or member it was done to.';
comment on column private.audit_log.details is 'Facts needed to explain the entry; no personal data.';
comment on column private.audit_log.created_at is 'When.';

-- Row level security: no policies, so nobody but the owner reads or writes ----------------------------------------------

alter table private.settings enable row level security;
alter table private.audit_log enable row level security;
revoke all on private.settings, private.audit_log from public, anon, authenticated, service_role;

insert into private.settings default values;

-- Private functions -----------------------------------------------------------------------------------------------------

create function private.set_updated_at()
returns trigger
language plpgsql set search_path = ''
as $$
begin
  new.updated_at := now();
  return new;
end $$;
comment on function private.set_updated_at() is 'Trigger: stamps updated_at when the statement did not.';

create trigger settings_set_updated_at before update on private.settings
  for each row when (old.updated_at = new.updated_at) execute function private.set_updated_at();

create function private.refuse_change()
returns trigger
language plpgsql set search_path = ''
as $$
begin
  raise exception using errcode = 'PT409', message = 'ledger_is_append_only', detail = tg_table_schema || '.' || tg_table_name,
    hint = 'Rows of this table are never changed or removed. Correct points with ops.adjust_points(user_id, amount, reason).';
end $$;
comment on function private.refuse_change() is 'Trigger: refuses UPDATE, DELETE and TRUNCATE on append-only tables, for every role. Raises PT409 ledger_is_append_only.';

create trigger audit_log_is_append_only before update or delete on private.audit_log
  for each row execute function private.refuse_change();
create trigger audit_log_is_not_truncated before truncate on private.audit_log
  for each statement execute function private.refuse_change();

create function private.clean_text(value text, field text, min_length integer, max_length integer, is_multiline boolean default false)
returns text
language plpgsql immutable set search_path = ''
as $$
declare
  v_text text := pg_catalog.btrim(value, E' \t\n\r');
begin
  if v_text is null
     -- invisible characters alone are as blank as spaces
     or pg_catalog.regexp_replace(v_text, '[\s\u00A0\u00AD\u200B-\u200F\u2060\u3000\uFEFF]', '', 'g') = '' then
    raise exception using errcode = 'PT400', message = 'text_blank', detail = field, hint = 'Please fill in this field.';
  end if;
  -- C0, C1 and the bidirectional overrides, which can make a text read as another one
  if v_text ~ '[\u0001-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069]'
     or (not is_multiline and v_text ~ '[\t\n\r]') then
    raise exception using errcode = 'PT400', message = 'text_has_control_characters', detail = field,
      hint = 'Please remove control characters and line breaks from this field.';
  end if;
  if pg_catalog.char_length(v_text) < min_length then
    raise exception using errcode = 'PT400', message = 'text_too_short', detail = field,
      hint = pg_catalog.format('At least %s characters are needed.', min_length);
  end if;
  if pg_catalog.char_length(v_text) > max_length then
    raise exception using errcode = 'PT400', message = 'text_too_long', detail = field,
      hint = pg_catalog.format('At most %s characters are allowed.', max_length);
  end if;
  return v_text;
end $$;
comment on function private.clean_text(text, text, integer, integer, boolean) is
  'Trims and checks one text input; detail of an error names the field. Raises PT400 text_blank, text_has_control_characters, text_too_short, text_too_long.';

create function private.clean_optional_text(value text, field text, max_length integer, is_multiline boolean default false)
returns text
language sql immutable set search_path = ''
as $$
  select case when pg_catalog.btrim(value, E' \t\n\r') <> '' then private.clean_text(value, field, 1, max_length, is_multiline) end
$$;
comment on function private.clean_optional_text(text, text, integer, boolean) is
  'Like private.clean_text, but null and blank both mean absent and give null.';

create function private.check_coordinates(latitude double precision, longitude double precision)
returns void
language plpgsql immutable set search_path = ''
as $$
begin
  -- NaN sorts above every number and infinity is out of range, so BETWEEN refuses both; null needs its own word
  if latitude is null or longitude is null or not (latitude between -90 and 90 and longitude between -180 and 180) then
    raise exception using errcode = 'PT400', message = 'coordinates_invalid',
      hint = 'Latitude must be between -90 and 90, longitude between -180 and 180 (WGS 84 degrees).';
  end if;
end $$;
comment on function private.check_coordinates(double precision, double precision) is 'Raises PT400 coordinates_invalid unless both are finite WGS 84 degrees.';

create function private.check_paths(paths text[], owner_id uuid, slug text, most integer)
returns void
language plpgsql immutable set search_path = ''
as $$
declare
  v_path text;
begin
  if pg_catalog.array_ndims(paths) > 1 or coalesce(pg_catalog.cardinality(paths), 0) > most then
    raise exception using errcode = 'PT400', message = slug, hint = pg_catalog.format('At most %s pictures are allowed.', most);
  end if;
  foreach v_path in array coalesce(paths, '{}') loop
    if v_path is null
       or pg_catalog.char_length(v_path) not between pg_catalog.char_length(owner_id::text) + 2 and 500
       or not pg_catalog.starts_with(v_path, owner_id::text || '/')
       or v_path !~ '^[A-Za-z0-9/._-]+$' or v_path ~ '(^|/)\.{1,2}(/|$)|//' then
      raise exception using errcode = 'PT400', message = slug, detail = coalesce(v_path, 'null'),
        hint = 'A picture is named by its storage path, which starts with your own user id and a slash.';
    end if;
  end loop;
end $$;
comment on function private.check_paths(text[], uuid, text, integer) is 'Raises PT400 with the given slug unless every storage path lies in the owner''s folder.';

-- Public RPCs -----------------------------------------------------------------------------------------------------------

create function public.get_api_version()
returns text
language sql immutable set search_path = ''
as $$ select '0.1.0'::text $$;
comment on function public.get_api_version() is 'Version of the database API (semantic version). Callable by everyone, also anonymously.';

-- Execute grants --------------------------------------------------------------------------------------------------------

revoke all on function public.get_api_version() from public, anon, authenticated, service_role;
grant execute on function public.get_api_version() to anon, authenticated, service_role;
revoke all on function private.set_updated_at(), private.refuse_change(),
  private.clean_text(text, text, integer, integer, boolean), private.clean_optional_text(text, text, integer, boolean),
  private.check_coordinates(double precision, double precision), private.check_paths(text[], uuid, text, integer)
  from public, anon, authenticated, service_role;
