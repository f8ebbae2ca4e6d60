import { StackError } from "../../base/stack-error.ts";
import type { SqlSession } from "./session.ts";
import { storageSql } from "./storage-tables.ts";

/** What the rest of the stack needs to know about a prepared database. */
export interface PreparedDatabase {
  /** The role that owns the product's objects and runs migrations; never a superuser. */
  ownerRole: string;
}

/**
 * Gives a database what a hosted Supabase project has before its first migration: the API roles with their
 * attributes and timeouts, the schemas `extensions`, `auth` and `storage`, and the extensions that only a superuser may
 * create. What is there is left as it is: a later start must not give back the rights that migrations took away.
 *
 * A session without superuser rights (a hosted project) finds all of that in place; what it lacks is named.
 */
export async function prepareDatabase(admin: SqlSession): Promise<PreparedDatabase> {
  const [me] = await admin.query<{
    name: string;
    superuser: boolean;
    database: string;
    has_roles: boolean;
    owner_role: string;
    has_owner: boolean;
    has_schemas: boolean;
    has_storage: boolean;
  }>(`
    select current_user as name, me.rolsuper as superuser, current_database() as database,
      (select count(*) = 5 from pg_roles
       where rolname in ('anon', 'authenticated', 'service_role', 'authenticator', 'supabase_auth_admin')) as has_roles,
      owner.role as owner_role, to_regrole(owner.role) is not null as has_owner,
      to_regnamespace('auth') is not null as has_schemas, to_regnamespace('storage') is not null as has_storage
    from pg_roles me,
      -- on most plain servers "postgres" is a superuser: migrations then run as a role of our own
      (select case when exists (select from pg_roles where rolname = 'postgres' and rolsuper)
        then 'neighbourhood_owner' else 'postgres' end as role) owner
    where me.rolname = current_user`);
  if (!me) throw new StackError("the database did not say who we are");

  if (!me.superuser) {
    if (!me.has_roles) {
      throw new StackError(
        `the API's roles are missing and role ${me.name} of DATABASE_URL may not create them: connect as a superuser once`,
      );
    }
    return { ownerRole: me.name };
  }

  const ownerRole = me.owner_role;
  if (!me.has_roles || !me.has_owner) await admin.script(rolesSql(ownerRole));
  if (!me.has_schemas) await admin.script(databaseSql(ownerRole, me.database));
  if (!me.has_storage) await admin.script(storageSql(ownerRole));
  await createExtensions(admin);
  return { ownerRole };
}

/**
 * Finishes the schema `auth` after the Auth server has created its tables: owner, rights and the functions
 * `auth.uid()`, `auth.role()`, `auth.email()` and `auth.jwt()` exactly as hosted projects define them.
 */
export async function finishAuthSchema(admin: SqlSession, ownerRole: string): Promise<void> {
  await admin.script(authSql(ownerRole));
}

const API_ROLES = "anon, authenticated, service_role";

function rolesSql(owner: string): string {
  return `
    do $$
    begin
      ${createRole("anon", "nologin noinherit")}
      ${createRole("authenticated", "nologin noinherit")}
      ${createRole("service_role", "nologin noinherit bypassrls")}
      ${createRole("authenticator", "login noinherit")}
      ${createRole("supabase_auth_admin", "login noinherit createrole")}
      ${createRole(owner, "login createrole createdb bypassrls replication")}
    end $$;

    grant ${API_ROLES} to authenticator;
    grant ${API_ROLES}, authenticator to ${owner} with admin option;
    grant pg_monitor to ${owner};
    alter role anon set statement_timeout = '3s';
    alter role authenticated set statement_timeout = '8s';
    alter role authenticator set statement_timeout = '8s';
    alter role authenticator set lock_timeout = '8s';
    alter role supabase_auth_admin set search_path = auth;
    alter role supabase_auth_admin set idle_in_transaction_session_timeout = '60s';`;
}

function createRole(name: string, attributes: string): string {
  return `if not exists (select from pg_roles where rolname = '${name}') then create role ${name} ${attributes}; end if;`;
}

