import { isDeepStrictEqual } from "node:util";
import { StackError } from "../../dev/base/stack-error.ts";
import { explain, read } from "../reader.ts";
import type { ScenarioResult } from "../result.ts";
import { interleave } from "../rounds.ts";
import type { Bench } from "../scenario.ts";
import { medianRatio } from "../statistics.ts";
import { lists } from "./list-queries.ts";

/** Reading one of these from end to end is a mistake, however fast it is on this machine. */
const SCAN_OF_LARGE_TABLE =
  /Seq Scan on (users|user_contacts|user_blocks|point_accounts|point_transactions|tasks|task_offers|task_events)\b/;

/** Every list of the client under row level security against the same rows read by the tables' owner. */
export async function readLists(bench: Bench): Promise<ScenarioResult> {
  const { databases, sizes, progress } = bench;
  const database = await databases.get("product", sizes.large);
  const result: ScenarioResult = { scenario: "lists", checks: [], measurements: [], plans: [] };
  let scans = 0;

  for (const { name, setup, sql, own = "" } of lists(sizes.effort)) {
    const secured = { name, setup, sql: sql.replace("{own}", "true") };
    const open = { name, setup, sql: sql.replace("{own}", own) };
    const underPolicies = await explain(database, secured, "authenticated");
    const byOwner = await explain(database, open, database.ownerRole);
    if (!isDeepStrictEqual(underPolicies.rows, byOwner.rows)) {
      throw new StackError(`${name}: the member and the owner of the tables read different rows`);
    }
    if (SCAN_OF_LARGE_TABLE.test(underPolicies.plan)) scans += 1;
    result.plans.push({ name, plan: underPolicies.plan });

    const results = await progress.step(name, () =>
      interleave(
        [
          { name: "under policies", play: () => read(bench, database, secured, "authenticated") },
          { name: "by the owner", play: () => read(bench, database, open, database.ownerRole) },
        ],
        sizes.effort.rounds,
        progress,
      ),
    );
    const [rates = [], ownerRates = []] = results.map((rounds) => rounds.map((round) => round.tps));
    result.measurements.push({ name, perSecond: rates }, { name: `${name}, by the owner`, perSecond: ownerRates });
    result.checks.push({
      name: `time under row level security: ${name}`,
      value: medianRatio(ownerRates, rates),
      target: { atMost: 1.1 },
      unit: "times",
    });
  }
  result.checks.push({
    name: "lists that read a large table from end to end",
    value: scans,
    target: { atMost: 0 },
    unit: "count",
  });
  return result;
}
