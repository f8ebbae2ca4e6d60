import { execFile } from "node:child_process";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { SqlSession } from "../../dev/stack/database/session.ts";
import { generateFunctionKeys } from "../../dev/stack/keys.ts";
import { signUpBySql } from "../support/admin.ts";
import { startTestCluster, type TestCluster } from "../support/cluster.ts";
import { openClient, visit } from "../support/doctor.ts";
import { soon } from "../support/soon.ts";
import { requireCluster } from "../support/target.ts";

requireCluster("tests/operations");

let server: TestCluster;
let admin: SqlSession;
let owner: SqlSession;
const clients: SqlSession[] = [];

beforeAll(async () => {
  server = await startTestCluster({ name: "doctor" });
  admin = openClient(server.urls.superuser, "doctor.test");
  owner = openClient(server.urls.owner, "doctor.test");
  await admin.script("grant pg_signal_backend to postgres");
  await owner.query("select * from ops.run_due_jobs()"); // the server may be a copy of an older one
});
afterAll(async () => {
  await Promise.all([admin, owner, ...clients].map((session) => session?.close()));
  await server?.destroy();
});

// What a test that failed left running would hold up the next ones.
afterEach(async () => {
  await admin.query(`select pg_terminate_backend(pid) from pg_stat_activity
    where backend_type = 'client backend' and application_name <> 'doctor.test'`);
});

const as = (url: string, applicationName?: string): SqlSession => {
  const client = openClient(url, applicationName);
  clients.push(client);
  return client;
};
const pidOf = async (session: SqlSession): Promise<number> =>
  (await session.query<{ pid: number }>("select pg_backend_pid() as pid"))[0]?.pid ?? 0;
const isThere = async (pid: number): Promise<boolean> =>
  (await admin.query("select from pg_stat_activity where pid = $1", [pid])).length > 0;

it("finds a migrated server fine, but for backups", async () => {
  const { reports, illnesses } = await visit(server.urls.owner, []);
  expect(illnesses.filter((name) => !["backup_missing", "statements_not_recorded"].includes(name))).toEqual([]);
  const unasked = reports.filter(({ findings }) => findings[0].level === "unasked").map(({ subject }) => subject);
  expect(unasked).toEqual(["secrets", "smtp", "vapid"]);
});

describe("migrations", () => {
  const migrations = async () => (await visit(server.urls.owner, ["migrations"])).illnesses;

  it("that are pending, unknown or edited are named", async () => {
    await admin.script(`
      create temporary table was as select * from supabase_migrations.schema_migrations order by version desc limit 1;
      delete from supabase_migrations.schema_migrations m using was where m.version = was.version;
      insert into supabase_migrations.schema_migrations (version, name) values ('99990101000000', 'other_branch');
      update local_stack.migration_checksums set checksum = 'x' || checksum
      where version = (select min(version) from local_stack.migration_checksums)`);
    expect(await migrations()).toEqual(["migration_pending", "migration_unknown", "migration_edited"]);
    await admin.script(`
      delete from supabase_migrations.schema_migrations where name = 'other_branch';
      insert into supabase_migrations.schema_migrations select * from was;
      update local_stack.migration_checksums set checksum = substr(checksum, 2) where checksum like 'x%';
      drop table was`);
    expect(await migrations()).toEqual([]);
  });

  it("of an empty database are missing, and with them all that rests on them", async () => {
    await admin.script("create database bare template template0");
    const url = server.cluster.url("postgres", "bare");
    await admin.script("alter database bare set default_transaction_read_only = on");
    const { illnesses, reports } = await visit(url, []);
    expect(illnesses).toEqual(expect.arrayContaining(["never_migrated", "extension_missing", "database_read_only"]));
    const jobs = reports.find(({ subject }) => subject === "jobs")?.findings[0];
    expect(jobs).toMatchObject({ level: "unasked", next: expect.stringContaining("db:push") });
    await admin.script("drop database bare");
  });
});

