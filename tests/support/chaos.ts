import { DELETE_LOGIN, type JobRow, jobCounts, type Sql, signUpBySql } from "./admin.ts";
import { type Command, type CommandArgs, SERVICE, slugOf } from "./api-connection.ts";
import type { Arena } from "./arena.ts";
import { QUIET_DEEDS } from "./chaos-deeds.ts";
import { readDocumentedErrors } from "./documented-errors.ts";
import { Random } from "./random.ts";
import {
  type Begun,
  connectPartner,
  fillPool,
  offerReward,
  openPartner,
  type Partner,
  poolCodes,
  type Reward,
  redeemArgs,
  someCode,
} from "./redemptions.ts";
import { PLACE, taskArgs } from "./scenario.ts";
import { changeSettings, dailyLimits } from "./settings.ts";

/** Size of a chaos run. */
export interface ChaosOptions {
  seed: number;
  /** At least; on a busy machine up to five times as long, until every kind of thing has succeeded once. */
  seconds: number;
  members: number;
  workers: number;
}

/** What happened in a chaos run. */
export interface Chaos {
  calls: number;
  /** `"<kind> <ok or slug>"` → how often. */
  outcomes: Record<string, number>;
  /** Errors that no comment in the catalogue documents. */
  failures: string[];
  /** Every kind of thing that was tried. */
  kinds: string[];
}

/** What the workers know of the world: ids they have seen, never what state they are in. */
export interface World {
  random: Random;
  sql: Sql;
  call: <C extends Command>(memberId: string, command: C, args: CommandArgs<C>) => Promise<unknown>;
  members: string[];
  tasks: string[];
  offers: string[];
  partner: Partner;
  rewards: Reward[];
  redemptions: string[];
}

/** One kind of thing to do, by a member whose turn it is; false when there was nothing to do it to. */
export type Deed = (world: World, memberId: string) => Promise<false | undefined>;

/** So many of the newest ids are kept, so that the commands of all workers meet on the same few tasks. */
const REMEMBERED = 40;

const DEEDS: readonly (readonly [weight: number, deed: readonly [kind: string, Deed]])[] = [
  [12, ["create_task", createTask]],
  [4, ["update_task", (world, me) => onTask(world, "open", "creator", "update_task", me, someEdit(world.random))]],
  [16, ["offer_help", offerHelp]],
  [6, ["renew_offer", (world, me) => onOffer(world, "helper", "renew_offer", me)]],
  [4, ["withdraw_offer", (world, me) => onOffer(world, "helper", "withdraw_offer", me)]],
  [3, ["decline_offer", (world, me) => onOffer(world, "creator", "decline_offer", me)]],
  [12, ["accept_offer", (world, me) => onOffer(world, "creator", "accept_offer", me)]],
  [7, ["start_task", (world, me) => onTask(world, "assigned", "helper", "start_task", me)]],
  [10, ["finish_task", (world, me) => onTask(world, "in_progress", "helper", "finish_task", me)]],
  [12, ["confirm_task", (world, me) => onTask(world, "pending_confirmation", "creator", "confirm_task", me)]],
  [
    4,
    [
      "reject_completion",
      (world, me) => onTask(world, "pending_confirmation", "creator", "reject_completion", me, { reason: "Not yet" }),
    ],
  ],
  [4, ["release_task", (world, me) => onTask(world, "assigned", "helper", "release_task", me)]],
  [3, ["cancel_task", (world, me) => onTask(world, "open", "creator", "cancel_task", me)]],
  [10, ["begin_redemption", redeem]],
  [4, ["use_code", useCode]],
  [
    3,
    [
      "return_redemption",
      (world) => onRedemption(world, "return_redemption", ({ user_id }) => ({ member_id: user_id })),
    ],
  ],
  [
    2,
    [
      "cancel_redemption",
      (world) => onRedemption(world, "cancel_redemption", () => ({ api_key_hash: world.partner.keyHash })),
    ],
  ],
  [4, ["record_partner_code", (world) => onRedemption(world, "record_partner_code", someCode)]],
  [2, ["record_partner_refusal", (world) => onRedemption(world, "record_partner_refusal", () => ({ reason: "409" }))]],
  [2, ["record_partner_failure", (world) => onRedemption(world, "record_partner_failure", () => ({ error: "500" }))]],
  [2, ["record_partner_event", sendEvent]],
  [2, ["claim_partner_requests", claimRequests]],
  [1, ["add_codes", addCodes]],
  [1, ["block_user", blockUser]],
  [2, ["run_due_jobs", runJobs]],
  [1, ["ban_user", ban]],
  [2, ["adjust_points", adjust]],
  [1, ["erase_member", erase]],
  [0.3, ["reward_funding", toggleFunding]],
  ...QUIET_DEEDS,
];

