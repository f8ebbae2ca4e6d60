import { randomUUID } from "node:crypto";
import type { Sql } from "./admin.ts";
import { type Command, type CommandArgs, SERVICE } from "./api-connection.ts";
import type { Deed, World } from "./chaos.ts";
import { makeOverdue } from "./overdue.ts";
import { sandboxKey, someCode } from "./redemptions.ts";
import { PLACE } from "./scenario.ts";

/** The deeds of a chaos run that need no task, offer or redemption: what members say of themselves, outboxes, partners. */
export const QUIET_DEEDS: readonly (readonly [weight: number, deed: readonly [kind: string, Deed]])[] = [
  [2, by("update_profile", ({ random }) => ({ bio: `Likes plants ${random.integer(1, 9)}` }))],
  [
    3,
    by("update_contact", ({ random }) => ({
      ...near(random.next()),
      address: "Sea Lane 1",
      phone_number: "+49 30 123456",
    })),
  ],
  [
    2,
    by("update_settings", ({ random }) => ({ is_open_to_suggestions: random.next() < 0.8, show_on_leaderboard: true })),
  ],
  [1, by("unblock_user", someMember)],
  [2, by("set_preference", ({ random }) => ({ category: "transport", rating: random.integer(0, 5) }))],
  [
    1,
    by("add_place", ({ random }) => ({
      name: `Bench ${random.integer(1, 9999)}`,
      category: "other",
      ...near(random.next()),
    })),
  ],
  [
    3,
    by(
      "review_place",
      somePlace(({ random }) => ({ rating: random.integer(1, 5), comment: "Nice" })),
    ),
  ],
  [
    1,
    by(
      "delete_review",
      somePlace(() => ({})),
    ),
  ],
  [3, by("suggest_helpers", (world) => someTask(world, "open", ["creator_id"]))],
  [3, by("reveal_task_contact", (world) => someTask(world, "assigned", ["creator_id", "helper_id"]))],
  [2, by("request_phone_number", (world) => someTask(world, "assigned", ["creator_id", "helper_id"]))],
  [2, by("share_phone_number", (world) => someTask(world, "in_progress", ["creator_id", "helper_id"]))],
  [1, by("get_task_location", (world) => someTask(world, "completed", ["creator_id"]))],
  [1, by("my_contact_reveals", () => ({}))],
  [4, by("rate_task", ratedTask)],
  [4, by("replace_helper", missedTask)],
  [2, by("contest_no_show", contestedNoShow)],
  [1, ["decide_no_show", decideNoShow]],
  [2, by("mark_notifications_read", () => ({}))],
  [
    12,
    by("send_message", (world) => someConversation(world, () => ({ body: "Hello", idempotency_key: randomUUID() }))),
  ],
  [3, by("mark_conversation_read", (world) => someConversation(world, () => ({})))],
  [2, by("delete_message", someMessage)],
  [1, by("update_message_settings", ({ random }) => ({ show_read_marks: random.next() < 0.5, show_text: true }))],
  [
    1,
    by("set_notification_preference", ({ random }) => ({
      type: "task_started",
      channel: "email",
      is_enabled: random.next() < 0.5,
    })),
  ],
  [1, by("update_notification_settings", ({ random }) => ({ digest: random.pick(["weekly", "none"]) ?? "none" }))],
  [
    2,
    by("save_push_subscription", (world) => ({ ...device(world), p256dh: `B${"x".repeat(86)}`, auth: "y".repeat(22) })),
  ],
  [1, by("delete_push_subscription", device)],
  [
    1,
    service("unsubscribe_notifications", ({ random, members }) => ({
      user_id: random.pick(members) ?? "",
      channel: "email",
    })),
  ],
  [3, ["claim_notification_deliveries", sendMail]],
  [1, ["record_notification_deliveries", sendMail]],
  [0.5, partner("read_partner", () => ({}))],
  [0.5, partner("list_partner_rewards", () => ({}))],
  [0.5, partner("read_settlement", () => ({ month: "2026-01-01" }))],
  [0.5, partner("connect_partner", () => ({ url: "https://partner.example/codes", secret_ciphertext: "k.sealed" }))],
  [0.5, ["create_reward", rewardForAWhile]],
  [0.5, ["retire_reward", rewardForAWhile]],
  [
    0.5,
    partner("change_reward", ({ random, rewards }) => ({
      reward_id: random.pick(rewards)?.id ?? "",
      changes: { title_en: "A loaf" },
    })),
  ],
  [1, ["verify_code", verifyCode]],
  [0.5, ["create_test_code", tryCode]],
  [0.5, ["create_webhook_endpoint", endpointForAWhile]],
  [0.5, ["rotate_webhook_secret", endpointForAWhile]],
  [0.5, ["test_webhook_endpoint", endpointForAWhile]],
  [0.5, ["delete_webhook_endpoint", endpointForAWhile]],
  [0.5, ["create_api_key", keyForAWhile]],
  [0.5, ["rotate_api_key", keyForAWhile]],
  [0.5, ["revoke_api_key", keyForAWhile]],
  [0.5, partner("list_api_keys", () => ({}))],
  [0.5, partner("list_codes", poolOf)],
  [0.5, ["withdraw_codes", withdrawCode]],
  [0.5, partner("list_webhook_endpoints", () => ({}))],
  [0.5, partner("list_webhook_messages", () => ({}))],
  [0.5, partner("list_partner_redemptions", () => ({}))],
  [0.5, ["replay_webhook_message", replay]],
  [1, ["claim_webhook_messages", sendWebhooks]],
  [0.5, ["read_metrics", readMetrics]],
  [1, ["record_webhook_attempts", sendWebhooks]],
];

