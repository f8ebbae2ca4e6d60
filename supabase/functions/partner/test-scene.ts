/**
 * Shared by this function's tests: a database that answers as told, rows as it writes them, and one good request of every
 * route.
 *
 * @module
 */
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { Buffer } from "node:buffer";
import { generateCode } from "../_shared/codes.ts";
import { ERRORS, type ErrorSlug } from "../_shared/contracts/errors.ts";
import { DatabaseRefusal } from "../_shared/database.ts";
import type { LogFields } from "../_shared/log.ts";
import { createSealer } from "../_shared/sealing.ts";
import { type FakeArgs, fakeDatabase } from "../_shared/testing.ts";
import { createApp, createHandler } from "./handler.ts";
import { describeApi } from "./openapi.ts";
import type { Route } from "./route.ts";
import { ROUTES, type RouteName } from "./routes.ts";
import { ID, OTHER_ID, settlementRow } from "./test-settlement.ts";

export { ID, OTHER_ID };

/** The key of the caller. */
export const KEY = `nhp_${"0123456789abcdef".repeat(4)}`;
/** What the database knows of the key. */
export const KEY_HASH = `\\x${Buffer.from(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(KEY))).toString("hex")}`;
const MEMBER_ID = "9b0c1d2e-0000-4000-8000-0000000000ff";
/** A moment as the database writes it. */
export const NOON = "2026-11-21T12:00:00.123456+00:00";
/** Where the function is reached. */
export const SERVER = "https://project.example/functions/v1/partner";

const keyOf = (byte: string) => Buffer.from(byte.repeat(32)).toString("base64url");
/** Seals with keys of its own. */
export const sealer = await createSealer((name) => (name === "SEALING_KEYS" ? `k1:${keyOf("s")}` : keyOf("i")));

const rewardRow = ROUTES.createReward.answer.example;
/** A redemption as the database writes it. */
export const redemptionRow = {
  id: ID,
  reward_id: OTHER_ID,
  title_de: "Brot",
  title_en: "Bread",
  points_spent: 100,
  discount_type: "fixed_amount",
  discount_value: 4.5,
  discount_currency: "EUR",
  status: "active",
  end_reason: null,
  redeemed_at: NOON,
  expires_at: NOON,
  used_at: null,
  till_reference: null,
  ended_at: null,
  is_test: false,
};
/** A used redemption as the database writes it. */
export const usedRow = { ...redemptionRow, status: "used", used_at: NOON, till_reference: "till-1/7" };
/** The partner of the key as the database writes it. */
export const partnerRow = {
  id: ID,
  name: "Backstube",
  description: null,
  website_url: null,
  logo_url: null,
  is_active: true,
  key: {
    id: OTHER_ID,
    name: "Till 1",
    scopes: ["codes:write", "webhooks:write", "connection:write"],
    is_sandbox: false,
    expires_at: null,
  },
};
/** A webhook endpoint as the database writes it. */
export const { secret: _secret, ...endpointRow } = ROUTES.rotateWebhookSecret.answer.example as { secret: string };
const newKeyRow = ROUTES.createApiKey.answer.example;
const { key: _key, ...keyRow } = newKeyRow as { key: string };
const messageRow = ROUTES.replayWebhookMessage.answer.example;
type Answer = unknown | Error | ((args: FakeArgs) => unknown);

interface Scene {
  /** What the database answers, by command. */
  answers?: Record<string, Answer>;
  /** Why addresses may not be called. */
  reason?: string;
}

/** The function with a database that answers as told, and what it was asked and logged. */
export function scene({ answers = {}, reason }: Scene = {}) {
  const commands = Object.entries(answers).map(([name, answer]) => [name, (args: FakeArgs) => give(answer, args)]);
  const { database, calls: asked } = fakeDatabase(Object.fromEntries(commands));
  const logged: (LogFields | undefined)[] = [];
  const dependencies = {
    database,
    sealer,
    outbound: { check: async () => reason },
    serverUrl: SERVER,
    log: (_level: string, _message: string, fields?: LogFields) => {
      logged.push(fields);
    },
  };
  return { handle: createHandler(dependencies), app: createApp(dependencies), asked, logged };
}

function give(answer: Answer, args: FakeArgs): unknown {
  if (answer instanceof Error) throw answer;
  return typeof answer === "function" ? answer(args) : answer;
}

/** What a request carries besides the key. */
export interface Sent {
  body?: unknown;
  headers?: Record<string, string>;
}

