import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { paths } from "../../dev/base/paths.ts";
import { openServerSession, type SqlSession } from "../../dev/stack/database/session.ts";
import { type Figure, formatMetrics, METRICS, PREFIX } from "../../supabase/functions/metrics/format.ts";
import { startTestCluster, type TestCluster } from "../support/cluster.ts";
import { requireCluster } from "../support/target.ts";

requireCluster("tests/operations");

let server: TestCluster;
let owner: SqlSession;
let superuser: SqlSession;
const others: SqlSession[] = [];

beforeAll(async () => {
  server = await startTestCluster({ name: "monitoring" });
  owner = openServerSession(server.urls.owner);
  superuser = openServerSession(server.urls.superuser);
});
afterEach(async () => {
  await Promise.all(others.splice(0).map((session) => session.close()));
});
afterAll(async () => {
  await owner?.close();
  await superuser?.close();
  await server?.destroy();
});

/** A session of its own, which ends with the test. */
function another(applicationName: string): SqlSession {
  const session = openServerSession(server.urls.owner, { applicationName });
  others.push(session);
  return session;
}

async function alert(name: string): Promise<{ level: string; value: number; detail: string | null } | undefined> {
  const [row] = await owner.query<{ level: string; value: number; detail: string | null }>(
    "select level, value::float8 as value, detail from ops.alerts where alert = $1",
    [name],
  );
  return row;
}

const threshold = (name: string, warnAt: number | null, criticalAt: number | null) =>
  owner.query("update private.alert_thresholds set warn_at = $2, critical_at = $3 where alert = $1", [
    name,
    warnAt,
    criticalAt,
  ]);

describe("sessions", () => {
  it("shows connections against the limit, as the role that reads them", async () => {
    const rows = await owner.query<{ role: string; state: string; connections: number; connection_limit: number }>(
      "select role, state, connections, connection_limit from ops.connections",
    );
    expect(rows.map(({ state }) => state)).not.toContain("unseen");
    expect(rows).toContainEqual({ role: "postgres", state: "active", connections: 1, connection_limit: 297 });
    expect(await alert("sessions_unseen")).toMatchObject({ level: "ok" });
    expect(await alert("connections")).toMatchObject({ level: "ok" });
    await threshold("connections", 0.1, 0.2);
    expect(await alert("connections")).toMatchObject({ level: "critical" });
    await threshold("connections", 80, 95);
  });

  it("shows who waits for whom, and masks what they wrote", async () => {
    const [holder, waiter] = [another("holder"), another("waiter")];
    await holder.script("begin; lock table private.size_snapshots; select 'Anna at Elm Street 7' as words");
    const waiting = waiter.query("select count(*) from private.size_snapshots where table_name = 'Ben, +49 30 123456'");
    const rows = () =>
      owner.query<Record<string, unknown>>(
        "select blocked_query, blocking_state, blocking_query, relation, lock_type, waits_seconds from ops.locks",
      );
    await expect.poll(rows).toHaveLength(1);
    expect(await rows()).toEqual([
      {
        blocked_query: "select count(*) from private.size_snapshots where table_name = ?",
        blocking_state: "idle in transaction",
        blocking_query: "begin; lock table private.size_snapshots; select ? as words",
        relation: "private.size_snapshots",
        lock_type: "relation",
        waits_seconds: expect.any(Number),
      },
    ]);
    await threshold("blocked_sessions", 0.001, 1000);
    expect(await alert("blocked_sessions")).toMatchObject({ level: "warn", detail: "1 sessions wait for locks" });
    await threshold("idle_transactions", 0.001, 0.002);
    expect(await alert("idle_transactions")).toMatchObject({
      level: "critical",
      detail: expect.stringMatching(/^pid \d+$/),
    });
    expect(
      await owner.query("select application, is_idle, query from ops.long_transactions where application = 'holder'"),
    ).toEqual([
      { application: "holder", is_idle: true, query: "begin; lock table private.size_snapshots; select ? as words" },
    ]);
    await holder.script("rollback");
    await waiting;
    expect(await owner.query("select * from ops.locks")).toEqual([]);
    expect(await alert("idle_transactions")).toMatchObject({ level: "ok", value: 0 });
  });
});

