/**
 * Inputs, answers and fixed words of the redemptions room: what members see of rewards and what becomes of their points.
 *
 * @module
 */
import { z } from "zod";
import { idAfter, keysetAfter, missingOr, moment, oneOrMore, pageSize, rowId } from "./fields.ts";
import {
  DISCOUNT_TYPES,
  MAX_POINTS_COST,
  MIN_POINTS_COST,
  REDEMPTION_END_REASONS,
  REDEMPTION_STATUSES,
} from "./words-and-limits.ts";

const rewardId = rowId("reward_not_found");
const partnerId = rowId("validation_failed").optional();

/** Names a reward. */
export const rewardRef = z.strictObject({ reward_id: rewardId });

/** Names a redemption. */
export const redemptionRef = z.strictObject({ redemption_id: rowId("redemption_not_found") });

/** Input of `POST /redeem`. Who redeems is told by the token, never by the body. */
export const redeemInput = z.strictObject({
  reward_id: rewardId,
  /** What the reward cost when it was shown; another price by now gives `price_changed`. */
  expected_points: z
    .int({ error: "validation_failed" })
    .min(MIN_POINTS_COST, "validation_failed")
    .max(MAX_POINTS_COST, "validation_failed"),
  /** A UUID made once per wish to redeem and kept for every repetition: the same key spends points only once. */
  idempotency_key: z.guid({ error: missingOr("idempotency_key_missing") }),
});

/** Input of the list of rewards, newest first. */
export const rewardsInput = z.strictObject({
  /** Only rewards of this partner. */
  partner_id: partnerId,
  /** Only what costs at most as many points. */
  max_points: z.int({ error: "validation_failed" }).optional(),
  page_size: pageSize,
  after: keysetAfter,
});

/** Input of the list of one's own redemptions, newest first. */
export const redemptionsInput = z.strictObject({
  /** Only redemptions in this state, or in one of these. */
  status: oneOrMore(REDEMPTION_STATUSES),
  page_size: pageSize,
  after: idAfter,
});

/** A redemption as function `redeem` shows it to the member. */
export const redemption = z.object({
  id: z.guid(),
  reward_id: z.guid(),
  partner_id: z.guid(),
  partner_name: z.string(),
  title_de: z.string(),
  title_en: z.string(),
  /** What the member paid, whatever the reward costs now. */
  points_spent: z.int(),
  discount_type: z.enum(DISCOUNT_TYPES),
  /** Per cent or amount of money; null where something is free. */
  discount_value: z.number().nullable(),
  /** ISO 4217 code of an amount of money, otherwise null. */
  discount_currency: z.string().nullable(),
  status: z.enum(REDEMPTION_STATUSES),
  /** Null unless it was cancelled or failed. */
  end_reason: z.enum(REDEMPTION_END_REASONS).nullable(),
  redeemed_at: moment,
  /** Until when the code can be used. */
  expires_at: moment,
  /** Until when an unused code can be given back; null: never. */
  returnable_until: moment.nullable(),
  used_at: moment.nullable(),
  ended_at: moment.nullable(),
});

/** What function `redeem` answers. */
export const redeemAnswer = z.object({
  redemption,
  /** As printed for people; null unless the redemption is active or used. */
  code: z.string().nullable(),
  /** The code as a QR picture: the text of an SVG; null where there is no code. */
  qr: z.string().nullable(),
});

/** See {@link redeemInput}. */
export type RedeemInput = z.input<typeof redeemInput>;
/** See {@link rewardsInput}. */
export type RewardsInput = z.input<typeof rewardsInput>;
/** See {@link redemptionsInput}. */
export type RedemptionsInput = z.input<typeof redemptionsInput>;
/** See {@link redemption}. */
export type Redemption = z.output<typeof redemption>;
/** See {@link redeemAnswer}. */
export type RedeemAnswer = z.output<typeof redeemAnswer>;
