import { readFileSync } from "node:fs";
import { join } from "node:path";
import { paths } from "../dev/base/paths.ts";
import { StackError } from "../dev/base/stack-error.ts";
import { createAuthTables } from "../dev/stack/database/auth-tables.ts";
import type { Cluster } from "../dev/stack/database/cluster.ts";
import { migrate } from "../dev/stack/database/migrate.ts";
import { finishAuthSchema, prepareDatabase } from "../dev/stack/database/prepare.ts";
import { REST_ROLE, SUPERUSER } from "../dev/stack/database/roles.ts";
import { openServerSession, type SqlSession } from "../dev/stack/database/session.ts";
import type { Progress } from "./progress.ts";
import type { DataSize } from "./sizes.ts";

/** What a database holds: the product, the floor it is measured against, or the source document's schema. */
export type Flavour = "product" | "floor" | "documented";

/** Runs one statement and returns its rows. */
export type Query = SqlSession["query"];

/** One generated database. */
export interface BenchDatabase {
  name: string;
  flavour: Flavour;
  size: DataSize;
  /** The role that owns the tables. */
  ownerRole: string;
  /** Connection string for a role. */
  url(role: string): string;
  /** Runs a statement as the superuser. */
  query: Query;
  /** Runs statements in one transaction as the superuser and takes everything back. */
  inTransaction<Result>(work: (query: Query) => Promise<Result>): Promise<Result>;
}

/** Creates databases when they are first asked for. */
export interface Databases {
  get(flavour: Flavour, size: DataSize): Promise<BenchDatabase>;
  /** A migrated one of the product that nobody uses yet. */
  empty(name: string): Promise<string>;
  close(): Promise<void>;
}

/** Databases on a running cluster; `password` is given to the login roles. */
export function openDatabases(cluster: Cluster, password: string, progress: Progress): Databases {
  const databases = new Map<string, Promise<BenchDatabase>>();
  const sessions: SqlSession[] = [];
  let preparing: Promise<unknown> = Promise.resolve();

  /** One after the other, because they change the server's roles. */
  function prepare(name: string, flavour: Flavour): Promise<{ admin: SqlSession; ownerRole: string }> {
    const prepared = preparing.then(() => createDatabase(name, flavour));
    preparing = prepared.catch(() => undefined);
    return prepared;
  }

  async function createDatabase(name: string, flavour: Flavour): Promise<{ admin: SqlSession; ownerRole: string }> {
    await withSession(cluster.url(SUPERUSER), (root) => root.script(`create database ${name}`));
    const superuserUrl = cluster.url(SUPERUSER, name);
    const { ownerRole } = await withSession(superuserUrl, prepareDatabase);
    // a new session, because the database's own search path holds from the next log-in on
    const admin = openServerSession(superuserUrl);
    sessions.push(admin);
    await admin.script(`alter role ${REST_ROLE} password '${password}'`);
    if (flavour === "product") {
      await createAuthTables(superuserUrl);
      await finishAuthSchema(admin, ownerRole);
      const owner = openServerSession(superuserUrl, { role: ownerRole });
      sessions.push(owner);
      await migrate(owner, { directory: paths.migrations });
    }
    return { admin, ownerRole };
  }

  async function create(name: string, flavour: Flavour, size: DataSize): Promise<BenchDatabase> {
    const { admin, ownerRole } = await prepare(name, flavour);
    await generate(admin, flavour, size);
    return {
      name,
      flavour,
      size,
      ownerRole,
      url: (role) => cluster.url(role, name),
      query: admin.query,
      async inTransaction(work) {
        await admin.script("begin");
        try {
          return await work(admin.query);
        } finally {
          await admin.script("rollback");
        }
      },
    };
  }

  return {
    get(flavour, size) {
      const name = `bench_${flavour}_${size.tasks}`;
      const existing = databases.get(name);
      if (existing !== undefined) return existing;
      const title = `generating ${flavour} with ${size.tasks.toLocaleString("en")} tasks`;
      const created = progress.step(title, () => create(name, flavour, size));
      databases.set(name, created);
      return created;
    },
    empty: (name) => prepare(name, "product").then(() => name),
    async close() {
      await Promise.all(sessions.map((session) => session.close()));
    },
  };
}

/** Runs work in one session and closes it. */
export async function withSession<Result>(
  url: string,
  work: (session: SqlSession) => Promise<Result>,
): Promise<Result> {
  const session = openServerSession(url);
  try {
    return await work(session);
  } finally {
    await session.close();
  }
}

async function generate(admin: SqlSession, flavour: Flavour, size: DataSize): Promise<void> {
  await admin.script(sqlFile("plan"));
  await admin.query("insert into bench.sizes values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, now())", [
    size.users,
    size.tasks,
    size.pending,
    size.inCentre,
    size.history,
    size.busyUsers,
    size.busyHistory,
    size.poolCodes,
    size.completed,
    size.rateable,
    size.items,
    size.archived,
    size.places,
  ]);
  await admin.script("set work_mem = '512MB'; set maintenance_work_mem = '1GB'");
  await admin.script(sqlFile(flavour));
  if (size.places > 0 && flavour !== "floor") await admin.script(sqlFile(`${flavour}-neighbourhood`));
  await admin.script("reset all");
  // statistics and visibility map as on a server that has been running: autovacuum is off while it is measured
  await admin.script("vacuum (analyze)");
  await admin.script("checkpoint");
  if (flavour === "product") await refuseWrongData(admin, size);
}

/** The rows were written past the commands; the product's own audits say whether they could have come from them. */
async function refuseWrongData(admin: SqlSession, size: DataSize): Promise<void> {
  // with millions of archived tasks this takes minutes; the small amount comes from the same statements
  if (size.archived > 1_000_000) return;
  const audits = ["books", "tasks", "ratings", "recommendations"];
  if (size.places > 0) audits.push("search", "statistics");
  // the offers of archived tasks are left out
  const left = size.archived > 0 ? "task_without_one_accepted_offer" : "";
  for (const audit of audits) {
    const [problem] = await admin.query<{ problem: string; subject_id: string }>(
      `select problem, subject_id from ops.audit_${audit}() where problem <> $1 limit 1`,
      [left],
    );
    if (problem) throw new StackError(`the generated data is wrong: ${problem.problem} ${problem.subject_id}`);
  }
}

function sqlFile(name: string): string {
  return readFileSync(join(import.meta.dirname, "sql", `${name}.sql`), "utf8");
}
