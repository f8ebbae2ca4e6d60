import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { StackError } from "../../base/stack-error.ts";
import type { SqlSession } from "./session.ts";
import { splitStatements } from "./statements.ts";

/** One migration file, `<version>_<name>.sql`. */
export interface Migration {
  version: string;
  name: string;
  file: string;
  sql: string;
  checksum: string;
}

/** A migration that a database has. */
export interface AppliedMigration {
  version: string;
  name: string;
  /** Null where the Supabase CLI applied it, which keeps none. */
  checksum: string | null;
  /** What was applied; null, too, where an older version of this stack applied it. */
  sql: string | null;
}

/**
 * The migrations of a folder, in the order in which they are applied.
 *
 * @throws StackError when there is no such folder, or a file's name has no version.
 */
export function readMigrations(directory: string): Migration[] {
  if (!existsSync(directory)) throw new StackError(`there is no migrations directory ${directory}`);
  return readdirSync(directory)
    .filter((file) => file.endsWith(".sql"))
    .sort()
    .map((file) => migrationFrom(file, readFileSync(join(directory, file), "utf8")));
}

/** @throws StackError when the name has no version. */
export function migrationFrom(file: string, sql: string): Migration {
  const [, version, name] = /^(\d+)_(.+)\.sql$/.exec(file) ?? [];
  if (version === undefined || name === undefined) {
    throw new StackError(`migration ${file} must be named <version>_<name>.sql`);
  }
  return { version, name, file, sql, checksum: createHash("sha256").update(sql).digest("hex") };
}

/** The migrations that a database has, oldest first. */
export async function readHistory(session: SqlSession): Promise<AppliedMigration[]> {
  await session.script(HISTORY_SQL);
  return session.query<AppliedMigration>(`
    select m.version, coalesce(m.name, '') as name, c.checksum, c.sql
    from supabase_migrations.schema_migrations m
    left join local_stack.migration_checksums c using (version)
    order by m.version`);
}

/** Remembers that a database has a migration, and as what. */
export async function writeHistory(session: SqlSession, migration: Migration): Promise<void> {
  await writeCliHistory(session, migration);
  // a version that was rolled back and repaired away still has its old checksum
  await session.query(
    `insert into local_stack.migration_checksums (version, checksum, sql) values ($1, $2, $3)
     on conflict (version) do update set checksum = excluded.checksum, sql = excluded.sql`,
    [migration.version, migration.checksum, migration.sql],
  );
}

/** The same as the Supabase CLI does it, without what this stack keeps beside. */
export async function writeCliHistory(session: SqlSession, { version, name, sql }: Migration): Promise<void> {
  const statements = (await splitStatements(sql)).map((statement) => statement.sql);
  await session.query(
    `insert into supabase_migrations.schema_migrations (version, statements, name) values ($1, $2, $3)
     on conflict (version) do update set statements = excluded.statements, name = excluded.name`,
    [version, statements, name],
  );
}

/** Forgets migrations whose files are gone, once what they made is gone, too. */
export async function forgetHistory(session: SqlSession, versions: readonly string[]): Promise<void> {
  await session.query("delete from supabase_migrations.schema_migrations where version = any ($1)", [versions]);
  await session.query("delete from local_stack.migration_checksums where version = any ($1)", [versions]);
}

/** The table of the Supabase CLI. */
export const CLI_HISTORY_SQL = `
  create schema if not exists supabase_migrations;
  create table if not exists supabase_migrations.schema_migrations (
    version text not null primary key, statements text[], name text
  );`;

/** The history is the Supabase CLI's table; what it does not keep stands beside it. */
const HISTORY_SQL = `${CLI_HISTORY_SQL}
  create schema if not exists local_stack;
  create table if not exists local_stack.migration_checksums (
    version text not null primary key, checksum text not null
  );
  alter table local_stack.migration_checksums add column if not exists sql text;`;
