import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { REST_ROLE } from "../../dev/stack/database/roles.ts";
import { audit } from "../counts.ts";
import type { BenchDatabase } from "../databases.ts";
import { pgbench } from "../pgbench.ts";
import { explain, type Reading, read } from "../reader.ts";
import type { ScenarioResult } from "../result.ts";
import { type Contestant, interleave } from "../rounds.ts";
import type { Bench } from "../scenario.ts";
import { medianRatio } from "../statistics.ts";
import { AROUND, LATITUDE, LONGITUDE, MEMBER } from "./growth.ts";
import { drawing, PLACE_QUERIES, TASK_QUERIES } from "./search.ts";

const MOST_OF_READS = 1.3;
const MOST_OF_COMMANDS = 1.2;
/** Share of every minute that all jobs together may take. */
const MOST_OF_JOBS = 0.1;
/** How often a job that runs every minute is done; the others once. */
const JOB_ROUNDS = 3;

const NEARBY = `${LATITUDE}, ${LONGITUDE}, 5000`;
const readings: readonly Reading[] = [
  ...["newest", "distance"].map((sort) => ({
    name: `nearby_tasks by ${sort}`,
    setup: MEMBER,
    draw: AROUND,
    sql: `select * from public.nearby_tasks(${NEARBY}, null, '${sort}', 20, null)`,
  })),
  drawing(TASK_QUERIES, "search_tasks", `select * from public.search_tasks({query}, ${NEARBY})`),
  drawing(PLACE_QUERIES, "search_places", `select * from public.search_places({query}, ${NEARBY})`),
  ...["all", "month"].map((period) => ({
    name: `leaderboard, ${period}`,
    setup: MEMBER,
    sql: `select * from public.leaderboard('${period}', 20)`,
  })),
  { name: "user_statistics", setup: MEMBER, sql: "select * from public.user_statistics(null)" },
  { name: "monthly_statistics", setup: MEMBER, sql: "select * from public.monthly_statistics(12)" },
];

/** How reads, commands and jobs grow from a tenth of the data to all of it. */
export async function size(bench: Bench): Promise<ScenarioResult> {
  const { databases, sizes, progress } = bench;
  const small = await databases.get("product", sizes.neighbourhood.small);
  const large = await databases.get("product", sizes.neighbourhood.large);
  const result: ScenarioResult = { scenario: "size", checks: [], measurements: [], plans: [] };

  const grow = async (name: string, atMost: number, contestantOf: (database: BenchDatabase) => Contestant) => {
    const results = await progress.step(name, () =>
      interleave([small, large].map(contestantOf), sizes.effort.rounds, progress),
    );
    const [few = [], many = []] = results.map((rounds) => rounds.map(({ tps }) => tps));
    result.measurements.push(
      { name: `${name}, ${amount(small)}`, perSecond: few },
      { name: `${name}, ${amount(large)}`, perSecond: many },
    );
    const target = { atMost };
    result.checks.push({
      name: `time of ${name}, ten times the data`,
      value: medianRatio(few, many),
      target,
      unit: "times",
    });
  };
  for (const reading of readings) {
    await grow(reading.name, MOST_OF_READS, (database) => ({
      name: amount(database),
      play: () => read(bench, database, reading, "authenticated", availableParallelism()),
    }));
    result.plans.push({ name: reading.name, plan: (await explain(large, reading, "authenticated")).plan });
  }
  const { confirmationsPerClient, redemptionsPerClient } = sizes.effort;
  await grow("confirm_task", MOST_OF_COMMANDS, (database) =>
    commands(bench, database, "confirm", confirmationsPerClient),
  );
  await grow("begin_redemption", MOST_OF_COMMANDS, (database) =>
    commands(bench, database, "redeem", redemptionsPerClient),
  );
  await progress.step("jobs", () => jobs(large, result));
  if (sizes.neighbourhood.large.archived <= 1_000_000) result.checks.push(await audit(large.query, "all of that"));
  return result;
}

/** Commands of members; every round goes on with the next tasks and members. */
function commands(bench: Bench, database: BenchDatabase, command: "confirm" | "redeem", perClient: number): Contestant {
  const { clients } = bench.sizes.effort;
  const { users, pending } = database.size;
  let taken = 0;
  return {
    name: amount(database),
    play() {
      const first = taken;
      taken += clients * perClient;
      return pgbench(bench.cluster.binaries.directory, {
        name: `${command} in ${database.name}`,
        url: database.url(REST_ROLE),
        script: readFileSync(join(import.meta.dirname, `../load/${command}-product.sql`), "utf8"),
        clients,
        until: { transactionsPerClient: perClient },
        variables: { i: 0, first, stride: clients, spread: 1, pending, users, reward: "unlimited" },
        settings: { synchronous_commit: "off" },
      });
    },
  };
}

/** Every job after all those commands, each with up to a thousand rows to do, and which share of the time they need in all. */
async function jobs({ query }: BenchDatabase, result: ScenarioResult): Promise<void> {
  const all = await query<{ job: string; seconds: number }>(
    "select job, extract(epoch from every)::float8 as seconds from private.jobs where runs_in = 'database' order by step",
  );
  let share = 0;
  for (const { job, seconds } of all) {
    const times: number[] = [];
    let processed = 0;
    for (let round = 0; round < (seconds <= 60 ? JOB_ROUNDS : 1); round++) {
      const started = performance.now();
      const [done] = await query<{ processed: number }>("select processed from ops.run_job($1)", [job]);
      times.push((performance.now() - started) / 1000);
      processed += done?.processed ?? 0;
    }
    const longest = Math.max(...times);
    share += longest / seconds;
    result.measurements.push({
      name: `job ${job}`,
      perSecond: times.map((time) => 1 / time),
      facts: { "ms at most": Math.round(longest * 1000), "seconds from run to run": seconds, processed },
    });
  }
  result.checks.push({
    name: "share of the time that all jobs need, with up to 1,000 rows each in every run",
    value: share,
    target: { atMost: MOST_OF_JOBS },
    unit: "percent",
  });
}

function amount({ size: { tasks, archived } }: BenchDatabase): string {
  return `${(tasks + archived).toLocaleString("en")} tasks`;
}
