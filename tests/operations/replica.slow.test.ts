import { createClient } from "@supabase/supabase-js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ClientOptions, createNeighbourhoodClient, type Database } from "../../src/client/index.ts";
import { cellCentre } from "../../src/client/replica.ts";
import { type Parameter, type Sql, signUpBySql } from "../support/admin.ts";
import { readCatalogue } from "../support/catalogue.ts";
import { honestArguments } from "../support/honest-arguments.ts";
import { runOps } from "../support/ops-command.ts";
import { type Replica, startReplica } from "../support/replica.ts";
import { codeIn, restOf } from "../support/rest.ts";
import { type Call, PLACE } from "../support/scenario.ts";
import { requireCluster } from "../support/target.ts";
import { startThrowawayStack, type ThrowawayStack } from "../support/throwaway-stack.ts";
import { openClient, rpc, signToken } from "../support/use-stack.ts";

/** A read replica, seconds behind its primary, behind REST of its own: what it answers, and what the client asks it. */

requireCluster("tests/operations");

const LAG_MS = 2_000;
/** What the app takes for the most: on a busy machine a replica is later than its delay. */
const SETTLES_AFTER_MS = 6_000;

let started: ThrowawayStack;
let replica: Replica;
let sql: Sql;
let anna: Phone;
let ben: Phone;
beforeAll(async () => {
  // everything is on the primary's disk when it answers, so that the replica can have it
  const clusterSettings = { fsync: "off", full_page_writes: "off" };
  started = await startThrowawayStack("replicated", { database: "cluster", functions: false, clusterSettings });
  sql = (text, parameters) => started.stack.sql(text, parameters as Parameter[]);
  replica = await startReplica(started);
  anna = await phone();
  ben = await phone();
});
afterAll(async () => {
  await replica?.destroy();
  await started?.remove();
});

type Phone = Awaited<ReturnType<typeof phone>>;

/** A new member with an app that knows the replica. */
async function phone(options: ClientOptions = {}) {
  const { stack, keys } = started;
  const [id = ""] = await signUpBySql(sql, 1);
  const token = await signToken(keys.signingKey, { sub: id, role: "authenticated", aud: "authenticated" });
  const api = openClient(stack, token);
  const second = createClient<Database>(replica.url, stack.publishableKey, { accessToken: async () => token });
  return {
    id,
    token,
    api,
    client: createNeighbourhoodClient(api, { replica: second, replicaLagMs: SETTLES_AFTER_MS, ...options }),
  };
}

/** Waits until the replica has everything that was written until now. */
async function replicaHasAll(): Promise<void> {
  const [{ lsn } = { lsn: "" }] = await sql<{ lsn: string }>("select pg_current_wal_lsn()::text as lsn");
  const isThere = async () => {
    const [row] = await replica.sql<{ yes: boolean }>("select pg_last_wal_replay_lsn() >= $1::pg_lsn as yes", [lsn]);
    return row?.yes === true;
  };
  while (!(await isThere())) await sleep(50);
}

/** What came to the replica while `work` ran. */
async function seenDuring(work: () => Promise<unknown>): Promise<string[]> {
  const before = replica.seen.length;
  await work();
  return replica.seen.slice(before);
}

const sleep = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

const wish = {
  title: "Water the flowers",
  description: "Twice a week",
  category: "garten",
  points_reward: 10,
  ...PLACE,
};
const bench = { name: "Bench by the canal", category: "other", latitude: 52.49, longitude: 13.42 } as const;

describe("a replica", () => {
  test("answers every read of members, and every table, by GET", async () => {
    const call: Call = (memberId, command, args) => rpc(memberId === anna.id ? anna : ben, command, args);
    const honest = await honestArguments({ sql, call }, anna.id, ben.id);
    await replicaHasAll();
    const { rpcs, tables } = await readCatalogue(sql);
    const stable = await sql<{ name: string }>(
      "select proname as name from pg_proc where pronamespace = 'public'::regnamespace and provolatile <> 'v'",
    );
    const reads = rpcs.filter(
      (one) => one.isForMembers && !one.isComputedField && stable.some(({ name }) => name === one.name),
    );
    expect(reads.length).toBeGreaterThan(15);
    const rest = restOf({ ...started.stack, url: replica.url });
    const wrong: unknown[] = [];
    for (const { name } of reads) {
      const query = new URLSearchParams(honest[name] as Record<string, string>);
      const { status, text } = await rest(`rpc/${name}?${query}`, { token: anna.token });
      if (status !== 200) wrong.push([name, status, text]);
    }
    for (const { name, columns } of tables.filter((one) => one.isReadable)) {
      const select = columns.map((column) => column.name).join(",");
      const { status, text } = await rest(`${name}?limit=1&select=${select}`, { token: anna.token });
      // some columns are nobody's; that is decided before anything is read
      if (status !== 200 && codeIn({ text }) !== "42501") wrong.push([name, status, text]);
    }
    expect(wrong).toEqual([]);
  });

  test("refuses what writes, as PostgREST does", async () => {
    const rest = restOf({ ...started.stack, url: replica.url });
    const got = await rest("rpc/update_profile?name=Kim", { token: anna.token });
    expect([got.status, codeIn(got)]).toEqual([405, "25006"]);
    const posted = await rest("rpc/update_profile", { method: "POST", token: anna.token, body: { name: "Kim" } });
    expect([posted.status, codeIn(posted)]).toEqual([400, "0A000"]);
    // what says that it only reads may be posted, where the gateway lets it through
    const read = await rest("rpc/nearby_tasks", { method: "POST", token: anna.token, body: PLACE });
    expect(read.status).toBe(200);
  });
});

