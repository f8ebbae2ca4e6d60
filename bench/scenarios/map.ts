import { availableParallelism } from "node:os";
import { REST_ROLE } from "../../dev/stack/database/roles.ts";
import type { BenchDatabase } from "../databases.ts";
import { explain, type Reading, read } from "../reader.ts";
import type { ScenarioResult } from "../result.ts";
import { interleave } from "../rounds.ts";
import type { Bench } from "../scenario.ts";
import { medianRatio } from "../statistics.ts";

/** What is looked at: the bounds as SQL, the zoom, and the width of a tile at this zoom in degrees. */
const VIEWS = {
  town: { bounds: "13.25, 52.43, 13.56, 52.60", zoom: 12, tile: 360 / 2 ** 14 },
  country: { bounds: "5, 47, 16, 55", zoom: 6, tile: 360 / 2 ** 8 },
} as const;
type View = (typeof VIEWS)[keyof typeof VIEWS];

/** `map_tasks` of the town with its 20,000 tasks and of the whole country, against counting all that lies there. */
export async function map(bench: Bench): Promise<ScenarioResult> {
  const { databases, sizes, progress } = bench;
  const small = await databases.get("product", sizes.small);
  const large = await databases.get("product", sizes.large);
  const documented = await databases.get("documented", sizes.large);
  const contestants = [
    { name: `map of the town, ${tasks(small)}`, database: small, reading: ours(VIEWS.town), role: "authenticated" },
    { name: `map of the town, ${tasks(large)}`, database: large, reading: ours(VIEWS.town), role: "authenticated" },
    {
      name: `map of the country, ${tasks(large)}`,
      database: large,
      reading: ours(VIEWS.country),
      role: "authenticated",
    },
    {
      name: `all of the country counted, ${tasks(large)}`,
      database: documented,
      reading: counted(VIEWS.country),
      role: REST_ROLE,
    },
  ];
  const results = await progress.step("looking at the map", () =>
    interleave(
      contestants.map(({ name, database, reading, role }) => ({
        name,
        play: () => read(bench, database, reading, role, CLIENTS),
      })),
      sizes.effort.rounds,
      progress,
    ),
  );
  const [townSmall = [], townLarge = [], country = [], all = []] = results.map((rounds) =>
    rounds.map(({ tps }) => tps),
  );
  const plans = [];
  for (const { name, database, reading, role } of contestants) {
    plans.push({ name, plan: (await explain(database, reading, role)).plan });
  }
  return {
    scenario: "map",
    checks: [
      {
        name: `map_tasks of the country against counting all of it, ${tasks(large)}`,
        value: medianRatio(country, all),
        target: { atLeast: 1 },
        unit: "times",
      },
      {
        name: `time of map_tasks of the town, ${tasks(large)} to ${tasks(small)}`,
        value: medianRatio(townSmall, townLarge),
        target: { atMost: 1.3 },
        unit: "times",
      },
    ],
    measurements: contestants.map(({ name }, index) => ({
      name,
      perSecond: results[index]?.map(({ tps }) => tps) ?? [],
    })),
    plans,
  };
}

/** One for each core: the first answer of a connection takes long, and a short round of many clients holds nothing else. */
const CLIENTS = availableParallelism();

const MEMBER = "select bench.user_id(100 + :client_id) as me";

function ours({ bounds, zoom }: View): Reading {
  return {
    name: `map_tasks at zoom ${zoom}`,
    setup: MEMBER,
    sql: `select * from public.map_tasks(${bounds}, ${zoom})`,
  };
}

/** What the source document's schema has for it: all tasks within bounds, by a grid of the same width. */
function counted({ bounds, tile }: View): Reading {
  const sql = `SELECT ST_SnapToGrid(location::geometry, ${tile}) AS place, count(*) FROM tasks
    WHERE status = 'open' AND location && ST_MakeEnvelope(${bounds}, 4326)::geography GROUP BY 1`;
  return { name: "counting by a grid", setup: MEMBER, sql };
}

function tasks(database: BenchDatabase): string {
  return `${database.size.tasks.toLocaleString("en")} tasks`;
}
