import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { messageOf, StackError } from "../../base/stack-error.ts";
import { refuseEdited } from "../../schemas/frozen.ts";
import type { SqlSession } from "./session.ts";
import { type Statement, splitStatements } from "./statements.ts";

/** One migration file, `<version>_<name>.sql`. */
interface Migration {
  version: string;
  name: string;
  file: string;
  sql: string;
  checksum: string;
}

export interface MigrateOptions {
  /** Directory of `<version>_<name>.sql` files, e.g. `supabase/migrations`. */
  directory: string;
  /** Called before each file that is applied. */
  onFile?: (file: string, position: number, total: number) => void;
}

/**
 * Applies the migrations that a database does not have yet, each in a transaction of its own, except for what PostgreSQL
 * does only outside of one (`create index concurrently`), which is alone in its file. The history is the
 * Supabase CLI's table, so `supabase migration list` and `supabase db push` agree with it. A checksum beside it
 * notices files that were edited after they had been applied (until 1.0 they are edited in place).
 *
 * @param session acts as the role that is to own everything.
 * @returns the file names that were applied.
 * @throws StackError with file, line and message when a migration fails, of which nothing remains; and when a frozen one was
 * edited.
 */
export async function migrate(session: SqlSession, options: MigrateOptions): Promise<string[]> {
  const migrations = readMigrations(options.directory);
  refuseEdited(dirname(options.directory));
  await session.script(HISTORY_SQL);
  const applied = await session.query<{ version: string; checksum: string | null }>(`
    select m.version, c.checksum
    from supabase_migrations.schema_migrations m
    left join local_stack.migration_checksums c using (version)`);
  const checksums = new Map(applied.map((row) => [row.version, row.checksum]));
  refuseChanged(migrations, checksums);

  const pending = migrations.filter((migration) => !checksums.has(migration.version));
  for (const [index, migration] of pending.entries()) {
    options.onFile?.(migration.file, index + 1, pending.length);
    await apply(session, migration);
  }
  return pending.map((migration) => migration.file);
}

/** Runs one SQL file (the seed, a rollback) as a migration is run, with the same error line. */
export async function runSqlFile(session: SqlSession, file: string): Promise<void> {
  const statements = await parse(file, readFileSync(file, "utf8"));
  await run(session, file, statements, async () => undefined);
}

const HISTORY_SQL = `
  create schema if not exists supabase_migrations;
  create table if not exists supabase_migrations.schema_migrations (
    version text not null primary key, statements text[], name text
  );
  create schema if not exists local_stack;
  create table if not exists local_stack.migration_checksums (
    version text not null primary key, checksum text not null
  );`;

function readMigrations(directory: string): Migration[] {
  if (!existsSync(directory)) throw new StackError(`there is no migrations directory ${directory}`);
  return readdirSync(directory)
    .filter((file) => file.endsWith(".sql"))
    .sort()
    .map((file) => {
      const [, version, name] = /^(\d+)_(.+)\.sql$/.exec(file) ?? [];
      if (version === undefined || name === undefined) {
        throw new StackError(`migration ${file} must be named <version>_<name>.sql`);
      }
      const sql = readFileSync(join(directory, file), "utf8");
      return { version, name, file, sql, checksum: createHash("sha256").update(sql).digest("hex") };
    });
}

function refuseChanged(migrations: readonly Migration[], checksums: ReadonlyMap<string, string | null>): void {
  for (const { version, file, checksum } of migrations) {
    const known = checksums.get(version);
    // null: applied by the Supabase CLI, which keeps no checksum
    if (known !== undefined && known !== null && known !== checksum) {
      throw new StackError(
        `migration ${file} changed since it was applied: start with --fresh, or npm run db:reset for a DATABASE_URL`,
      );
    }
  }
}

async function apply(session: SqlSession, migration: Migration): Promise<void> {
  const statements = await parse(migration.file, migration.sql);
  await run(session, migration.file, statements, async () => {
    await session.query(
      "insert into supabase_migrations.schema_migrations (version, statements, name) values ($1, $2, $3)",
      [migration.version, statements.map((statement) => statement.sql), migration.name],
    );
    // a version that was rolled back and repaired away still has its old checksum
    await session.query(
      `insert into local_stack.migration_checksums (version, checksum) values ($1, $2)
       on conflict (version) do update set checksum = excluded.checksum`,
      [migration.version, migration.checksum],
    );
  });
}

async function run(
  session: SqlSession,
  file: string,
  statements: readonly Statement[],
  finish: () => Promise<void>,
): Promise<void> {
  const concurrent = statements.find(({ sql }) => CONCURRENTLY.test(sql));
  if (concurrent === undefined) return await inTransaction(session, file, statements, finish);
  if (statements.length > 1) {
    // The Supabase CLI would run all of them outside a transaction, and leave those before the one that fails.
    throw new StackError(`${file}, line ${concurrent.line}: what works concurrently stands alone in a file of its own`);
  }
  try {
    await session.script(concurrent.sql);
  } catch (error) {
    throw new StackError(
      `${statementFailure(file, concurrent, error).message}: drop the index if it is there, and try again`,
    );
  }
  await inTransaction(session, file, [], finish);
}

/** What PostgreSQL does only outside a transaction. */
const CONCURRENTLY = /^(?:create\s+(?:unique\s+)?index|drop\s+index|reindex\b[^;]*?)\s+concurrently\b/iu;

async function inTransaction(
  session: SqlSession,
  file: string,
  statements: readonly Statement[],
  finish: () => Promise<void>,
): Promise<void> {
  await session.script("begin");
  try {
    for (const statement of statements) {
      try {
        await session.script(statement.sql);
      } catch (error) {
        throw statementFailure(file, statement, error);
      }
    }
    await finish();
    await session.script("commit");
  } catch (error) {
    await rollback(session, error);
    throw error;
  }
  // A file may change settings of the session; the next one starts from the defaults again.
  await session.script("reset all");
}

/** Rolls back; when even that fails, the connection is gone and the first error says why. */
async function rollback(session: SqlSession, cause: unknown): Promise<void> {
  try {
    await session.script("rollback");
    await session.script("reset all");
  } catch (error) {
    throw new StackError(`${messageOf(cause)} (and the rollback failed: ${messageOf(error)})`);
  }
}

async function parse(file: string, sql: string): Promise<Statement[]> {
  try {
    return await splitStatements(sql);
  } catch (error) {
    throw new StackError(`${file} is not valid SQL: ${messageOf(error)}`);
  }
}

/** The one line for a statement that failed: file, line, what the database says. */
export function statementFailure(file: string, statement: Statement, error: unknown): StackError {
  const { position, detail, hint } = databaseErrorFields(error);
  const before = position === undefined ? "" : statement.sql.slice(0, position - 1);
  const line = statement.line + (before.match(/\n/g)?.length ?? 0);
  const extra = [detail, hint].filter((part) => part !== undefined && part !== "").join(" ");
  const text = `${messageOf(error)}${extra === "" ? "" : ` (${extra})`}`.replaceAll("\n", " ");
  return new StackError(`${file}, line ${line}: ${text}`);
}

function databaseErrorFields(error: unknown): { position?: number; detail?: string; hint?: string } {
  if (typeof error !== "object" || error === null) return {};
  const { position, detail, hint } = error as { position?: unknown; detail?: unknown; hint?: unknown };
  return {
    ...(position === undefined || position === null ? {} : { position: Number(position) }),
    ...(typeof detail === "string" ? { detail } : {}),
    ...(typeof hint === "string" ? { hint } : {}),
  };
}