/** A request with the key. */
export function request(method: string, path: string, { body, headers = {} }: Sent = {}): Request {
  return new Request(`http://localhost/partner${path}`, {
    method,
    headers: {
      authorization: `Bearer ${KEY}`,
      "x-request-id": "request-1",
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
}

/** Sends one request to a new scene; checks what holds for every answer. */
export async function send(method: string, path: string, sent: Sent = {}, setting: Scene = {}) {
  const { handle, asked, logged } = scene(setting);
  const response = await handle(request(method, path, sent));
  strictEqual(response.headers.get("cache-control"), "no-store");
  strictEqual(response.headers.get("x-content-type-options"), "nosniff");
  ok(![...response.headers.keys()].some((name) => name.startsWith("access-control-")));
  const text = await response.text();
  const isJson = response.headers.get("content-type") === "application/json";
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: isJson ? JSON.parse(text) : null,
    asked,
    logged,
  };
}

/** Checks an error's form. Texts of errors come from the list. */
export function assertError(
  answer: { status: number; body: unknown },
  slug: ErrorSlug,
  more: Record<string, unknown> = {},
): void {
  const { hint: _hint, ...body } = answer.body as Record<string, unknown>;
  deepStrictEqual(body, { code: slug, message: ERRORS[slug].en, request_id: "request-1", ...more });
  strictEqual(answer.status, ERRORS[slug].status);
}

/** The database says no. */
export const refusal = (slug: ErrorSlug, detail: string | null = null) =>
  new DatabaseRefusal(slug, ERRORS[slug].status, detail, null);

/** A request that is good. */
interface Visit {
  path: string;
  body?: unknown;
  command?: string;
  args?: Record<string, unknown>;
  /** What the database says to the command. */
  row?: unknown;
  /** What comes out, where that is not what the database says. */
  answer?: unknown;
}

/** The least that makes a reward. */
export const newReward = { title_de: "Brot", title_en: "Bread", points_cost: 100, discount_type: "free_item" };
const limitedReward = {
  ...newReward,
  limit_per_member: 2,
  limit_period: "month",
  stock_total: 5,
  code_valid_days: 30,
};
/** A code made here. */
export const code = generateCode();
/** What the database finds that code by. */
export const codeHash = await sealer.codeHash(code);
const page = { page_size: 20, after: null };
const withMember = (row: object) => ({ ...row, user_id: MEMBER_ID });

/** One good request of every route. */
export const VISITS: Record<RouteName, Visit> = {
  readPartner: { path: "/v1/me", command: "read_partner", args: {}, row: partnerRow },
  listApiKeys: {
    path: "/v1/keys",
    command: "list_api_keys",
    args: {},
    row: [{ ...keyRow, key_hash: "hash" }],
    answer: { items: [keyRow] },
  },
  createApiKey: {
    path: "/v1/keys",
    body: { name: "Till 3" },
    command: "create_api_key",
    args: { name: "Till 3", scopes: ["redemptions:use"], is_sandbox: false },
    row: newKeyRow,
  },
  rotateApiKey: { path: `/v1/keys/${ID}/rotate`, command: "rotate_api_key", args: { key_id: ID }, row: newKeyRow },
  revokeApiKey: { path: `/v1/keys/${ID}`, command: "revoke_api_key", args: { key_id: ID }, row: null },
  listRewards: {
    path: "/v1/rewards",
    command: "list_partner_rewards",
    args: page,
    row: { items: [rewardRow], next: ID },
  },
  createReward: {
    path: "/v1/rewards",
    body: limitedReward,
    command: "create_reward",
    args: { reward: limitedReward },
    row: rewardRow,
  },
  changeReward: {
    path: `/v1/rewards/${ID}`,
    body: { points_cost: 90, valid_until: null },
    command: "change_reward",
    args: { reward_id: ID, changes: { points_cost: 90, valid_until: null } },
    row: rewardRow,
  },
  retireReward: {
    path: `/v1/rewards/${ID}`,
    command: "retire_reward",
    args: { reward_id: ID },
    row: rewardRow,
  },
  addCodes: {
    path: `/v1/rewards/${ID}/codes`,
    body: { codes: ["BREAD-1"] },
    command: "add_codes",
    row: { accepted: 1, rejected: 0, is_stored: true, lines: [{ line: 1, outcome: "accepted" }] },
    answer: { accepted: 1, rejected: 0, lines: [{ line: 1, outcome: "accepted" }] },
  },
  listCodes: {
    path: `/v1/rewards/${ID}/codes`,
    command: "list_codes",
    args: { reward_id: ID, ...page },
    row: { items: [{ id: 7, ciphertext: await sealer.seal("code", "BREAD-1"), uploaded_at: NOON }], next: null },
    answer: { items: [{ code: "BREAD-1", uploaded_at: NOON }], next: null },
  },
  withdrawCodes: {
    path: `/v1/rewards/${ID}/codes`,
    body: { codes: ["BREAD-1"] },
    command: "withdraw_codes",
    args: { reward_id: ID, codes: [{ line: 1, hash: await sealer.codeHash("BREAD1") }] },
    row: { withdrawn: 1, lines: [{ line: 1, outcome: "withdrawn" }] },
  },
  listRedemptions: {
    path: "/v1/redemptions",
    command: "list_partner_redemptions",
    args: { status: null, reward_id: null, since: null, until: null, ...page },
    row: { items: [withMember(redemptionRow)], next: null },
    answer: { items: [redemptionRow], next: null },
  },
  verifyCode: {
    path: "/v1/redemptions/verify",
    body: { code },
    command: "verify_code",
    args: { code_hash: codeHash },
    row: { outcome: "valid", redemption: withMember(redemptionRow) },
    answer: { outcome: "valid", redemption: redemptionRow },
  },
  useCode: {
    path: "/v1/redemptions/use",
    body: { code, till_reference: "till-1/7" },
    command: "use_code",
    args: { code_hash: codeHash, till_reference: "till-1/7" },
    row: { outcome: "used", is_repeat: false, redemption: withMember(usedRow) },
    answer: { redemption: usedRow, is_repeat: false },
  },
  createTestCode: {
    path: "/v1/test-codes",
    body: { reward_id: ID },
    command: "create_test_code",
    row: withMember({ ...redemptionRow, is_test: true }),
    answer: { redemption: { ...redemptionRow, is_test: true } },
  },
  cancelRedemption: {
    path: `/v1/redemptions/${ID}/cancel`,
    body: { reason: "Closed today" },
    command: "cancel_redemption",
    args: { redemption_id: ID, reason: "Closed today" },
    row: withMember(redemptionRow),
    answer: redemptionRow,
  },
  readSettlement: {
    path: "/v1/settlements/2026-11",
    command: "read_settlement",
    args: { month: "2026-11-01" },
    row: { ...settlementRow, lines: [] },
    answer: {
      month: "2026-11",
      starts_at: "2026-10-31T23:00:00.000000Z",
      ends_at: "2026-11-30T23:00:00.000000Z",
      is_test: false,
      is_final: true,
      partner_id: ID,
      lines: [],
      totals: { redemptions: 2, points_spent: 130, fixed_amounts: [{ currency: "EUR", amount: 4.5 }] },
    },
  },
  connectPartner: {
    path: "/v1/connection",
    body: { url: "https://codes.bakery.example" },
    command: "connect_partner",
    row: { url: "https://codes.bakery.example", updated_at: NOON, secret: "sealed" },
  },
  listWebhookEndpoints: {
    path: "/v1/webhook-endpoints",
    command: "list_webhook_endpoints",
    args: {},
    row: [{ ...endpointRow, secret: "sealed" }],
    answer: { items: [endpointRow] },
  },
  createWebhookEndpoint: {
    path: "/v1/webhook-endpoints",
    body: { url: "https://bakery.example/hooks", event_types: ["redemption.used"] },
    command: "create_webhook_endpoint",
    row: endpointRow,
  },
  rotateWebhookSecret: {
    path: `/v1/webhook-endpoints/${ID}/rotate-secret`,
    command: "rotate_webhook_secret",
    row: endpointRow,
  },
  testWebhookEndpoint: {
    path: `/v1/webhook-endpoints/${ID}/test`,
    command: "test_webhook_endpoint",
    args: { endpoint_id: ID },
    row: ROUTES.testWebhookEndpoint.answer.example,
  },
  deleteWebhookEndpoint: {
    path: `/v1/webhook-endpoints/${ID}`,
    command: "delete_webhook_endpoint",
    args: { endpoint_id: ID },
    row: null,
  },
  listWebhookMessages: {
    path: "/v1/webhook-messages",
    command: "list_webhook_messages",
    args: { status: null, ...page },
    row: { items: [messageRow], next: "12" },
  },
  replayWebhookMessage: {
    path: "/v1/webhook-messages/12/replay",
    command: "replay_webhook_message",
    args: { message_id: 12 },
    row: messageRow,
  },
  readDescription: { path: "/v1/openapi.json", answer: describeApi(SERVER) },
};

/** Names of all routes. */
export const NAMES = Object.keys(ROUTES) as RouteName[];
/** The method of a route, as HTTP writes it. */
export const methodOf = (name: RouteName): string => ROUTES[name].method.toUpperCase();
/** What the database says during the good request of a route. */
export function answersOf(name: RouteName): Record<string, Answer> {
  const { command, row } = VISITS[name];
  const { isCostly }: Route = ROUTES[name];
  return { ...(isCostly && { read_partner: partnerRow }), ...(command && { [command]: row }) };
}
/** Sends the good request of a route, changed as told. */
export const visit = (name: RouteName, sent: Sent = {}, setting: Scene = {}) => {
  const { path, body } = VISITS[name];
  const answers = { ...answersOf(name), ...setting.answers };
  return send(methodOf(name), path, { body, ...sent }, { ...setting, answers });
};

/** Checks an error without looking at its detail. */
export function assertErrorCode(result: { status: number; body: { code: string } }, slug: ErrorSlug): void {
  deepStrictEqual([result.status, result.body.code], [ERRORS[slug].status, slug]);
}
