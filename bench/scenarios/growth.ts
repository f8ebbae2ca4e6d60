import { REST_ROLE } from "../../dev/stack/database/roles.ts";
import type { BenchDatabase } from "../databases.ts";
import { explain, type Reading, readTimed } from "../reader.ts";
import type { ScenarioResult } from "../result.ts";
import { interleave } from "../rounds.ts";
import type { Bench } from "../scenario.ts";
import { median, medianRatio } from "../statistics.ts";

/** One search, at two amounts of data, next to what one would write without it. */
export interface Search {
  name: string;
  /** What the databases hold of what is searched. */
  small: string;
  large: string;
  reading: Reading;
  /** Plain queries of the documented schema, also at the large amount of data. */
  plain: readonly Reading[];
}

/** Where the searches look, a little elsewhere each time: at most a kilometre from the centre. */
export const AROUND = "\\set north random(-900, 900)\n\\set east random(-1400, 1400)";
export const LATITUDE = "52.52 + :north::integer / 100000.0";
export const LONGITUDE = "13.405 + :east::integer / 100000.0";
/** Members who have said what they like. */
export const MEMBER = "select bench.user_id(101 + 10 * :client_id) as me, 0 as north, 0 as east, 1 as k";

/** The 95th percentile of searches: how it grows with ten times the data, and how it compares with plain queries. */
export async function growth(bench: Bench, scenario: string, searches: readonly Search[]): Promise<ScenarioResult> {
  const { databases, sizes, progress } = bench;
  const [large, documented, small] = await Promise.all([
    databases.get("product", sizes.neighbourhood.large),
    databases.get("documented", sizes.neighbourhood.large),
    databases.get("product", sizes.neighbourhood.small),
  ]);
  const result: ScenarioResult = { scenario, checks: [], measurements: [], plans: [] };

  for (const search of searches) {
    const contestant = (name: string, database: BenchDatabase, reading: Reading, role: string) => ({
      name,
      database,
      reading,
      role,
      play: () => readTimed(bench, database, reading, role),
    });
    const contestants = [
      contestant(`${search.name}, ${search.small}`, small, search.reading, "authenticated"),
      contestant(`${search.name}, ${search.large}`, large, search.reading, "authenticated"),
      ...search.plain.map((reading) => contestant(`${reading.name}, ${search.large}`, documented, reading, REST_ROLE)),
    ];
    const results = await progress.step(search.name, () => interleave(contestants, sizes.effort.rounds, progress));
    const times = results.map((ofOne) => ofOne.map(({ p95 }) => p95));
    const [atSmall = [], atLarge = [], ...plain] = times;
    result.checks.push(
      {
        name: `95th percentile of ${search.name}, ${search.large} to ${search.small}`,
        value: medianRatio(atLarge, atSmall),
        target: { atMost: 1.5 },
        unit: "times",
      },
      ...search.plain.map(({ name }, index) => ({
        name: `95th percentile of ${search.name} against ${name}, ${search.large}`,
        value: medianRatio(atLarge, plain[index] ?? []),
        unit: "times" as const,
      })),
    );
    for (const [index, { name, database, reading, role }] of contestants.entries()) {
      result.measurements.push({
        name,
        perSecond: (results[index] ?? []).map(({ tps }) => tps),
        facts: { "ms within which 95 of 100 were answered": Number(median(times[index] ?? []).toFixed(2)) },
      });
      result.plans.push({ name, plan: (await explain(database, reading, role)).plan });
    }
  }
  return result;
}
