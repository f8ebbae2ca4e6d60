import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { paths } from "../../dev/base/paths.ts";
import { connect, type Database } from "../../ops/core/connection.ts";
import { type JobEvent, startTurns, type Turns } from "../../ops/jobs/turns.ts";
import { startTestCluster, type TestCluster } from "../support/cluster.ts";
import { startPgBouncer } from "../support/pgbouncer.ts";
import { requireCluster } from "../support/target.ts";

requireCluster("tests/operations");

let server: TestCluster;
let owner: Database;
let superuser: Database;
beforeAll(async () => {
  server = await startTestCluster({
    name: "jobs",
    settings: {
      shared_preload_libraries: "pg_cron",
      "cron.database_name": "postgres",
      "cron.use_background_workers": "on",
      max_worker_processes: "20",
    },
  });
  owner = await connect({ url: server.urls.owner });
  superuser = await connect({ url: server.urls.superuser });
  await plant("planted", "perform pg_sleep(0)");
});
const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});
afterAll(async () => {
  await owner?.close();
  await superuser?.close();
  await server?.destroy();
});

/** A job of every minute that notes when its runs began. */
async function plant(job: string, work: string): Promise<void> {
  await owner.query("create table if not exists private.planted_runs (job text, began_at timestamptz default now())");
  await owner.query(`
    create or replace function private.${job}(as_of timestamptz, batch integer, out processed integer, out failed integer)
    language plpgsql as $$ begin ${work}; insert into private.planted_runs values ('${job}'); processed := 1; failed := 0; end $$`);
  await owner.query(
    `insert into private.jobs (job, room, step, every) values ('${job}', 'operations', 300 + (select count(*) from private.jobs), '1 minute')
     on conflict (job) do update set started_at = null`,
  );
}

const runsOf = async (job: string): Promise<number> => {
  const [row] = await owner.query<{ runs: number }>(
    `select count(*)::int as runs from private.planted_runs where job = '${job}'`,
  );
  return row?.runs ?? 0;
};
const makeDue = (job: string) => owner.query("update private.jobs set started_at = null where job = $1", [job]);

async function turns(url: string, events: JobEvent[] = []): Promise<Turns> {
  const database = await connect({ url, applicationName: "jobs under test" });
  const running = startTurns({ database, log: (event) => events.push(event), everyMs: 100 });
  ends.push(
    () => database.close(),
    () => running.stop(),
  );
  return running;
}

interface Run {
  child: ChildProcess;
  ended: Promise<number | null>;
  output(): string;
}

function npmRunJobs(args: readonly string[], env: Record<string, string> = {}): Run {
  const child = spawn(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", join(paths.root, "ops/jobs/main.ts"), ...args],
    {
      env: { ...process.env, DATABASE_URL: server.urls.owner, SUPABASE_URL: "", SUPABASE_SECRET_KEY: "", ...env },
    },
  );
  let text = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (text += chunk));
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  ends.push(() => child.kill("SIGKILL"));
  return { child, ended, output: () => text };
}

it("does what is due once, in two copies", async () => {
  const [first, second] = [npmRunJobs(["--json"]), npmRunJobs(["--json"])];
  await expect.poll(() => runsOf("planted"), { timeout: 60_000 }).toBeGreaterThan(0);
  for (const { output } of [first, second])
    await expect.poll(output, { timeout: 60_000 }).toContain("until it is stopped");
  first.child.kill("SIGTERM");
  second.child.kill("SIGINT");
  expect([await first.ended, await second.ended]).toEqual([0, 0]);
  expect(
    await owner.query("select from private.planted_runs group by date_trunc('minute', began_at) having count(*) > 1"),
  ).toEqual([]);
  const [line = ""] = `${first.output()}${second.output()}`.split("\n").filter((text) => text.includes('"planted"'));
  expect(JSON.parse(line)).toMatchObject({ level: "info", job: "planted", message: "1 done" });
});

it("works as app_service, which reads no table, and says why a job failed", async () => {
  await superuser.query("alter role app_service password 'secret'");
  const url = new URL(server.urls.owner);
  url.username = "app_service";
  url.password = "secret";
  await plant("planted_broken", "raise exception 'planted failure'");
  const { ended, output } = npmRunJobs(["--once"], { DATABASE_URL: url.href, BACKUP_STORE: "" });
  expect(await ended).toBe(1);
  expect(output()).toContain("planted failure");
  const claimed = await connect({ url: url.href });
  ends.push(() => claimed.close());
  expect(await claimed.query("select ops.claim_jobs('command')")).toHaveLength(1);
  expect(await claimed.query("select ops.hold_job('back_up') as held")).toEqual([{ held: true }]);
  await claimed.query("select ops.finish_job('back_up')");
  await owner.query("delete from private.jobs where job = 'planted_broken'");
});