/** What a deed is done with: arguments of its command, and whose part it is when only one side may; false for nothing. */
type Found = Record<string, unknown> | false;

/** A member's command. */
function by(command: Command, find: (world: World) => Found | Promise<Found>): readonly [string, Deed] {
  return [
    command,
    async (world, me) => {
      const found = await find(world);
      if (!found) return false;
      const { actor, ...args } = found;
      await world.call(typeof actor === "string" ? actor : me, command, args as CommandArgs<Command>);
      return undefined;
    },
  ];
}

function service(command: Command, find: (world: World) => Found): readonly [string, Deed] {
  return by(command, (world) => ({ actor: SERVICE, ...find(world) }));
}

function partner(command: Command, find: (world: World) => Found): readonly [string, Deed] {
  return service(command, (world) => ({ api_key_hash: world.partner.keyHash, ...find(world) }));
}

function near(share: number): { latitude: number; longitude: number } {
  return { latitude: PLACE.latitude + share / 50, longitude: PLACE.longitude };
}

function someMember({ random, members }: World): { user_id: string } {
  return { user_id: random.pick(members) ?? "" };
}

/** One of few devices, which change hands. */
function device({ random }: World): { endpoint: string } {
  return { endpoint: `https://push.example/${random.integer(1, 30)}` };
}

function somePlace(more: (world: World) => Record<string, unknown>): (world: World) => Promise<Found> {
  return async (world) => {
    const places = await world.sql<{ id: string }>("select id from public.places where source = 'community' limit 10");
    const place = world.random.pick(places);
    return place ? { place_id: place.id, ...more(world) } : false;
  };
}

async function someTask(world: World, status: string, sides: readonly ("creator_id" | "helper_id")[]): Promise<Found> {
  const tasks = await world.sql<{ id: string; creator_id: string; helper_id: string }>(
    "select id, creator_id, helper_id from public.tasks where status = $1 and id = any ($2::uuid[])",
    [status, world.tasks],
  );
  const task = world.random.pick(tasks);
  return task ? { task_id: task.id, actor: task[world.random.pick(sides) ?? "creator_id"] } : false;
}

