import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { connect, type Database } from "../../ops/core/connection.ts";
import { startTestCluster, type TestCluster } from "../support/cluster.ts";
import { type PgBouncer, startPgBouncer } from "../support/pgbouncer.ts";
import { requireCluster } from "../support/target.ts";

requireCluster("tests/operations");

let server: TestCluster;
let transactions: PgBouncer;
let sessions: PgBouncer;
beforeAll(async () => {
  server = await startTestCluster({ name: "connection" });
  const urls = [server.urls.owner, server.urls.superuser];
  transactions = await startPgBouncer(urls, { settings: { default_pool_size: "2" } });
  sessions = await startPgBouncer(urls, { mode: "session" });
});
afterAll(async () => {
  await transactions?.stop();
  await sessions?.stop();
  await server?.destroy();
});

const opened: Database[] = [];
const open = async (options: Parameters<typeof connect>[0] = {}): Promise<Database> => {
  const database = await connect(options);
  opened.push(database);
  return database;
};
afterEach(async () => {
  vi.unstubAllEnvs();
  await Promise.all(opened.splice(0).map((database) => database.close()));
});

const ways = () => ({
  directly: server.urls.owner,
  "through a pooler of transactions": transactions.through(server.urls.owner),
  "through a pooler of sessions": sessions.through(server.urls.owner),
});
const pooling = {
  directly: "none",
  "through a pooler of transactions": "transaction",
  "through a pooler of sessions": "session",
} as const;

describe.each(Object.keys(pooling) as (keyof typeof pooling)[])("%s", (way) => {
  it("says what it found, and keeps the password out of its name", async () => {
    const url = ways()[way];
    const database = await open({ url });
    expect(database).toMatchObject({ kind: "server", pooling: pooling[way], isStandby: false });
    expect(database.version).toBeGreaterThanOrEqual(15);
    expect(database.name).toBe(`127.0.0.1:${new URL(url).port}/postgres`);
  });

  it("takes parameters and gives values as the API writes them", async () => {
    const database = await open({ url: ways()[way] });
    const [row] = await database.query(
      "select $1::bigint as number, $2::text as text, $3::timestamptz as time, $4::jsonb as json, $5::int[] as list",
      [7, "it's", "2026-11-21T08:00:00+00:00", { a: 1 }, [1, 2]],
    );
    expect(row).toEqual({ number: 7, text: "it's", time: "2026-11-21T08:00:00+00:00", json: { a: 1 }, list: [1, 2] });
  });

  it("runs many statements at once on few connections", async () => {
    const database = await open({ url: ways()[way] });
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) => database.query<{ n: number }>("select $1::int as n", [index])),
    );
    expect(answers.map(([row]) => row?.n)).toEqual(Array.from({ length: 50 }, (_, index) => index));
  });

  it("keeps a transaction together, and rolls it back when the work fails", async () => {
    const database = await open({ url: ways()[way] });
    const name = `tried_${pooling[way]}`;
    await expect(
      database.transaction(async (session) => {
        await session.query(`create table ops.${name} ()`);
        expect(await session.query("select to_regclass($1) as found", [`ops.${name}`])).toEqual([
          { found: `ops.${name}` },
        ]);
        throw new Error("changed my mind");
      }),
    ).rejects.toThrow("changed my mind");
    expect(await database.query("select to_regclass($1) as found", [`ops.${name}`])).toEqual([{ found: null }]);
    expect(await database.transaction(async () => "kept")).toBe("kept");
  });

  it("ends a statement that takes longer than the environment allows", async () => {
    vi.stubEnv("DATABASE_STATEMENT_TIMEOUT", "1");
    const database = await open({ url: ways()[way] });
    const line = /ended a statement that took too long: raise DATABASE_STATEMENT_TIMEOUT/u;
    await expect(database.query("select pg_sleep(30)")).rejects.toThrow(line);
    await expect(database.transaction((session) => session.query("select pg_sleep(30)"))).rejects.toThrow(line);
    const plain = await open({ url: server.urls.owner });
    vi.unstubAllEnvs();
    expect(await plain.query("select 1 as one")).toEqual([{ one: 1 }]);
  });

  it("leaves nothing of the timeout to the next client of the same server", async () => {
    vi.stubEnv("DATABASE_STATEMENT_TIMEOUT", "1");
    const timed = await open({ url: ways()[way] });
    await timed.query("select 1");
    await timed.close();
    vi.unstubAllEnvs();
    const database = await open({ url: ways()[way] });
    const settings = await Promise.all(
      Array.from({ length: 6 }, () =>
        database.query<{ limit: string }>(`select current_setting('statement_timeout') as "limit"`),
      ),
    );
    expect(new Set(settings.map(([row]) => row?.limit))).toEqual(new Set(["0"]));
  });
});

