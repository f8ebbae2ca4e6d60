/**
 * Inputs, answers and fixed words of the partner API: what a partner's till and back office send and get. The API's
 * OpenAPI document is generated from these schemas.
 *
 * @module
 */
import { z } from "zod";
import type { ErrorSlug } from "./errors.ts";
import { missingOr, optionalText, requiredText, rowId } from "./fields.ts";
import {
  CODE_SOURCES,
  DEFAULT_PAGE_SIZE,
  DISCOUNT_TYPES,
  LIMIT_PERIODS,
  MAX_MESSAGE_LENGTH,
  MAX_PAGE_SIZE,
  MAX_POINTS_COST,
  MIN_POINTS_COST,
  REDEMPTION_STATUSES,
} from "./words-and-limits.ts";

/** What an API key may be allowed to do. */
export const PARTNER_SCOPES = [
  "rewards:read",
  "rewards:write",
  "codes:write",
  "redemptions:read",
  "redemptions:use",
  "redemptions:cancel",
  "settlements:read",
  "webhooks:read",
  "webhooks:write",
  "connection:write",
] as const;
/** See {@link PARTNER_SCOPES}. */
export type PartnerScope = (typeof PARTNER_SCOPES)[number];

/** What a webhook endpoint can be told of. */
export const WEBHOOK_EVENT_TYPES = [
  "redemption.created",
  "redemption.used",
  "redemption.expired",
  "redemption.cancelled",
  "reward.sold_out",
] as const;
/** See {@link WEBHOOK_EVENT_TYPES}. */
export type WebhookEventType = (typeof WEBHOOK_EVENT_TYPES)[number];

/** Where a webhook message is: still to be delivered, delivered, or given up. */
export const WEBHOOK_MESSAGE_STATUSES = ["pending", "delivered", "dead"] as const;
/** See {@link WEBHOOK_MESSAGE_STATUSES}. */
export type WebhookMessageStatus = (typeof WEBHOOK_MESSAGE_STATUSES)[number];

/** What became of a line of an upload. A `reserved` code looks like one of those made here. */
export const CODE_LINE_OUTCOMES = ["accepted", "duplicate", "invalid", "reserved"] as const;
/** See {@link CODE_LINE_OUTCOMES}. */
export type CodeLineOutcome = (typeof CODE_LINE_OUTCOMES)[number];

/** Fewest characters of a reward's title. */
export const MIN_REWARD_TITLE_LENGTH = 2;
/** Most characters of a reward's title. */
export const MAX_REWARD_TITLE_LENGTH = 255;
/** Most characters of a reward's description. */
export const MAX_REWARD_DESCRIPTION_LENGTH = 2000;
/** Most characters of a reward's terms. */
export const MAX_REWARD_TERMS_LENGTH = 5000;
/** Largest stock of a reward. */
export const MAX_STOCK = 10_000_000;
/** Most codes of one upload. */
export const MAX_CODES = 10_000;
/** Most characters of an address that is called. */
export const MAX_URL_LENGTH = 2000;

const BIGINT = /^[1-9][0-9]{0,15}$/u;
const TILL_REFERENCE = /^[A-Za-z0-9][A-Za-z0-9._:/-]{0,63}$/u;

const moment = z.iso.datetime({ offset: true, error: "validation_failed" });
const word = <const Words extends readonly string[]>(words: Words, error: ErrorSlug = "validation_failed") =>
  z.enum(words, { error });
const wholeNumber = (min: number, max: number, error: ErrorSlug = "reward_invalid") =>
  z.int({ error: "validation_failed" }).min(min, error).max(max, error);

const url = z
  .string({ error: "webhook_url_invalid" })
  .min(1, "webhook_url_invalid")
  .max(MAX_URL_LENGTH, "webhook_url_invalid")
  .meta({ description: "A public https address." });
const code = z
  .string({ error: "validation_failed" })
  .meta({ description: "As typed or scanned: case, spaces and dashes do not matter." });

// Names in paths -------------------------------------------------------------------------------------------------------

