import { randomUUID } from "node:crypto";
import type { Sql } from "./admin.ts";
import {
  connectPartner,
  offerReward,
  openPartner,
  type Partner,
  type Redemption,
  redeemArgs,
  sandboxKey,
  someCode,
} from "./redemptions.ts";
import { PLACE, playTask } from "./scenario.ts";
import type { TestStack } from "./use-stack.ts";

/** For each function of the API arguments that each of its checks lets pass, so that a test can spoil one at a time. */
export type HonestArguments = Record<string, Record<string, unknown>>;

/** Makes what they name; members' commands are the first member's, about what the two have with each other. */
export async function honestArguments(
  { sql, call }: Pick<TestStack, "sql" | "call">,
  memberId: string,
  helperId: string,
): Promise<HonestArguments> {
  const { task } = await playTask(call, memberId, helperId, "open");
  const id = { task_id: task.id };
  const [place] = await sql<{ id: string }>(
    "insert into public.places (name, source, latitude, longitude) values ('Bench', 'community', 1, 1) returning id",
  );
  const { offer } = await playTask(call, helperId, memberId, "open");
  const [noShow] = await sql<{ id: number }>(
    `insert into public.lapses (task_id, helper_id, kind, assigned_at) values ($1, $2, 'no_show', now()) returning id::integer`,
    [offer.task_id, memberId],
  );
  const written = await call(memberId, "send_message", {
    offer_id: offer.id,
    body: "Hi",
    idempotency_key: randomUUID(),
  });
  const shared = { task_id: (await playTask(call, memberId, helperId, "assigned")).task.id };
  await call(memberId, "update_contact", { phone_number: "+49 30 123456" });
  return {
    leaderboard: {},
    user_statistics: {},
    monthly_statistics: {},
    create_task: { title: "Mow", description: "The lawn", category: "garten", ...PLACE, points_reward: 1 },
    update_task: id,
    offer_help: id,
    renew_offer: { offer_id: offer.id },
    withdraw_offer: { offer_id: offer.id },
    decline_offer: { offer_id: offer.id },
    accept_offer: { offer_id: offer.id },
    start_task: id,
    finish_task: id,
    confirm_task: id,
    reject_completion: { ...id, reason: "Not yet" },
    release_task: id,
    replace_helper: { ...id, reason: "Did not come" },
    contest_no_show: { no_show_id: noShow?.id, statement: "I was there" },
    cancel_task: { task_id: offer.task_id },
    get_task_location: id,
    reveal_task_contact: shared,
    request_phone_number: shared,
    share_phone_number: shared,
    my_contact_reveals: {},
    search_tasks: { query: "lawn", latitude: PLACE.latitude, longitude: PLACE.longitude },
    search_places: { query: "bread", latitude: PLACE.latitude, longitude: PLACE.longitude },
    map_tasks: { west: 13.3, south: 52.4, east: 13.5, north: 52.6, zoom: 12 },
    nearby_tasks: PLACE,
    recommended_tasks: { latitude: PLACE.latitude, longitude: PLACE.longitude },
    recommended_places: { latitude: PLACE.latitude, longitude: PLACE.longitude },
    suggest_helpers: id,
    add_place: { name: "A bench", category: "other", latitude: PLACE.latitude, longitude: PLACE.longitude },
    review_place: { place_id: place?.id, rating: 4 },
    delete_review: { place_id: place?.id },
    set_preference: { category: "garten", rating: 3 },
    block_user: { user_id: helperId },
    unblock_user: { user_id: helperId },
    update_profile: {},
    update_contact: {},
    update_settings: {},
    rate_task: { ...id, score: 5 },
    list_ratings: { user_id: helperId },
    explain_trust: { user_id: helperId },
    send_message: { offer_id: offer.id, body: "Hello", idempotency_key: randomUUID() },
    list_messages: { offer_id: offer.id },
    list_conversations: {},
    count_unread_messages: {},
    mark_conversation_read: { offer_id: offer.id },
    delete_message: { offer_id: offer.id, message_id: written.id },
    update_message_settings: {},
    list_notifications: {},
    count_unread_notifications: {},
    list_notification_addresses: {},
    mark_notifications_read: {},
    set_notification_preference: { type: "task_started", channel: "email", is_enabled: true },
    update_notification_settings: {},
    save_push_subscription: {
      endpoint: "https://push.example/inputs",
      p256dh: `B${"x".repeat(86)}`,
      auth: "y".repeat(22),
    },
    delete_push_subscription: { endpoint: "https://push.example/inputs" },
    get_api_version: {},
    task_rules: {},
    ...(await honestOfEdgeFunctions(sql, memberId, await openPartner(sql))),
  };
}

