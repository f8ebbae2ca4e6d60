import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { REST_ROLE } from "../../dev/stack/database/roles.ts";
import { startPgBouncer } from "../../tests/support/pgbouncer.ts";
import type { BenchDatabase } from "../databases.ts";
import { type Load, steadyPgbench } from "../pgbench.ts";
import type { ScenarioResult } from "../result.ts";
import { interleave } from "../rounds.ts";
import type { Bench } from "../scenario.ts";
import { median, medianRatio } from "../statistics.ts";

/** How many clients are connected at once, and how many requests each of them sends. */
const CLIENTS = {
  full: [
    [20, 200],
    [200, 30],
    [2_000, 6],
  ],
  quick: [
    [5, 100],
    [20, 40],
    [60, 20],
  ],
} as const;
/** Servers that PgBouncer keeps for all of them. */
const POOL_SIZE = 20;
/** Share of the free memory that servers may take before a measurement is left out; with 0.6 of it the kernel once killed them. */
const SAFE_SHARE = 0.5;
const MOST_ROUNDS = 3;

/** Requests of members through PgBouncer in transaction mode, and each on a connection of its own: nine searches, one write. */
export async function pools(bench: Bench): Promise<ScenarioResult> {
  const { cluster, databases, sizes, progress } = bench;
  const counts = CLIENTS[sizes.name === "quick" ? "quick" : "full"];
  const database = await databases.get("product", sizes.small);
  const url = database.url(REST_ROLE);
  const pooler = await startPgBouncer([url], {
    settings: {
      default_pool_size: String(POOL_SIZE),
      max_client_conn: String(Math.max(...counts.map(([clients]) => clients)) + 100),
      // pgbench sends its settings with them
      ignore_startup_parameters: "options,extra_float_digits",
    },
  });
  const result: ScenarioResult = { scenario: "pools", checks: [], measurements: [], plans: [] };
  try {
    let bytesOfOne = 0;
    for (const [clients, requests] of counts) {
      const load = (name: string, address: string, protocol: "prepared" | "extended"): Load => ({
        name: `${name}, ${clients.toLocaleString("en")} clients`,
        url: address,
        script: readFileSync(join(import.meta.dirname, "../load/pools-product.sql"), "utf8"),
        clients,
        until: { transactionsPerClient: requests },
        variables: { users: database.size.users },
        protocol,
        // PgBouncer takes no settings at login; a connection each may be slower than the role's own limits: how slow is to be seen
        settings: { statement_timeout: "0", lock_timeout: "0" },
      });
      const loads = [load("PgBouncer", pooler.through(url), "extended")];
      if (bytesOfOne * clients > SAFE_SHARE * process.availableMemory()) {
        progress.note(
          `${clients} servers would take ${gigabytes(bytesOfOne * clients)} GB: only PgBouncer is measured`,
        );
      } else {
        loads.push(load("a connection each", url, "prepared"));
        if (clients === counts[0][0]) loads.push(load("a connection each, statements without names", url, "extended"));
      }
      let servers = { count: 0, bytes: 0 };
      const contestants = loads.map((one) => ({
        name: one.name,
        async play() {
          const ended = new AbortController();
          const watching = watchServers(database, new Date(), ended.signal);
          const played = await steadyPgbench(cluster.binaries.directory, one).finally(() => ended.abort());
          const seen = await watching;
          if (one.url === url && seen.count > servers.count) servers = seen;
          return played;
        },
      }));
      const rounds = Math.min(sizes.effort.rounds, MOST_ROUNDS);
      const results = await progress.step(`${clients} clients`, () => interleave(contestants, rounds, progress));
      bytesOfOne = servers.bytes;

      const rates = results.map((ofOne) => ofOne.map(({ tps }) => tps));
      const waits = results.map((ofOne) => ofOne.map(({ p95 }) => p95));
      result.checks.push(...comparisons(`${clients.toLocaleString("en")} clients`, rates, waits));
      for (const [index, { name }] of loads.entries()) {
        const memory = { "MB of memory of one server": Number((servers.bytes / 2 ** 20).toFixed(1)) };
        result.measurements.push({
          name,
          perSecond: rates[index] ?? [],
          facts: {
            "ms within which 95 of 100 were answered": Number(median(waits[index] ?? []).toFixed(1)),
            "s until every client had an answer": Number(
              median((results[index] ?? []).map(({ warmUp }) => warmUp)).toFixed(1),
            ),
            "s for the slowest answer": Number(
              Math.max(...(results[index] ?? []).map(({ slowest }) => slowest)).toFixed(1),
            ),
            ...(index === 1 && servers.count > 0 ? { "servers at once": servers.count, ...memory } : {}),
          },
        });
      }
    }
  } finally {
    await pooler.stop();
  }
  return result;
}

/** PgBouncer against the others, where they were measured. */
function comparisons(
  clients: string,
  rates: readonly number[][],
  waits: readonly number[][],
): ScenarioResult["checks"] {
  const [pooled = [], ...others] = rates;
  const names = ["with a connection each", "with a connection each and statements without names"];
  const shares = others.map((ofOne, index) => ({
    name: `requests in a second through PgBouncer as a share of those ${names[index]}, ${clients}`,
    value: medianRatio(pooled, ofOne),
    unit: "times" as const,
  }));
  const [ofPooled = [], ofOwn] = waits;
  if (ofOwn === undefined) return shares;
  const name = `95th percentile through PgBouncer against a connection each, ${clients}`;
  return [...shares, { name, value: medianRatio(ofPooled, ofOwn), unit: "times" }];
}

/** The most servers that were started for the REST role and worked at once, and the mean memory that one of them had for itself; Linux only. */
async function watchServers(
  { query }: BenchDatabase,
  since: Date,
  ended: AbortSignal,
): Promise<{ count: number; bytes: number }> {
  let most = { count: 0, bytes: 0 };
  while (!ended.aborted) {
    await setTimeout(1_000, undefined, { signal: ended }).catch(() => undefined);
    const pids = await query<{ pid: number }>(
      "select pid from pg_stat_activity where usename = $1 and backend_start > $2",
      [REST_ROLE, since.toISOString()],
    );
    const sample = pids.slice(0, 50).flatMap(({ pid }) => ownMemory(pid));
    if (pids.length < most.count || sample.length === 0) continue;
    most = { count: pids.length, bytes: sample.reduce((sum, bytes) => sum + bytes, 0) / sample.length };
  }
  return most;
}

/** Anonymous memory and page tables of a process, which no other one shares; nothing where it has ended or is not to be seen. */
function ownMemory(pid: number): number[] {
  try {
    const kilobytes = (file: string, name: string) =>
      Number(new RegExp(`^${name}:\\s+(\\d+)`, "mu").exec(readFileSync(`/proc/${pid}/${file}`, "utf8"))?.[1] ?? 0);
    return [1024 * (kilobytes("smaps_rollup", "Anonymous") + kilobytes("status", "VmPTE"))];
  } catch {
    return [];
  }
}

function gigabytes(bytes: number): string {
  return (bytes / 2 ** 30).toFixed(1);
}