/** Lets several workers do random things at once until it is over. */
export async function playChaos(arena: Arena, options: ChaosOptions): Promise<Chaos> {
  const random = new Random(options.seed);
  const documented = await readDocumentedErrors(arena.sql);
  const members = await signUpBySql(arena.sql, options.members);
  // Low enough to be reached within the run.
  await changeSettings(arena.sql, {
    points_limit_per_creator: 400,
    points_limit_per_pair: 60,
    open_task_limit: 10,
    ...dailyLimits(100_000),
  });
  const partner = await openPartner(arena.sql);
  await arena.sql("select public.create_webhook_endpoint($1, $2, '{redemption.created,redemption.used}', 'k.sealed')", [
    partner.keyHash,
    "https://partner.example/kept",
  ]);
  const rewards = await offerRewards(arena.sql, partner);
  const shared = {
    sql: arena.sql,
    call: arena.call.bind(arena),
    members,
    tasks: [],
    offers: [],
    partner,
    rewards,
    redemptions: [],
  };
  for (const memberId of members) await arena.sql("select ops.adjust_points($1, 200, 'Seed')", [memberId]);

  const chaos: Chaos = { calls: 0, outcomes: {}, failures: [], kinds: DEEDS.map(([, [kind]]) => kind) };
  const began = Date.now();
  const isOver = () => {
    const passed = (Date.now() - began) / 1000 / options.seconds;
    return passed > 5 || (passed > 1 && chaos.kinds.every((kind) => chaos.outcomes[`${kind} ok`] !== undefined));
  };
  const workers = Array.from({ length: options.workers }, () => ({ ...shared, random: random.fork() }));
  await Promise.all(workers.map((world) => work(world, isOver, chaos, documented)));
  return chaos;
}

async function work(
  world: World,
  isOver: () => boolean,
  chaos: Chaos,
  documented: ReadonlyMap<string, ReadonlySet<string>>,
): Promise<void> {
  while (!isOver()) {
    const [kind, deed] = world.random.weighted(DEEDS);
    const memberId = world.random.pick(world.members);
    if (memberId === undefined) throw new Error("there are no members");
    const outcome = await outcomeOf(deed(world, memberId));
    if (outcome === undefined) continue;
    chaos.calls += 1;
    chaos.outcomes[`${kind} ${outcome}`] = (chaos.outcomes[`${kind} ${outcome}`] ?? 0) + 1;
    if (outcome !== "ok" && !documented.get(kind)?.has(outcome)) chaos.failures.push(`${kind}: ${outcome}`);
  }
}

async function outcomeOf(running: Promise<false | undefined>): Promise<string | undefined> {
  try {
    return (await running) === false ? undefined : "ok";
  } catch (error) {
    return kindOf(error);
  }
}

/** A documented kind of refusal by its slug, everything else (a deadlock, a broken constraint) in its own words. */
function kindOf(error: unknown): string {
  try {
    return slugOf(error);
  } catch {
    return String(error);
  }
}

async function createTask(world: World, me: string): Promise<undefined> {
  const { random } = world;
  const expires_at = new Date(Date.now() + random.integer(1, 20) * 86_400_000).toISOString();
  const task = await world.call(
    me,
    "create_task",
    taskArgs({
      points_reward: random.integer(1, 40),
      latitude: PLACE.latitude + random.next() / 20,
      longitude: PLACE.longitude + random.next() / 20,
      ...(random.next() < 0.3 ? { expires_at } : {}),
    }),
  );
  remember(world.tasks, (task as { id: string }).id);
}

