import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { StackError } from "../../dev/base/stack-error.ts";
import type { Database, Queries } from "../core/connection.ts";
import { measure, measured } from "../core/files.ts";
import { readOneMoment } from "../core/snapshot.ts";
import { ENCRYPTED, encrypt, recipients } from "./encryption.ts";
import { backupScope, comparableFacts, needsOf, OWN_SCHEMAS, PLATFORM_SCHEMAS, type Scope } from "./facts.ts";
import type { BackupFile, Manifest } from "./manifest.ts";
import { findPrograms, type Program, type Programs, type Running, runProgram } from "./programs.ts";
import { type BackupStore, backupName, readBackupName } from "./store.ts";

/** Why a backup is made. */
export type BackupKind = Manifest["kind"];

export interface BackupOptions {
  kind: BackupKind;
  /** Ends it; what was written is taken away. */
  signal?: AbortSignal;
  /** Is told how many bytes have been written. */
  onProgress?: (bytes: number) => void;
}

/** What a run that was killed left is surely of no running one after this. */
const ABANDONED_MS = 24 * 60 * 60 * 1000;

/**
 * Makes a backup: a dump with manifest and roles, all of one snapshot, written on the way and read back at the end. While it is
 * made it belongs to no backup; a row in `private.backups` says that it is there.
 *
 * @param database a direct connection as the owner of the product.
 * @throws StackError when it cannot be made; nothing of it is left then.
 */
export async function takeBackup(database: Database, store: BackupStore, options: BackupOptions): Promise<Manifest> {
  refuseEmbedded(database);
  const programs = findPrograms(database.version);
  const keys = recipients();
  await store.check();
  return database.transaction(async (session) => {
    const { takenAt, snapshot, origin, serverVersion, databaseName } = await beginSnapshot(session);
    await removeUnfinished(store, origin);
    const name = backupName(takenAt, origin);
    const scope = await backupScope(session);
    if (!scope.schemas.includes("ops")) {
      throw new StackError(`${database.name} does not hold the product: run npm run db:push first`);
    }
    try {
      const write = (program: Program, file: string, args: readonly string[]) =>
        writeFile(store, name, file, startProgram(programs, program, args, database.url, options), keys, options);
      const [dump, facts] = await allDone([
        write("pg_dump", "database.dump", dumpArguments(scope, snapshot)),
        // so that no processor waits: the audits take longer than the dump
        database.transaction(async (beside) => {
          await readOneMoment(beside, snapshot);
          return comparableFacts(session, scope.tables, beside);
        }),
      ]);
      const roles = await write("pg_dumpall", "roles.sql", ["--roles-only", "--no-role-passwords"]);
      for (const file of [dump, roles]) await readBack(store, name, file);
      const manifest: Manifest = {
        format: 1,
        name,
        kind: options.kind,
        taken_at: takenAt.toISOString(),
        finished_at: new Date().toISOString(),
        server_version: serverVersion,
        pg_dump_version: programs.major,
        database: databaseName,
        is_encrypted: keys.length > 0,
        dump,
        roles,
        schemas: scope.schemas,
        ...(await needsOf(session)),
        ...facts,
        stored_files: facts.rows["storage.objects"] ?? 0,
      };
      options.signal?.throwIfAborted();
      await store.finish(name, `${JSON.stringify(manifest, null, 2)}\n`);
      await remember(database, store, manifest);
      return manifest;
    } catch (error) {
      await store.remove(name);
      throw error;
    }
  });
}

/**
 * Waits for both also when one fails: what still writes would leave something behind. When both fail, the counts are the cause:
 * their snapshot is gone then.
 */
async function allDone<A, B>([dump, counts]: [Promise<A>, Promise<B>]): Promise<[A, B]> {
  await Promise.allSettled([dump, counts]);
  const counted = await counts;
  return [await dump, counted];
}

/** @throws StackError for the embedded database, which no program of PostgreSQL can dump. */
export function refuseEmbedded({ kind }: Pick<Database, "kind">): void {
  if (kind !== "embedded") return;
  throw new StackError(
    "the embedded database has one session and cannot be dumped: stop npm start and copy the folder .local, or use npm start -- --postgres",
  );
}

