import { readFileSync } from "node:fs";
import { join } from "node:path";
import { StackError } from "../../dev/base/stack-error.ts";
import { REST_ROLE } from "../../dev/stack/database/roles.ts";
import { audit, count } from "../counts.ts";
import type { BenchDatabase } from "../databases.ts";
import { pgbench } from "../pgbench.ts";
import type { ScenarioResult } from "../result.ts";
import { type Contestant, interleave } from "../rounds.ts";
import type { Bench } from "../scenario.ts";
import { medianRatio } from "../statistics.ts";

/** Triggers by table: what a command does for others besides its own work. */
type Triggers = Readonly<Record<string, readonly string[]>>;

const NOTIFICATIONS: Triggers = {
  "public.task_events": ["task_events_notify"],
  "public.ratings": ["ratings_notify"],
};
const COUNTERS: Triggers = { "public.ratings": ["ratings_count_new", "ratings_count_changed"] };

/** One command and the pool of tasks that its load uses up. */
interface Command {
  name: string;
  script: string;
  variables: Readonly<Record<string, number>>;
  /** Counts what was done. */
  done: string;
  /** What is taken away from it for comparison. */
  additions: Readonly<Record<string, Triggers>>;
}

/** What a notification adds to `confirm_task`, and what notification and counters add to `rate_task`: with and without their triggers. */
export async function additions(bench: Bench): Promise<ScenarioResult> {
  const { databases, sizes, progress } = bench;
  const database = await databases.get("product", sizes.neighbourhood.large);
  const { tasks, pending, completed, rateable } = database.size;
  const commands: Command[] = [
    {
      name: "confirm_task",
      script: "confirm-product",
      variables: { spread: 1, pending },
      done: "select count(*)::int as n from public.tasks where status = 'completed'",
      additions: { "its notification": NOTIFICATIONS },
    },
    {
      name: "rate_task, first of two",
      script: "rate-product",
      variables: { before: tasks - completed + rateable / 2, pool: rateable / 2 },
      done: "select count(*)::int as n from public.ratings",
      additions: { "the counters": COUNTERS },
    },
    {
      name: "rate_task, second of two",
      script: "rate-product",
      variables: { before: tasks - completed, pool: rateable / 2 },
      done: "select count(*)::int as n from public.ratings",
      additions: { "the counters": COUNTERS, "the notifications": NOTIFICATIONS },
    },
  ];

  const result: ScenarioResult = { scenario: "additions", checks: [], measurements: [], plans: [] };
  for (const command of commands) {
    const names = Object.keys(command.additions);
    const rates = await progress.step(command.name, () => series(bench, database, command));
    const [complete = [], ...reduced] = rates;
    result.measurements.push(
      { name: command.name, perSecond: complete },
      ...names.map((name, index) => ({ name: `${command.name}, without ${name}`, perSecond: reduced[index] ?? [] })),
    );
    result.checks.push(
      ...names.map((name, index) => ({
        name: `time of ${command.name}, against without ${name}`,
        value: medianRatio(reduced[index] ?? [], complete),
        target: { atMost: 1.15 },
        unit: "times" as const,
      })),
    );
  }
  result.checks.push(await progress.step("auditing the books", () => audit(database.query, "confirming and rating")));
  return result;
}

/** One warm-up round and the counted ones; the complete command first, then without each addition. */
async function series(bench: Bench, database: BenchDatabase, command: Command): Promise<number[][]> {
  const { clients, additionsPerClient, rounds } = bench.sizes.effort;
  let taken = 0;
  const contestant = (name: string, without: Triggers): Contestant => ({
    name,
    async play() {
      const first = taken;
      taken += clients * additionsPerClient;
      await switchTriggers(database, without, "disable");
      try {
        return await pgbench(bench.cluster.binaries.directory, {
          name: command.name,
          url: database.url(REST_ROLE),
          script: readFileSync(join(import.meta.dirname, `../load/${command.script}.sql`), "utf8"),
          clients,
          until: { transactionsPerClient: additionsPerClient },
          variables: { i: 0, first, stride: clients, users: database.size.users, ...command.variables },
          settings: { synchronous_commit: "off" },
        });
      } finally {
        await switchTriggers(database, without, "enable");
      }
    },
  });
  await database.query("checkpoint");
  const before = await count(database.query, command.done);
  const contestants = [
    contestant("complete", {}),
    ...Object.entries(command.additions).map(([name, triggers]) => contestant(`without ${name}`, triggers)),
  ];
  const results = await interleave(contestants, rounds, bench.progress);
  const done = (await count(database.query, command.done)) - before;
  if (done !== taken) throw new StackError(`${command.name}: ${taken} requests did ${done}`);
  return results.map((ofOne) => ofOne.map(({ tps }) => tps));
}

async function switchTriggers(
  database: BenchDatabase,
  triggers: Triggers,
  action: "enable" | "disable",
): Promise<void> {
  for (const [table, names] of Object.entries(triggers)) {
    for (const name of names) await database.query(`alter table ${table} ${action} trigger ${name}`);
  }
}
