import { existsSync } from "node:fs";
import { join } from "node:path";
import { paths } from "../../dev/base/paths.ts";
import { StackError } from "../../dev/base/stack-error.ts";
import { openCluster } from "../../dev/stack/database/cluster.ts";
import { reachableDirectory } from "../../dev/stack/database/os-user.ts";
import { SUPERUSER } from "../../dev/stack/database/roles.ts";
import { generateKeys } from "../../dev/stack/keys.ts";
import { listBackups } from "../backup/keep.ts";
import type { Manifest } from "../backup/manifest.ts";
import type { BackupStore } from "../backup/store.ts";
import { takeBackup } from "../backup/take-backup.ts";
import { connect, type Database } from "../core/connection.ts";
import { restore } from "../restore/run-restore.ts";

export interface DrillOptions {
  /** Restores into a server of its own on this machine instead of a database beside the real one. */
  ownServer: boolean;
  signal?: AbortSignal;
  /** Is told what is done now. */
  onStep?: (title: string) => void;
}

/** What a drill measured, in seconds. */
export interface Drill {
  manifest: Manifest;
  /** What differs in the restored database; none: it is the same. */
  differences: string[];
  backupSeconds: number;
  /** From the decision to restore to a verified database. */
  rtoSeconds: number;
  /** How much would have been lost, had the server been gone when the drill began; undefined: all of it. */
  rpoSeconds: number | undefined;
  /** What limits the loss. */
  rpoBecause: string;
}

/** Names the throwaway databases of a database. */
const PREFIX = "drill_of_";

/** Backup, restore into a throwaway database, verify: the whole way, timed. */
export async function drill(database: Database, store: BackupStore, options: DrillOptions): Promise<Drill> {
  const { onStep = () => undefined, signal } = options;
  const signalled = signal === undefined ? {} : { signal };
  const loss = await measureLoss(database, store);
  onStep(`backing up ${database.name} into ${store.address}`);
  const begun = performance.now();
  const manifest = await takeBackup(database, store, { kind: "manual", ...signalled });
  const backedUp = performance.now();
  const throwaway = options.ownServer ? await throwawayServer() : await throwawayDatabase(database);
  try {
    const target = await connect({ url: throwaway.url, direct: true, applicationName: "neighbourhood drill" });
    try {
      const restored = await restore(target, store, manifest, { onStep, ...signalled });
      return {
        manifest,
        differences: restored.differences,
        backupSeconds: (backedUp - begun) / 1000,
        rtoSeconds: (performance.now() - backedUp) / 1000,
        ...loss,
      };
    } finally {
      await target.close();
    }
  } finally {
    await throwaway.remove();
  }
}

/** Before the drill makes a backup of its own, which would make the loss look small. */
async function measureLoss(database: Database, store: BackupStore): Promise<Pick<Drill, "rpoSeconds" | "rpoBecause">> {
  const newest = (await listBackups(store)).findLast(({ isGood }) => isGood);
  const age = newest === undefined ? undefined : (Date.now() - newest.takenAt.getTime()) / 1000;
  const [archive] = await database.query<{ seconds: number }>(`
    select extract(epoch from now() - last_archived_time)::float8 as seconds from pg_stat_archiver
    where current_setting('archive_mode') <> 'off' and last_archived_time is not null
      and coalesce(last_failed_time < last_archived_time, true)`);
  if (archive !== undefined && archive.seconds < (age ?? Number.POSITIVE_INFINITY)) {
    return { rpoSeconds: archive.seconds, rpoBecause: "the last archived piece of the write-ahead log" };
  }
  return age === undefined
    ? { rpoSeconds: undefined, rpoBecause: "there was no backup before this one" }
    : { rpoSeconds: age, rpoBecause: `the newest backup before it, ${newest?.name}` };
}

interface Throwaway {
  url: string;
  remove(): Promise<void>;
}

async function throwawayDatabase(database: Database): Promise<Throwaway> {
  const [real] = await database.query<{ name: string; may_create: boolean }>(`
    select current_database() as name, rolcreatedb or rolsuper as may_create from pg_roles where rolname = current_user`);
  if (!real?.may_create) {
    throw new StackError(`the user of ${database.name} may not create a database for the drill: add --own-server`);
  }
  const prefix = `${PREFIX}${real.name}_`;
  const left = await database.query<{ name: string }>(
    "select datname as name from pg_database where starts_with(datname, $1)",
    [prefix],
  );
  const remove = (name: string) => database.query(`drop database if exists "${name}" with (force)`);
  for (const { name } of left) await remove(name); // of a drill that was killed
  const name = `${prefix}${Date.now()}`;
  await database.query(`create database "${name}" template template0`);
  const url = new URL(database.url);
  url.pathname = `/${name}`;
  return { url: url.href, remove: async () => void (await remove(name)) };
}

/** Always in the same place, so that the next drill takes away what one that was killed has left. */
async function throwawayServer(): Promise<Throwaway> {
  const options = {
    directory: reachableDirectory(join(paths.local, "drill")),
    password: generateKeys().databasePassword,
    settings: { max_connections: "20", shared_buffers: "256MB", maintenance_work_mem: "256MB", max_wal_size: "4GB" },
  };
  if (existsSync(options.directory)) await (await openCluster(options)).destroy();
  const cluster = await openCluster(options);
  try {
    await cluster.start();
  } catch (error) {
    await cluster.destroy();
    throw error;
  }
  return { url: cluster.url(SUPERUSER), remove: () => cluster.destroy() };
}
