import { StackError } from "../../base/stack-error.ts";
import { type Changes, changesBetween } from "../../schemas/changes.ts";
import { roomsOfMigrations } from "../../schemas/migration.ts";
import type { Room } from "../../schemas/rooms.ts";
import { type AppliedMigration, forgetHistory, type Migration, writeHistory } from "./history.ts";
import type { SqlSession } from "./session.ts";
import { type FileStatement, inTransaction } from "./transaction.ts";

/** What to do when a database cannot be changed in place. */
export const START_FRESH = "start with --fresh, or npm run db:reset for a DATABASE_URL";

/**
 * Brings a database to what its migrations say since they were edited, so that its rows stay.
 *
 * @returns what was done, a line each.
 * @throws StackError when that takes a new database; nothing is done then.
 */
export async function followEditedMigrations(
  session: SqlSession,
  applied: readonly AppliedMigration[],
  migrations: readonly Migration[],
): Promise<readonly string[]> {
  const edited = migrations.filter((one) => applied.some((had) => had.version === one.version && isEdited(had, one)));
  const [first] = edited;
  if (first === undefined) return [];
  // A room that is new between others moves the later ones to the next number: then all are compared with all.
  const isMoved = edited.some((one) => applied.some((had) => had.version === one.version && had.name !== one.name));
  const known = migrations.filter((one) => isMoved || applied.some((had) => had.version === one.version));
  const before = roomsAsApplied(applied, migrations);
  if (before === undefined)
    throw new StackError(`migration ${first.file} changed since it was applied: ${START_FRESH}`);
  const changes = await changesBetween(before, roomsOfMigrations(known));
  const [obstacle] = changes.needsNewDatabase;
  if (obstacle !== undefined) {
    throw new StackError(
      `migration ${first.file} changed since it was applied: ${START_FRESH} (because of ${obstacle})`,
    );
  }
  const gone = applied.filter((had) => !migrations.some((one) => one.version === had.version));
  await applyChanges(session, changes, isMoved ? known : edited, gone);
  return changes.summary;
}

/**
 * Changes a database in one transaction.
 *
 * @param edited migrations that say so, to be remembered.
 * @param gone migrations whose files are gone.
 */
export async function applyChanges(
  session: SqlSession,
  { steps }: Changes,
  edited: readonly Migration[],
  gone: readonly { version: string }[],
): Promise<void> {
  const statements = steps.map(({ sql, path, line }): FileStatement => ({ sql, file: `supabase/${path}`, line }));
  await inTransaction(session, statements, async () => {
    for (const migration of edited) await writeHistory(session, migration);
    if (gone.length > 0) {
      await forgetHistory(
        session,
        gone.map(({ version }) => version),
      );
    }
  });
}

/** The rooms that a database was built from; undefined where that is not known. */
export function roomsAsApplied(
  applied: readonly AppliedMigration[],
  migrations: readonly Migration[],
): readonly Room[] | undefined {
  const texts = applied.map(({ version, name, checksum, sql }) => {
    const unchanged = migrations.find((one) => one.version === version && one.checksum === checksum);
    return { file: `${version}_${name}.sql`, sql: sql ?? unchanged?.sql };
  });
  const known = texts.flatMap(({ file, sql }) => (sql === undefined ? [] : [{ file, sql }]));
  return known.length === texts.length ? roomsOfMigrations(known) : undefined;
}

/** What the Supabase CLI applied has no checksum and cannot be compared. */
const isEdited = (had: AppliedMigration, now: Migration): boolean =>
  had.checksum !== null && had.checksum !== now.checksum;
