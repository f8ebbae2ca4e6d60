import { messageOf, StackError } from "../../dev/base/stack-error.ts";
import { comparableFacts } from "../backup/facts.ts";
import { refuseEmbedded } from "../backup/take-backup.ts";
import type { Database, Session } from "../core/connection.ts";
import { codeOf } from "../core/explain.ts";
import { withPatience } from "../core/patience.ts";
import { stopClocks } from "../core/snapshot.ts";
import { quoted, speakPlainly } from "../export/scope.ts";
import { compare, type Verification } from "../restore/verify.ts";
import { type Filling, judge } from "./judge.ts";
import { checkFiles, type ExportFolder, readFileOf } from "./read-export.ts";
import { silenceTriggers } from "./triggers.ts";

export interface ImportOptions {
  signal?: AbortSignal;
  /** Is told what is done now. */
  onStep?: (title: string) => void;
  /** Is told how many bytes have been read of a step. */
  onProgress?: (bytes: number) => void;
}

/** Jobs hold tables for a moment each minute. */
const PATIENCE_SECONDS = 60;

/**
 * Reads an export into an empty migrated database: its checksums first, then everything in one transaction, which compares counts,
 * sums and audits with the manifest before it ends.
 *
 * @param database as the owner of the product; also through a pooler.
 * @throws StackError when it does not fit or something is refused: nothing has been changed then.
 */
export async function importExport(
  database: Database,
  folder: ExportFolder,
  options: ImportOptions = {},
): Promise<Verification> {
  const { onStep = () => undefined, onProgress, signal } = options;
  onStep("looking at the database, and checking the checksums of the files");
  const fitting = await examine(database, folder, options);
  const fill = () =>
    database.transaction(async (session) => {
      signal?.throwIfAborted();
      await stopClocks(session);
      await speakPlainly(session);
      await lockAll(session, fitting);
      // once more, now that nobody can change the answer
      const tables = await judge(session, folder.manifest, database.name);
      const giveTriggersBack = await silenceTriggers(session, tables);
      await emptyAll(session, tables);
      onStep(`reading ${tables.length} tables`);
      await fillAll(session, tables, folder, onProgress, signal);
      for (const [name, next] of Object.entries(folder.manifest.sequences)) {
        await session.query(`alter sequence ${name} restart with ${next}`);
      }
      await giveTriggersBack();
      onStep("verifying counts, sums and audits");
      const found = await comparableFacts(
        session,
        tables.map(({ name }) => name),
      );
      const verification = compare(folder.manifest, found);
      if (verification.differences.length > 0) {
        throw new StackError(
          `${database.name} would differ from the export, nothing was changed: ${verification.differences.join("; ")}`,
        );
      }
      signal?.throwIfAborted();
      return verification;
    });
  return withPatience(PATIENCE_SECONDS, fill, isBusy, onStep);
}

/** Whether the export is whole and fits; changes nothing. Returns what would be filled. */
export async function examine(
  database: Database,
  folder: ExportFolder,
  { onProgress, signal }: ImportOptions = {},
): Promise<Filling[]> {
  refuseEmbedded(database);
  const tables = await database.transaction((session) => judge(session, folder.manifest, database.name));
  await checkFiles(folder, new Map(tables.map(({ name, file }) => [name, file])), onProgress, signal);
  return tables;
}

const isBusy = (error: unknown): boolean =>
  codeOf(error) === "55P03" || (error instanceof StackError && codeOf(error.cause) === "55P03");

/** Whoever waits for nobody is in no deadlock. Logins first, so that nobody signs up in between. */
async function lockAll(session: Session, tables: readonly Filling[]): Promise<void> {
  const names = (ours: boolean) => tables.filter(({ isOurs }) => isOurs === ours).map(({ name }) => name);
  const [theirs, ours] = [names(false), names(true)];
  if (theirs.length > 0) await session.query(`lock table ${theirs.join(", ")} in share row exclusive mode nowait`);
  await session.query(`lock table ${ours.join(", ")} in access exclusive mode nowait`);
}

/** What migrations have filled. A table that is emptied in this transaction also keeps the order in which rows come. */
async function emptyAll(session: Session, tables: readonly Filling[]): Promise<void> {
  const ours = tables.filter(({ isOurs }) => isOurs).map(({ name }) => name);
  await session.query(`truncate table ${ours.join(", ")}`);
  if (!tables.some(({ name }) => name === "storage.buckets")) return;
  await session.query("set local storage.allow_delete_query = 'true'"); // Storage refuses it otherwise
  await session.query("delete from storage.buckets");
}

/** SQLSTATE of what is wrong with values, or with what they reference. */
const OF_THE_DATA = /^(?:22|23|PT)/u;

/** Each is analyzed before the next one's foreign keys look into it: plans for an empty table would be kept. */
async function fillAll(
  session: Session,
  tables: readonly Filling[],
  folder: ExportFolder,
  onProgress: (bytes: number) => void = () => undefined,
  signal?: AbortSignal,
): Promise<void> {
  let read = 0;
  async function* counted(rows: AsyncIterable<Uint8Array>) {
    for await (const piece of rows) {
      signal?.throwIfAborted();
      read += piece.length;
      onProgress(read);
      yield piece;
    }
  }
  for (const { name, columns, file } of tables) {
    if (folder.manifest.rows[name] === 0) continue; // most are empty at first; it is counted at the end
    const copy = `copy ${name} (${quoted(columns)}) from stdin (format csv, header match, encoding 'UTF8')`;
    await session.copyIn(copy, counted(readFileOf(folder, file))).catch((error: unknown) => {
      if (!OF_THE_DATA.test(codeOf(error))) throw error;
      throw new StackError(`${file} does not fit, nothing was changed: ${messageOf(error)}`, { cause: error });
    });
    await session.query(`analyze ${name}`);
  }
}
