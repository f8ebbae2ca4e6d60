import { isDeepStrictEqual } from "node:util";
import { StackError } from "../../dev/base/stack-error.ts";
import { REST_ROLE } from "../../dev/stack/database/roles.ts";
import type { BenchDatabase } from "../databases.ts";
import { explain, type Reading, read } from "../reader.ts";
import type { ScenarioResult } from "../result.ts";
import { interleave } from "../rounds.ts";
import type { Bench } from "../scenario.ts";
import { medianRatio } from "../statistics.ts";

/** Queries that take seconds: as many at once as the machine has cores are enough to keep it busy. */
const SLOW_CLIENTS = 2;

/** One of the queries that take turns. */
interface Contestant {
  name: string;
  database: BenchDatabase;
  reading: Reading;
  role: string;
  clients?: number;
}

/** Leaderboard, members' statistics and monthly statistics against the documented queries. */
export async function statistics(bench: Bench): Promise<ScenarioResult> {
  const { databases, sizes } = bench;
  const [product, documented] = await Promise.all([
    databases.get("product", sizes.neighbourhood.large),
    databases.get("documented", sizes.neighbourhood.large),
  ]);
  const result: ScenarioResult = { scenario: "statistics", checks: [], measurements: [], plans: [] };
  await leaderboard(bench, product, documented, result);
  await userStatistics(bench, product, documented, result);
  await monthlyStatistics(bench, product, documented, result);
  return result;
}

async function leaderboard(
  bench: Bench,
  product: BenchDatabase,
  documented: BenchDatabase,
  result: ScenarioResult,
): Promise<void> {
  const amount = `${product.size.users.toLocaleString("en")} members and ${payments(product)} payments`;
  const first = "select user_id as me from (table bench.first_members) f where f.place = :client_id";
  const anyone = "select bench.user_id(1000 + 17 * :client_id) as me";
  const board = (name: string, setup: string, period: string): Reading => ({
    name,
    setup,
    sql: `select * from public.leaderboard('${period}', 20)`,
  });
  const ranked = "select user_id, points, tasks_helped from private.leaderboard_entries";
  const order = "where period = 'all' and starts_on = '-infinity' and is_shown order by points desc, user_id limit 20";
  await product.query("drop table if exists bench.first_members");
  await product.query(
    `create table bench.first_members as select row_number() over () - 1 as place, e.user_id from (${ranked} ${order}) e`,
  );
  const contestants: Contestant[] = [
    {
      name: "leaderboard, all time, one of the first",
      database: product,
      reading: board("leaderboard", first, "all"),
      role: "authenticated",
    },
    {
      name: "the same rows by an index scan",
      database: product,
      reading: {
        name: "index scan with names",
        setup: first,
        sql: `select rank() over (order by e.points desc) as rank, e.user_id, u.name, u.avatar_path, e.points, e.tasks_helped, e.user_id = :me::uuid as is_me
              from (${ranked} ${order}) e join public.users u on u.id = e.user_id order by e.points desc, e.user_id`,
      },
      role: product.ownerRole,
    },
    {
      name: "the index scan alone, without names and ranks",
      database: product,
      reading: { name: "index scan", setup: first, sql: `${ranked} ${order}` },
      role: product.ownerRole,
    },
    {
      name: "leaderboard, all time, anybody",
      database: product,
      reading: board("leaderboard with own rank", anyone, "all"),
      role: "authenticated",
    },
    {
      name: "leaderboard, this month, anybody",
      database: product,
      reading: board("leaderboard of the month", anyone, "month"),
      role: "authenticated",
    },
    {
      name: "leaderboard, documented",
      database: documented,
      reading: { name: "documented leaderboard", setup: anyone, sql: DOCUMENTED_LEADERBOARD },
      role: REST_ROLE,
      clients: SLOW_CLIENTS,
    },
  ];
  const rates = await series(bench, "leaderboard", contestants, result);
  const [byFirst, byIndex] = await Promise.all(
    contestants.slice(0, 2).map(({ database, reading, role }) => explain(database, reading, role)),
  );
  if (!isDeepStrictEqual(byFirst?.rows, byIndex?.rows)) {
    throw new StackError("the leaderboard and the index scan return different rows");
  }
  const [ofFirst = [], ofNames = [], ofIndex = [], ofAnyone = [], ofMonth = [], ofDocumented = []] = rates;
  result.checks.push(
    {
      name: `leaderboard of all time against the documented query, ${amount}`,
      value: medianRatio(ofAnyone, ofDocumented),
      target: { atLeast: 20_000 },
      unit: "times",
    },
    {
      name: `leaderboard of the month against the documented query, ${amount}`,
      value: medianRatio(ofMonth, ofDocumented),
      unit: "times",
    },
    {
      name: "time of the leaderboard against the same rows by an index scan",
      value: medianRatio(ofNames, ofFirst),
      target: { atMost: 1.2 },
      unit: "times",
    },
    {
      name: "the same with the rank of somebody further down",
      value: medianRatio(ofNames, ofAnyone),
      unit: "times",
    },
    {
      name: "time of the leaderboard against the index scan alone, without names and ranks",
      value: medianRatio(ofIndex, ofFirst),
      unit: "times",
    },
  );
}