async function ratedTask(world: World): Promise<Found> {
  const task = await someTask(world, "completed", ["creator_id", "helper_id"]);
  return task && { ...task, score: world.random.integer(1, 5), comment: "Kind" };
}

async function missedTask(world: World): Promise<Found> {
  const task = await someTask(world, "assigned", ["creator_id"]);
  if (task) await makeOverdue(world.sql, String(task["task_id"]));
  return task && { ...task, reason: "Nobody came" };
}

async function someNoShow({ random, sql }: World): Promise<{ id: number; helper_id: string } | undefined> {
  return random.pick(
    await sql<{ id: number; helper_id: string }>(
      "select id::integer, helper_id from public.lapses where kind = 'no_show' order by id desc limit 10",
    ),
  );
}

async function contestedNoShow(world: World): Promise<Found> {
  const noShow = await someNoShow(world);
  const statement = `I rang ${world.random.integer(1, 2)} times`;
  return noShow ? { actor: noShow.helper_id, no_show_id: noShow.id, statement } : false;
}

async function decideNoShow(world: World): Promise<false | undefined> {
  const noShow = await someNoShow(world);
  if (!noShow) return false;
  const decision = world.random.pick(["upheld", "withdrawn"]) ?? "upheld";
  await world.sql("select ops.decide_no_show($1, $2, 'Seen')", [noShow.id, decision]);
  return undefined;
}

/** An offer, by one of its two sides. */
async function someConversation(world: World, more: () => Record<string, unknown>): Promise<Found> {
  const offers = await world.sql<{ id: string; creator_id: string; helper_id: string }>(
    "select id, creator_id, helper_id from public.task_offers where id = any ($1::uuid[])",
    [world.offers],
  );
  const offer = world.random.pick(offers);
  if (!offer) return false;
  return { offer_id: offer.id, actor: world.random.pick([offer.creator_id, offer.helper_id]), ...more() };
}

async function someMessage(world: World): Promise<Found> {
  const messages = await world.sql<{ offer_id: string; id: number; sender_id: string }>(
    "select offer_id, id::integer, sender_id from private.messages where offer_id = any ($1::uuid[]) limit 50",
    [world.offers],
  );
  const message = world.random.pick(messages);
  return message ? { offer_id: message.offer_id, message_id: message.id, actor: message.sender_id } : false;
}

/** Ends leases and waits early; what is locked stays as it is, because nobody does this in life. */
async function makeDue(sql: Sql, queue: string): Promise<void> {
  await sql(`update ${queue} set next_attempt_at = now()
    where id in (select id from ${queue} where status = 'pending' limit 20 for update skip locked)`);
}

/** Claims what is due and says how it went; now and then a device is gone. */
async function sendMail({ call, random, sql }: World): Promise<undefined> {
  await makeDue(sql, "private.notification_deliveries");
  const claimed = (await call(SERVICE, "claim_notification_deliveries", { batch: 10 })) as unknown as {
    id: number;
    attempt: number;
  }[];
  const results = claimed.map(({ id, attempt }) => ({
    id,
    attempt,
    outcome: random.pick(["sent", "retry", "gone", "rejected", "refused"]),
    duration_ms: random.pick([10, 4000]),
  }));
  await call(SERVICE, "record_notification_deliveries", { results } as never);
}

async function rewardForAWhile({ call, partner: { keyHash } }: World): Promise<undefined> {
  const reward = { title_de: "Ein Brot", title_en: "A loaf", points_cost: 1, discount_type: "free_item" };
  const created = (await call(SERVICE, "create_reward", { api_key_hash: keyHash, reward })) as { id: string };
  await call(SERVICE, "retire_reward", { api_key_hash: keyHash, reward_id: created.id });
}

