import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { type SchedulerOptions, startScheduler } from "../../dev/stack/scheduler.ts";
import type { Stack } from "../../dev/stack/start-stack.ts";
import { startFixtureStack } from "./support/fixture-stack.ts";

/** What the scheduler asks; the product's functions do more (supabase/schemas/operations). */
const JOBS = `
  create schema ops;
  create table ops.runs (id int generated always as identity);
  create table ops.waiting (job text, runs_in text);
  create table ops.finished (job text, error text);
  create table ops.errors (job text, last_error text);
  create function ops.list_jobs() returns setof ops.errors language sql as $$ table ops.errors $$;
  create function ops.run_due_jobs() returns table (job text, processed integer, failed integer) language plpgsql as $$
  begin
    insert into ops.runs default values;
    return query values ('expire_tasks', 1, 0);
  end $$;
  create function ops.claim_jobs(runs_in text) returns setof text language sql as $$
    delete from ops.waiting w where w.runs_in = $1 returning w.job $$;
  create function ops.finish_job(job text, error text) returns void language sql as $$
    insert into ops.finished values ($1, $2) $$;`;

let stack: Stack;
let log: string[];
let called: string[];
beforeAll(async () => {
  stack = await startFixtureStack();
});
beforeEach(() => {
  log = [];
  called = [];
});
afterEach(() => asOwner("drop schema if exists ops cascade"));
afterAll(() => stack.stop());

function start(options: Partial<SchedulerOptions> = {}): () => Promise<void> {
  return startScheduler({
    database: stack.database,
    callFunction: async (name) => {
      called.push(name);
      return new Response();
    },
    log: (line) => log.push(line),
    everyMs: 30,
    ...options,
  });
}

const turns = () => new Promise((resolve) => setTimeout(resolve, 150));
const asOwner = (text: string) => stack.database.asOwner((session) => session.script(text));
const finished = () => stack.sql("select job, error from ops.finished");
const runs = async () => (await stack.sql<{ count: number }>("select count(*) from ops.runs"))[0]?.count ?? 0;
const give = (job: string, place = "function") => asOwner(`insert into ops.waiting values ('${job}', '${place}')`);

it("runs the due jobs again and again, until it is stopped", async () => {
  const stop = start();
  await turns(); // no jobs in this database yet: nothing happens
  await asOwner(JOBS);
  await expect.poll(runs).toBeGreaterThan(3);
  await stop();
  const after = await runs();
  await turns();
  expect(await runs()).toBe(after);
  expect([called, log]).toEqual([[], []]);
});

it("calls the functions that have work, and no commands", async () => {
  await asOwner(JOBS);
  const stop = start();
  await turns();
  expect(called).toEqual([]);
  await give("back_up", "command");
  await give("send_notifications");
  await expect.poll(finished).toEqual([{ job: "send_notifications", error: null }]);
  await stop();
  expect(called).toEqual(["send-notifications"]);
  expect(await stack.sql("select job from ops.waiting")).toEqual([{ job: "back_up" }]);
  expect(log).toEqual([]);
});

it("tells which job failed, and goes on", async () => {
  await asOwner(`${JOBS}
    insert into ops.errors values ('expire_tasks', '23505 not today');
    create or replace function ops.run_due_jobs() returns table (job text, processed integer, failed integer)
    language sql as $$ insert into ops.runs default values; select 'expire_tasks', 0, 1 $$;`);
  const answers = [
    () => Promise.resolve(new Response("", { status: 500 })),
    () => Promise.reject(new Error("no connection")),
  ];
  const stop = start({ callFunction: () => answers.shift()?.() });
  for (const expected of [1, 2, 3]) {
    await give("send_notifications");
    await expect.poll(finished).toHaveLength(expected);
  }
  await expect.poll(runs).toBeGreaterThan(3);
  await stop();
  expect(await finished()).toEqual([
    { job: "send_notifications", error: "answered 500" },
    { job: "send_notifications", error: "no connection" },
    { job: "send_notifications", error: null }, // there is no such function here
  ]);
  expect(new Set(log)).toEqual(
    new Set([
      "job expire_tasks failed: 23505 not today",
      "job send_notifications failed: answered 500",
      "job send_notifications failed: no connection",
    ]),
  );
});

it("goes on after a turn that failed, also with the functions", async () => {
  await asOwner(`${JOBS}
    create or replace function ops.run_due_jobs() returns table (job text, processed integer, failed integer)
    language plpgsql as $$ begin raise 'not today'; end $$;`);
  await give("send_notifications");
  const stop = start();
  await expect.poll(() => log).toContain("jobs could not be run: not today");
  await expect.poll(finished).toHaveLength(1);
  await asOwner(
    "create or replace function ops.run_due_jobs() returns table (job text, processed integer, failed integer) language sql as $$ insert into ops.runs default values; select 'x', 1, 0 $$",
  );
  await expect.poll(runs).toBeGreaterThan(1);
  await stop();
});

it("waits for a call in progress when it stops, and gives up on one that hangs", async () => {
  await asOwner(JOBS);
  await give("deliver_webhooks");
  let hasEnded = false;
  const waiting = start({
    callFunction: async (name) => {
      called.push(name);
      await turns();
      hasEnded = true;
      return new Response();
    },
  });
  await expect.poll(() => called).toEqual(["deliver-webhooks"]);
  await waiting();
  expect(hasEnded).toBe(true);

  await give("deliver_webhooks");
  const giving = start({
    stopGraceMs: 50,
    callFunction: (name, signal) =>
      new Promise((_resolve, reject) => {
        called.push(name);
        signal.addEventListener("abort", () => reject(signal.reason));
      }),
  });
  await expect.poll(() => called).toHaveLength(2);
  await giving();
  expect((await finished()).map(({ error }) => error)).toEqual([null, expect.stringMatching("broken off")]);
  expect(log).toEqual([]);
});
