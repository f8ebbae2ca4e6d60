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
