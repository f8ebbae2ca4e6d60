import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { messageOf, StackError } from "../../dev/base/stack-error.ts";
import { type Migration, readMigrations } from "../../dev/stack/database/history.ts";
import type { SqlSession } from "../../dev/stack/database/session.ts";
import { type ParsedStatement, parseStatements } from "../../dev/stack/database/statements.ts";
import { appliedVersions } from "../core/history.ts";

/** A migration that is to be taken back, with the statements of both files. */
export interface Step {
  readonly migration: Migration;
  readonly forth: readonly ParsedStatement[];
  readonly back: readonly ParsedStatement[];
}

/**
 * The last migrations of a database, the newest first.
 *
 * @param supabase folder with `migrations/` and `rollbacks/`.
 * @throws StackError when the files do not know what the database has, or a rollback is missing.
 */
export async function planRollback(session: SqlSession, supabase: string, steps: number): Promise<readonly Step[]> {
  const migrations = readMigrations(join(supabase, "migrations"));
  const applied = await appliedVersions(session);
  if (applied.length === 0) throw new StackError("this database has no migrations: there is nothing to take back");
  refuseOtherHistory(applied, migrations);
  if (steps > applied.length) {
    throw new StackError(`this database has ${applied.length} migrations: --steps ${steps} is more than that`);
  }
  const chosen = migrations.filter(({ version }) => applied.includes(version)).slice(-steps);
  const plan: Step[] = [];
  for (const migration of chosen.toReversed()) {
    const file = join(supabase, "rollbacks", migration.file);
    if (!existsSync(file)) {
      throw new StackError(`supabase/rollbacks/${migration.file} is missing: git restore it, or write it`);
    }
    plan.push({
      migration,
      forth: await parse(`supabase/migrations/${migration.file}`, migration.sql),
      back: await parse(`supabase/rollbacks/${migration.file}`, readFileSync(file, "utf8")),
    });
  }
  return plan;
}

function refuseOtherHistory(applied: readonly string[], migrations: readonly Migration[]): void {
  const known = migrations.map(({ version }) => version);
  const unknown = applied.filter((version) => !known.includes(version));
  const [first] = unknown;
  if (first !== undefined) {
    const isNewer = unknown.every((version) => version > (known.at(-1) ?? ""));
    throw new StackError(
      isNewer
        ? `the database is newer than these files, which end before ${first}: check out the release that has it`
        : `the database has the migration ${first}, of which there is no file here: check out the release that has it`,
    );
  }
  const skipped = known.find((version) => !applied.includes(version) && version < (applied.at(-1) ?? ""));
  if (skipped !== undefined) {
    throw new StackError(
      `the database lacks ${skipped} and has later ones, so the order is lost: npm run db:push first`,
    );
  }
}

async function parse(file: string, sql: string): Promise<readonly ParsedStatement[]> {
  try {
    return await parseStatements(sql);
  } catch (error) {
    throw new StackError(`${file} is not valid SQL: ${messageOf(error)}`);
  }
}
