import { execFileSync } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generateKeys } from "../keys.ts";
import { type Cluster, THROWAWAY_SETTINGS } from "./cluster.ts";
import { openPreparedCluster } from "./kept-clusters.ts";
import { SUPERUSER } from "./roles.ts";
import { openServerSession, type SqlSession } from "./session.ts";

/** A database that has everything a hosted project has before its first migration. */
export interface PreparedDatabase {
  /** Connection string of the owner role, which is no superuser. */
  readonly ownerUrl: string;
  readonly superuserUrl: string;
  /** Everything that is defined in it, without rows and without the migration history. */
  dump(): string;
  /** Runs work as the role that migrations run as. */
  asOwner<Result>(work: (session: SqlSession) => Promise<Result>): Promise<Result>;
}

/** A server that hands out such databases. */
export interface DatabaseFactory {
  /** @param template a database of this factory that nobody is connected to, to be copied. */
  create(name: string, template?: string): Promise<PreparedDatabase>;
  destroy(): Promise<void>;
}

/** The database of a prepared cluster that everything is in, and the role that owns it. */
const TEMPLATE = "postgres";
const OWNER = "postgres";

/** Starts a throwaway server for work that needs several databases. */
export async function startDatabaseFactory(): Promise<DatabaseFactory> {
  const password = generateKeys().databasePassword;
  const cluster = await openPreparedCluster({
    directory: join(tmpdir(), `neighbourhood-databases-${process.pid}`),
    password,
    settings: THROWAWAY_SETTINGS,
  });
  try {
    await cluster.start();
    const admin = openServerSession(cluster.url(SUPERUSER, "template1"));
    await admin.script(`alter role ${OWNER} password '${password}'`);
    return {
      async create(name, template = TEMPLATE) {
        await admin.script(`create database ${name} template ${template} owner ${OWNER}`);
        return open(cluster, name);
      },
      async destroy() {
        await admin.close();
        await cluster.destroy();
      },
    };
  } catch (error) {
    await cluster.destroy();
    throw error;
  }
}

/** The same for a command: the server goes when the work is done, failed or interrupted. */
export async function withDatabaseFactory<Result>(
  work: (factory: DatabaseFactory) => Promise<Result>,
): Promise<Result> {
  const factory = await startDatabaseFactory();
  const interrupted = () => void factory.destroy().finally(() => process.exit(130));
  process.once("SIGINT", interrupted).once("SIGTERM", interrupted);
  try {
    return await work(factory);
  } finally {
    process.off("SIGINT", interrupted).off("SIGTERM", interrupted);
    await factory.destroy();
  }
}

function open(cluster: Cluster, name: string): PreparedDatabase {
  const superuserUrl = cluster.url(SUPERUSER, name);
  return {
    ownerUrl: cluster.url(OWNER, name),
    superuserUrl,
    dump: () => dump(cluster, superuserUrl),
    async asOwner(work) {
      const session = openServerSession(superuserUrl, { role: OWNER });
      try {
        return await work(session);
      } finally {
        await session.close();
      }
    },
  };
}

function dump({ binaries }: Cluster, url: string): string {
  const text = execFileSync(
    join(binaries.directory, "pg_dump"),
    ["--schema-only", "--exclude-schema=supabase_migrations", "--exclude-schema=local_stack", url],
    { encoding: "utf8", maxBuffer: 64 * 1024 * 1024 },
  );
  // newer versions of pg_dump write a random token
  return text.replaceAll(/^\\(un)?restrict .*\n/gm, "");
}