it("ends after the run in progress when it is stopped", async () => {
  await plant("planted_slow", "perform pg_sleep(3)");
  const { child, ended, output } = npmRunJobs([]);
  await expect
    .poll(() => superuser.query("select from pg_stat_activity where wait_event = 'PgSleep'"), { timeout: 60_000 })
    .toHaveLength(1);
  child.kill("SIGTERM");
  expect([await ended, await runsOf("planted_slow")]).toEqual([0, 1]);
  expect(output()).toContain("stopping");
  await owner.query("delete from private.jobs where job = 'planted_slow'");
});

it("works through a pooler of transactions, and once", async () => {
  const pooler = await startPgBouncer([server.urls.owner]);
  ends.push(() => pooler.stop());
  await makeDue("planted");
  const before = await runsOf("planted");
  const { ended, output } = npmRunJobs(["--once"], { DATABASE_URL: pooler.through(server.urls.owner) });
  expect([await ended, await runsOf("planted")], output()).toEqual([0, before + 1]);
});

it("says in one line what is wrong with its surroundings", async () => {
  await superuser.query("create database empty");
  const wrong = [
    npmRunJobs(["--once"], { SUPABASE_URL: "http://127.0.0.1:1" }),
    npmRunJobs(["--once"], { DATABASE_URL: server.cluster.url("supabase_admin", "empty") }),
    npmRunJobs(["--once"], { DATABASE_URL: "postgresql://postgres:x@127.0.0.1:1/postgres" }),
  ];
  expect(await Promise.all(wrong.map(({ ended }) => ended))).toEqual([1, 1, 1]);
  expect(wrong.map(({ output }) => output().trim().split("\n"))).toEqual([
    ["✖ SUPABASE_SECRET_KEY is missing: functions need both, SUPABASE_URL and SUPABASE_SECRET_KEY"],
    [expect.stringContaining("has no jobs: migrate it first, npm run db:push")],
    [expect.stringMatching(/^✖ .*127\.0\.0\.1:1/u)],
  ]);
});

it("calls functions that have work, with the secret key, and says when one fails", async () => {
  const [member] = await owner.query<{ id: string }>(
    "insert into auth.users (id) values (gen_random_uuid()) returning id",
  );
  await owner.query(
    `insert into private.notification_deliveries (user_id, channel, kind, after_id, next_attempt_at)
     values ($1, 'email', 'digest', 0, now())`,
    [member?.id],
  );
  const asked: unknown[] = [];
  const functions: Server = createServer((request, response) => {
    asked.push([request.method, request.url, request.headers["apikey"]]);
    response.writeHead(asked.length === 1 ? 503 : 200).end();
  });
  await new Promise<void>((resolve) => functions.listen(0, "127.0.0.1", resolve));
  ends.push(() => functions.close());
  const SUPABASE_URL = `http://127.0.0.1:${(functions.address() as AddressInfo).port}`;
  const env = { SUPABASE_URL, SUPABASE_SECRET_KEY: "sb_secret_test" };
  const failed = npmRunJobs(["--once"], env);
  expect(await failed.ended).toBe(1);
  expect(failed.output()).toContain("send_notifications: answered 503");
  const seen = "select last_error from ops.jobs where job = 'send_notifications'";
  expect(await owner.query(seen)).toEqual([{ last_error: "answered 503" }]);
  await owner.query("select ops.run_job('send_notifications')"); // frees it for the next turn
  expect(await npmRunJobs(["--once"], env).ended).toBe(0);
  expect(await owner.query(seen)).toEqual([{ last_error: null }]);
  expect(asked).toEqual(Array(2).fill(["POST", "/functions/v1/send-notifications", "sb_secret_test"]));
});

it("goes on when its connections and the server die under it", async () => {
  const events: JobEvent[] = [];
  const running = await turns(server.urls.owner, events);
  await superuser.query(
    "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'jobs under test'",
  );
  await makeDue("planted");
  const before = await runsOf("planted");
  await expect.poll(() => runsOf("planted"), { timeout: 60_000 }).toBeGreaterThan(before);
  await server.cluster.stop("immediate");
  await expect.poll(() => events.at(-1)?.level, { timeout: 60_000 }).toBe("error");
  await server.cluster.start();
  await expect.poll(() => events.at(-1)?.message, { timeout: 60_000 }).toBe("the database answers again");
  await running.stop();
});