describe("statements", () => {
  it("are slow by their mean and the setting, without what was in them", async () => {
    await superuser.script("select extensions.pg_stat_statements_reset()");
    await owner.script("select pg_sleep(0.3), 'Anna at Elm Street 7' as words");
    await owner.script("do $$ begin perform pg_sleep(0.3), 'Anna again'; end $$");
    await owner.script("select 1 as quick");
    const rows = await owner.query<{ query: string; mean_ms: number }>("select query, mean_ms from ops.slow_queries");
    expect(rows.map(({ query }) => query).sort()).toEqual(["do …", "select pg_sleep($1), $2 as words"]);
    expect(rows.every(({ mean_ms }) => mean_ms >= 300)).toBe(true);
    expect(await alert("statements_uncounted")).toMatchObject({ level: "ok" });
  });

  it("alert when they are the API's, and say so where nobody counts them", async () => {
    await owner.script("update private.settings set slow_query_ms = 1");
    const member = another("member");
    await member.script("set role service_role");
    for (let turn = 0; turn < 10; turn += 1) await member.query("select pg_sleep(0.005) as as_the_service");
    expect(await alert("slow_queries")).toMatchObject({ level: "warn", value: 1 });
    await superuser.script("drop extension pg_stat_statements");
    expect(await owner.query("select * from ops.slow_queries")).toEqual([]);
    expect(await alert("statements_uncounted")).toMatchObject({ level: "warn" });
    expect(await alert("slow_queries")).toMatchObject({ level: "ok", value: 0 });
    await superuser.script("create extension pg_stat_statements with schema extensions");
    await owner.script("update private.settings set slow_query_ms = default");
  });
});

describe("tables", () => {
  it("show what vacuum has before it, what is read in full, and an index that was broken off", async () => {
    await owner.script(`
      create table public.busy (id integer, note text) with (autovacuum_enabled = off);
      insert into public.busy select g, 'x' from generate_series(1, 20000) g;
      analyze public.busy`);
    await owner.script("update public.busy set note = 'y'");
    for (let turn = 0; turn < 100; turn += 1) await owner.query("select count(*) from public.busy where id = 1");
    await expect(owner.script("insert into public.busy values (1, 'again')")).resolves.toBeUndefined();
    await expect(owner.script("create unique index concurrently busy_ids on public.busy (id)")).rejects.toThrow(
      /unique/,
    );
    await owner.script("select pg_stat_force_next_flush()");
    await expect
      .poll(() => owner.query("select dead_rows, debt from ops.vacuum_debt where table_name = 'busy'"))
      .toEqual([{ dead_rows: 20_000, debt: 4.94 }]);
    expect(await alert("vacuum_debt")).toMatchObject({ level: "warn", detail: "public.busy" });
    expect(
      await owner.query(
        "select problem, index_name, remedy from ops.index_problems where table_name = 'busy' order by 1",
      ),
    ).toEqual([
      { problem: "invalid", index_name: "busy_ids", remedy: "drop index concurrently public.busy_ids" },
      { problem: "read_in_full", index_name: null, remedy: expect.stringContaining("ops.slow_queries") },
    ]);
    expect(await alert("invalid_indexes")).toMatchObject({ level: "warn", detail: "public.busy_ids" });
    await owner.script("drop table public.busy");
    expect(await alert("invalid_indexes")).toMatchObject({ level: "ok" });
  });

  it("are not read by a scrape: no table of the product with more rows than a page", async () => {
    const big = `
      insert into public.users (id, name) select gen_random_uuid(), 'Somebody' from generate_series(1, 20000);
      insert into private.notification_deliveries (user_id, channel, kind, after_id, status, created_at)
        select u.id, 'email', 'digest', 0, 'sent', now() from public.users u;
      insert into private.webhook_messages (endpoint_id, partner_id, type, payload, status)
        select gen_random_uuid(), gen_random_uuid(), 'webhook.test', '{}', 'delivered' from generate_series(1, 20000);
      insert into public.point_transactions (id, user_id, amount, type, balance_after)
        select -g, gen_random_uuid(), 1, 'bonus', 1 from generate_series(1, 20000) g;
      analyze`;
    await superuser.script(`set session_replication_role = replica; ${big}; set session_replication_role = origin`);
    await owner.script("select pg_stat_force_next_flush()");
    const reads = async () => {
      await owner.script("select pg_stat_force_next_flush()");
      const rows = await owner.query<{ name: string; reads: number }>(`
        select s.schemaname || '.' || s.relname as name, s.seq_scan as reads from pg_stat_user_tables s
        where s.n_live_tup > 1000 and s.schemaname in ('public', 'private') order by 1`);
      return Object.fromEntries(rows.map(({ name, reads: count }) => [name, count]));
    };
    await expect
      .poll(async () => Object.keys(await reads()))
      .toEqual([
        "private.notification_deliveries",
        "private.webhook_messages",
        "public.point_transactions",
        "public.users",
      ]);
    const before = await reads();
    for (const view of ["alerts", "outbox_backlog", "activity_by_hour", "jobs", "backups"]) {
      await owner.query(`select * from ops.${view}`);
    }
    await owner.query("select public.read_metrics(), public.read_readiness()");
    expect(await reads()).toEqual(before);
    // the counter does count
    await owner.query("select count(*) from public.users where name = 'x'");
    expect(await reads()).not.toEqual(before);
  });
});

