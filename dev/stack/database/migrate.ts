import { readFileSync } from "node:fs";
import { dirname } from "node:path";
import { messageOf, StackError } from "../../base/stack-error.ts";
import { refuseEdited } from "../../schemas/frozen.ts";
import { followEditedMigrations } from "./change-in-place.ts";
import { type Migration, readHistory, readMigrations, writeCliHistory, writeHistory } from "./history.ts";
import type { SqlSession } from "./session.ts";
import { splitStatements } from "./statements.ts";
import { type FileStatement, runStatements } from "./transaction.ts";

export interface MigrateOptions {
  /** Directory of `<version>_<name>.sql` files, e.g. `supabase/migrations`. */
  directory: string;
  /** Called before each file that is applied. */
  onFile?: (file: string, position: number, total: number) => void;
  /** Called with each change of a migration that the database had already. */
  onChange?: (line: string) => void;
}

/**
 * Applies the migrations that a database does not have yet, each in a transaction of its own, except for what PostgreSQL
 * does only outside of one (`create index concurrently`), which is alone in its file. The history is the
 * Supabase CLI's table, so `supabase migration list` and `supabase db push` agree with it. A checksum beside it
 * notices files that were edited after they had been applied (until 1.0 they are edited in place): what can change without
 * a new database does.
 *
 * @param session acts as the role that is to own everything.
 * @returns the file names that were applied.
 * @throws StackError with file, line and message when a migration fails, of which nothing remains; and when a frozen one was
 * edited.
 */
export async function migrate(session: SqlSession, options: MigrateOptions): Promise<string[]> {
  const migrations = readMigrations(options.directory);
  refuseEdited(dirname(options.directory));
  const history = await readHistory(session);
  const changes = await followEditedMigrations(session, history, migrations);
  for (const line of changes) options.onChange?.(line);
  const now = changes.length === 0 ? history : await readHistory(session);
  const applied = new Set(now.map(({ version }) => version));
  const pending = migrations.filter((migration) => !applied.has(migration.version));
  for (const [index, migration] of pending.entries()) {
    options.onFile?.(migration.file, index + 1, pending.length);
    await apply(session, migration);
  }
  return pending.map((migration) => migration.file);
}

/** Runs one SQL file (the seed, a rollback) as a migration is run, with the same error line. */
export async function runSqlFile(session: SqlSession, file: string): Promise<void> {
  await runStatements(session, await parse(file, readFileSync(file, "utf8")), async () => undefined);
}

async function apply(session: SqlSession, migration: Migration): Promise<void> {
  const statements = await parse(migration.file, migration.sql);
  await runStatements(session, statements, () => writeHistory(session, migration));
}

/**
 * Applies one migration to a database that `supabase db push` keeps, and writes it into its history alone.
 *
 * @param session acts as the role that owns everything.
 * @throws StackError with file, line and message, its cause what the database said; nothing of it remains.
 */
export async function push(session: SqlSession, migration: Migration): Promise<void> {
  const statements = await parse(migration.file, migration.sql);
  await runStatements(session, statements, () => writeCliHistory(session, migration));
}

async function parse(file: string, sql: string): Promise<FileStatement[]> {
  try {
    return (await splitStatements(sql)).map((statement) => ({ ...statement, file }));
  } catch (error) {
    throw new StackError(`${file} is not valid SQL: ${messageOf(error)}`);
  }
}
