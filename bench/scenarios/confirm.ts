import { readFileSync } from "node:fs";
import { join } from "node:path";
import { StackError } from "../../dev/base/stack-error.ts";
import { REST_ROLE } from "../../dev/stack/database/roles.ts";
import { audit, count, walPosition } from "../counts.ts";
import type { BenchDatabase, Flavour } from "../databases.ts";
import { type LoadResult, pgbench } from "../pgbench.ts";
import type { Check, Measurement, ScenarioResult } from "../result.ts";
import { interleave } from "../rounds.ts";
import type { Bench } from "../scenario.ts";
import { medianRatio } from "../statistics.ts";

/** What takes turns, and the database it confirms in. */
const CONFIRMERS = {
  floor: "floor",
  "floor-wide": "floor",
  product: "product",
  documented: "documented",
} as const satisfies Record<string, Flavour>;
const MODES = ["off", "on"] as const;
const RACED_TASKS = 200;

/** Confirmations of one kind: each takes the next tasks of the pool, so none is confirmed twice. */
interface Confirmer {
  /** Also that of its load. */
  name: string;
  database: BenchDatabase;
  taken: number;
  /** Bytes of write-ahead log per confirmation, round by round. */
  walBytes: number[];
}

/** `confirm_task` against the floor and against the documented flow, with synchronous_commit off and on. */
export async function confirm(bench: Bench): Promise<ScenarioResult> {
  const { databases, sizes, progress } = bench;
  const confirmers: Confirmer[] = [];
  for (const [name, flavour] of Object.entries(CONFIRMERS)) {
    confirmers.push({ name, database: await databases.get(flavour, sizes.large), taken: 0, walBytes: [] });
  }
  const [, , product, documented] = confirmers;
  if (!product || !documented) throw new StackError("a database is missing");

  const checks: Check[] = [];
  const measurements: Measurement[] = [];
  const before = await updates(product.database);
  for (const mode of MODES) {
    const rates = await progress.step(`confirming, synchronous_commit ${mode}`, () => series(bench, confirmers, mode));
    measurements.push(...confirmers.map((confirmer, index) => measurement(confirmer, mode, rates[index] ?? [])));
    const [ofFloor = [], ofWide = [], ofProduct = [], ofDocumented = []] = rates;
    checks.push(
      {
        name: `confirm_task as a share of the floor, synchronous_commit ${mode}`,
        value: medianRatio(ofProduct, ofFloor),
        target: { atLeast: mode === "off" ? 0.5 : 0.6 },
        unit: "times",
      },
      {
        name: `confirm_task as a share of the floor with whole tasks, synchronous_commit ${mode}`,
        value: medianRatio(ofProduct, ofWide),
        unit: "times",
      },
    );
    if (mode === "off") {
      checks.push({
        name: "confirm_task against the documented five statements, synchronous_commit off",
        value: medianRatio(ofProduct, ofDocumented),
        target: { atLeast: 3.5 },
        unit: "times",
      });
    }
  }
  checks.push(...hotShares(before, await updates(product.database)));
  checks.push(...(await progress.step("16 clients confirm the same tasks", () => race(bench, product, documented))));
  checks.push(await progress.step("auditing the books", () => audit(product.database.query, "the confirmations")));
  return { scenario: "confirm", checks, measurements, plans: [] };
}