/** Path of a reward. */
export const rewardPath = z.strictObject({ id: rowId("reward_not_found") });
/** Path of a redemption. */
export const redemptionPath = z.strictObject({ id: rowId("redemption_not_found") });
/** Path of a webhook endpoint. */
export const webhookEndpointPath = z.strictObject({ id: rowId("webhook_endpoint_not_found") });
/** Path of a webhook message. */
export const webhookMessagePath = z.strictObject({ id: z.string().regex(BIGINT, "webhook_message_not_found") });
/** Path of a settlement. */
export const settlementPath = z.strictObject({
  month: z
    .string()
    .regex(/^2[0-9]{3}-(?:0[1-9]|1[0-2])$/u, "month_invalid")
    .meta({ description: "A month in UTC, written as `2026-11`." }),
});

// Queries: everything in them is text ----------------------------------------------------------------------------------

const pageSize = z
  .preprocess(
    (value) => (typeof value === "string" && /^[0-9]{1,9}$/u.test(value) ? Number(value) : value),
    wholeNumber(1, MAX_PAGE_SIZE, "validation_failed").default(DEFAULT_PAGE_SIZE),
  )
  .meta({ description: `Items of the page, 1 to ${MAX_PAGE_SIZE}.` });
const CURSOR = { description: "`next` of the page before." };
const afterId = rowId("cursor_invalid").optional().meta(CURSOR);

/** Query of the list of rewards. */
export const partnerRewardsQuery = z.strictObject({ pageSize, after: afterId });

/** Query of an upload of codes. */
export const codesQuery = z.strictObject({
  allOrNothing: word(["true", "false"])
    .default("false")
    .meta({ description: "`true`: with one bad line nothing is stored." }),
});

/** Query of the list of redemptions. */
export const partnerRedemptionsQuery = z.strictObject({
  status: word(REDEMPTION_STATUSES).optional(),
  rewardId: rowId("reward_not_found").optional(),
  since: moment.optional().meta({ description: "Redeemed at this moment or later." }),
  until: moment.optional().meta({ description: "Redeemed before this moment." }),
  pageSize,
  after: afterId,
});

/** Query of the list of webhook messages. */
export const webhookMessagesQuery = z.strictObject({
  status: word(WEBHOOK_MESSAGE_STATUSES).optional(),
  pageSize,
  after: z
    .string({ error: "cursor_invalid" })
    .regex(BIGINT, "cursor_invalid")
    .transform(Number)
    .optional()
    .meta(CURSOR),
});

// Bodies ---------------------------------------------------------------------------------------------------------------

const title = requiredText({ min: MIN_REWARD_TITLE_LENGTH, max: MAX_REWARD_TITLE_LENGTH }).meta({
  minLength: MIN_REWARD_TITLE_LENGTH,
  maxLength: MAX_REWARD_TITLE_LENGTH,
});
const optionalRewardText = (max: number) =>
  optionalText({ max, isMultiline: true }).nullable().meta({ maxLength: max });

/** What a partner may say about a reward, at any time. */
const rewardFields = {
  titleDe: title,
  titleEn: title,
  descriptionDe: optionalRewardText(MAX_REWARD_DESCRIPTION_LENGTH),
  descriptionEn: optionalRewardText(MAX_REWARD_DESCRIPTION_LENGTH),
  pointsCost: wholeNumber(MIN_POINTS_COST, MAX_POINTS_COST).meta({ description: "What a member pays." }),
  discountType: word(DISCOUNT_TYPES),
  discountValue: z
    .number({ error: "validation_failed" })
    .nullish()
    .meta({ description: "Per cent, or amount of money with two decimals; none where something is free." }),
  discountCurrency: z
    .string({ error: "validation_failed" })
    .regex(/^[A-Z]{3}$/u, "reward_invalid")
    .nullish()
    .meta({ description: "ISO 4217 code of an amount of money." }),
  termsDe: optionalRewardText(MAX_REWARD_TERMS_LENGTH),
  termsEn: optionalRewardText(MAX_REWARD_TERMS_LENGTH),
  validFrom: moment.optional().meta({ description: "From when it can be redeemed. Default: now." }),
  validUntil: moment.nullish().meta({ description: "Until when it can be redeemed. Default: without end." }),
  limitPerMember: wholeNumber(1, 1000).nullish().meta({ description: "How often a member may redeem it." }),
  limitPeriod: word(LIMIT_PERIODS)
    .nullish()
    .meta({ description: "Over which time the limit counts. Default: for ever." }),
  codeValidDays: wholeNumber(1, 730).optional().meta({ description: "How long a code can be used. Default: 90." }),
  returnDays: wholeNumber(0, 365)
    .optional()
    .meta({ description: "How long a member can give an unused code back. Default: 0, not at all." }),
  expiryRefundPercent: wholeNumber(0, 100)
    .optional()
    .meta({ description: "Share of the points that comes back when a code expires unused. Default: 0." }),
  isActive: z.boolean({ error: "validation_failed" }).optional().meta({ description: "Default: true." }),
};
const stockTotal = wholeNumber(1, MAX_STOCK, "stock_not_editable");