async function verifyCode({ call, partner: { keyHash }, random, redemptions, sql }: World): Promise<false | undefined> {
  const [code] = await sql<{ code_hash: string }>(
    "select '\\x' || encode(code_hash, 'hex') as code_hash from private.reward_codes where redemption_id = $1",
    [random.pick(redemptions) ?? null],
  );
  if (!code) return false;
  await call(SERVICE, "verify_code", { api_key_hash: keyHash, code_hash: code.code_hash });
  return undefined;
}

async function tryCode({ call, partner, random, rewards, sql }: World): Promise<undefined> {
  const key = { api_key_hash: (await sandboxKey(sql, partner)).keyHash };
  const { code_hash } = someCode();
  await call(SERVICE, "create_test_code", { ...key, reward_id: random.pick(rewards)?.id ?? "", code_hash });
  await call(SERVICE, "use_code", { ...key, code_hash, till_reference: "till-1" });
}

async function endpointForAWhile({ call, partner: { keyHash } }: World): Promise<undefined> {
  const key = { api_key_hash: keyHash };
  const secret_ciphertext = "k.sealed";
  const created = (await call(SERVICE, "create_webhook_endpoint", {
    ...key,
    url: "https://partner.example/hooks",
    event_types: "{redemption.created,redemption.used}" as unknown as string[],
    secret_ciphertext,
  })) as { id: string };
  await call(SERVICE, "rotate_webhook_secret", { ...key, endpoint_id: created.id, secret_ciphertext });
  await call(SERVICE, "test_webhook_endpoint", { ...key, endpoint_id: created.id });
  await call(SERVICE, "delete_webhook_endpoint", { ...key, endpoint_id: created.id });
}

async function keyForAWhile({ call, partner: { keyHash } }: World): Promise<undefined> {
  const key = { api_key_hash: keyHash };
  const made = (await call(SERVICE, "create_api_key", { ...key, name: "Till" })) as { id: string };
  const rotated = (await call(SERVICE, "rotate_api_key", { ...key, key_id: made.id })) as { id: string };
  for (const { id } of [made, rotated]) await call(SERVICE, "revoke_api_key", { ...key, key_id: id });
}

function poolOf({ rewards: [pool] }: World): { reward_id: string } {
  return { reward_id: pool?.id ?? "" };
}

/** One that a member may just be getting. */
async function withdrawCode(world: World): Promise<false | undefined> {
  const { reward_id } = poolOf(world);
  const [code] = await world.sql<{ hash: string }>(
    `select '\\x' || encode(code_hash, 'hex') as hash from private.reward_codes
     where reward_id = $1 and redemption_id is null order by id limit 1`,
    [reward_id],
  );
  if (!code) return false;
  const codes = [{ line: 1, hash: code.hash }];
  await world.call(SERVICE, "withdraw_codes", { api_key_hash: world.partner.keyHash, reward_id, codes });
  return undefined;
}

async function replay({ call, partner: { id, keyHash }, sql }: World): Promise<false | undefined> {
  const [message] = await sql<{ id: number }>(
    `select m.id from private.webhook_messages m join private.webhook_endpoints e on e.id = m.endpoint_id
     where e.partner_id = $1 and m.status <> 'pending' order by m.id desc limit 1`,
    [id],
  );
  if (!message) return false;
  await call(SERVICE, "replay_webhook_message", { api_key_hash: keyHash, message_id: message.id });
  return undefined;
}

async function readMetrics({ call }: World): Promise<undefined> {
  await call(SERVICE, "read_metrics", {});
}

async function sendWebhooks({ call, random, sql }: World): Promise<undefined> {
  await makeDue(sql, "private.webhook_messages");
  const claimed = (await call(SERVICE, "claim_webhook_messages", { batch: 10 })) as unknown as {
    id: number;
    attempt: number;
  }[];
  const results = claimed.map(({ id, attempt }) => ({
    id,
    attempt,
    response_status: random.next() < 0.9 ? 200 : 500,
    duration_ms: random.pick([10, 4000]),
  }));
  await call(SERVICE, "record_webhook_attempts", { results } as never);
}
