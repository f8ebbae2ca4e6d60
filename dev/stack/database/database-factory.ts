import { execFileSync } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generateKeys } from "../keys.ts";
import { createAuthTables } from "./auth-tables.ts";
import { type Cluster, openCluster, THROWAWAY_SETTINGS } from "./cluster.ts";
import { finishAuthSchema, prepareDatabase } from "./prepare.ts";
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

const TEMPLATE = "prepared";

/** Starts a throwaway server for work that needs several databases. */
export async function startDatabaseFactory(): Promise<DatabaseFactory> {
  const password = generateKeys().databasePassword;
  const cluster = await openCluster({
    directory: join(tmpdir(), `neighbourhood-databases-${process.pid}`),
    password,
    settings: THROWAWAY_SETTINGS,
  });
  try {
    await cluster.start();
    const admin = openServerSession(cluster.url(SUPERUSER));
    await admin.script(`create database ${TEMPLATE} template template0`);
    const ownerRole = await prepare(cluster.url(SUPERUSER, TEMPLATE), password);
    return {
      async create(name, template = TEMPLATE) {
        await admin.script(`create database ${name} template ${template} owner ${ownerRole}`);
        return open(cluster, name, ownerRole);
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

async function prepare(url: string, password: string): Promise<string> {
  const session = openServerSession(url);
  try {
    const { ownerRole } = await prepareDatabase(session);
    await createAuthTables(url);
    await finishAuthSchema(session, ownerRole);
    await session.script(`alter role ${ownerRole} password '${password}'`);
    return ownerRole;
  } finally {
    await session.close();
  }
}

function open(cluster: Cluster, name: string, ownerRole: string): PreparedDatabase {
  const superuserUrl = cluster.url(SUPERUSER, name);
  return {
    ownerUrl: cluster.url(ownerRole, name),
    superuserUrl,
    dump: () => dump(cluster, superuserUrl),
    async asOwner(work) {
      const session = openServerSession(superuserUrl, { role: ownerRole });
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