describe("sessions and queries", () => {
  const HASTY = { limitSeconds: 1 };

  it("are ended at a terminal only by whoever says yes", async () => {
    const forgotten = as(server.urls.owner);
    const pid = await pidOf(forgotten);
    await forgotten.script("begin; select 1");
    const atTerminal = (answer: string): Promise<string> =>
      new Promise((resolve, reject) => {
        const command = "node ops/doctor/main.ts --only sessions --fix --over 0.001";
        const env = { ...process.env, DATABASE_URL: server.urls.superuser, DATABASE_DIRECT_URL: "" };
        const child = execFile("script", ["--quiet", "--command", command, "/dev/null"], { env }, (_error, stdout) =>
          stdout.includes("[y/N]") ? resolve(stdout) : reject(new Error(stdout)),
        );
        child.stdout?.on("data", (text: string) => {
          if (text.includes("[y/N]")) child.stdin?.write(answer);
        });
      });
    const CTRL_C = "\u0003";
    const CTRL_D = "\u0004";
    for (const answer of ["n\r", "\r", "yeah\r", CTRL_C, CTRL_D]) {
      const told = await atTerminal(answer);
      expect(told).toContain("left as it is");
      expect(told).not.toContain("    at ");
      expect(await isThere(pid)).toBe(true);
    }
    expect(await atTerminal("y\r")).toContain("ended");
    await expect.poll(() => isThere(pid)).toBe(false);
  });

  it("an idle transaction is found and ended, if it is nobody's to be left alone", async () => {
    const forgotten = as(server.urls.owner);
    const protectedOnes = {
      superuser: as(server.urls.superuser),
      authenticator: as(server.urls.authenticator),
      backup: as(server.urls.owner, "pg_dump"),
      command: as(server.urls.owner, "npm run ops:backup"),
    };
    const pids = new Map<string, number>();
    for (const [name, session] of Object.entries({ forgotten, ...protectedOnes })) {
      pids.set(name, await pidOf(session));
      await session.script("begin; select 1");
    }
    await soon(async () => {
      const { findings } = await visit(server.urls.superuser, ["sessions"], HASTY);
      expect(findings.map(({ illness }) => illness)).toEqual(Array(5).fill("idle_in_transaction"));
    });
    const dry = await visit(server.urls.superuser, ["sessions"], HASTY, "dry-run");
    expect(dry.repaired).toEqual([expect.objectContaining({ outcome: "would be done" })]);
    expect(await isThere(pids.get("forgotten") ?? 0)).toBe(true);

    const { repaired } = await visit(server.urls.superuser, ["sessions"], HASTY, "yes");
    expect(repaired).toEqual([
      { subject: "sessions", title: expect.stringContaining(`pid ${pids.get("forgotten")}`), outcome: "ended" },
    ]);
    await soon(async () => expect(await isThere(pids.get("forgotten") ?? 0)).toBe(false));
    for (const [name, session] of Object.entries(protectedOnes)) {
      expect(await isThere(pids.get(name) ?? 0), name).toBe(true);
      await session.script("rollback");
    }
    await soon(async () => expect((await visit(server.urls.superuser, ["sessions"], HASTY)).illnesses).toEqual([]));
  });

  it("an idle session that has no transaction is nobody's illness", async () => {
    const pool = as(server.urls.owner, "pool");
    const pid = await pidOf(pool);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    const { illnesses, repaired } = await visit(server.urls.superuser, ["sessions", "queries"], HASTY, "yes");
    expect({ illnesses, repaired }).toEqual({ illnesses: [], repaired: [] });
    expect(await isThere(pid)).toBe(true);
  });

  it("a query that runs for long is found and cancelled; its session goes on", async () => {
    const slow = as(server.urls.owner);
    const pid = await pidOf(slow);
    const outcome = slow.query("select pg_sleep(600)").catch((error: { code?: string }) => error.code);
    const building = as(server.urls.owner);
    const built = building.script("do $$ begin perform pg_sleep(600); end $$").catch(() => "ended");
    await soon(async () => {
      const { illnesses } = await visit(server.urls.owner, ["queries"], HASTY);
      expect(illnesses).toEqual(["query_slow", "query_slow"]);
    });
    const { repaired } = await visit(server.urls.owner, ["queries"], HASTY, "yes");
    expect(repaired.map(({ title, outcome: done }) => [title.includes(`pid ${pid}`), done])).toEqual([
      [true, "cancelled"],
    ]);
    expect(await outcome).toBe("57014");
    expect(await pidOf(slow)).toBe(pid);
    await admin.query(
      "select pg_cancel_backend(pid) from pg_stat_activity where query like 'do $$ begin perform pg_sleep%'",
    );
    await built;
    await soon(async () => expect((await visit(server.urls.owner, ["queries"], HASTY)).illnesses).toEqual([]));
  });

  it("a query that waits for a lock is found, with the one who holds it", async () => {
    const [holder, waiting] = [as(server.urls.owner), as(server.urls.owner)];
    const pid = await pidOf(holder);
    await holder.script("begin; lock table private.jobs in access exclusive mode");
    const waited = waiting.query("select count(*) from private.jobs");
    await soon(async () => {
      const { findings } = await visit(server.urls.owner, ["queries"], HASTY);
      expect(findings).toEqual([
        expect.objectContaining({ illness: "query_blocked", next: expect.stringContaining(String(pid)) }),
      ]);
      expect(findings[0]?.says).toContain("lock table private.jobs");
    });
    // what it reads itself is locked, too: it says so, and does not wait
    const [jobs] = (await visit(server.urls.owner, ["jobs"])).findings;
    expect(jobs).toMatchObject({ level: "unasked", next: "npm run doctor -- --only queries" });
    await holder.script("rollback");
    await waited;
  });
});

