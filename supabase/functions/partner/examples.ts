/**
 * Examples in the API's documentation. Everybody and everything in them is invented.
 *
 * @module
 */
import type { z } from "zod";
import type * as contract from "../_shared/contracts/partners.ts";

const PARTNER_ID = "9b0c1d2e-0000-4000-8000-000000000001";
const REWARD_ID = "9b0c1d2e-0000-4000-8000-000000000002";
const REDEMPTION_ID = "9b0c1d2e-0000-4000-8000-000000000003";
const ENDPOINT_ID = "9b0c1d2e-0000-4000-8000-000000000004";
const SECRET = "whsec_ZXhhbXBsZSBzZWNyZXQgb2YgMzIgYnl0ZXMgLi4uLi4=";

/** A reward to create. */
export const newReward = {
  titleDe: "Ein Brot nach Wahl",
  titleEn: "One loaf of your choice",
  pointsCost: 120,
  discountType: "fixed_amount",
  discountValue: 4.5,
  discountCurrency: "EUR",
  stockTotal: 200,
} satisfies z.input<typeof contract.createRewardBody>;

/** Changes of a reward. */
export const rewardChanges = { pointsCost: 100, stockTotal: 300 } satisfies z.input<typeof contract.changeRewardBody>;

/** A partner and its key. */
export const partner = {
  id: PARTNER_ID,
  name: "Backstube Beispiel",
  description: "Bread from an invented bakery.",
  websiteUrl: "https://bakery.example",
  logoUrl: null,
  isActive: true,
  key: {
    id: "9b0c1d2e-0000-4000-8000-000000000005",
    name: "Till 3",
    scopes: ["redemptions:read", "redemptions:use"],
    expiresAt: null,
  },
} satisfies z.input<typeof contract.partnerAnswer>;

/** A reward. */
export const reward = {
  id: REWARD_ID,
  partnerId: PARTNER_ID,
  titleDe: newReward.titleDe,
  titleEn: newReward.titleEn,
  descriptionDe: null,
  descriptionEn: null,
  pointsCost: 120,
  discountType: "fixed_amount",
  discountValue: 4.5,
  discountCurrency: "EUR",
  termsDe: null,
  termsEn: null,
  validFrom: "2026-11-01T00:00:00+00:00",
  validUntil: null,
  limitPerMember: null,
  limitPeriod: null,
  codeSource: "generated",
  codeValidDays: 90,
  returnDays: 0,
  expiryRefundPercent: 0,
  isActive: true,
  stockTotal: 200,
  stockTaken: 17,
  createdAt: "2026-11-01T00:00:00+00:00",
  updatedAt: "2026-11-01T00:00:00+00:00",
} satisfies z.input<typeof contract.partnerReward>;

/** The same reward, retired. */
export const retiredReward = { ...reward, isActive: false } satisfies z.input<typeof contract.partnerReward>;

/** A page of rewards. */
export const rewardPage = { items: [reward], next: null } satisfies z.input<typeof contract.partnerRewardPage>;

/** Codes to upload. */
export const codes = { codes: ["BROT-7341", "BROT-7342"] } satisfies z.input<typeof contract.codesBody>;

/** The same codes as CSV. */
export const codesCsv = "code\r\nBROT-7341\r\nBROT-7342\r\n";

/** What became of them. */
export const codesAnswer = {
  accepted: 1,
  rejected: 1,
  lines: [
    { line: 1, outcome: "accepted" },
    { line: 2, outcome: "duplicate" },
  ],
} satisfies z.input<typeof contract.codesAnswer>;

const activeRedemption = {
  id: REDEMPTION_ID,
  rewardId: REWARD_ID,
  titleDe: newReward.titleDe,
  titleEn: newReward.titleEn,
  pointsSpent: 120,
  discountType: "fixed_amount",
  discountValue: 4.5,
  discountCurrency: "EUR",
  status: "active",
  endReason: null,
  redeemedAt: "2026-11-20T17:03:11.482193+00:00",
  expiresAt: "2027-02-18T17:03:11.482193+00:00",
  usedAt: null,
  tillReference: null,
  endedAt: null,
} satisfies z.input<typeof contract.partnerRedemption>;

const usedRedemption = {
  ...activeRedemption,
  status: "used",
  usedAt: "2026-11-21T09:12:40.071554+00:00",
  tillReference: "till-3/000471",
} satisfies z.input<typeof contract.partnerRedemption>;

/** A page of redemptions. */
export const redemptionPage = {
  items: [usedRedemption],
  next: REDEMPTION_ID,
} satisfies z.input<typeof contract.partnerRedemptionPage>;