describe("Prometheus", () => {
  const names = (text: string) => [...new Set(text.match(/neighbourhood_[a-z_]+/g) ?? [])].sort();
  const docs = (file: string) => join(paths.root, "docs/operations", file);
  const promtool = (args: string[], input = "") =>
    execFileSync("promtool", args, { input, encoding: "utf8", stdio: ["pipe", "pipe", "pipe"], cwd: paths.root });

  it("accepts the figures of a database, which are the metrics that are described", async () => {
    await owner.query("select * from ops.run_due_jobs(now())");
    await owner.query(`insert into private.backups (taken_at, store, name, bytes, kind, is_verified)
      values (now(), '/backups', 'today', 1, 'scheduled', true)`);
    await superuser.query("select pg_create_physical_replication_slot('absent', true)");
    const [row] = await owner.query<{ figures: Figure[] }>("select public.read_metrics() as figures");
    await superuser.query("select pg_drop_replication_slot('absent')");
    const figures = row?.figures ?? [];
    const page = formatMetrics(figures);
    expect(promtool(["check", "metrics"], page)).toBe("");
    // a standby has a lag in time, a slot has none
    const found = new Set(figures.map(({ name }) => name));
    expect(Object.keys(METRICS).filter((name) => !found.has(name))).toEqual(["replication_lag_seconds"]);
    expect(() => promtool(["check", "metrics"], page.replaceAll("neighbourhood_info", "neighbourhood info"))).toThrow();
  });

  it("accepts the alert rules, which fire when they should", () => {
    expect(promtool(["check", "rules", docs("prometheus-alerts.yml")])).toContain("SUCCESS: 7 rules found");
    expect(promtool(["test", "rules", "tests/operations/prometheus-alerts.test.yml"])).toContain("SUCCESS");
  });

  it("finds every name of rules and dashboard among the metrics, and its queries well formed", () => {
    const dashboard = readFileSync(docs("grafana-dashboard.json"), "utf8");
    const known = Object.keys(METRICS).map((name) => PREFIX + name);
    const used = [...names(dashboard), ...names(readFileSync(docs("prometheus-alerts.yml"), "utf8"))];
    expect(used.filter((name) => !known.includes(name))).toEqual([]);
    expect(known.filter((name) => !names(dashboard).includes(name))).toEqual([]);
    const { panels } = JSON.parse(dashboard) as { panels: { targets?: { expr: string }[] }[] };
    const rules = panels
      .flatMap(({ targets = [] }) => targets)
      .map(({ expr }, index) => ({ record: `panel:${index}`, expr }));
    // JSON is YAML
    const group = JSON.stringify({ groups: [{ name: "dashboard", rules }] });
    execFileSync("sh", ["-c", 'f=$(mktemp) && cat > "$f" && promtool check rules "$f"; r=$?; rm -f "$f"; exit $r'], {
      input: group,
      stdio: ["pipe", "pipe", "pipe"],
    });
  });
});
