import { tmpdir } from "node:os";
import { join } from "node:path";
import { paths } from "../../base/paths.ts";
import { type Cluster, THROWAWAY_SETTINGS } from "../database/cluster.ts";
import { openMigratedDatabase } from "../database/embedded.ts";
import { openPreparedCluster } from "../database/kept-clusters.ts";
import { openClusterDatabase } from "../database/server.ts";
import type { StackDatabase } from "../database/stack-database.ts";
import { openDoor } from "../door/door.ts";

/** The databases pgTAP can run on without a stack. */
export const DATABASE_KINDS = ["embedded", "cluster"] as const;
export type DatabaseKind = (typeof DATABASE_KINDS)[number];

const PASSWORD = "throwaway";

/**
 * Opens a fresh, migrated database, hands it to the work and removes it afterwards.
 *
 * @param isAdapted lets the embedded one be a copy that was changed in place since the schemas were edited.
 */
export async function withThrowawayDatabase<Result>(
  kind: DatabaseKind,
  work: (database: StackDatabase) => Promise<Result>,
  isAdapted = false,
): Promise<Result> {
  if (kind === "cluster") return await withThrowawayCluster(({ database }) => work(database));
  const database = await openMigratedDatabase(paths.migrations, isAdapted);
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}

/** The same on a cluster of its own, whose handle the work gets too. */
export async function withThrowawayCluster<Result>(
  work: (parts: { cluster: Cluster; database: StackDatabase }) => Promise<Result>,
): Promise<Result> {
  const cluster = await openPreparedCluster(
    {
      directory: join(tmpdir(), `neighbourhood-pgtap-${process.pid}`),
      password: PASSWORD,
      settings: THROWAWAY_SETTINGS,
    },
    paths.migrations,
  );
  const interrupted = () => void cluster.destroy().finally(() => process.exit(130));
  process.once("SIGINT", interrupted).once("SIGTERM", interrupted);
  try {
    const database = await openClusterDatabase(cluster, PASSWORD);
    try {
      return await work({ cluster, database });
    } finally {
      await database.close();
    }
  } finally {
    process.off("SIGINT", interrupted).off("SIGTERM", interrupted);
    await cluster.destroy();
  }
}

/** Hands over the address of such a database, at which the Supabase CLI reaches it. */
export async function withAddress<Result>(
  database: StackDatabase,
  work: (url: string) => Promise<Result>,
): Promise<Result> {
  if (database.url !== undefined) return await work(database.url);
  const door = await openDoor(database, { port: 0, password: PASSWORD });
  try {
    return await work(door.url);
  } finally {
    await door.close();
  }
}
