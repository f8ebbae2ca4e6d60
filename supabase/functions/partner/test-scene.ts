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
import { type Database, DatabaseRefusal } from "../_shared/database.ts";
import type { LogFields } from "../_shared/log.ts";
import { createSealer } from "../_shared/sealing.ts";
import { createHandler, createRoutes } from "./handler.ts";
import { describeApi } from "./openapi.ts";
import { ROUTES, type RouteName } from "./routes.ts";

/** The key of the caller. */
export const KEY = `nhp_${"0123456789abcdef".repeat(4)}`;
/** What the database knows of the key. */
export const KEY_HASH = `\\x${Buffer.from(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(KEY))).toString("hex")}`;
/** An id. */
export const ID = "9b0c1d2e-0000-4000-8000-00000000000a";
/** Another id. */
export const OTHER_ID = "9b0c1d2e-0000-4000-8000-00000000000b";
const MEMBER_ID = "9b0c1d2e-0000-4000-8000-0000000000ff";
/** A moment as the database writes it. */
export const NOON = "2026-11-21T12:00:00.123456+00:00";
/** Where the function is reached. */
export const SERVER = "https://project.example/functions/v1/partner";

const keyOf = (byte: string) => Buffer.from(byte.repeat(32)).toString("base64url");
/** Seals with keys of its own. */
export const sealer = await createSealer((name) => (name === "SEALING_KEYS" ? `k1:${keyOf("s")}` : keyOf("i")));

const rewardRow = {
  id: ID,
  partner_id: OTHER_ID,
  title_de: "Brot",
  title_en: "Bread",
  description_de: null,
  description_en: null,
  points_cost: 100,
  discount_type: "fixed_amount",
  discount_value: 4.5,
  discount_currency: "EUR",
  terms_de: null,
  terms_en: null,
  valid_from: NOON,
  valid_until: null,
  limit_per_member: null,
  limit_period: null,
  code_source: "pool",
  code_valid_days: 90,
  return_days: 0,
  expiry_refund_percent: 0,
  is_active: true,
  stock_total: 10,
  stock_taken: 3,
  created_at: NOON,
  updated_at: NOON,
};
const reward = {
  id: ID,
  partnerId: OTHER_ID,
  titleDe: "Brot",
  titleEn: "Bread",
  descriptionDe: null,
  descriptionEn: null,
  pointsCost: 100,
  discountType: "fixed_amount",
  discountValue: 4.5,
  discountCurrency: "EUR",
  termsDe: null,
  termsEn: null,
  validFrom: NOON,
  validUntil: null,
  limitPerMember: null,
  limitPeriod: null,
  codeSource: "pool",
  codeValidDays: 90,
  returnDays: 0,
  expiryRefundPercent: 0,
  isActive: true,
  stockTotal: 10,
  stockTaken: 3,
  createdAt: NOON,
  updatedAt: NOON,
};
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
};
const redemption = {
  id: ID,
  rewardId: OTHER_ID,
  titleDe: "Brot",
  titleEn: "Bread",
  pointsSpent: 100,
  discountType: "fixed_amount",
  discountValue: 4.5,
  discountCurrency: "EUR",
  status: "active",
  endReason: null,
  redeemedAt: NOON,
  expiresAt: NOON,
  usedAt: null,
  tillReference: null,
  endedAt: null,
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
    expires_at: null,
  },
};
const endpointRow = {
  id: ID,
  url: "https://bakery.example/hooks",
  event_types: ["redemption.used"],
  is_enabled: true,
  disabled_at: null,
  disabled_reason: null,
  failure_streak: 0,
  secret_rotated_at: NOON,
  created_at: NOON,
};
/** A webhook endpoint as it is answered. */
export const endpoint = {
  id: ID,
  url: "https://bakery.example/hooks",
  eventTypes: ["redemption.used"],
  isEnabled: true,
  disabledAt: null,
  disabledReason: null,
  failureStreak: 0,
  secretRotatedAt: NOON,
  createdAt: NOON,
};
const messageRow = {
  id: 12,
  webhook_id: "msg_1",
  endpoint_id: ID,
  type: "redemption.used",
  status: "dead",
  attempts: 14,
  next_attempt_at: NOON,
  delivered_at: null,
  last_status: 500,
  last_error: null,
  created_at: NOON,
  payload: { type: "redemption.used", timestamp: NOON, data: { rewardId: ID } },
};
const message = {
  id: 12,
  webhookId: "msg_1",
  endpointId: ID,
  type: "redemption.used",
  status: "dead",
  attempts: 14,
  nextAttemptAt: NOON,
  deliveredAt: null,
  lastStatus: 500,
  lastError: null,
  createdAt: NOON,
  payload: { type: "redemption.used", timestamp: NOON, data: { rewardId: ID } },
};
/** A settlement as the database writes it, with texts that a spreadsheet would run. */
export const settlementRow = {
  month: "2026-11",
  is_final: true,
  partner: { id: ID, name: "Backstube" },
  lines: [
    {
      redemption_id: ID,
      reward_id: OTHER_ID,
      title_de: '=HYPERLINK("https://evil.example")',
      title_en: 'Bread, "fresh"',
      points_spent: 100,
      discount_type: "fixed_amount",
      discount_value: 4.5,
      discount_currency: "EUR",
      used_at: "2026-11-21T13:00:00.12+01:00",
      till_reference: "-7",
    },
    {
      redemption_id: OTHER_ID,
      reward_id: OTHER_ID,
      title_de: "Kaffee",
      title_en: "Coffee",
      points_spent: 30,
      discount_type: "free_item",
      discount_value: null,
      discount_currency: null,
      used_at: "2026-11-30T23:59:59.999999+00:00",
      till_reference: null,
    },
  ],
  totals: { redemptions: 2, points_spent: 130, fixed_amounts: [{ currency: "EUR", amount: 4.5 }] },
};

