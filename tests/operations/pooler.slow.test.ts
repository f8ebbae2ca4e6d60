import { randomUUID } from "node:crypto";
import { readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient } from "@supabase/supabase-js";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { steadyPgbench } from "../../bench/pgbench.ts";
import { paths } from "../../dev/base/paths.ts";
import { loadKeys } from "../../dev/stack/keys.ts";
import { type Stack, startStack } from "../../dev/stack/start-stack.ts";
import { connect, type Database } from "../../ops/core/connection.ts";
import type { Database as Api } from "../../src/client/database.types.ts";
import { createNeighbourhoodClient, type NeighbourhoodClient } from "../../src/client/index.ts";
import { runBootstrap, runProcess } from "../stack/support/command.ts";
import { startTestCluster, type TestCluster } from "../support/cluster.ts";
import { type PgBouncer, startPgBouncer } from "../support/pgbouncer.ts";
import { openPartner } from "../support/redemptions.ts";
import { requireCluster } from "../support/target.ts";

// A real PgBouncer in transaction mode with three servers for everybody: whoever leaves something in a session leaves it to others.

requireCluster("tests/operations");

let server: TestCluster;
let pooler: PgBouncer;
beforeAll(async () => {
  server = await startTestCluster({ name: "pooler" });
  pooler = await startPgBouncer([server.urls.owner, server.urls.superuser], { settings: { default_pool_size: "3" } });
});
afterAll(async () => {
  await pooler?.stop();
  await server?.destroy();
});

const dataDir = join(tmpdir(), `neighbourhood-pooler-${randomUUID()}`);
afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

/** An empty database on the server, as its superuser through the pooler. */
async function emptyDatabase(name: string): Promise<string> {
  const database = await connect({ url: server.urls.superuser });
  await database.query(`create database ${name}`);
  await database.close();
  const url = new URL(pooler.through(server.urls.superuser));
  url.pathname = `/${name}`;
  return url.href;
}

describe("the local stack on an empty database", () => {
  let stack: Stack;
  let url = "";
  const problems: string[] = [];
  beforeAll(async () => {
    url = await emptyDatabase("behind_pooler");
    stack = await startStack({
      database: { url },
      dataDir,
      port: 0,
      seed: true,
      jobs: true,
      studio: true,
      log: (line) => problems.push(line),
    });
  });
  afterAll(async () => await stack?.stop());

  const signUp = async (name: string): Promise<{ id: string; client: NeighbourhoodClient }> => {
    const api = createClient<Api>(stack.url, stack.publishableKey, { auth: { persistSession: false } });
    const { data, error } = await api.auth.signUp({
      email: `${name}-${randomUUID()}@example.test`,
      password: "correct horse battery",
      options: { data: { name } },
    });
    expect(error).toBeNull();
    return { id: data.user?.id ?? "", client: createNeighbourhoodClient(api) };
  };

  it("gives everything to the owner, and nothing to the superuser who logged in", async () => {
    const owners = await stack.sql(
      `select distinct tableowner from pg_tables where schemaname in ('public', 'private', 'ops')
       union select distinct pg_get_userbyid(proowner) from pg_proc
       where pronamespace in ('public'::regnamespace, 'private'::regnamespace, 'ops'::regnamespace)`,
    );
    expect(owners).toEqual([{ tableowner: stack.database.ownerRole }]);
    expect(stack.database.ownerRole).toBe("postgres");
  });

  it("lets neighbours sign up, help each other and be paid", async () => {
    const [anna, ben] = [await signUp("Anna"), await signUp("Ben")];
    const task = await anna.client.tasks.create({
      title: "Hang a shelf",
      description: "One shelf, the drill is here.",
      category: "handwerk",
      latitude: 48.137154,
      longitude: 11.576124,
      points_reward: 25,
    });
    const offer = await ben.client.tasks.offerHelp(task.id);
    await anna.client.tasks.acceptOffer(offer.id);
    await ben.client.tasks.start(task.id);
    await ben.client.tasks.finish(task.id);
    const done = await anna.client.tasks.confirm(task.id);
    expect(done).toMatchObject({ id: task.id, status: "completed", helper_id: ben.id });
    expect(await ben.client.points.account()).toMatchObject({ balance: 25 });
  });

  it("never lends one member's session to another, however many ask at once", async () => {
    const members = await Promise.all(Array.from({ length: 6 }, (_, index) => signUp(`Neighbour${index}`)));
    const seen = await Promise.all(
      Array.from({ length: 60 }, async (_, index) => {
        const member = members[index % members.length];
        const own = await member?.client.users.me();
        return own?.id === member?.id;
      }),
    );
    expect(seen.filter(Boolean)).toHaveLength(60);
    const anybody = await fetch(`${stack.url}/rest/v1/user_contacts`, { headers: { apikey: stack.publishableKey } });
    expect(anybody.status).toBe(401);
  });

  it("passes a journey as every other stack does", async () => {
    const direct = new URL(server.urls.superuser);
    direct.pathname = "/behind_pooler";
    const journey = runProcess("vitest", ["run", "--project=journeys", "tests/journeys/story.test.ts"], {
      TEST_STACK_URL: stack.url,
      TEST_STACK_PUBLISHABLE_KEY: stack.publishableKey,
      TEST_STACK_SECRET_KEY: stack.secretKey,
      TEST_STACK_JWT_SECRET: loadKeys(join(dataDir, "keys.json")).jwtSecret,
      TEST_DATABASE_URL: direct.href,
    });
    expect({ code: await journey.exit, output: journey.output() }).toMatchObject({ code: 0 });
    expect(journey.output()).toMatch(/\d passed/u);
  });

  it("answers through an edge function", async () => {
    const partner = await openPartner((text, parameters) => stack.sql(text, parameters));
    const response = await fetch(`${stack.url}/functions/v1/partner/v1/rewards`, {
      method: "POST",
      headers: { authorization: `Bearer ${partner.key}`, "content-type": "application/json" },
      body: JSON.stringify({
        title_de: "Brot",
        title_en: "Bread",
        points_cost: 5,
        discount_type: "free_item",
      }),
    });
    expect(response.status).toBe(201);
  });

  it("shows rows and runs jobs in Studio and by the clock", async () => {
    const studio = await fetch(`${stack.studioUrl}/rest/v1/tasks?select=id&limit=1`);
    expect(studio.status).toBe(200);
    const jobs = await stack.database.asOwner((session) => session.query("select * from ops.run_due_jobs(now())"));
    expect(jobs.length).toBeGreaterThan(5);
    expect(problems.filter((line) => /failed|✖/u.test(line))).toEqual([]);
  });

  it("leaves no role and no setting in the pooler's sessions", async () => {
    const leftover = await Promise.all(
      Array.from({ length: 12 }, () =>
        stack.sql(
          `select session_user = current_user as is_plain, current_setting('search_path') as path,
             current_setting('request.jwt.claims', true) as claims, pg_sleep(0.05)`,
        ),
      ),
    );
    for (const [row] of leftover) expect(row).toMatchObject({ is_plain: true, path: expect.stringContaining("$user") });
    expect(leftover.map(([row]) => row?.["claims"] ?? "").join("")).toBe("");
  });
});

