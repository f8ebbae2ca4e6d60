import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { paths } from "../../base/paths.ts";
import { generateKeys } from "../keys.ts";
import { type Cluster, type ClusterOptions, openCluster, THROWAWAY_SETTINGS } from "./cluster.ts";
import { readMigrations } from "./history.ts";
import { KeptDirectories, preparationVersion, versionOf } from "./kept-directories.ts";
import { migrate } from "./migrate.ts";
import { requirePostgresBinaries } from "./postgres-binaries.ts";
import { openClusterDatabase } from "./server.ts";

const kept = new KeptDirectories(join(paths.cache, "cluster"));

/**
 * Creates (when absent) a cluster that has everything a hosted project has before its first migration. It begins as a copy of
 * one that is made once and kept in the cache, seconds sooner than an empty server.
 *
 * @param migrations a folder of migrations that the copy has, too.
 */
export function openPreparedCluster(options: ClusterOptions, migrations?: string): Promise<Cluster> {
  return openCluster({ ...options, template: () => packedCluster(migrations) });
}

async function packedCluster(migrations?: string): Promise<Blob> {
  const { major, directory } = requirePostgresBinaries();
  const server = [`PostgreSQL ${major}`, directory, readFileSync(join(import.meta.dirname, "cluster.ts"), "utf8")];
  const files = migrations === undefined ? [] : readMigrations(migrations).flatMap((one) => [one.file, one.checksum]);
  const version = `${preparationVersion()}-${versionOf([...server, ...files])}`;
  return kept.readOrMake(version, () => buildCluster(migrations));
}

async function buildCluster(migrations: string | undefined): Promise<ArrayBuffer> {
  const password = generateKeys().databasePassword;
  const options = {
    directory: join(tmpdir(), `neighbourhood-template-${process.pid}-${versionOf([migrations ?? ""])}`),
    password,
    // a log file that is kept for later is 16 MB more in every copy
    settings: { ...THROWAWAY_SETTINGS, wal_recycle: "off" },
    fresh: true,
  };
  const cluster = await (migrations === undefined ? openCluster(options) : openPreparedCluster(options));
  try {
    const database = await openClusterDatabase(cluster, password);
    if (migrations !== undefined) await database.asOwner((session) => migrate(session, { directory: migrations }));
    await database.close();
    return await cluster.pack();
  } finally {
    await cluster.destroy();
  }
}