describe("work that needs sessions", () => {
  it("takes DATABASE_DIRECT_URL before DATABASE_URL", async () => {
    vi.stubEnv("DATABASE_URL", transactions.through(server.urls.owner));
    vi.stubEnv("DATABASE_DIRECT_URL", server.urls.owner);
    expect(await open({ direct: true })).toMatchObject({ url: server.urls.owner, pooling: "none" });
    expect(await open()).toMatchObject({ pooling: "transaction" });
  });

  it("takes a pooler of sessions, and refuses one of transactions with the next step", async () => {
    vi.stubEnv("DATABASE_DIRECT_URL", "");
    vi.stubEnv("DATABASE_URL", sessions.through(server.urls.owner));
    expect(await open({ direct: true })).toMatchObject({ pooling: "session" });
    vi.stubEnv("DATABASE_URL", transactions.through(server.urls.owner));
    await expect(open({ direct: true })).rejects.toThrow(
      /^this needs sessions, which the pooler at 127\.0\.0\.1:\d+\/postgres does not keep: set DATABASE_DIRECT_URL/u,
    );
  });

  it("tells a pooler of transactions while others keep it busy", async () => {
    const busy = await open({ url: transactions.through(server.urls.owner) });
    const noise = Array.from({ length: 40 }, () => busy.query("select pg_sleep(0.05)"));
    expect(await open({ url: transactions.through(server.urls.superuser) })).toMatchObject({ pooling: "transaction" });
    expect(await open({ url: transactions.through(server.urls.owner) })).toMatchObject({ pooling: "transaction" });
    await Promise.all(noise);
  });
});

describe("the pool", () => {
  const connections = async (applicationName: string): Promise<number> => {
    const watcher =
      opened.find(({ url }) => url === server.urls.superuser) ?? (await open({ url: server.urls.superuser }));
    const [row] = await watcher.query<{ count: number }>(
      "select count(*) from pg_stat_activity where application_name = $1",
      [applicationName],
    );
    return row?.count ?? -1;
  };
  const together = (database: Database, count: number) =>
    Promise.all(Array.from({ length: count }, () => database.query("select pg_sleep(0.2)")));

  it("never has more connections than DATABASE_POOL_MAX", async () => {
    vi.stubEnv("DATABASE_POOL_MAX", "2");
    const database = await open({ url: server.urls.owner, applicationName: "pool max" });
    const work = together(database, 8);
    await expect.poll(() => connections("pool max")).toBe(2);
    await work;
    expect(await connections("pool max")).toBe(2);
  });

  it("closes what is idle, down to DATABASE_POOL_MIN", async () => {
    vi.stubEnv("DATABASE_POOL_MIN", "2");
    vi.stubEnv("DATABASE_POOL_MAX", "5");
    vi.stubEnv("DATABASE_IDLE_TIMEOUT", "1");
    const database = await open({ url: server.urls.owner, applicationName: "pool min" });
    await together(database, 20);
    expect(await connections("pool min")).toBe(5);
    await expect.poll(() => connections("pool min")).toBe(2);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(await connections("pool min")).toBe(2);
  });
});