/** A code to look up. */
export const verifyCode = { code: "NH4K-7QWE-RT2Z-XC8V-BM3P" } satisfies z.input<typeof contract.verifyCodeBody>;

/** It is good. */
export const validCode = {
  outcome: "valid",
  redemption: activeRedemption,
} satisfies z.input<typeof contract.verifyCodeAnswer>;

/** A code to use. */
export const useCode = {
  ...verifyCode,
  tillReference: "till-3/000471",
} satisfies z.input<typeof contract.useCodeBody>;

/** It was used. */
export const usedCode = {
  redemption: usedRedemption,
  isRepeat: false,
} satisfies z.input<typeof contract.useCodeAnswer>;

/** Why a redemption is cancelled. */
export const cancelRedemption = {
  reason: "Sold out in the shop",
} satisfies z.input<typeof contract.cancelRedemptionBody>;

/** The cancelled redemption. */
export const cancelledRedemption = {
  ...activeRedemption,
  status: "cancelled",
  endReason: "partner_cancelled",
  endedAt: "2026-11-21T09:12:40.071554+00:00",
} satisfies z.input<typeof contract.partnerRedemption>;

/** A settlement. */
export const settlement = {
  month: "2026-11",
  isFinal: false,
  partnerId: PARTNER_ID,
  lines: [
    {
      redemptionId: REDEMPTION_ID,
      rewardId: REWARD_ID,
      titleDe: newReward.titleDe,
      titleEn: newReward.titleEn,
      pointsSpent: 120,
      discountType: "fixed_amount",
      discountValue: 4.5,
      discountCurrency: "EUR",
      usedAt: "2026-11-21T09:12:40.071554Z",
      tillReference: "till-3/000471",
    },
  ],
  totals: { redemptions: 1, pointsSpent: 120, fixedAmounts: [{ currency: "EUR", amount: 4.5 }] },
} satisfies z.input<typeof contract.settlementAnswer>;

/** Where codes are asked for. */
export const newConnection = { url: "https://codes.bakery.example/v1" } satisfies z.input<
  typeof contract.connectionBody
>;

/** The connection with its secret. */
export const connection = {
  url: newConnection.url,
  updatedAt: "2026-11-01T00:00:00+00:00",
  secret: SECRET,
} satisfies z.input<typeof contract.connectionAnswer>;

/** A webhook endpoint to create. */
export const newWebhookEndpoint = {
  url: "https://bakery.example/webhooks",
  eventTypes: ["redemption.used", "reward.sold_out"],
} satisfies z.input<typeof contract.webhookEndpointBody>;

const webhookEndpoint = {
  id: ENDPOINT_ID,
  ...newWebhookEndpoint,
  isEnabled: true,
  disabledAt: null,
  disabledReason: null,
  failureStreak: 0,
  secretRotatedAt: "2026-11-01T00:00:00+00:00",
  createdAt: "2026-11-01T00:00:00+00:00",
} satisfies z.input<typeof contract.webhookEndpoint>;

/** All webhook endpoints. */
export const webhookEndpointList = {
  items: [webhookEndpoint],
} satisfies z.input<typeof contract.webhookEndpointList>;

/** A webhook endpoint with its secret. */
export const webhookEndpointWithSecret = {
  ...webhookEndpoint,
  secret: SECRET,
} satisfies z.input<typeof contract.webhookEndpointWithSecret>;

/** A webhook message. */
export const webhookMessage = {
  id: 4711,
  webhookId: "msg_9b0c1d2e000040008000000000000006",
  endpointId: ENDPOINT_ID,
  type: "redemption.used",
  status: "pending",
  attempts: 0,
  nextAttemptAt: "2026-11-21T09:12:40.071554+00:00",
  deliveredAt: null,
  lastStatus: null,
  lastError: null,
  createdAt: "2026-11-21T09:12:40.071554+00:00",
  payload: {
    type: "redemption.used",
    timestamp: "2026-11-21T09:12:40.071554+00:00",
    data: { redemptionId: REDEMPTION_ID, rewardId: REWARD_ID, status: "used" },
  },
} satisfies z.input<typeof contract.webhookMessage>;

/** A page of webhook messages. */
export const webhookMessagePage = {
  items: [webhookMessage],
  next: null,
} satisfies z.input<typeof contract.webhookMessagePage>;

/** Objects that errors carry as their detail; other details are texts. */
export const errorDetails = {
  already_used: { usedAt: usedRedemption.usedAt, tillReference: usedRedemption.tillReference },
  codes_rejected: { lines: [{ line: 2, outcome: "duplicate" }] },
} as const;
