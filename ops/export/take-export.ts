import { mkdir, readdir, rename, rm, rmdir } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { StackError } from "../../dev/base/stack-error.ts";
import { comparableFacts, countRows } from "../backup/facts.ts";
import { refuseEmbedded } from "../backup/take-backup.ts";
import type { Database, Queries, Session } from "../core/connection.ts";
import { explainWriting, measure, syncFolder, writeDurably } from "../core/files.ts";
import { readOneMoment } from "../core/snapshot.ts";
import { type ExportManifest, MANIFEST } from "./manifest.ts";
import { nextOfSequences, quoted, speakPlainly, type Table, tablesLeftOut, tablesOfTheCommunity } from "./scope.ts";

/** What is told when all files are written. */
export const COUNTING = "counts, sums and audits";

export interface ExportOptions {
  /** Ends it; what was written is taken away. */
  signal?: AbortSignal;
  /** Is told what is written now, and how many bytes there are. */
  onProgress?: (table: string, bytes: number) => void;
}

/**
 * Writes the community into a folder: a CSV file for each table and a manifest, all of one moment. The folder has another name
 * until all of it is there.
 *
 * @throws StackError when it cannot be made; nothing of it is left then.
 */
export async function takeExport(
  database: Database,
  folder: string,
  options: ExportOptions = {},
): Promise<ExportManifest> {
  refuseEmbedded(database);
  const place = resolve(folder);
  const unfinished = join(dirname(place), `.unfinished-${basename(place)}`);
  await explained(place, () => refuseTaken(place));
  return database.transaction(async (session) => {
    const begun = await beginExport(session, database.name);
    return explained(place, async () => {
      try {
        // ours alone, because nobody else exports this database now
        await rm(unfinished, { recursive: true, force: true });
        await mkdir(unfinished, { recursive: true, mode: 0o700 });
        const manifest = { ...begun, ...(await writeTables(session, unfinished, options)) };
        const text = `${JSON.stringify({ ...manifest, finished_at: new Date().toISOString() }, null, 2)}\n`;
        await writeDurably(join(unfinished, MANIFEST), [text], options.signal);
        await syncFolder(unfinished);
        await rename(unfinished, place);
        await syncFolder(dirname(place));
        return JSON.parse(text) as ExportManifest;
      } catch (error) {
        await rm(unfinished, { recursive: true, force: true });
        throw error;
      }
    });
  });
}

async function refuseTaken(place: string): Promise<void> {
  const names = await readdir(place).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (names === undefined) return;
  if (names.length > 0) throw new StackError(`${place} is not empty: name a folder that is not there yet`);
  await rmdir(place);
}

async function beginExport(session: Queries, name: string) {
  await readOneMoment(session);
  await speakPlainly(session);
  const [begun] = await session.query<{ is_alone: boolean; is_there: boolean; taken_at: string; version: number }>(`
    select pg_try_advisory_xact_lock(hashtext('ops.export')) as is_alone, clock_timestamp() as taken_at,
      to_regprocedure('ops.audit_all()') is not null as is_there,
      current_setting('server_version_num')::integer as version`);
  if (!begun?.is_there) throw new StackError(`${name} does not hold the product: run npm run db:push first`);
  if (!begun.is_alone) throw new StackError("an export of this database is being made already: wait for it");
  return {
    format: "export 1" as const,
    taken_at: new Date(begun.taken_at).toISOString(),
    server_version: begun.version,
    database: name,
  };
}

async function writeTables(session: Session, unfinished: string, { signal, onProgress }: ExportOptions) {
  const tables = await tablesOfTheCommunity(session);
  const files: ExportManifest["files"] = {};
  let written = 0;
  for (const table of tables) {
    const { bytes, sha256 } = await session.copyOut(copyOut(table), async (rows) => {
      const { content, result } = measure(rows, (so_far) => onProgress?.(table.name, written + so_far));
      await writeDurably(join(unfinished, table.file), content, signal);
      return result();
    });
    files[table.name] = { columns: table.columns, bytes, sha256 };
    written += bytes;
  }
  onProgress?.(COUNTING, written);
  const facts = await comparableFacts(
    session,
    tables.map(({ name }) => name),
  );
  signal?.throwIfAborted();
  return {
    schema_version: facts.migrations.at(-1) ?? "",
    ...facts,
    files,
    sequences: await nextOfSequences(session),
    stored_files: facts.rows["storage.objects"] ?? 0,
    left_out: withoutZeros(await countRows(session, await tablesLeftOut(session, tables))),
  };
}

/**
 * Our rows lie in a table as they came, and an import puts them there in the same order. Into the tables of others it cannot,
 * so that only an order of the rows themselves is the same everywhere.
 */
export function copyOut({ name, isOurs, columns, key }: Table): string {
  const what = isOurs
    ? `${name} (${quoted(columns)})`
    : `(select ${quoted(columns)} from ${name} order by ${quoted(key)})`;
  return `copy ${what} to stdout (format csv, header, encoding 'UTF8')`;
}

const withoutZeros = (counts: Record<string, number>) =>
  Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));

async function explained<Result>(place: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOTDIR" || code === "EEXIST") throw new StackError(`${place} is no folder: name another`);
    throw explainWriting(error, place, "export", "folder") ?? error;
  }
}