it("is called by pg_net with what stands in Vault, while there is work", async () => {
  // stand-ins: the real ones cannot be installed here
  await superuser.query("create schema net");
  await superuser.query("create schema vault");
  await superuser.query("create table vault.decrypted_secrets (name text, decrypted_secret text)");
  await superuser.query("create table net._http_response (id bigint, status_code integer, error_msg text)");
  await superuser.query("create table net.asked (id bigint generated always as identity, url text, headers jsonb)");
  await superuser.query(`create function net.http_post(url text, body jsonb default '{}', params jsonb default '{}',
    headers jsonb default '{}', timeout_milliseconds integer default 5000) returns bigint language sql as $$
    insert into net.asked (url, headers) values ($1, $4) returning id $$`);
  await superuser.query("grant usage on schema net, vault to postgres");
  await superuser.query("grant all on all tables in schema net, vault to postgres");
  const call = () => owner.query("select processed, failed from ops.run_job('call_functions')");
  expect(await call(), "nothing in Vault").toEqual([{ processed: 0, failed: 0 }]);
  await owner.query(`insert into vault.decrypted_secrets values
    ('project_url', 'https://ref.supabase.co/'), ('secret_key', 'sb_secret_test'), ('other', 'x')`);
  expect(await call()).toEqual([{ processed: 1, failed: 0 }]);
  expect(await call(), "one call at a time").toEqual([{ processed: 0, failed: 0 }]);
  expect(await superuser.query("select url, headers from net.asked")).toEqual([
    { url: "https://ref.supabase.co/functions/v1/send-notifications", headers: { apikey: "sb_secret_test" } },
  ]);
  await superuser.query("insert into net._http_response values (1, 401, null)");
  expect(await call(), "a wrong key").toEqual([{ processed: 0, failed: 1 }]);
  expect(await owner.query("select last_error from ops.jobs where job = 'send_notifications'")).toEqual([
    { last_error: "answered 401" },
  ]);
  await owner.query("select ops.run_job('send_notifications')");
  expect(await call()).toEqual([{ processed: 1, failed: 0 }]);
  await superuser.query("insert into net._http_response values (2, 200, null)");
  await owner.query("delete from private.notification_deliveries");
  expect(await call(), "answered, and no more work").toEqual([{ processed: 0, failed: 0 }]);
  expect(await owner.query("select last_error, is_due from ops.jobs where job = 'send_notifications'")).toEqual([
    { last_error: null, is_due: false },
  ]);
});

it("is done by the real pg_cron, as the role of hosted projects; a failing job is seen, others go on", async () => {
  const [schedule = ""] = readFileSync(join(paths.root, "supabase/schemas/operations/schedule.sql"), "utf8").split(
    "-- undo:",
  );
  // as hosted projects give it: the extension of a superuser, its schema to postgres
  await superuser.query("create extension pg_cron");
  await superuser.query("grant usage on schema cron to postgres with grant option");
  await superuser.query("grant all on all tables in schema cron to postgres");
  await plant("planted_broken", "raise 'no such thing'");
  await owner.query(schedule);
  await owner.query(schedule);
  expect(await owner.query("select username, database, command from cron.job")).toEqual([
    { username: "postgres", database: "postgres", command: "select ops.run_due_jobs()" },
  ]);

  // pg_cron serves one database: in another one the migration goes through, and says what to do
  const other = await connect({ url: server.cluster.url("supabase_admin", "empty") });
  ends.push(() => other.close());
  await other.query(schedule);
  expect(await other.query("select to_regclass('cron.job') as jobs")).toEqual([{ jobs: null }]);

  await makeDue("planted");
  const before = await runsOf("planted");
  await expect.poll(() => runsOf("planted"), { timeout: 150_000, interval: 500 }).toBeGreaterThan(before);
  await expect
    .poll(() => owner.query("select distinct status from cron.job_run_details"), { timeout: 60_000 })
    .toEqual([{ status: "succeeded" }]);
  expect(
    await owner.query(
      "select failed, last_error from ops.jobs where job = 'planted_broken' and last_started_at is not null",
    ),
  ).toEqual([{ failed: 1, last_error: "P0001 no such thing, in private.planted_broken" }]);

  await superuser.query("update cron.job_run_details set end_time = now() - interval '8 days'");
  expect(await owner.query("select processed, failed from ops.run_job('purge_cron_log')")).toEqual([
    { processed: expect.any(Number), failed: 0 },
  ]);
  expect(await owner.query("select from cron.job_run_details where end_time < now() - interval '7 days'")).toEqual([]);
  await owner.query("select cron.unschedule('run-due-jobs')");
});

it("is nobody else's business on the same server", async () => {
  const other = await connect({ url: server.cluster.url("supabase_admin", "empty") });
  ends.push(() => other.close());
  await makeDue("planted");
  const rows = await other.transaction(async (session) => {
    // the lock of a run in another database
    await session.query("select pg_advisory_xact_lock(hashtext('ops.run_due_jobs'))");
    return owner.query("select job from ops.run_due_jobs() where job = 'planted'");
  });
  expect(rows).toEqual([{ job: "planted" }]);
});