describe("tables and indexes", () => {
  const url = () => server.urls.owner;

  it("an invalid index is built anew, and what a broken reindex left behind is dropped", async () => {
    await owner.script(
      "create table public.ill (id integer, other integer); insert into public.ill values (1, 1), (1, 2)",
    );
    await owner.query("create unique index concurrently ill_once on public.ill (id)").catch(() => undefined);
    const first = await visit(url(), ["indexes"], {}, "yes");
    expect(first.illnesses).toEqual(["index_invalid"]);
    expect(first.repaired[0]?.outcome).toMatch(/^refused: .*23505/u); // the rows are still there twice
    await owner.script("delete from public.ill where other = 2");
    const second = await visit(url(), ["indexes"], {}, "yes");
    expect(second.repaired.map(({ outcome }) => outcome).toSorted()).toEqual(["built anew", "dropped"]);
    expect((await visit(url(), ["indexes"])).illnesses).toEqual([]);
    expect(
      await owner.query(
        "select indexrelid::regclass::text as name from pg_index where indrelid = 'public.ill'::regclass",
      ),
    ).toEqual([{ name: "ill_once" }]);
  });

  it("an index that is there twice, and a foreign key without one, are named and left to people", async () => {
    await owner.script(`
      create index ill_a on public.ill (other); create index ill_b on public.ill (other);
      create table public.ill_child (ill_id integer references public.ill (id))`);
    const { illnesses, repaired } = await visit(url(), ["indexes"], {}, "yes");
    expect({ illnesses: illnesses.toSorted(), repaired }).toEqual({
      illnesses: ["index_duplicate", "index_missing"],
      repaired: [],
    });
    await owner.script("drop table public.ill_child; drop table public.ill");
  });

  it("old statistics are renewed, dead rows cleared away, air named", async () => {
    const filler = as(url());
    await filler.script(`
      create table public.ill (id integer, text text) with (autovacuum_enabled = false);
      insert into public.ill select n, repeat('x', 500) from generate_series(1, 40000) n`);
    await filler.close(); // the counters are written when a session ends
    await soon(async () => expect((await visit(url(), ["vacuum"])).illnesses).toEqual(["statistics_stale"]));
    const { repaired } = await visit(url(), ["vacuum"], {}, "yes");
    expect(repaired).toEqual([{ subject: "vacuum", title: "analyze public.ill", outcome: "done" }]);
    await soon(async () => expect((await visit(url(), ["vacuum"])).illnesses).toEqual([]));

    const deleter = as(url());
    await deleter.script("delete from public.ill where id % 10 > 0");
    await deleter.close();
    await soon(async () => expect((await visit(url(), ["vacuum"])).illnesses).toEqual(["vacuum_overdue"]));
    await visit(url(), ["vacuum"], {}, "yes");
    await soon(async () => expect((await visit(url(), ["vacuum"])).illnesses).toEqual([]));
    expect((await visit(url(), ["bloat"])).illnesses).toEqual(["table_bloated"]);
    await owner.script("drop table public.ill");
    expect((await visit(url(), ["bloat"])).illnesses).toEqual([]);
  });

  it("autovacuum that is off is found", async () => {
    await admin.script("alter system set autovacuum = off");
    await admin.script("select pg_reload_conf()");
    await soon(async () => expect((await visit(url(), ["vacuum"])).illnesses).toEqual(["autovacuum_off"]));
    await admin.script("alter system reset autovacuum");
    await admin.script("select pg_reload_conf()");
  });
});

