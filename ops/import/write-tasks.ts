import type { Queries } from "../core/connection.ts";
import type { Rating, Task } from "./judge-task.ts";
import { judge, remaining, stage, type Written } from "./stage.ts";

const TASK_TYPES: Readonly<Record<keyof Task, string>> = {
  n: "integer",
  id: "uuid",
  creator_id: "uuid",
  knows_creator: "boolean",
  helper_id: "uuid",
  knows_helper: "boolean",
  title: "text",
  description: "text",
  category: "text",
  latitude: "double precision",
  longitude: "double precision",
  address: "text",
  points_reward: "integer",
  status: "text",
  created_at: "timestamptz",
  assigned_at: "timestamptz",
  started_at: "timestamptz",
  completed_at: "timestamptz",
  expires_at: "timestamptz",
};

const TASK_VERDICTS = `
  select b.n, v.outcome, v.field, v.problem
  from pg_temp.import_batch b cross join lateral (values
    (exists (select from public.tasks t where t.id = b.id), 'known', 'id', ''),
    (not b.knows_creator and not exists (select from public.users u where u.id = b.creator_id and u.is_active),
      'refused', 'creator_id', 'member_not_imported'),
    (b.helper_id is not null and not b.knows_helper
      and not exists (select from public.users u where u.id = b.helper_id and u.is_active),
      'refused', 'helper_id', 'member_not_imported'),
    (not exists (select from public.categories c where c.slug = b.category), 'refused', 'category', 'category_unknown')
  ) v (holds, outcome, field, problem)
  where v.holds`;

/** What it says is checked by private.prepare_task, as of every task. In the order of members, whom that locks. */
const TASKS = `
  insert into public.tasks (id, creator_id, helper_id, title, description, category, latitude, longitude, points_reward,
    reward_funding, status, expires_at, created_at, assigned_at, started_at, finished_at, completed_at, closed_at)
  select b.id, b.creator_id, b.helper_id, b.title, b.description, b.category, c.latitude_centre, c.longitude_centre,
    b.points_reward, case b.status when 'open' then s.reward_funding else 'community' end, b.status, b.expires_at,
    coalesce(b.created_at, now()), case when b.helper_id is not null then coalesce(b.assigned_at, b.created_at, now()) end,
    b.started_at, case when b.status = 'completed' then coalesce(b.completed_at, now()) end,
    case when b.status = 'completed' then coalesce(b.completed_at, now()) end,
    case when b.status in ('cancelled', 'expired') then coalesce(b.expires_at, b.completed_at, now()) end
  from private.settings s, pg_temp.import_batch b
  cross join lateral private.cell_centre(b.latitude, b.longitude) c
  order by b.creator_id`;

/** Exact places of what is over are not kept. */
const LOCATIONS = `
  insert into private.task_locations (task_id, creator_id, latitude, longitude, address)
  select b.id, b.creator_id, b.latitude, b.longitude, b.address from pg_temp.import_batch b where b.status = 'open'`;

const OFFERS = `
  insert into public.task_offers (task_id, creator_id, helper_id, status, created_at, updated_at, decided_at)
  select t.id, t.creator_id, t.helper_id, 'accepted', t.assigned_at, t.assigned_at, t.assigned_at
  from pg_temp.import_batch b join public.tasks t on t.id = b.id where t.helper_id is not null`;

/** Without their end, which would be news to both sides. */
const EVENTS = `
  insert into public.task_events (task_id, creator_id, helper_id, actor_id, action, details, created_at)
  select t.id, t.creator_id, e.helper_id, t.creator_id, e.action, jsonb_build_object('imported_from', $1::text), e.moment
  from pg_temp.import_batch b join public.tasks t on t.id = b.id
  cross join lateral (values (1, null::uuid, 'created', t.created_at), (2, t.helper_id, 'assigned', t.assigned_at))
    e (place, helper_id, action, moment)
  where e.moment is not null order by t.id, e.place`;

const HOLDS = `
  insert into public.point_transactions (user_id, task_id, amount, type, balance_after)
  select t.creator_id, t.id, -t.points_reward, 'task_hold', 0
  from pg_temp.import_batch b join public.tasks t on t.id = b.id
  where t.status = 'open' and t.reward_funding = 'creator' order by t.creator_id`;

