import { tmpdir } from "node:os";
import { join } from "node:path";
import { paths } from "../../dev/base/paths.ts";
import { type Cluster, THROWAWAY_SETTINGS } from "../../dev/stack/database/cluster.ts";
import { openPreparedCluster } from "../../dev/stack/database/kept-clusters.ts";
import { REST_ROLE, SUPERUSER } from "../../dev/stack/database/roles.ts";
import { openClusterDatabase } from "../../dev/stack/database/server.ts";
import { generateKeys } from "../../dev/stack/keys.ts";

/** Connection strings of a migrated throwaway server. */
export interface ServerUrls {
  /** The role that owns the product's objects; what an admin in Studio is. */
  owner: string;
  superuser: string;
  /** The role PostgREST logs in with. */
  authenticator: string;
}

/** A migrated throwaway server without HTTP, for tests that speak SQL. */
export interface TestCluster {
  readonly cluster: Cluster;
  readonly urls: ServerUrls;
  /** Stops the server and deletes its files. */
  destroy(): Promise<void>;
}

/** What kind of server a test needs. */
export interface TestClusterOptions {
  /** Part of the directory name, to tell clusters of one run apart. */
  name: string;
  /** False keeps fsync and full page writes on, for tests that crash the server. */
  isThrowaway?: boolean;
  /** More of `postgresql.conf`. */
  settings?: Readonly<Record<string, string>>;
}

/** Creates a server of our own under the system's temporary directory, with the migrations, and starts it. */
export async function startTestCluster({
  name,
  isThrowaway = true,
  settings = {},
}: TestClusterOptions): Promise<TestCluster> {
  const password = generateKeys().databasePassword;
  const cluster = await openPreparedCluster(
    {
      directory: join(tmpdir(), `neighbourhood-test-${name}-${process.pid}`),
      password,
      settings: {
        ...(isThrowaway ? THROWAWAY_SETTINGS : { jit: "off" }),
        max_connections: "300",
        shared_buffers: "128MB",
        ...settings,
      },
    },
    paths.migrations,
  );
  try {
    const database = await openClusterDatabase(cluster, password);
    await database.close();
    await cluster.start();
    return {
      cluster,
      urls: {
        owner: cluster.url(database.ownerRole),
        superuser: cluster.url(SUPERUSER),
        authenticator: cluster.url(REST_ROLE),
      },
      destroy: () => cluster.destroy(),
    };
  } catch (error) {
    await cluster.destroy();
    throw error;
  }
}
