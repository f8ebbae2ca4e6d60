import { StackError } from "../../dev/base/stack-error.ts";
import { REST_ROLE } from "../../dev/stack/database/roles.ts";
import type { BenchDatabase } from "../databases.ts";
import { explain, type Reading, read } from "../reader.ts";
import type { Check, ScenarioResult } from "../result.ts";
import { interleave } from "../rounds.ts";
import type { Bench } from "../scenario.ts";
import { medianRatio } from "../statistics.ts";

const SORTS = ["newest", "distance"] as const;
type Sort = (typeof SORTS)[number];
const TIMES_FASTER: Readonly<Record<Sort, number>> = { newest: 80, distance: 200 };
const DEEP_PAGE: Readonly<Record<Sort, number>> = { newest: 1.1, distance: 1.2 };

/** `nearby_tasks` against the documented queries, first and deep page, at two amounts of data. */
export async function nearby(bench: Bench): Promise<ScenarioResult> {
  const { databases, sizes, progress } = bench;
  const small = {
    product: await databases.get("product", sizes.small),
    documented: await databases.get("documented", sizes.small),
  };
  const large = {
    product: await databases.get("product", sizes.large),
    documented: await databases.get("documented", sizes.large),
  };
  const result: ScenarioResult = { scenario: "nearby", checks: [], measurements: [], plans: [] };

  for (const sort of SORTS) {
    const cursor = await cursorAfter(large.product, sort, sizes.effort.nearbyPages);
    const contestants = [
      {
        name: `${sort}, ${tasks(small.product)}`,
        database: small.product,
        reading: search(sort),
        role: "authenticated",
      },
      {
        name: `${sort}, ${tasks(large.product)}`,
        database: large.product,
        reading: search(sort),
        role: "authenticated",
      },
      {
        name: `${sort}, ${tasks(large.product)}, after ${sizes.effort.nearbyPages} pages`,
        database: large.product,
        reading: search(sort, cursor),
        role: "authenticated",
      },
      {
        name: `${sort}, ${tasks(small.documented)}, documented`,
        database: small.documented,
        reading: documentedSearch(sort),
        role: REST_ROLE,
      },
      {
        name: `${sort}, ${tasks(large.documented)}, documented`,
        database: large.documented,
        reading: documentedSearch(sort),
        role: REST_ROLE,
      },
    ];
    const results = await progress.step(`searching, ${sort} first`, () =>
      interleave(
        contestants.map(({ name, database, reading, role }) => ({
          name,
          play: () => read(bench, database, reading, role),
        })),
        sizes.effort.rounds,
        progress,
      ),
    );
    const rates = results.map((rounds) => rounds.map((round) => round.tps));
    result.measurements.push(...contestants.map(({ name }, index) => ({ name, perSecond: rates[index] ?? [] })));
    result.checks.push(...checksOf(bench, sort, rates));
    for (const { name, database, reading, role } of contestants) {
      result.plans.push({ name, plan: (await explain(database, reading, role)).plan });
    }
  }
  return result;
}

function checksOf(bench: Bench, sort: Sort, rates: readonly number[][]): Check[] {
  const { small, large } = bench.sizes;
  const [atSmall = [], atLarge = [], deep = [], documentedAtSmall = [], documentedAtLarge = []] = rates;
  const faster = (size: { tasks: number }, ours: number[], theirs: number[]): Check => ({
    name: `nearby_tasks by ${sort} against the documented query, ${size.tasks.toLocaleString("en")} tasks`,
    value: medianRatio(ours, theirs),
    target: { atLeast: TIMES_FASTER[sort] },
    unit: "times",
  });
  return [
    faster(small, atSmall, documentedAtSmall),
    faster(large, atLarge, documentedAtLarge),
    {
      name: `time of nearby_tasks by ${sort}, ${large.tasks.toLocaleString("en")} to ${small.tasks.toLocaleString("en")} tasks`,
      value: medianRatio(atSmall, atLarge),
      target: { atMost: 1.3 },
      unit: "times",
    },
    {
      name: `time of nearby_tasks by ${sort}, page ${bench.sizes.effort.nearbyPages + 1} to the first`,
      value: medianRatio(atLarge, deep),
      target: { atMost: DEEP_PAGE[sort] },
      unit: "times",
    },
  ];
}

const MEMBER = "select bench.user_id(100 + :client_id) as me";

function search(sort: Sort, after?: string): Reading {
  return {
    name: `nearby_tasks by ${sort}${after === undefined ? "" : ", deep page"}`,
    setup: after === undefined ? MEMBER : `${MEMBER}, '${after}' as after`,
    sql: `select * from public.nearby_tasks(52.52, 13.405, 5000, null, '${sort}', 20, ${after === undefined ? "null" : ":after"})`,
  };
}

/** The queries of the source document as written there, with its centre. */
function documentedSearch(sort: Sort): Reading {
  const sql =
    sort === "newest"
      ? `SELECT * FROM tasks
         WHERE status = 'open' AND ST_DWithin(location, ST_MakePoint(13.405, 52.52)::geography, 5000)
         ORDER BY created_at DESC LIMIT 20`
      : `SELECT t.id, t.title, t.points_reward, t.category,
           ST_Distance(t.location, ST_MakePoint(13.405, 52.52)::geography) as distance_meters
         FROM tasks t
         WHERE t.status = 'open' AND ST_DWithin(t.location, ST_MakePoint(13.405, 52.52)::geography, 5000)
         ORDER BY distance_meters ASC LIMIT 20`;
  return { name: `documented query by ${sort}`, setup: MEMBER, sql };
}

/** The cursor of the last row before the deep page. */
async function cursorAfter(database: BenchDatabase, sort: Sort, pages: number): Promise<string> {
  return database.inTransaction(async (query) => {
    const [member] = await query<{ me: string }>(MEMBER.replace(":client_id", "0"));
    await query(`select set_config('request.jwt.claims', '{"sub":"${member?.me}"}', true)`);
    let cursor: string | null = null;
    for (let page = 0; page < pages; page++) {
      const rows: { cursor: string }[] = await query<{ cursor: string }>(
        `select cursor from public.nearby_tasks(52.52, 13.405, 5000, null, '${sort}', 20, $1)`,
        [cursor],
      );
      cursor = rows.at(-1)?.cursor ?? null;
      if (cursor === null || rows.length < 20)
        throw new StackError(`the search by ${sort} has fewer than ${pages} pages`);
    }
    return cursor ?? "";
  });
}

function tasks(database: BenchDatabase): string {
  return `${database.size.tasks.toLocaleString("en")} tasks`;
}
