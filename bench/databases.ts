import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Cluster } from "../dev/stack/database/cluster.ts";
import { migrate } from "../dev/stack/database/migrate.ts";
import { finishAuthSchema, prepareDatabase } from "../dev/stack/database/prepare.ts";
import { REST_ROLE, SUPERUSER } from "../dev/stack/database/roles.ts";
import { openServerSession, type SqlSession } from "../dev/stack/database/session.ts";
import { paths } from "../dev/stack/paths.ts";
import { createAuthTables } from "../dev/stack/rest/auth-tables.ts";
import type { Progress } from "./progress.ts";
import type { DataSize } from "./sizes.ts";

/** What a database holds: the product, the floor it is measured against, or the source document's schema. */
export type Flavour = "product" | "floor" | "documented";

/** One generated database. */
export interface BenchDatabase {
  name: string;
  flavour: Flavour;
  size: DataSize;
  /** Connection string for a role. */
  url(role: string): string;
  /** Runs SQL as the superuser. */
  query<Row extends object>(text: string, parameters?: readonly unknown[]): Promise<Row[]>;
}

/** Creates databases when they are first asked for. */
export interface Databases {
  get(flavour: Flavour, size: DataSize): Promise<BenchDatabase>;
  close(): Promise<void>;
}

/** Databases on a running cluster; `password` is given to the login roles. */
export function openDatabases(cluster: Cluster, password: string, progress: Progress): Databases {
  const databases = new Map<string, Promise<BenchDatabase>>();
  const sessions: SqlSession[] = [];

  async function create(name: string, flavour: Flavour, size: DataSize): Promise<BenchDatabase> {
    const root = openServerSession(cluster.url(SUPERUSER));
    await root.script(`create database ${name}`);
    await root.close();
    const superuserUrl = cluster.url(SUPERUSER, name);
    const preparation = openServerSession(superuserUrl);
    const { ownerRole } = await prepareDatabase(preparation);
    await preparation.close();
    // a new session, because the database's own search path holds from the next log-in on
    const admin = openServerSession(superuserUrl);
    sessions.push(admin);
    await admin.script(`alter role ${REST_ROLE} password '${password}'; alter role ${ownerRole} password '${password}'`);
    if (flavour === "product") {
      await createAuthTables(superuserUrl);
      await finishAuthSchema(admin, ownerRole);
      const owner = openServerSession(superuserUrl, { role: ownerRole });
      await migrate(owner, { directory: paths.migrations });
      await owner.close();
    }
    await generate(admin, flavour, size);
    return { name, flavour, size, url: (role) => cluster.url(role, name), query: (text, values) => admin.query(text, values) };
  }

  return {
    get(flavour, size) {
      const name = `bench_${flavour}_${size.tasks}`;
      let database = databases.get(name);
      if (!database) {
        database = progress.step(`generating ${flavour} with ${size.tasks.toLocaleString("en")} tasks`, () => create(name, flavour, size));
        databases.set(name, database);
      }
      return database;
    },
    async close() {
      await Promise.all(sessions.map((session) => session.close()));
    },
  };
}

async function generate(admin: SqlSession, flavour: Flavour, size: DataSize): Promise<void> {
  const file = (name: string) => readFileSync(join(import.meta.dirname, "sql", name), "utf8");
  await admin.script(file("plan.sql"));
  await admin.query("insert into bench.sizes values ($1, $2, $3, $4, $5, $6, now())", [
    size.users,
    size.tasks,
    size.pending,
    size.inCentre,
    size.busyUsers,
    size.busyHistory,
  ]);
  // one transaction for the whole file, so that a failure leaves nothing half generated
  await admin.script(`begin; set local maintenance_work_mem = '1GB'; set local work_mem = '512MB'; ${file(`${flavour}.sql`)}; commit; reset all`);
  // visibility map and statistics as on a system that has been running; autovacuum is off while measuring
  await admin.script("vacuum (analyze)");
  await admin.script("checkpoint");
}