describe("jobs from two connections at once", () => {
  it("run once, and the other has nothing to do", async () => {
    const url = pooler.through(server.urls.owner);
    const [first, second]: [Database, Database] = [await connect({ url }), await connect({ url })];
    try {
      await first.transaction(async (session) => {
        expect((await session.query("select * from ops.run_due_jobs(now())")).length).toBeGreaterThan(5);
        expect(await second.query("select * from ops.run_due_jobs(now())")).toEqual([]);
      });
      // the lock was the transaction's, not that of a session which somebody else has now
      expect((await second.query("select * from ops.run_due_jobs(now())")).length).toBeGreaterThan(5);
    } finally {
      await Promise.all([first.close(), second.close()]);
    }
  });
});

describe("the load of the benchmark", () => {
  it("is answered to many clients by three servers", async () => {
    const { authenticator, superuser } = server.urls;
    const users = 50;
    const database = await connect({ url: superuser });
    onTestFinished(() => database.close());
    await database.query(
      `insert into auth.users (id, email, email_confirmed_at)
       select md5('user ' || n)::uuid, 'user-' || n || '@example.test', now() from generate_series(1, $1::integer) n`,
      [users],
    );
    const own = await startPgBouncer([authenticator], {
      settings: { default_pool_size: "3", ignore_startup_parameters: "options,extra_float_digits" },
    });
    onTestFinished(() => own.stop());
    const played = await steadyPgbench(server.cluster.binaries.directory, {
      name: "pools",
      url: own.through(authenticator),
      script: readFileSync(join(paths.root, "bench/load/pools-product.sql"), "utf8"),
      clients: 40,
      until: { transactionsPerClient: 15 },
      variables: { users },
      protocol: "extended",
    });
    expect(played.p95).toBeGreaterThan(0);
    const [row] = await database.query<{ written: number; servers: number }>(
      `select (select count(*)::int from public.preferences) as written,
         (select count(*)::int from pg_stat_activity where usename = 'authenticator') as servers`,
    );
    expect(row?.written).toBeGreaterThan(10);
    expect(row?.servers).toBeLessThanOrEqual(3);
  });
});

describe("commands", () => {
  it("npm run sql works", async () => {
    const command = runBootstrap(["sql", "create temp table t (n int); insert into t values (7); select n from t"], {
      DATABASE_URL: pooler.through(server.urls.owner),
    });
    expect(await command.exit).toBe(0);
    expect(command.output()).toMatch(/\b7\b/u);
  });

  it("npm run db:reset works", async () => {
    const url = await emptyDatabase("reset_behind_pooler");
    const command = runBootstrap(["db:reset", "--yes"], { DATABASE_URL: url });
    expect({ code: await command.exit, output: command.output() }).toMatchObject({ code: 0 });
    const database = await connect({ url });
    const [row] = await database.query<{ count: number }>("select count(*) from public.tasks");
    await database.close();
    expect(row?.count).toBeGreaterThan(0);
  });

  it.each([["db:push"], ["db:lint"], ["db:types", "--check"]])(
    "npm run %s says that it needs the server's own address",
    async (...args) => {
      const command = runBootstrap(args, { DATABASE_URL: pooler.through(server.urls.owner), DATABASE_DIRECT_URL: "" });
      expect(await command.exit).toBe(1);
      expect(command.output().trim()).toMatch(
        /^✖ this needs sessions, which the pooler at .*: set DATABASE_DIRECT_URL[^\n]*$/u,
      );
    },
  );

  it("npm run db:push takes it", async () => {
    const command = runBootstrap(["db:push", "--dry-run"], {
      DATABASE_URL: pooler.through(server.urls.owner),
      DATABASE_DIRECT_URL: server.urls.owner,
    });
    expect(await command.exit).toBe(0);
    expect(command.output()).toMatch(/up to date/u);
  });
});