async function userStatistics(
  bench: Bench,
  product: BenchDatabase,
  documented: BenchDatabase,
  result: ScenarioResult,
): Promise<void> {
  const { users, items } = product.size;
  const few = `select bench.user_id(${users - 1}) as me`;
  const many = `select bench.user_id(${users}) as me`;
  const own = "select * from public.user_statistics(null)";
  const contestants: Contestant[] = [
    {
      name: `user_statistics, ${items} items`,
      database: product,
      reading: { name: "user_statistics", setup: few, sql: own },
      role: "authenticated",
    },
    {
      name: `user_statistics, ${3 * items} items`,
      database: product,
      reading: { name: "user_statistics", setup: many, sql: own },
      role: "authenticated",
    },
    {
      name: `user statistics, documented, ${items} items`,
      database: documented,
      reading: { name: "documented user statistics", setup: few, sql: DOCUMENTED_USER_STATISTICS },
      role: REST_ROLE,
      clients: SLOW_CLIENTS,
    },
  ];
  const [ofFew = [], ofMany = [], ofDocumented = []] = await series(bench, "user statistics", contestants, result);
  // once: it grows with the cube
  const slowest = await bench.progress.step(`user statistics, documented, ${3 * items} items`, () =>
    read(
      bench,
      documented,
      { name: "documented user statistics", setup: many, sql: DOCUMENTED_USER_STATISTICS },
      REST_ROLE,
      1,
    ),
  );
  result.measurements.push({
    name: `user statistics, documented, ${3 * items} items, one client, one round`,
    perSecond: [slowest.tps],
  });
  result.checks.push(
    {
      name: `time of user_statistics, ${3 * items} items to ${items}`,
      value: medianRatio(ofFew, ofMany),
      target: { atMost: 1.1 },
      unit: "times",
    },
    {
      name: `user_statistics against the documented query, ${items} items`,
      value: medianRatio(ofFew, ofDocumented),
      unit: "times",
    },
    {
      name: `the same with ${3 * items} items, the documented query once and alone`,
      value: medianRatio(
        ofMany,
        ofMany.map(() => slowest.tps),
      ),
      unit: "times",
    },
  );
}

async function monthlyStatistics(
  bench: Bench,
  product: BenchDatabase,
  documented: BenchDatabase,
  result: ScenarioResult,
): Promise<void> {
  const setup = "select bench.user_id(100 + :client_id) as me";
  const published: Reading = {
    name: "monthly_statistics",
    setup,
    sql: "select * from public.monthly_statistics(12)",
  };
  const aggregate: Reading = { name: "aggregate over the base tables", setup, sql: AGGREGATE };
  const contestants: Contestant[] = [
    { name: "monthly_statistics", database: product, reading: published, role: "authenticated" },
    {
      name: "monthly statistics, documented",
      database: documented,
      reading: { name: "documented monthly statistics", setup, sql: DOCUMENTED_MONTHS },
      role: REST_ROLE,
      clients: SLOW_CLIENTS,
    },
  ];
  const [ofProduct = [], ofDocumented = []] = await series(bench, "monthly statistics", contestants, result);
  const months = await explain(product, published, "authenticated");
  const recomputed = await bench.progress.step("monthly statistics from the base tables", () =>
    explain(product, aggregate, product.ownerRole),
  );
  refuseOtherMonths(months.rows, recomputed.rows);
  result.plans.push({ name: aggregate.name, plan: recomputed.plan });
  result.checks.push({
    name: "monthly_statistics against the documented aggregate over the tasks",
    value: medianRatio(ofProduct, ofDocumented),
    target: { atLeast: 500 },
    unit: "times",
  });
}