type Answer = unknown | Error | ((args: Record<string, unknown>) => unknown);

interface Scene {
  /** What the database answers, by command. */
  answers?: Record<string, Answer>;
  /** Why addresses may not be called. */
  reason?: string;
}

interface Asked {
  command: string;
  args: Record<string, unknown>;
}

/** The function with a database that answers as told, and what it was asked and logged. */
export function scene({ answers = {}, reason }: Scene = {}) {
  const asked: Asked[] = [];
  const logged: (LogFields | undefined)[] = [];
  const database: Database = {
    async call<Result>(command: string, args: Readonly<Record<string, unknown>>): Promise<Result> {
      asked.push({ command, args: { ...args } });
      const answer = answers[command];
      if (answer instanceof Error) throw answer;
      if (answer === undefined) throw new Error(`nobody expected ${command}`);
      return (typeof answer === "function" ? answer(args) : answer) as Result;
    },
  };
  const dependencies = {
    database,
    sealer,
    outbound: {
      check: async () => reason,
      post: () => Promise.reject(new Error("nothing is sent from here")),
    },
    serverUrl: SERVER,
    log: (_level: string, _message: string, fields?: LogFields) => {
      logged.push(fields);
    },
  };
  return { handle: createHandler(dependencies), routes: createRoutes(dependencies).routes, asked, logged };
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

/** One good request of every route, with what the database says and what comes out. */
interface Visit {
  path: string;
  body?: unknown;
  answers?: Record<string, Answer>;
  command?: string;
  args?: Record<string, unknown>;
  answer?: unknown;
}

/** The least that makes a reward. */
export const newReward = { titleDe: "Brot", titleEn: "Bread", pointsCost: 100, discountType: "free_item" };
/** A code made here. */
export const code = generateCode();
/** What the database finds that code by. */
export const codeHash = await sealer.codeHash(code);
const page = { page_size: 20, after: null };

/** One good request of every route. */
export const VISITS: Record<RouteName, Visit> = {
  readPartner: {
    path: "/v1/me",
    command: "read_partner",
    answers: { read_partner: partnerRow },
    args: {},
    answer: {
      id: ID,
      name: "Backstube",
      description: null,
      websiteUrl: null,
      logoUrl: null,
      isActive: true,
      key: {
        id: OTHER_ID,
        name: "Till 1",
        scopes: ["codes:write", "webhooks:write", "connection:write"],
        expiresAt: null,
      },
    },
  },
  listRewards: {
    path: "/v1/rewards",
    command: "list_partner_rewards",
    answers: { list_partner_rewards: { items: [rewardRow], next: ID } },
    args: page,
    answer: { items: [reward], next: ID },
  },
  createReward: {
    path: "/v1/rewards",
    body: { ...newReward, limitPerMember: 2, limitPeriod: "month", stockTotal: 5, codeValidDays: 30 },
    command: "create_reward",
    answers: { create_reward: rewardRow },
    args: {
      reward: {
        title_de: "Brot",
        title_en: "Bread",
        points_cost: 100,
        discount_type: "free_item",
        limit_per_member: 2,
        limit_period: "month",
        stock_total: 5,
        code_valid_days: 30,
      },
    },
    answer: reward,
  },
  changeReward: {
    path: `/v1/rewards/${ID}`,
    body: { pointsCost: 90, validUntil: null },
    command: "change_reward",
    answers: { change_reward: rewardRow },
    args: { reward_id: ID, changes: { points_cost: 90, valid_until: null } },
    answer: reward,
  },
  retireReward: {
    path: `/v1/rewards/${ID}`,
    command: "retire_reward",
    answers: { retire_reward: rewardRow },
    args: { reward_id: ID },
    answer: reward,
  },
  addCodes: {
    path: `/v1/rewards/${ID}/codes`,
    body: { codes: ["BREAD-1"] },
    command: "add_codes",
    answers: {
      read_partner: partnerRow,
      add_codes: { accepted: 1, rejected: 0, is_stored: true, lines: [{ line: 1, outcome: "accepted" }] },
    },
    answer: { accepted: 1, rejected: 0, lines: [{ line: 1, outcome: "accepted" }] },
  },
  listRedemptions: {
    path: "/v1/redemptions",
    command: "list_partner_redemptions",
    answers: { list_partner_redemptions: { items: [{ ...redemptionRow, user_id: MEMBER_ID }], next: null } },
    args: { status: null, reward_id: null, since: null, until: null, ...page },
    answer: { items: [redemption], next: null },
  },
  verifyCode: {
    path: "/v1/redemptions/verify",
    body: { code },
    command: "verify_code",
    answers: { verify_code: { outcome: "valid", redemption: { ...redemptionRow, user_id: MEMBER_ID } } },
    args: { code_hash: codeHash },
    answer: { outcome: "valid", redemption },
  },
  useCode: {
    path: "/v1/redemptions/use",
    body: { code, tillReference: "till-1/7" },
    command: "use_code",
    answers: { use_code: { outcome: "used", is_repeat: false, redemption: { ...usedRow, user_id: MEMBER_ID } } },
    args: { code_hash: codeHash, till_reference: "till-1/7" },
    answer: {
      redemption: { ...redemption, status: "used", usedAt: NOON, tillReference: "till-1/7" },
      isRepeat: false,
    },
  },
  cancelRedemption: {
    path: `/v1/redemptions/${ID}/cancel`,
    body: { reason: "Closed today" },
    command: "cancel_redemption",
    answers: { cancel_redemption: { ...redemptionRow, user_id: MEMBER_ID } },
    args: { redemption_id: ID, reason: "Closed today" },
    answer: redemption,
  },
  readSettlement: {
    path: "/v1/settlements/2026-11",
    command: "read_settlement",
    answers: { read_settlement: { ...settlementRow, lines: [] } },
    args: { month: "2026-11-01" },
    answer: {
      month: "2026-11",
      isFinal: true,
      partnerId: ID,
      lines: [],
      totals: { redemptions: 2, pointsSpent: 130, fixedAmounts: [{ currency: "EUR", amount: 4.5 }] },
    },
  },
  connectPartner: {
    path: "/v1/connection",
    body: { url: "https://codes.bakery.example" },
    command: "connect_partner",
    answers: {
      read_partner: partnerRow,
      connect_partner: { url: "https://codes.bakery.example", updated_at: NOON, secret: "sealed" },
    },
  },
  listWebhookEndpoints: {
    path: "/v1/webhook-endpoints",
    command: "list_webhook_endpoints",
    answers: { list_webhook_endpoints: [{ ...endpointRow, secret: "sealed" }] },
    args: {},
    answer: { items: [endpoint] },
  },
  createWebhookEndpoint: {
    path: "/v1/webhook-endpoints",
    body: { url: "https://bakery.example/hooks", eventTypes: ["redemption.used"] },
    command: "create_webhook_endpoint",
    answers: { read_partner: partnerRow, create_webhook_endpoint: endpointRow },
  },
  rotateWebhookSecret: {
    path: `/v1/webhook-endpoints/${ID}/rotate-secret`,
    command: "rotate_webhook_secret",
    answers: { rotate_webhook_secret: endpointRow },
  },
  deleteWebhookEndpoint: {
    path: `/v1/webhook-endpoints/${ID}`,
    command: "delete_webhook_endpoint",
    answers: { delete_webhook_endpoint: null },
    args: { endpoint_id: ID },
    answer: null,
  },
  listWebhookMessages: {
    path: "/v1/webhook-messages",
    command: "list_webhook_messages",
    answers: { list_webhook_messages: { items: [messageRow], next: "12" } },
    args: { status: null, ...page },
    answer: { items: [message], next: "12" },
  },
  replayWebhookMessage: {
    path: "/v1/webhook-messages/12/replay",
    command: "replay_webhook_message",
    answers: { replay_webhook_message: messageRow },
    args: { message_id: 12 },
    answer: message,
  },
  readDescription: { path: "/v1/openapi.json", answer: describeApi(SERVER) },
};

/** Names of all routes. */
export const NAMES = Object.keys(ROUTES) as RouteName[];
/** The method of a route, as HTTP writes it. */
export const methodOf = (name: RouteName): string => ROUTES[name].method.toUpperCase();
/** Sends the good request of a route, changed as told. */
export const visit = (name: RouteName, sent: Sent = {}, setting: Scene = {}) => {
  const { path, body, answers } = VISITS[name];
  return send(methodOf(name), path, { body, ...sent }, { answers: answers ?? {}, ...setting });
};

/** Checks an error without looking at its detail. */
export function assertErrorCode(result: { status: number; body: { code: string } }, slug: ErrorSlug): void {
  deepStrictEqual([result.status, result.body.code], [ERRORS[slug].status, slug]);
}