describe("the client, with a replica that is two seconds behind", () => {
  beforeAll(async () => {
    await replicaHasAll();
    await replica.lag(LAG_MS / 1000);
  });

  test("asks it around the middle of a cell, and never for what is one's own", async () => {
    const here = { latitude: 52.5219, longitude: 13.4132 };
    const { latitude, longitude } = cellCentre(here);
    const [centre] = await sql(
      "select latitude_centre as latitude, longitude_centre as longitude from private.cell_centre($1, $2)",
      [here.latitude, here.longitude],
    );
    expect({ latitude, longitude }).toEqual(centre);
    const seen = await seenDuring(async () => {
      await ben.client.tasks.nearbyPage(here);
      await ben.client.points.account();
      await ben.client.users.me();
      await ben.client.tasks.minePage({ as: "creator" });
      await ben.client.statistics.ofUser();
      await ben.client.search.tasksPage({ query: "lawn", ...here });
    });
    expect(seen).toEqual([
      `GET /rest/v1/rpc/nearby_tasks?latitude=${latitude}&longitude=${longitude}&radius_m=5000&sort=newest&page_size=20`,
    ]);
  });

  test("shows members at once what they did themselves, and others soon", async () => {
    const added = await anna.client.places.add(bench);
    const at = performance.now();
    const task = await anna.client.tasks.create(wish);
    const seen = await seenDuring(async () => {
      // the profile as others see it, which is what a replica would be asked
      await anna.client.users.updateProfile({ name: "Anna Anew" });
      expect((await anna.client.users.get(anna.id)).name).toBe("Anna Anew");
      expect((await anna.client.places.get(added.id)).name).toBe(bench.name);
      expect((await anna.client.places.listPage({ page_size: 100 })).items.map(({ id }) => id)).toContain(added.id);
    });
    expect(seen).toEqual([]);
    // Ben did nothing: his app asks the replica, which does not have it yet
    const nearby = () => ben.client.tasks.nearbyPage({ ...PLACE, page_size: 100 });
    const seenByBen = await seenDuring(async () => {
      const { items } = await nearby();
      expect(items.length).toBeGreaterThan(0);
      const isLate = performance.now() - at > LAG_MS; // on a machine that stood still
      expect(isLate || !items.some(({ id }) => id === task.id)).toBe(true);
    });
    expect(seenByBen).toHaveLength(1);
    // and whom he asks for by id is found, wherever: what the replica has not, the primary has
    expect((await ben.client.places.get(added.id)).name).toBe(bench.name);
    await expect.poll(async () => (await nearby()).items.map(({ id }) => id)).toContain(task.id);
  });

  test("never shows a member less than before: again and again, a command and then what it changed", async () => {
    for (let turn = 0; turn < 10; turn += 1) {
      const name = `Anna ${turn}`;
      await anna.client.users.updateProfile({ name });
      expect((await anna.client.users.get(anna.id)).name).toBe(name);
      await sleep(turn * 30);
      expect((await anna.client.users.get(anna.id)).name).toBe(name);
    }
    // and when the replica is asked again, it is not too soon
    const read = async () => expect((await anna.client.users.get(anna.id)).name).toBe("Anna 9");
    while ((await seenDuring(read)).length === 0) await sleep(50);
  });

  test("helps whom the replica does not know yet", async () => {
    const carl = await phone();
    const seen = await seenDuring(async () => {
      expect((await carl.client.tasks.nearbyPage(PLACE)).items.length).toBeGreaterThan(0);
    });
    expect(seen).toHaveLength(1); // which said not_signed_in
  });
});

describe("at a standby, commands of operators say so in one line and do nothing", () => {
  const line =
    /^✖ 127\.0\.0\.1:\d+\/postgres is a standby \(or a read replica\), which takes no writes: set DATABASE_URL to the primary.*\n$/u;
  test.each([
    ["npm run jobs", "ops/jobs/main.ts", ["--once"]],
    ["npm run db:push", "dev/commands/db-push.ts", []],
    ["npm start -- --postgres", "dev/stack/main.ts", ["--postgres", "--quiet", "--port", "0", "--no-studio"]],
    ["npm run ops:backfill", "ops/backfill/main.ts", ["public.users", "bio", "''"]],
    ["npm run ops:backup", "ops/backup/main.ts", ["--store", "never-made"]],
  ])("%s", async (_name, program, args) => {
    const { code, err } = await runOps(program, args, { DATABASE_URL: replica.databaseUrl });
    expect([code, err]).toEqual([1, expect.stringMatching(line)]);
  });

  test("what only reads works: the doctor names it", async () => {
    const args = ["--only", "server", "--only", "jobs"];
    const { out } = await runOps("ops/doctor/main.ts", args, { DATABASE_URL: replica.databaseUrl });
    expect(out).toMatch(/a standby/u);
  });
});

describe("when the replica is gone", () => {
  test("its database: the primary answers, and it is left alone", async () => {
    await replica.stopServer();
    const dora = await phone();
    const list = () => dora.client.places.listPage();
    expect(await seenDuring(async () => expect((await list()).items.length).toBeGreaterThan(0))).toHaveLength(1);
    expect(await seenDuring(list)).toEqual([]);
  });

  test("all of it", async () => {
    await replica.stopGateway();
    const emil = await phone();
    expect((await emil.client.places.listPage()).items.length).toBeGreaterThan(0);
    await expect(emil.client.tasks.nearbyPage(PLACE)).resolves.toMatchObject({ items: expect.any(Array) });
  });
});
