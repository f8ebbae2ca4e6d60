import { StackError } from "../../dev/base/stack-error.ts";
import { OWN_SCHEMAS, PLATFORM_SCHEMAS } from "../backup/facts.ts";
import type { Manifest } from "../backup/manifest.ts";
import type { Database, Queries } from "../core/connection.ts";
import { inForeignKeyOrder } from "../core/foreign-keys.ts";
import type { PlatformTables } from "./contents.ts";

/** What is in a database that a backup is to be restored into. */
export interface Target {
  /** What is there, a line each; none: it is empty. */
  contents: string[];
  isSuperuser: boolean;
  platform: PlatformTables;
}

/** Stands in a database as long as nobody has verified what was restored. */
export const MARK = "restore_not_finished";

/** Looks at a database before anything is changed. */
export async function inspectTarget(database: Queries): Promise<Target> {
  const [facts] = await database.query<{ is_superuser: boolean; mark: string | null }>(
    `select rolsuper as is_superuser, obj_description(to_regnamespace('${MARK}'), 'pg_namespace') as mark
     from pg_roles where rolname = current_user`,
  );
  const platform = await platformTables(database);
  const contents = [...(await ownContents(database)), ...(await platformRows(database, platform))];
  return {
    contents: facts?.mark && contents.length > 0 ? [facts.mark, ...contents] : contents,
    isSuperuser: facts?.is_superuser ?? false,
    platform,
  };
}

async function ownContents(database: Queries): Promise<string[]> {
  const tables = await database.query<{ schema: string; count: number }>(
    `select n.nspname as schema, count(*) from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = any ($1) and c.relkind in ('r', 'p', 'v') and not exists (
       select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
     group by 1 order by array_position($1, n.nspname::text)`,
    [OWN_SCHEMAS],
  );
  const [members] = tables.some(({ schema }) => schema === "public")
    ? await database.query<{ there: boolean }>("select to_regclass('public.users') is not null as there")
    : [];
  const [people] = members?.there ? await database.query<{ count: number }>("select count(*) from public.users") : [];
  return [
    ...tables.map(({ schema, count }) => `schema ${schema} with ${count} tables and views`),
    ...(people ? [`${people.count} members`] : []),
  ];
}

async function platformRows(database: Queries, { inOrder }: PlatformTables): Promise<string[]> {
  const counted = ["auth.users", "storage.objects"].filter((name) => inOrder.includes(name));
  const lines: string[] = [];
  for (const name of counted) {
    const [row] = await database.query<{ count: number }>(`select count(*) from ${name}`);
    if (row !== undefined && row.count > 0) lines.push(`${row.count} rows in ${name}`);
  }
  return lines;
}

/** Those whose rows a backup may hold, referenced ones before those that reference them. */
async function platformTables(database: Queries): Promise<PlatformTables> {
  const tables = await database.query<{ name: string; schema: string; needs: string[] }>(
    `select format('%I.%I', n.nspname, c.relname) as name, n.nspname as schema, array(
       select format('%I.%I', rn.nspname, r.relname) from pg_constraint f
       join pg_class r on r.oid = f.confrelid join pg_namespace rn on rn.oid = r.relnamespace
       where f.contype = 'f' and f.conrelid = c.oid and f.confrelid <> c.oid) as needs
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = any ($1) and c.relkind = 'r' order by 1`,
    [PLATFORM_SCHEMAS],
  );
  const inOrder = inForeignKeyOrder(tables);
  return { schemas: [...new Set(tables.map(({ schema }) => schema))], inOrder };
}

/** Empties what a backup would be restored over, in one transaction, and leaves the mark. */
export async function emptyTarget(database: Database, { platform, contents }: Target, mark: string): Promise<void> {
  await database.transaction(async (session) => {
    await session.query("set local lock_timeout = '10s'");
    for (const schema of OWN_SCHEMAS.filter((name) => name !== "public")) {
      await session.query(`drop schema if exists ${schema} cascade`);
    }
    if (contents.length > 0) {
      await session.query("drop schema if exists public cascade");
      await session.query("create schema public authorization pg_database_owner");
      await session.query("grant usage on schema public to public");
      await session.query("set local storage.allow_delete_query = 'true'"); // Storage refuses it otherwise
      for (const name of platform.inOrder.toReversed()) await deleteRows(session, name);
    }
    await session.query(`create schema if not exists ${MARK}`);
    await session.query(`comment on schema ${MARK} is '${mark.replaceAll("'", "''")}'`);
  });
}

async function deleteRows(session: Queries, table: string): Promise<void> {
  const [right] = await session.query<{ may: boolean }>("select has_table_privilege($1, 'delete') as may", [table]);
  if (right?.may && !/schema_migrations|\.migrations$/u.test(table)) await session.query(`delete from ${table}`);
}

/**
 * Creates the roles and extensions that are missing.
 *
 * @param rolesSql what `pg_dumpall --roles-only` wrote.
 * @returns roles that log in and have no password yet.
 */
export async function createWhatIsMissing(
  database: Database,
  manifest: Manifest,
  rolesSql: string,
  isSuperuser: boolean,
): Promise<string[]> {
  const existing = await database.query<{ name: string }>("select rolname as name from pg_roles");
  const missing = manifest.needed_roles.filter(({ name }) => !existing.some((role) => role.name === name));
  const names = missing.map(({ name }) => name);
  try {
    for (const statement of roleStatements(rolesSql, names, isSuperuser)) await database.query(statement);
  } catch (error) {
    throw new StackError(
      `the roles ${names.join(", ")} are missing and cannot be created here: connect as a user who may`,
      {
        cause: error,
      },
    );
  }
  const [extensions] = await database.query<{ is_there: boolean }>(
    "select to_regnamespace('extensions') is not null as is_there",
  );
  if (!extensions?.is_there) {
    await database.query("create schema extensions");
    await database.query(`grant all on schema extensions to ${manifest.owner}`);
    await database.query("grant usage on schema extensions to anon, authenticated, service_role");
  }
  for (const { name, is_needed } of manifest.extensions) {
    try {
      await database.query(`create extension if not exists "${name}" with schema extensions`);
    } catch (error) {
      // what only tests and diagnoses use is not to be had everywhere
      if (!is_needed) continue;
      throw new StackError(
        `the extension ${name} cannot be created in ${database.name}: install it, connect as a superuser`,
        {
          cause: error,
        },
      );
    }
  }
  return missing.filter(({ can_login }) => can_login).map(({ name }) => name);
}

/** The statements about missing roles, without what only a superuser may say, and without who said it. */
export function roleStatements(rolesSql: string, missing: readonly string[], isSuperuser: boolean): string[] {
  const isMissing = (name: string | undefined) => name !== undefined && missing.includes(name.replaceAll('"', ""));
  return rolesSql.split("\n").flatMap((line) => {
    const [, role] = /^(?:CREATE|ALTER) ROLE ("[^"]+"|\w+)/u.exec(line) ?? [];
    const [, group, member] = /^GRANT ("[^"]+"|\w+) TO ("[^"]+"|\w+)/u.exec(line) ?? [];
    if (!isMissing(role) && !isMissing(group) && !isMissing(member)) return [];
    const safe = line
      .replace(/ GRANTED BY .*;$/u, ";")
      .replace(/ SUPERUSER\b/u, " NOSUPERUSER")
      .replace(/;$/u, "");
    return [isSuperuser ? safe : safe.replaceAll(/ (?:NO)?(?:SUPERUSER|REPLICATION|BYPASSRLS)\b/gu, "")];
  });
}