/** One warm-up round and the counted ones; returns confirmations per second for each confirmer and round. */
async function series(bench: Bench, confirmers: readonly Confirmer[], mode: string): Promise<number[][]> {
  const { clients, confirmationsPerClient, rounds } = bench.sizes.effort;
  for (const confirmer of confirmers) confirmer.walBytes = [];
  await confirmers[0]?.database.query("checkpoint");
  const contestants = confirmers.map((confirmer) => ({
    name: confirmer.name,
    async play() {
      const first = confirmer.taken;
      confirmer.taken += clients * confirmationsPerClient;
      const walBefore = await walPosition(confirmer.database.query);
      const result = await load(bench, confirmer, mode, first, confirmationsPerClient);
      confirmer.walBytes.push(((await walPosition(confirmer.database.query)) - walBefore) / result.transactions);
      return result;
    },
  }));
  const databases = [...new Set(confirmers.map(({ database }) => database))];
  const creditsBefore = await Promise.all(databases.map(credits));
  const results = await interleave(contestants, rounds, bench.progress);
  for (const [index, database] of databases.entries()) {
    const paid = (await credits(database)) - (creditsBefore[index] ?? 0);
    const kinds = confirmers.filter((confirmer) => confirmer.database === database).length;
    const expected = kinds * clients * confirmationsPerClient * (rounds + 1);
    if (paid !== expected) throw new StackError(`${database.name}: ${expected} confirmations paid ${paid} credits`);
  }
  return results.map((ofOne) => ofOne.map((result) => result.tps));
}

function load(
  bench: Bench,
  { name, database }: Confirmer,
  mode: string,
  first: number,
  transactionsPerClient: number,
  steps = { stride: bench.sizes.effort.clients, spread: 1 },
): Promise<LoadResult> {
  return pgbench(bench.cluster.binaries.directory, {
    name: `confirm, ${name}`,
    url: database.url(REST_ROLE),
    script: readFileSync(join(import.meta.dirname, `../load/confirm-${name}.sql`), "utf8"),
    clients: bench.sizes.effort.clients,
    until: { transactionsPerClient },
    variables: { i: 0, first, ...steps, pending: database.size.pending, users: database.size.users },
    settings: { synchronous_commit: mode },
  });
}

function measurement({ name, walBytes }: Confirmer, mode: string, perSecond: number[]): Measurement {
  const counted = walBytes.slice(1);
  const mean = counted.reduce((sum, bytes) => sum + bytes, 0) / counted.length;
  return {
    name: `${name}, synchronous_commit ${mode}`,
    perSecond,
    facts: { "bytes of write-ahead log per confirmation": Math.round(mean) },
  };
}

/** All clients confirm the same tasks in the same order: how many credits too many are there? */
async function race(bench: Bench, product: Confirmer, documented: Confirmer): Promise<Check[]> {
  const wrong = async (confirmer: Confirmer): Promise<number> => {
    const { database } = confirmer;
    const before = await credits(database);
    const first = database.size.pending - RACED_TASKS;
    await load(bench, confirmer, "off", first, RACED_TASKS, { stride: 1, spread: 0 });
    return (await credits(database)) - before - RACED_TASKS;
  };
  const ofDocumented = await wrong(documented);
  bench.progress.note(`the documented flow paid ${ofDocumented + RACED_TASKS} credits for ${RACED_TASKS} tasks`);
  return [
    {
      name: `wrong credits when all confirm the same ${RACED_TASKS} tasks`,
      value: await wrong(product),
      target: { atMost: 0 },
      unit: "count",
    },
    { name: "the same in the documented flow, for the record", value: ofDocumented, unit: "count" },
  ];
}

async function credits(database: BenchDatabase): Promise<number> {
  const ledger = database.flavour === "floor" ? "floor.transactions" : "public.point_transactions";
  return count(database.query, `select count(*)::int as n from ${ledger}`);
}

interface Updates {
  table: string;
  all: number;
  hot: number;
}

async function updates(database: BenchDatabase): Promise<Updates[]> {
  return database.query<Updates>(`
    select relname as table, n_tup_upd::int as all, n_tup_hot_upd::int as hot
    from pg_stat_user_tables where schemaname = 'public' and relname in ('point_accounts', 'tasks') order by relname`);
}

function hotShares(before: readonly Updates[], after: readonly Updates[]): Check[] {
  return after.map((row, index) => ({
    name: `heap-only updates of ${row.table}`,
    value: (row.hot - (before[index]?.hot ?? 0)) / (row.all - (before[index]?.all ?? 0)),
    target: { atLeast: row.table === "tasks" ? 0.8 : 1 },
    unit: "percent",
  }));
}