/** One transaction, so that the schema `auth` tells that all of it is there. */
function databaseSql(owner: string, database: string): string {
  return `
    alter database ${identifier(database)} owner to ${owner};
    alter database ${identifier(database)} set search_path = "$user", public, extensions;
    create schema if not exists extensions;
    create schema if not exists auth;
    grant all on schema extensions to ${owner};
    grant all on schema auth to supabase_auth_admin;
    grant usage on schema extensions, auth to ${API_ROLES}, ${owner};
    ${publicSchemaSql(owner)}`;
}

/** Rights on an empty schema `public`. */
export function publicSchemaSql(owner: string): string {
  // Tables start out readable and writable for the API roles, as in projects created before 2026: the migrations must
  // take those rights away, and here it shows when they do not.
  return `
    grant usage on schema public to ${API_ROLES}, ${owner};
    grant create on schema public to ${owner};
    alter default privileges for role ${owner} in schema public grant all on tables to ${API_ROLES};
    alter default privileges for role ${owner} in schema public grant all on sequences to ${API_ROLES};
    alter default privileges for role ${owner} in schema public grant all on functions to ${API_ROLES};`;
}

/** Extensions that hosted projects offer to everyone but that a plain server lets only a superuser create. */
const SUPERUSER_EXTENSIONS = [
  { name: "postgis", debianPackage: "postgis-3", required: true },
  { name: "pgtap", debianPackage: "pgtap", required: false },
  { name: "plpgsql_check", debianPackage: "plpgsql-check", required: false },
  { name: "pg_stat_statements", debianPackage: "", required: false },
] as const;

async function createExtensions(admin: SqlSession): Promise<void> {
  const available = await admin.query<{ name: string }>("select name from pg_available_extensions");
  const names = new Set(available.map((extension) => extension.name));
  for (const { name, debianPackage, required } of SUPERUSER_EXTENSIONS) {
    if (names.has(name)) {
      await admin.script(`create extension if not exists ${name} with schema extensions`);
    } else if (required) {
      throw new StackError(`PostGIS is missing on this server: install ${await packageName(admin, debianPackage)}`);
    }
  }
}

async function packageName(admin: SqlSession, suffix: string): Promise<string> {
  const [row] = await admin.query<{ major: number }>(
    "select current_setting('server_version_num')::int / 10000 as major",
  );
  return `postgresql-${row?.major}-${suffix}`;
}

function authSql(owner: string): string {
  return `
    do $$
    declare
      v_table text;
    begin
      for v_table in select format('%I.%I', schemaname, tablename) from pg_tables where schemaname = 'auth' loop
        execute format('alter table %s owner to supabase_auth_admin', v_table);
        execute format('alter table %s enable row level security', v_table);
      end loop;
    end $$;

    create or replace function auth.uid() returns uuid language sql stable as $$
      select coalesce(
        nullif(current_setting('request.jwt.claim.sub', true), ''),
        (nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub')
      )::uuid
    $$;
    create or replace function auth.role() returns text language sql stable as $$
      select coalesce(
        nullif(current_setting('request.jwt.claim.role', true), ''),
        (nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'role')
      )::text
    $$;
    create or replace function auth.email() returns text language sql stable as $$
      select coalesce(
        nullif(current_setting('request.jwt.claim.email', true), ''),
        (nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'email')
      )::text
    $$;
    create or replace function auth.jwt() returns jsonb language sql stable as $$
      select coalesce(
        nullif(current_setting('request.jwt.claim', true), ''),
        nullif(current_setting('request.jwt.claims', true), '')
      )::jsonb
    $$;
    alter function auth.uid() owner to supabase_auth_admin;
    alter function auth.role() owner to supabase_auth_admin;
    alter function auth.email() owner to supabase_auth_admin;
    alter function auth.jwt() owner to supabase_auth_admin;
    grant all on all tables in schema auth to ${owner};
    grant execute on all functions in schema auth to public;`;
}

function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