interface Snapshot {
  takenAt: Date;
  snapshot: string;
  origin: string;
  serverVersion: number;
  databaseName: string;
}

/** Everything is counted and dumped as of this moment, and nobody else makes a backup of this database meanwhile. */
async function beginSnapshot(session: Queries): Promise<Snapshot> {
  await readOneMoment(session);
  const [lock] = await session.query<{ is_ours: boolean }>(
    "select pg_try_advisory_xact_lock(hashtext('ops.backup')) as is_ours",
  );
  if (!lock?.is_ours) throw new StackError("a backup of this database is being made already: wait for it");
  const [row] = await session.query<{
    taken_at: string;
    snapshot: string;
    version: number;
    name: string;
    system: string;
  }>(`
    select clock_timestamp() as taken_at, pg_export_snapshot() as snapshot, current_database() as name,
      current_setting('server_version_num')::integer as version,
      case when has_function_privilege('pg_control_system()', 'execute')
        then (select system_identifier::text from pg_control_system()) else '' end as system`);
  if (row === undefined) throw new Error("the database did not say where we are");
  return {
    takenAt: new Date(row.taken_at),
    snapshot: row.snapshot,
    origin: createHash("sha256").update(`${row.system} ${row.name}`).digest("hex").slice(0, 6),
    serverVersion: row.version,
    databaseName: row.name,
  };
}

/** Ours are of a run that was killed, because nobody else makes backups of this database now; others may be at work. */
async function removeUnfinished(store: BackupStore, origin: string): Promise<void> {
  for (const name of await store.listUnfinished()) {
    const begun = readBackupName(name);
    const isAbandoned = begun !== undefined && Date.now() - begun.startedAt.getTime() > ABANDONED_MS;
    if (begun?.origin === origin || isAbandoned) await store.remove(name);
  }
}

function dumpArguments({ schemas, excluded }: Scope, snapshot: string): string[] {
  return [
    "--format=custom",
    // a third of the default's processor time for a tenth more bytes: the rest is the audits' and the community's
    "--compress=1",
    `--snapshot=${snapshot}`,
    "--lock-wait-timeout=60s",
    ...[...OWN_SCHEMAS, ...PLATFORM_SCHEMAS].filter((name) => schemas.includes(name)).map((name) => `--schema=${name}`),
    ...excluded.map((name) => `--exclude-table=${name}`),
  ];
}

function startProgram(
  programs: Programs,
  program: Program,
  args: readonly string[],
  url: string,
  { signal }: BackupOptions,
): Running {
  return runProgram(programs, program, args, { url, ...(signal === undefined ? {} : { signal }) });
}

/** What goes by on its way into the store is counted and hashed; nothing is held but a few chunks. */
async function writeFile(
  store: BackupStore,
  backup: string,
  file: string,
  { output, done }: Running,
  keys: readonly string[],
  { signal, onProgress }: BackupOptions,
): Promise<BackupFile> {
  const name = keys.length === 0 ? file : `${file}${ENCRYPTED}`;
  const { content, result } = measure(keys.length === 0 ? output : await encrypt(output, keys), onProgress);
  const stored = Readable.from(
    (async function* () {
      yield* content;
      await done; // before the store believes that this was all
    })(),
    { objectMode: false },
  );
  try {
    await store.write(backup, name, stored, signal);
    return { name, ...result() };
  } finally {
    output.destroy(); // a program that nobody reads any more ends
  }
}

/**
 * Reads a file of a backup to its end.
 *
 * @throws StackError when it is not what was written.
 */
export async function readBack(store: BackupStore, backup: string, { name, sha256 }: BackupFile): Promise<void> {
  if ((await measured(await store.read(backup, name))).sha256 !== sha256) {
    throw new StackError(
      `${name} of ${backup} is damaged in ${store.address}: its checksum is another; use another backup`,
    );
  }
}

/** Writes a backup that was read back and found right into the list of the database. */
export async function remember(database: Database, store: BackupStore, manifest: Manifest): Promise<void> {
  await database.query(
    `insert into private.backups (taken_at, store, name, bytes, kind, is_verified) values ($1, $2, $3, $4, $5, true)
     on conflict do nothing`,
    [manifest.taken_at, store.address, manifest.name, manifest.dump.bytes + manifest.roles.bytes, manifest.kind],
  );
}