/** What is published must be what the base tables hold; months with too few people are held back. */
function refuseOtherMonths(published: Record<string, unknown>[], expected: Record<string, unknown>[]): void {
  const shown = published.filter((row) => row["is_suppressed"] === false);
  if (shown.length === 0) throw new StackError("every month is held back");
  for (const { is_suppressed: _, ...row } of shown) {
    const same = expected.find(({ month }) => isDeepStrictEqual(month, row["month"]));
    if (!isDeepStrictEqual({ ...same }, row)) {
      throw new StackError(`monthly statistics: ${JSON.stringify(row)}, expected ${JSON.stringify(same)}`);
    }
  }
}

/** Plays the contestants in turn and keeps their series and plans; returns their rates. */
async function series(
  bench: Bench,
  title: string,
  contestants: readonly Contestant[],
  result: ScenarioResult,
): Promise<number[][]> {
  const results = await bench.progress.step(title, () =>
    interleave(
      contestants.map(({ name, database, reading, role, clients }) => ({
        name,
        play: () => read(bench, database, reading, role, clients),
      })),
      bench.sizes.effort.rounds,
      bench.progress,
    ),
  );
  const rates = results.map((ofOne) => ofOne.map(({ tps }) => tps));
  result.measurements.push(...contestants.map(({ name }, index) => ({ name, perSecond: rates[index] ?? [] })));
  for (const { name, database, reading, role } of contestants) {
    result.plans.push({ name, plan: (await explain(database, reading, role)).plan });
  }
  return rates;
}

function payments({ size: { completed, archived } }: BenchDatabase): string {
  return (completed + archived).toLocaleString("en");
}

const DOCUMENTED_LEADERBOARD = `
  SELECT u.id, u.name, u.points_balance, COUNT(pt.id) as tasks_completed
  FROM users u
  LEFT JOIN point_transactions pt ON pt.user_id = u.id AND pt.type = 'task_completed'
  WHERE u.is_active = TRUE
  GROUP BY u.id
  ORDER BY u.points_balance DESC
  LIMIT 100`;

const DOCUMENTED_USER_STATISTICS = `
  SELECT u.id, u.name, u.points_balance,
    COUNT(DISTINCT t1.id) as tasks_created, COUNT(DISTINCT t2.id) as tasks_completed,
    COALESCE(AVG(r.score), 0) as avg_rating, COUNT(DISTINCT r.id) as rating_count
  FROM users u
  LEFT JOIN tasks t1 ON t1.creator_id = u.id
  LEFT JOIN tasks t2 ON t2.helper_id = u.id AND t2.status = 'completed'
  LEFT JOIN ratings r ON r.ratee_id = u.id
  WHERE u.id = :me::uuid
  GROUP BY u.id, u.name, u.points_balance`;

const DOCUMENTED_MONTHS = `
  SELECT DATE_TRUNC('month', created_at) as month, COUNT(*) as total_tasks,
    COUNT(*) FILTER (WHERE status = 'completed') as completed_tasks,
    SUM(points_reward) FILTER (WHERE status = 'completed') as total_points_distributed
  FROM tasks
  WHERE created_at >= NOW() - INTERVAL '12 months'
  GROUP BY month
  ORDER BY month DESC`;

/** What monthly_statistics says, from events, payments and tasks. Nothing is redeemed in the generated data. */
const AGGREGATE = `
  with facts as (
    select created_at, creator_id as user_id, 1 as created, 0 as completed, 0 as points from public.task_events where action = 'created'
    union all
    select p.created_at, x.user_id, 0, x.completed, x.completed * p.amount
    from public.point_transactions p
    join public.tasks t on t.id = p.task_id
    cross join lateral (values (p.user_id, 1), (t.creator_id, 0)) x (user_id, completed)
    where p.type = 'task_completed')
  select date_trunc('month', created_at at time zone 'Europe/Berlin')::date as month, sum(created)::bigint as tasks_created,
    sum(completed)::bigint as tasks_completed, sum(points)::bigint as points_issued, 0::bigint as points_redeemed,
    count(distinct user_id) as people
  from facts
  group by 1 order by 1 desc`;
