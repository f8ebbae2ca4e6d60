import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { paths } from "../../base/paths.ts";
import { StackError } from "../../base/stack-error.ts";
import { THROWAWAY_SETTINGS } from "../database/cluster.ts";
import { IN_MEMORY, openEmbeddedDatabase, openMigratedDatabase } from "../database/embedded.ts";
import { openPreparedCluster } from "../database/kept-clusters.ts";
import { reachableDirectory } from "../database/os-user.ts";
import { openClusterDatabase, openServerDatabase } from "../database/server.ts";
import type { StackDatabase } from "../database/stack-database.ts";
import type { StackKeys } from "../keys.ts";
import type { StackOptions } from "../start-stack.ts";

/** What the step that opens the database is called. */
export function databaseTitle(database: StackOptions["database"]): string {
  if (database === "cluster") return "PostgreSQL from this machine";
  return typeof database === "object" ? "PostgreSQL at DATABASE_URL" : "PostgreSQL (embedded)";
}

/** Which database, where its data lies, and its port. */
export interface DatabasePlace {
  readonly options: StackOptions;
  readonly dataDir: string;
  readonly ports: { readonly database: number };
}

/**
 * Opens the database that was asked for.
 *
 * @throws StackError when it is not to be had, or is not ours to empty.
 */
export async function openDatabase(
  { options, dataDir, ports }: DatabasePlace,
  keys: StackKeys,
): Promise<StackDatabase> {
  const { database = "embedded", fresh = false } = options;
  if (typeof database === "object") {
    if (fresh) throw new StackError("--fresh does not empty a DATABASE_URL: use npm run db:reset for that");
    return openServerDatabase(database.url, database.directUrl);
  }
  if (database === "cluster") return openOwnCluster(options, dataDir, ports.database, keys);
  const migrations = migrationsOf(options);
  if (options.copyMigrated) return openMigratedDatabase(migrations, options.copyMigrated === "adapted");
  if (dataDir === IN_MEMORY) return openEmbeddedDatabase(IN_MEMORY, migrations);
  const directory = join(dataDir, "embedded");
  if (fresh) rmSync(directory, { recursive: true, force: true });
  return openEmbeddedDatabase(directory, migrations);
}

const migrationsOf = ({ migrations, supabase = paths.supabase }: StackOptions): string =>
  migrations ?? join(supabase, "migrations");

async function openOwnCluster(
  options: StackOptions,
  dataDir: string,
  port: number,
  keys: StackKeys,
): Promise<StackDatabase> {
  const isThrowaway = dataDir === IN_MEMORY;
  const directory = isThrowaway
    ? join(tmpdir(), `nh-cluster-${randomBytes(6).toString("hex")}`)
    : reachableDirectory(join(dataDir, "cluster"));
  const cluster = await openPreparedCluster(
    {
      directory,
      fresh: options.fresh ?? false,
      password: keys.databasePassword,
      settings: options.clusterSettings ?? (isThrowaway ? THROWAWAY_SETTINGS : {}),
      port,
    },
    options.copyMigrated ? migrationsOf(options) : undefined,
  );
  const database = await openClusterDatabase(cluster, keys.databasePassword);
  if (!isThrowaway) return database;
  return {
    ...database,
    async close() {
      await database.close();
      await cluster.destroy();
    },
  };
}
