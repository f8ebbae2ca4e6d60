import { StackError } from "../../dev/base/stack-error.ts";
import type { ScenarioResult } from "../result.ts";
import type { Bench } from "../scenario.ts";
import { withStack } from "../stacks.ts";
import { quantile } from "../statistics.ts";

const SCRAPES = 200;
const LIMIT_MS = 100;

/** How long Prometheus waits for a scrape: the figures alone on many tasks, and the whole function. */
export async function metrics(bench: Bench): Promise<ScenarioResult> {
  const { databases, sizes, progress } = bench;
  const { query } = await databases.get("product", sizes.large);
  const figures = await progress.step("reading the figures", async () => {
    await query("select * from private.measure_sizes(now(), 1)");
    return durations(() => query("select public.read_metrics()"));
  });
  const scrapes = await withStack(bench, "metrics", {}, async ({ url, secretKey }) =>
    durations(async () => {
      const response = await fetch(`${url}/functions/v1/metrics`, { headers: { apikey: secretKey } });
      if (!response.ok) throw new StackError(`metrics answered ${response.status}: ${await response.text()}`);
      await response.text();
    }),
  );
  const check = (name: string, milliseconds: readonly number[]) => ({
    name: `${name}, milliseconds that 95 of 100 do not exceed`,
    value: Math.round(quantile(milliseconds, 0.95)),
    target: { atMost: LIMIT_MS },
    unit: "count" as const,
  });
  return {
    scenario: "metrics",
    checks: [check("figures of a large database", figures), check("a scrape of the function", scrapes)],
    measurements: [
      { name: "figures of a large database", perSecond: figures.map((milliseconds) => 1000 / milliseconds) },
      { name: "scrapes of the function", perSecond: scrapes.map((milliseconds) => 1000 / milliseconds) },
    ],
    plans: [],
  };
}

/** How long each of many turns takes, one after the other, in milliseconds; the first ones start what they need. */
async function durations(turn: () => Promise<unknown>): Promise<number[]> {
  const found: number[] = [];
  for (let count = -5; count < SCRAPES; count += 1) {
    const began = performance.now();
    await turn();
    if (count >= 0) found.push(performance.now() - began);
  }
  return found;
}