/** The month it was earned in counts it. */
const PAYMENTS = `
  insert into public.point_transactions (user_id, task_id, amount, type, balance_after, metadata, created_at)
  select t.helper_id, t.id, t.points_reward, 'task_completed', 0, jsonb_build_object('imported_task', $1::text), t.completed_at
  from pg_temp.import_batch b join public.tasks t on t.id = b.id where t.status = 'completed' order by t.helper_id, t.id`;

/** What was earned there is in the opening balance already. */
const COUNTERPARTS = `
  insert into public.point_transactions (user_id, amount, type, balance_after, description, metadata)
  select b.helper_id, -sum(b.points_reward), 'admin_adjustment', 0, $1, jsonb_build_object('imported_task', $2::text)
  from pg_temp.import_batch b where b.status = 'completed' group by b.helper_id order by b.helper_id`;

/** What tasks are told by later. */
export interface TaskLabels {
  source: string;
  openingBalance: string;
  /** Whether the members came with balances, which hold what their tasks earned. */
  hasBalances: boolean;
}

/** Judges a batch of tasks and writes the rest, with what commands would have written. To be called in a transaction. */
export async function writeTasks(
  session: Queries,
  tasks: readonly Task[],
  labels: TaskLabels | undefined,
): Promise<Written> {
  await stage(session, tasks, TASK_TYPES);
  const judged = await judge(session, TASK_VERDICTS);
  await session.query(
    "update pg_temp.import_batch set status = 'expired' where status = 'open' and expires_at <= now()",
  );
  const inserted = await remaining(session);
  if (labels !== undefined && inserted.length > 0) {
    await session.query(TASKS);
    await session.query(LOCATIONS);
    await session.query(OFFERS);
    await session.query(
      `select private.project_task(t) from pg_temp.import_batch b join public.tasks t on t.id = b.id
       where t.status = 'open' order by t.creator_id`,
    );
    await session.query(EVENTS, [labels.source]);
    await session.query(HOLDS);
    await session.query(PAYMENTS, [labels.source]);
    if (labels.hasBalances) await session.query(COUNTERPARTS, [labels.openingBalance, labels.source]);
  }
  return { ...judged, inserted };
}

const RATING_TYPES: Readonly<Record<keyof Rating, string>> = {
  n: "integer",
  id: "uuid",
  task_id: "uuid",
  knows_task: "boolean",
  rater_id: "uuid",
  score: "integer",
  comment: "text",
  created_at: "timestamptz",
};

const RATING_VERDICTS = `
  select b.n, v.outcome, v.field, v.problem
  from pg_temp.import_batch b left join public.tasks t on t.id = b.task_id
  cross join lateral (values
    (exists (select from public.ratings r where (r.task_id, r.rater_id) = (b.task_id, b.rater_id)), 'known', 'id', ''),
    (t.id is null and not b.knows_task, 'refused', 'task_id', 'task_not_imported'),
    (t.status not in ('completed', 'archived') or b.rater_id not in (t.creator_id, t.helper_id),
      'refused', 'rater_id', 'rating_by_stranger')
  ) v (holds, outcome, field, problem)
  where v.holds`;

/** Everybody could read them there, so they are revealed; nothing is written about people who have left. */
const RATINGS = `
  insert into public.ratings (id, task_id, rater_id, ratee_id, score, comment, created_at, updated_at, revealed_at)
  select b.id, b.task_id, b.rater_id, p.ratee_id, b.score,
    case when not exists (select from public.users u where u.id in (b.rater_id, p.ratee_id) and not u.is_active)
      then b.comment end, p.given_at, p.given_at, p.given_at
  from pg_temp.import_batch b join public.tasks t on t.id = b.task_id
  cross join lateral (
    select case b.rater_id when t.creator_id then t.helper_id else t.creator_id end,
      coalesce(b.created_at, t.completed_at)) p (ratee_id, given_at)
  order by p.ratee_id, b.id`;

/** The same for ratings of tasks that were written before. */
export async function writeRatings(session: Queries, ratings: readonly Rating[], writes: boolean): Promise<Written> {
  await stage(session, ratings, RATING_TYPES);
  const judged = await judge(session, RATING_VERDICTS);
  const inserted = await remaining(session);
  if (writes && inserted.length > 0) await session.query(RATINGS);
  return { ...judged, inserted };
}
