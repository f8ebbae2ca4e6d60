import { readFileSync } from "node:fs";
import { join } from "node:path";
import { StackError } from "../../dev/base/stack-error.ts";
import { REST_ROLE } from "../../dev/stack/database/roles.ts";
import { audit, count, walPosition } from "../counts.ts";
import type { BenchDatabase } from "../databases.ts";
import { pgbench } from "../pgbench.ts";
import type { Check, Measurement, ScenarioResult } from "../result.ts";
import { type Contestant, interleave } from "../rounds.ts";
import type { Bench } from "../scenario.ts";
import { medianRatio } from "../statistics.ts";

const MODES = ["off", "on"] as const;

/** Redemptions of one reward. Each takes the next members, in random order, so nobody redeems twice at the same time. */
interface Redeemer {
  name: string;
  database: BenchDatabase;
  reward: "unlimited" | "limited" | "pool";
  /** Redemptions of one client in one round. */
  perClient: number;
  taken: number;
  /** Bytes of write-ahead log per redemption, round by round. */
  walBytes: number[];
}

/** `begin_redemption` against the floor, with synchronous_commit off and on; and where all members wait for one row. */
export async function redeem(bench: Bench): Promise<ScenarioResult> {
  const { databases, sizes, progress } = bench;
  const { redemptionsPerClient, sharedRedemptionsPerClient } = sizes.effort;
  const floor = await databases.get("floor", sizes.large);
  const product = await databases.get("product", sizes.large);
  const redeemer = (
    name: string,
    database: BenchDatabase,
    reward: Redeemer["reward"],
    perClient = redemptionsPerClient,
  ): Redeemer => ({ name, database, reward, perClient, taken: 0, walBytes: [] });
  const redeemers = [
    redeemer("floor", floor, "unlimited"),
    redeemer("unlimited", product, "unlimited"),
    redeemer("limited stock", product, "limited", sharedRedemptionsPerClient),
    redeemer("pool of codes", product, "pool", sharedRedemptionsPerClient),
  ];

  const checks: Check[] = [];
  const measurements: Measurement[] = [];
  for (const mode of MODES) {
    const rates = await progress.step(`redeeming, synchronous_commit ${mode}`, () => series(bench, redeemers, mode));
    measurements.push(...redeemers.map((one, index) => measurement(one, mode, rates[index] ?? [])));
    const [ofFloor = [], ofUnlimited = [], ofLimited = [], ofPool = []] = rates;
    checks.push(
      {
        name: `begin_redemption as a share of the floor, synchronous_commit ${mode}`,
        value: medianRatio(ofUnlimited, ofFloor),
        ...target(mode, 0.5),
        unit: "times",
      },
      {
        name: `the same with a limited stock, synchronous_commit ${mode}`,
        value: medianRatio(ofLimited, ofFloor),
        ...target(mode, 0.4),
        unit: "times",
      },
      {
        name: `the same with a pool of codes, synchronous_commit ${mode}`,
        value: medianRatio(ofPool, ofFloor),
        ...target(mode, 0.35),
        unit: "times",
      },
    );
  }
  checks.push(await progress.step("auditing the books", () => audit(product.query, "the redemptions")));
  return { scenario: "redeem", checks, measurements, plans: [] };
}

/** With synchronous_commit on the disk decides. */
function target(mode: string, atLeast: number): Pick<Check, "target"> {
  return mode === "off" ? { target: { atLeast } } : {};
}

/** One warm-up round and the counted ones; returns redemptions per second for each redeemer and round. */
async function series(bench: Bench, redeemers: readonly Redeemer[], mode: string): Promise<number[][]> {
  const { clients, rounds } = bench.sizes.effort;
  for (const redeemer of redeemers) redeemer.walBytes = [];
  await redeemers[0]?.database.query("checkpoint");
  const before = await Promise.all(redeemers.map(redemptions));
  const results = await interleave(
    redeemers.map((redeemer) => contestant(bench, redeemer, mode)),
    rounds,
    bench.progress,
  );
  for (const [index, redeemer] of redeemers.entries()) {
    const written = (await redemptions(redeemer)) - (before[index] ?? 0);
    const expected = clients * redeemer.perClient * (rounds + 1);
    if (written !== expected) throw new StackError(`${redeemer.name}: ${expected} requests, ${written} redemptions`);
  }
  return results.map((ofOne) => ofOne.map(({ tps }) => tps));
}

function contestant(bench: Bench, redeemer: Redeemer, mode: string): Contestant {
  const { clients } = bench.sizes.effort;
  const { name, database, reward, perClient } = redeemer;
  return {
    name,
    async play() {
      const first = redeemer.taken;
      redeemer.taken += clients * perClient;
      const walBefore = await walPosition(database.query);
      const result = await pgbench(bench.cluster.binaries.directory, {
        name: `redeem, ${name}`,
        url: database.url(REST_ROLE),
        script: readFileSync(join(import.meta.dirname, `../load/redeem-${database.flavour}.sql`), "utf8"),
        clients,
        until: { transactionsPerClient: perClient },
        variables: { i: 0, first, stride: clients, users: database.size.users, reward },
        settings: { synchronous_commit: mode },
      });
      redeemer.walBytes.push(((await walPosition(database.query)) - walBefore) / result.transactions);
      return result;
    },
  };
}

function measurement({ name, walBytes }: Redeemer, mode: string, perSecond: number[]): Measurement {
  const counted = walBytes.slice(1);
  const mean = counted.reduce((sum, bytes) => sum + bytes, 0) / counted.length;
  return {
    name: `${name}, synchronous_commit ${mode}`,
    perSecond,
    facts: { "bytes of write-ahead log per redemption": Math.round(mean) },
  };
}

function redemptions({ database, reward }: Redeemer): Promise<number> {
  const table = database.flavour === "floor" ? "floor.redemptions" : "public.redemptions";
  return count(
    database.query,
    `select count(*)::int as n from ${table} where reward_id = bench.reward_id('${reward}')`,
  );
}