describe("what happens by the clock", () => {
  const url = () => server.urls.owner;

  it("a job that failed runs again, one that is late runs", async () => {
    const job = (body: string) => `create or replace function private.fail_for_test(as_of timestamptz, batch integer)
      returns table (processed integer, failed integer) language sql as $$ select ${body}, 0 $$`;
    await owner.script(`${job("1 / nullif(0, 0)")}; ${job("1 / (batch - batch)")};
      insert into private.jobs (job, room, step, every) values ('fail_for_test', 'operations', 1, '1 minute')`);
    await owner.query("select * from ops.run_job('fail_for_test')");
    const { findings } = await visit(url(), ["jobs"]);
    expect(findings).toContainEqual(
      expect.objectContaining({ illness: "job_failed", says: expect.stringContaining("22012") }),
    );
    await owner.script(job("7"));
    await owner.script(
      "update private.jobs set created_at = now() - interval '1 day', started_at = now() - interval '1 day' where runs_in = 'database' and job <> 'fail_for_test'",
    );
    const second = await visit(url(), ["jobs"], {}, "yes");
    expect(second.illnesses).toEqual(["job_failed", "job_overdue"]);
    expect(second.repaired.map(({ outcome }) => outcome)).toEqual([
      "7 done, 0 failed",
      expect.stringMatching(/^\d+ jobs ran$/u),
    ]);
    expect((await visit(url(), ["jobs"])).illnesses).toEqual([]);
    await owner.script("delete from private.jobs where job = 'fail_for_test'; drop function private.fail_for_test");
  });

  it("dead letters are sent once more, an endpoint that is off is named", async () => {
    await owner.script(`
      insert into public.partners (id, name) values ('00000000-0000-4000-8000-00000000d0c1', 'Bakery');
      insert into private.webhook_endpoints (id, partner_id, url, event_types, secret, is_enabled, disabled_reason) values
        ('00000000-0000-4000-8000-00000000d0c2', '00000000-0000-4000-8000-00000000d0c1', 'https://a.example', '{redemption.used}', 'lost.0000000000000000.0000000000000000000000', true, null),
        ('00000000-0000-4000-8000-00000000d0c3', '00000000-0000-4000-8000-00000000d0c1', 'https://b.example', '{redemption.used}', 'lost.0000000000000000.0000000000000000000000', false, 'gone');
      insert into private.webhook_messages (endpoint_id, partner_id, type, payload, status, next_attempt_at)
      values ('00000000-0000-4000-8000-00000000d0c2', '00000000-0000-4000-8000-00000000d0c1', 'redemption.used', '{}', 'dead', now())`);
    const first = await visit(url(), ["outbox"], {}, "yes");
    expect(first.illnesses).toEqual(["dead_letters", "endpoint_disabled"]);
    expect(first.repaired[0]?.outcome).toMatch(/^1 are sent once more/u);
    await owner.script("update private.webhook_messages set next_attempt_at = now() - interval '2 hours'");
    expect((await visit(url(), ["outbox"])).illnesses).toEqual(["outbox_waits", "endpoint_disabled"]);
    await owner.script(
      "delete from private.webhook_messages; delete from private.webhook_endpoints where not is_enabled",
    );
    expect((await visit(url(), ["outbox"])).illnesses).toEqual([]);
  });

  it("a sealing key that is missing is named by its id", async () => {
    const keys = generateFunctionKeys();
    const secrets = {
      SEALING_KEYS: keys.sealingKeys,
      CODE_INDEX_KEY: keys.codeIndexKey,
      NOTIFICATION_SIGNING_KEY: keys.notificationSigningKey,
    };
    const { findings, illnesses } = await visit(url(), ["secrets"], { secrets });
    expect(illnesses).toEqual(["sealing_key_missing"]);
    expect(findings[0]?.says).toMatch(/^key lost is not in SEALING_KEYS, and 1 /u);
    const both = { ...secrets, SEALING_KEYS: `${keys.sealingKeys},lost:${"A".repeat(43)}` };
    expect((await visit(url(), ["secrets"], { secrets: both })).illnesses).toEqual([]);
    expect((await visit(url(), ["secrets"], { secrets: { ...secrets, CODE_INDEX_KEY: "" } })).illnesses).toContain(
      "secret_missing",
    );
    await owner.script("delete from private.webhook_endpoints; delete from public.partners");
  });

  it("books that do not balance are found, and nothing mends them but people", async () => {
    const [id = ""] = await signUpBySql(admin.query, 1);
    await admin.script(
      `set session_replication_role = replica; update public.point_accounts set balance = balance + 5 where user_id = '${id}'; reset session_replication_role`,
    );
    const { findings, repaired } = await visit(url(), ["audits"], {}, "yes");
    expect(findings[0]).toMatchObject({
      illness: "audit_failed",
      says: expect.stringContaining("audit_books"),
      next: expect.stringContaining("ops.audit_books()"),
    });
    expect(repaired).toEqual([]);
    await admin.script(
      `set session_replication_role = replica; update public.point_accounts set balance = balance - 5 where user_id = '${id}'; reset session_replication_role`,
    );
    expect((await visit(url(), ["audits"])).illnesses).toEqual([]);
  });

  it("a backup that is missing, old or never read back is found", async () => {
    const add = (age: string, verified: boolean) =>
      owner.script(`insert into private.backups (taken_at, finished_at, store, name, bytes, kind, is_verified)
      values (now() - interval '${age}', now(), '/backups', '${age}', 1, 'manual', ${verified})`);
    expect((await visit(url(), ["backups"])).illnesses).toEqual(["backup_missing"]);
    await add("3 days", false);
    expect((await visit(url(), ["backups"])).illnesses).toEqual(["backup_old", "backup_unverified"]);
    await add("1 minute", true);
    expect((await visit(url(), ["backups"])).illnesses).toEqual([]);
    await owner.script("delete from private.backups");
  });

  it("an alert that no subject covers is told, by its level", async () => {
    await owner.script(
      "update private.alert_thresholds set warn_at = 0.001, critical_at = 0.002 where alert = 'database_size'",
    );
    expect((await visit(url(), ["alerts"])).illnesses).toContain("alert_critical");
    await owner.script(
      "update private.alert_thresholds set warn_at = null, critical_at = null where alert = 'database_size'",
    );
  });
});

it("a question that takes too long is not fine, but not asked to the end", async () => {
  await owner.script(
    "create function ops.audit_for_ever() returns table (problem text, subject_id text, detail text) language sql stable as $$ select pg_sleep(600)::text, '', '' $$",
  );
  const { findings } = await visit(server.urls.owner, ["audits"], { patience: 1 });
  expect(findings).toEqual([
    expect.objectContaining({ level: "unasked", next: expect.stringContaining("--only audits") }),
  ]);
  await owner.script("drop function ops.audit_for_ever()");
});
