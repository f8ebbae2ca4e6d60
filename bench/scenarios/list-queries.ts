import type { Effort } from "../sizes.ts";

/** A list that the client reads from a table. */
export interface List {
  name: string;
  /** See `Reading.setup`. */
  setup: string;
  /** What PostgREST makes of the client's request. `{own}` is where row level security alone picks the caller's rows. */
  sql: string;
  /** What has to stand at `{own}` to get the same rows without row level security. */
  own?: string;
}

const PERSON = "id, name, avatar_path, rating_average, rating_count";
const TASK_PAGE = 20;
const HISTORY_PAGE = 50;

/** Every list of the client, the long ones also far down. Each load's clients are busy members. */
export function lists(effort: Effort): List[] {
  return [
    { name: "my tasks as creator", setup: ME, sql: myTasks("creator_id"), own: OWN_OFFERS },
    {
      name: "my tasks as creator, deep page",
      setup: afterTask("tasks", "creator_id", effort),
      sql: myTasks("creator_id", AFTER),
      own: OWN_OFFERS,
    },
    { name: "my tasks as helper", setup: ME, sql: myTasks("helper_id"), own: OWN_OFFERS },
    {
      name: "my tasks as helper, deep page",
      setup: afterTask("tasks", "helper_id", effort),
      sql: myTasks("helper_id", AFTER),
      own: OWN_OFFERS,
    },
    { name: "my offers", setup: ME, sql: myOffers() },
    { name: "my offers, deep page", setup: afterTask("task_offers", "helper_id", effort), sql: myOffers(AFTER) },
    { name: "point history", setup: ME, sql: history(), own: "user_id = :me" },
    {
      name: "point history, deep page",
      setup: `${ME.replace(" as me", " as me, p.id as before")} cross join lateral (
        select id from public.point_transactions where user_id = bench.user_id(u.n) order by id desc offset ${effort.historyRows} limit 1) p`,
      sql: history("and id < :before"),
      own: "user_id = :me",
    },
    { name: "a task with its people", setup: OWN_TASK, sql: `${TASK_WITH_PEOPLE} where t.id = :task` },
    {
      name: "offers of a task",
      setup: OWN_TASK,
      sql: `select o.*, row_to_json(h) as helper from public.task_offers o
        left join lateral (select ${PERSON} from public.users where id = o.helper_id) h on true
        where o.task_id = :task order by o.created_at, o.id`,
    },
    {
      name: "events of a task",
      setup: OWN_TASK,
      sql: "select * from public.task_events where task_id = :task order by id",
    },
    { name: "a member", setup: ME, sql: "select * from public.users where id = :me" },
    { name: "own points", setup: ME, sql: "select * from public.point_accounts where {own}", own: "user_id = :me" },
    {
      name: "own contact data",
      setup: ME,
      sql: "select * from public.user_contacts where {own}",
      own: "user_id = :me",
    },
    {
      name: "own blocks",
      setup: ME,
      sql: `select b.*, row_to_json(m) as blocked from public.user_blocks b
        left join lateral (select ${PERSON} from public.users where id = b.blocked_id) m on true
        where {own} order by b.created_at desc, b.blocked_id`,
      own: "blocker_id = :me",
    },
    {
      name: "own bans",
      setup: ME,
      sql: "select * from public.user_bans where {own} order by id desc",
      own: "user_id = :me",
    },
    { name: "categories", setup: ME, sql: "select * from public.categories where is_active order by position, slug" },
  ];
}

const ME = `select bench.user_id(u.n) as me from (select 1 + :client_id % s.busy_users as n from bench.sizes s) u`;

/** A task of the member's with a helper, the one with the most offers. */
const OWN_TASK = `${ME.replace(" as me", " as me, t.id as task")} cross join lateral (
  select t.id from public.tasks t where t.creator_id = bench.user_id(u.n) and t.helper_id is not null
  order by (select count(*) from public.task_offers o where o.task_id = t.id) desc, t.id limit 1) t`;

/** On somebody else's task a member sees no offers but their own. */
const OWN_OFFERS = "(o.helper_id = :me or o.creator_id = :me)";

/** The client's keyset filter. */
const AFTER = "and l.created_at <= :at and (l.created_at < :at or (l.created_at = :at and l.id < :id))";

/** The place after so many rows of a list of the member's. */
function afterTask(table: string, column: string, effort: Effort): string {
  return `${ME.replace(" as me", " as me, l.created_at as at, l.id")} cross join lateral (
    select id, created_at from public.${table} where ${column} = bench.user_id(u.n)
    order by created_at desc, id desc offset ${effort.listRows} limit 1) l`;
}

const TASK_WITH_PEOPLE = `select t.*, row_to_json(c) as creator, row_to_json(h) as helper from public.tasks t
  left join lateral (select ${PERSON} from public.users where id = t.creator_id) c on true
  left join lateral (select ${PERSON} from public.users where id = t.helper_id) h on true`;

function myTasks(column: string, after = ""): string {
  return `select l.*, row_to_json(c) as creator, row_to_json(h) as helper, coalesce(o.offers, '[]') as offers
    from public.tasks l
    left join lateral (select ${PERSON} from public.users where id = l.creator_id) c on true
    left join lateral (select ${PERSON} from public.users where id = l.helper_id) h on true
    left join lateral (
      select json_agg(f) as offers from (
        select o.*, row_to_json(m) as helper from public.task_offers o
        left join lateral (select ${PERSON} from public.users where id = o.helper_id) m on true
        where o.task_id = l.id and {own}) f) o on true
    where l.${column} = :me ${after}
    order by l.created_at desc, l.id desc limit ${TASK_PAGE}`;
}

function myOffers(after = ""): string {
  return `select l.*, row_to_json(t) as task
    from public.task_offers l
    left join lateral (
      select t.*, row_to_json(c) as creator from public.tasks t
      left join lateral (select ${PERSON} from public.users where id = t.creator_id) c on true
      where t.id = l.task_id) t on true
    where l.helper_id = :me ${after}
    order by l.created_at desc, l.id desc limit ${TASK_PAGE}`;
}

function history(before = ""): string {
  return `select * from public.point_transactions where {own} ${before} order by id desc limit ${HISTORY_PAGE}`;
}