/** The same for the commands that only edge functions send; those of partners with a key that may do everything. */
export async function honestOfEdgeFunctions(sql: Sql, memberId: string, partner: Partner): Promise<HonestArguments> {
  const reward = await offerReward(sql, partner, { return_days: 1 });
  const pool = await offerReward(sql, partner, { code_source: "pool" });
  const asked = await offerReward(sql, partner, { code_source: "partner_api" });
  await connectPartner(sql, partner, "https://partner.example/codes", "k.sealed");
  await sql("select ops.adjust_points($1, 1000, 'For redemptions')", [memberId]);
  const begin = async (args: ReturnType<typeof redeemArgs>) => {
    const [row] = await sql<{ redemption: Redemption }>(
      `select public.begin_redemption(member_id, reward_id, expected_points, idempotency_key, code_hash, code_ciphertext) -> 'redemption' as redemption
       from jsonb_to_record($1::text::jsonb) a (member_id uuid, reward_id uuid, expected_points integer, idempotency_key uuid, code_hash text, code_ciphertext text)`,
      [JSON.stringify(args)],
    );
    return row?.redemption.id;
  };
  const key = { api_key_hash: partner.keyHash };
  const [endpoint] = await sql<{ id: string }>(
    "select public.create_webhook_endpoint($1, 'https://partner.example/hooks', '{redemption.created}', 'k.sealed') ->> 'id' as id",
    [partner.keyHash],
  );
  const args = redeemArgs(memberId, reward);
  const own = { member_id: memberId, redemption_id: await begin(args) };
  const pending = { redemption_id: await begin(redeemArgs(memberId, asked)) };
  const [message] = await sql<{ id: number }>(
    "select min(id)::integer as id from private.webhook_messages where partner_id = $1",
    [partner.id],
  );
  const [spare] = await sql<{ key_id: string }>(
    "select key_id from ops.create_partner_key($1, 'Spare', '{redemptions:use}')",
    [partner.id],
  );
  const code = { ...key, code_hash: args.code_hash };
  const atEndpoint = { ...key, endpoint_id: endpoint?.id };
  return {
    begin_redemption: { ...args },
    read_redemption: own,
    return_redemption: own,
    claim_partner_requests: {},
    record_partner_code: { ...pending, ...someCode() },
    record_partner_refusal: { ...pending, reason: "404" },
    record_partner_failure: { ...pending, error: "timeout" },
    record_partner_event: {
      partner_id: partner.id,
      event_id: "evt_1",
      event_type: "code.issued",
      occurred_at: "2026-01-01T00:00:00Z",
      ...pending,
      ...someCode(),
      details: {},
    },
    read_partner: key,
    list_partner_rewards: key,
    create_reward: {
      ...key,
      reward: { title_de: "Ein Brot", title_en: "A loaf", points_cost: 1, discount_type: "free_item" },
    },
    change_reward: { ...key, reward_id: reward.id, changes: { points_cost: 2 } },
    retire_reward: { ...key, reward_id: reward.id },
    add_codes: { ...key, reward_id: pool.id, codes: [] },
    list_codes: { ...key, reward_id: pool.id },
    withdraw_codes: { ...key, reward_id: pool.id, codes: [] },
    list_partner_redemptions: key,
    verify_code: code,
    use_code: { ...code, till_reference: "till-1" },
    create_test_code: {
      api_key_hash: (await sandboxKey(sql, partner)).keyHash,
      reward_id: reward.id,
      code_hash: someCode().code_hash,
    },
    cancel_redemption: { ...key, redemption_id: own.redemption_id },
    read_settlement: { ...key, month: "2026-01-01" },
    connect_partner: { ...key, url: "https://partner.example/codes", secret_ciphertext: "k.sealed" },
    read_partner_connection: { partner_id: partner.id },
    create_webhook_endpoint: {
      ...key,
      url: "https://partner.example/more",
      event_types: ["redemption.used"],
      secret_ciphertext: "k.sealed",
    },
    list_webhook_endpoints: key,
    test_webhook_endpoint: atEndpoint,
    list_api_keys: key,
    create_api_key: { ...key, name: "Till 3" },
    rotate_api_key: { ...key, key_id: spare?.key_id },
    revoke_api_key: { ...key, key_id: spare?.key_id },
    rotate_webhook_secret: { ...atEndpoint, secret_ciphertext: "k.sealed" },
    delete_webhook_endpoint: atEndpoint,
    list_webhook_messages: key,
    replay_webhook_message: { ...key, message_id: message?.id },
    claim_webhook_messages: {},
    record_webhook_attempts: { results: [] },
    claim_notification_deliveries: {},
    read_metrics: {},
    read_readiness: {},
    record_notification_deliveries: { results: [] },
    unsubscribe_notifications: { user_id: memberId, channel: "email", type: "task_started" },
  };
}