async function offerHelp(world: World, me: string): Promise<false | undefined> {
  const task = await pickRow(world, "tasks", "open");
  if (!task) return false;
  const offer = await world.call(me, "offer_help", { task_id: task.id, message: "I can help" });
  remember(world.offers, (offer as { id: string }).id);
  return undefined;
}

interface Row {
  id: string;
  status: string;
  creator_id: string;
  helper_id: string | null;
}

/** A remembered row, mostly one in the state in which the deed makes sense. */
async function pickRow(
  { random, sql, ...world }: World,
  table: "tasks" | "offers",
  status: string,
): Promise<Row | undefined> {
  const name = table === "tasks" ? "public.tasks" : "public.task_offers";
  const rows = await sql<Row>(`select id, status, creator_id, helper_id from ${name} where id = any ($1::uuid[])`, [
    world[table],
  ]);
  const fitting = rows.filter((row) => row.status === status);
  return random.pick(random.next() < 0.8 && fitting.length > 0 ? fitting : rows);
}

/** Mostly the member whose part it is, now and then just anybody. */
function actorFor(world: World, row: Row, part: "creator" | "helper", anybody: string): string {
  const rightful = part === "creator" ? row.creator_id : row.helper_id;
  return rightful === null || world.random.next() < 0.1 ? anybody : rightful;
}

async function onTask<C extends Command>(
  world: World,
  status: string,
  part: "creator" | "helper",
  command: C,
  anybody: string,
  more: object = {},
): Promise<false | undefined> {
  const task = await pickRow(world, "tasks", status);
  if (!task) return false;
  await world.call(actorFor(world, task, part, anybody), command, { task_id: task.id, ...more } as CommandArgs<C>);
  return undefined;
}

async function onOffer<C extends Command>(
  world: World,
  part: "creator" | "helper",
  command: C,
  anybody: string,
): Promise<false | undefined> {
  const offer = await pickRow(world, "offers", "pending");
  if (!offer) return false;
  await world.call(actorFor(world, offer, part, anybody), command, { offer_id: offer.id } as CommandArgs<C>);
  return undefined;
}

/** One reward of each kind, all of them scarce. */
async function offerRewards(sql: Sql, partner: Partner): Promise<Reward[]> {
  await connectPartner(sql, partner, "https://partner.example/codes", "sealed");
  const pool = await offerReward(sql, partner, { code_source: "pool", points_cost: 7, code_valid_days: 2 });
  await fillPool(sql, partner, pool, poolCodes(20));
  return [
    pool,
    await offerReward(sql, partner, { stock_total: 200, return_days: 7, limit_per_member: 20 }),
    await offerReward(sql, partner, { points_cost: 15, code_valid_days: 2, expiry_refund_percent: 50 }),
    await offerReward(sql, partner, { code_source: "partner_api", points_cost: 5, stock_total: 200, return_days: 1 }),
  ];
}

async function redeem(world: World, me: string): Promise<false | undefined> {
  const reward = world.random.pick(world.rewards);
  if (!reward) return false;
  const begun = await world.call(SERVICE, "begin_redemption", redeemArgs(me, reward));
  remember(world.redemptions, (begun as unknown as Begun).redemption.id);
  return undefined;
}

interface RedemptionRow {
  id: string;
  user_id: string;
  code_hash: string | null;
}

async function pickRedemption({ random, sql, redemptions }: World): Promise<RedemptionRow | undefined> {
  const [row] = await sql<RedemptionRow>(
    `select r.id, r.user_id, '\\x' || encode(c.code_hash, 'hex') as code_hash
     from public.redemptions r left join private.reward_codes c on c.redemption_id = r.id where r.id = $1`,
    [random.pick(redemptions) ?? null],
  );
  return row;
}