/** Body that creates a reward. */
export const createRewardBody = z.strictObject({
  ...rewardFields,
  codeSource: word(CODE_SOURCES)
    .optional()
    .meta({ description: "Where the codes come from; never changes. Default: generated." }),
  stockTotal: stockTotal
    .nullish()
    .meta({ description: "How many may be given out. Default: unlimited. The stock of a pool is its codes." }),
});

/** Body that changes a reward. What is left out stays. */
export const changeRewardBody = z.strictObject({ ...rewardFields, stockTotal }).partial();

/** Body that uploads codes as JSON. */
export const codesBody = z.strictObject({
  codes: z
    .array(z.string({ error: "validation_failed" }), { error: "validation_failed" })
    .min(1, "validation_failed")
    .max(MAX_CODES, "validation_failed"),
});

/** Body that asks whether a code is good. */
export const verifyCodeBody = z.strictObject({ code });

/** Body that uses a code. */
export const useCodeBody = z.strictObject({
  code,
  tillReference: z
    .string({ error: missingOr("till_reference_invalid") })
    .regex(TILL_REFERENCE, "till_reference_invalid")
    .meta({ description: "Names the sale at your till. The same code with the same reference is the same use." }),
});

/** Body that cancels a redemption. */
export const cancelRedemptionBody = z.strictObject({
  reason: optionalText({ max: MAX_MESSAGE_LENGTH, isMultiline: true }).meta({ maxLength: MAX_MESSAGE_LENGTH }),
});

/** Body that says where codes are asked for. */
export const connectionBody = z.strictObject({
  url: url.nullable().meta({ description: "A public https address; null when you send codes by event only." }),
});

/** Body that creates a webhook endpoint. */
export const webhookEndpointBody = z.strictObject({
  url,
  eventTypes: z
    .array(word(WEBHOOK_EVENT_TYPES, "event_type_invalid"), { error: "event_type_invalid" })
    .min(1, "event_type_invalid"),
});

// Answers --------------------------------------------------------------------------------------------------------------

const next = z.string().nullable().meta({ description: "Send it as `after` to get the next page; null on the last." });
const secret = z.string().meta({ description: "Signing secret (Standard Webhooks). Shown this once." });
const discount = {
  discountType: z.enum(DISCOUNT_TYPES),
  discountValue: z.number().nullable(),
  discountCurrency: z.string().nullable(),
};

/** The partner a key belongs to, and the key. */
export const partnerAnswer = z.object({
  id: z.guid(),
  name: z.string(),
  description: z.string().nullable(),
  websiteUrl: z.string().nullable(),
  logoUrl: z.string().nullable(),
  isActive: z.boolean(),
  key: z.object({
    id: z.guid(),
    name: z.string(),
    scopes: z.array(z.enum(PARTNER_SCOPES)),
    expiresAt: moment.nullable(),
  }),
});

/** A reward as its partner sees it. */
export const partnerReward = z.object({
  id: z.guid(),
  partnerId: z.guid(),
  titleDe: z.string(),
  titleEn: z.string(),
  descriptionDe: z.string().nullable(),
  descriptionEn: z.string().nullable(),
  pointsCost: z.int(),
  ...discount,
  termsDe: z.string().nullable(),
  termsEn: z.string().nullable(),
  validFrom: moment,
  validUntil: moment.nullable(),
  limitPerMember: z.int().nullable(),
  limitPeriod: z.enum(LIMIT_PERIODS).nullable(),
  codeSource: z.enum(CODE_SOURCES),
  codeValidDays: z.int(),
  returnDays: z.int(),
  expiryRefundPercent: z.int(),
  isActive: z.boolean(),
  stockTotal: z.int().nullable().meta({ description: "Null: unlimited." }),
  stockTaken: z.int().nullable().meta({ description: "How many have been given out and not come back." }),
  createdAt: moment,
  updatedAt: moment,
});

