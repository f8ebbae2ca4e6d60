import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { type SchedulerOptions, startScheduler } from "../../dev/stack/scheduler.ts";
import type { Stack } from "../../dev/stack/start-stack.ts";
import { startFixtureStack } from "./support/fixture-stack.ts";

/** What the queries of the scheduler look at; the product's tables have more columns. */
const WORK_TABLES = `
  create schema private;
  create table private.partner_requests (next_attempt_at timestamptz, deadline_at timestamptz);
  create table private.webhook_endpoints (id int, is_enabled boolean, paused_until timestamptz);
  create table private.webhook_messages (endpoint_id int, status text, next_attempt_at timestamptz);
  create table private.notification_deliveries (status text, next_attempt_at timestamptz);
  insert into private.webhook_endpoints values (1, true, now()), (2, false, now());`;

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
afterEach(() => asOwner("drop schema if exists ops, private cascade"));
afterAll(() => stack.stop());

function start(options: Partial<SchedulerOptions> = {}): () => Promise<void> {
  return startScheduler({
    database: stack.database,
    callFunction: async (name) => {
      called.push(name);
      return new Response();
    },
    log: (line) => log.push(line),
    jobsEveryMs: 30,
    deliverEveryMs: 30,
    ...options,
  });
}

const turns = () => new Promise((resolve) => setTimeout(resolve, 150));
const asOwner = (text: string) => stack.database.asOwner((session) => session.script(text));

it("runs the due jobs again and again, logs a failure and goes on", async () => {
  const stop = start();
  await turns(); // no such function yet: nothing happens

  await asOwner(`
    create schema ops;
    create table ops.runs (id int generated always as identity);
    create function ops.run_due_jobs(as_of timestamptz default now()) returns void language plpgsql as $$
    begin
      if (select count(*) from ops.runs) = 0 then
        raise 'not today' using hint = nextval('ops.runs_id_seq')::text;
      end if;
      insert into ops.runs default values;
    end $$;`);
  await expect.poll(() => log).toContain("scheduled jobs failed: not today");
  await stack.sql("insert into ops.runs default values");
  await expect
    .poll(async () => (await stack.sql<{ count: number }>("select count(*) from ops.runs"))[0]?.count)
    .toBeGreaterThan(3);

  await stop();
  const count = () => stack.sql("select count(*) from ops.runs");
  const after = await count();
  await turns();
  expect(await count()).toEqual(after);
  expect(called).toEqual([]);
});

it("calls the functions only when there is something to do for them", async () => {
  const stop = start();
  await turns();
  await asOwner(WORK_TABLES);
  await asOwner(`
    insert into private.partner_requests values (now() + interval '1 hour', now() + interval '1 day'), (now(), now());
    insert into private.webhook_messages values
      (1, 'pending', now() + interval '1 hour'), (1, 'delivered', now()), (2, 'pending', now());
    insert into private.notification_deliveries values
      ('pending', now() + interval '1 hour'), ('sent', now()), ('dead', now());`);
  await turns();
  expect(called).toEqual([]);

  await asOwner("insert into private.webhook_messages values (1, 'pending', now())");
  await expect.poll(() => called).toContain("deliver-webhooks");
  expect(called).not.toContain("sweep-redemptions");
  await asOwner("insert into private.partner_requests values (now(), now() + interval '1 day')");
  await expect.poll(() => called).toContain("sweep-redemptions");
  expect(called).not.toContain("send-notifications");
  await asOwner("insert into private.notification_deliveries values ('pending', now())");
  await expect.poll(() => called).toContain("send-notifications");
  await stop();
  expect(log).toEqual([]);
});

it("logs a function that fails and calls it again, and does nothing where it does not exist", async () => {
  await asOwner(`${WORK_TABLES} insert into private.webhook_messages values (1, 'pending', now())`);
  const answers = [
    () => Promise.resolve(new Response("", { status: 500 })),
    () => Promise.reject(new Error("no connection")),
  ];
  const stop = start({
    callFunction: (name) => {
      called.push(name);
      return answers.shift()?.();
    },
  });
  await expect.poll(() => called.length).toBeGreaterThan(2);
  await stop();
  expect(log).toEqual([
    "scheduled function deliver-webhooks answered 500",
    "scheduled function deliver-webhooks failed: no connection",
  ]);
});

it("waits for a call in progress when it stops, and gives up on one that hangs", async () => {
  await asOwner(`${WORK_TABLES} insert into private.webhook_messages values (1, 'pending', now())`);
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
  expect(log).toEqual([]);
});