async function onRedemption<C extends Command>(
  world: World,
  command: C,
  more: (row: RedemptionRow) => object,
): Promise<false | undefined> {
  const row = await pickRedemption(world);
  if (!row) return false;
  await world.call(SERVICE, command, { redemption_id: row.id, ...more(row) } as CommandArgs<C>);
  return undefined;
}

async function useCode(world: World): Promise<false | undefined> {
  const row = await pickRedemption(world);
  if (!row?.code_hash) return false;
  await world.call(SERVICE, "use_code", {
    api_key_hash: world.partner.keyHash,
    code_hash: row.code_hash,
    till_reference: `till-${world.random.integer(1, 3)}`,
  });
  return undefined;
}

async function sendEvent(world: World): Promise<false | undefined> {
  const row = await pickRedemption(world);
  if (!row) return false;
  await world.call(SERVICE, "record_partner_event", {
    partner_id: world.partner.id,
    event_id: `evt_${world.random.integer(1, 2000)}`,
    event_type: world.random.pick(["code.issued", "code.used", "code.cancelled"]) ?? "code.issued",
    occurred_at: new Date().toISOString(),
    redemption_id: row.id,
    details: {},
    ...someCode(),
  });
  return undefined;
}

async function claimRequests(world: World): Promise<undefined> {
  const due = world.random.pick(world.redemptions) ?? null;
  await world.sql("update private.partner_requests set next_attempt_at = now() where redemption_id = $1", [due]);
  await world.call(SERVICE, "claim_partner_requests", {});
}

async function addCodes(world: World): Promise<undefined> {
  const [pool] = world.rewards;
  await world.call(SERVICE, "add_codes", {
    api_key_hash: world.partner.keyHash,
    reward_id: pool?.id ?? "",
    codes: poolCodes(5),
  });
}

function someEdit(random: Random): object {
  const title = `Something else ${random.integer(1, 9)}`;
  const points_reward = random.integer(1, 60);
  const place = { latitude: PLACE.latitude + random.next() / 20, longitude: PLACE.longitude, metadata: { title } };
  return random.pick([{ title }, { points_reward }, { ...place }, { title, points_reward, ...place }]) ?? {};
}

async function blockUser(world: World, me: string): Promise<undefined> {
  const user_id = world.random.pick(world.members) ?? me;
  await world.call(me, "block_user", { user_id });
  // mostly a short quarrel, or soon nobody could help anybody
  if (world.random.next() < 0.8) await world.call(me, "unblock_user", { user_id });
}

async function runJobs(world: World): Promise<undefined> {
  const days = world.random.pick([0, 0, 0, 0, 3, 16]) ?? 0;
  jobCounts(await world.sql<JobRow>(`select * from ops.run_due_jobs(now() + interval '${days} days')`));
}

async function ban(world: World, me: string): Promise<undefined> {
  await world.sql("select ops.ban_user($1, 'Spam')", [me]);
  await world.sql("select ops.unban_user($1)", [me]);
}

async function adjust(world: World, me: string): Promise<undefined> {
  const amount = world.random.integer(1, 80) * (world.random.next() < 0.6 ? 1 : -1);
  await world.sql("select ops.adjust_points($1, $2, 'Chaos')", [me, amount]);
}

/** Somebody leaves and a new neighbour moves in. */
async function erase(world: World, me: string): Promise<false | undefined> {
  const place = world.members.indexOf(me);
  if (place < 0) return false; // left in the meantime
  const [newcomer = ""] = await signUpBySql(world.sql, 1);
  world.members[place] = newcomer;
  const isSoft = world.random.next() < 0.3;
  await world.sql(isSoft ? "update auth.users set deleted_at = now() where id = $1" : DELETE_LOGIN, [me]);
  return undefined;
}

async function toggleFunding(world: World): Promise<undefined> {
  await changeSettings(world.sql, { reward_funding: world.random.next() < 0.5 ? "creator" : "community" });
}

function remember(ids: string[], id: string): void {
  ids.push(id);
  if (ids.length > REMEMBERED) ids.shift();
}