/** A page of rewards. */
export const partnerRewardPage = z.object({ items: z.array(partnerReward), next });

/** What became of one line of an upload. */
export const codeLine = z.object({
  line: z.int().meta({ description: "Line of the file, or position in the list, from 1." }),
  outcome: z.enum(CODE_LINE_OUTCOMES),
});

/** What became of an upload. */
export const codesAnswer = z.object({ accepted: z.int(), rejected: z.int(), lines: z.array(codeLine) });

/** A redemption as the partner sees it: never whose it is. */
export const partnerRedemption = z.object({
  id: z.guid(),
  rewardId: z.guid(),
  titleDe: z.string(),
  titleEn: z.string(),
  pointsSpent: z.int(),
  ...discount,
  status: z.enum(REDEMPTION_STATUSES),
  endReason: z.string().nullable(),
  redeemedAt: moment,
  expiresAt: moment.nullable(),
  usedAt: moment.nullable(),
  tillReference: z.string().nullable(),
  endedAt: moment.nullable(),
});

/** A page of redemptions. */
export const partnerRedemptionPage = z.object({ items: z.array(partnerRedemption), next });

/** A code is good. */
export const verifyCodeAnswer = z.object({ outcome: z.literal("valid"), redemption: partnerRedemption });

/** A code was used. */
export const useCodeAnswer = z.object({
  redemption: partnerRedemption,
  isRepeat: z.boolean().meta({ description: "This code had been used with this till reference before." }),
});

/** What a settlement counts: one used code. */
export const settlementLine = z.object({
  redemptionId: z.guid(),
  rewardId: z.guid(),
  titleDe: z.string(),
  titleEn: z.string(),
  pointsSpent: z.int(),
  ...discount,
  usedAt: moment,
  tillReference: z.string().nullable(),
});

/** The codes used in a month. */
export const settlementAnswer = z.object({
  month: z.string(),
  isFinal: z.boolean().meta({ description: "The month is over: this settlement does not change any more." }),
  // Without its name: a partner that is renamed must not change what was settled.
  partnerId: z.guid(),
  lines: z.array(settlementLine),
  totals: z.object({
    redemptions: z.int(),
    pointsSpent: z.int(),
    fixedAmounts: z.array(z.object({ currency: z.string(), amount: z.number() })),
  }),
});

/** Where codes are asked for. */
export const connectionAnswer = z.object({ url: z.string().nullable(), updatedAt: moment, secret });

/** A webhook endpoint. */
export const webhookEndpoint = z.object({
  id: z.guid(),
  url: z.string(),
  eventTypes: z.array(z.enum(WEBHOOK_EVENT_TYPES)),
  isEnabled: z.boolean(),
  disabledAt: moment.nullable(),
  disabledReason: z.string().nullable(),
  failureStreak: z.int().meta({ description: "Failed attempts since the last success." }),
  secretRotatedAt: moment,
  createdAt: moment,
});

/** All webhook endpoints. */
export const webhookEndpointList = z.object({ items: z.array(webhookEndpoint) });

/** A webhook endpoint with the secret that was made for it just now. */
export const webhookEndpointWithSecret = webhookEndpoint.extend({ secret });

/** A webhook message. */
export const webhookMessage = z.object({
  id: z.int(),
  webhookId: z.string().meta({ description: "Header `webhook-id`: the same at every attempt." }),
  endpointId: z.guid(),
  type: z.enum(WEBHOOK_EVENT_TYPES),
  status: z.enum(WEBHOOK_MESSAGE_STATUSES),
  attempts: z.int(),
  nextAttemptAt: moment,
  deliveredAt: moment.nullable(),
  lastStatus: z.int().nullable().meta({ description: "HTTP status of the last answer." }),
  lastError: z.string().nullable(),
  createdAt: moment,
  payload: z.record(z.string(), z.unknown()).meta({ description: "The body that is sent." }),
});

/** A page of webhook messages. */
export const webhookMessagePage = z.object({ items: z.array(webhookMessage), next });
