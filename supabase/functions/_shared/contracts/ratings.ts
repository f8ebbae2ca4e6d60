/**
 * Inputs and fixed words of the ratings room.
 *
 * @module
 */
import { z } from "zod";
import { after, keysetAfter, MAX_MESSAGE_LENGTH, optionalText, pageSize, rowId } from "./fields.ts";

/** Lowest score. */
export const MIN_SCORE = 1;
/** Highest score. */
export const MAX_SCORE = 5;

/** Formulas of trust, one of which the settings choose. */
export const TRUST_FORMULAS = ["documented", "bayesian"] as const;
/** Parts that `explain_trust` answers with: the first three of the documented formula, the others of the Bayesian one. */
export const TRUST_PARTS = ["average", "number", "limit", "prior", "ratings"] as const;
/** See {@link TRUST_PARTS}. */
export type TrustPartName = (typeof TRUST_PARTS)[number];

/** Input of `rate_task`. */
export const rateTaskInput = z.strictObject({
  taskId: rowId("task_not_found"),
  score: z
    .int({ error: "score_out_of_range" })
    .min(MIN_SCORE, "score_out_of_range")
    .max(MAX_SCORE, "score_out_of_range"),
  comment: optionalText({ max: MAX_MESSAGE_LENGTH, isMultiline: true }),
});

/** Input of the ratings about a member, last revealed first. */
export const ratingsInput = z.strictObject({
  userId: rowId("user_not_found"),
  pageSize,
  after: after.refine((cursor) => cursor === undefined || z.guid().safeParse(cursor).success, "cursor_invalid"),
});

/** Input of the ratings that the member who is signed in has given, newest first. */
export const givenRatingsInput = z.strictObject({ pageSize, after: keysetAfter });

/** See {@link rateTaskInput}; the task is named apart. */
export type RateTaskInput = Omit<z.input<typeof rateTaskInput>, "taskId">;
/** See {@link ratingsInput}; the member is named apart. */
export type RatingsInput = Omit<z.input<typeof ratingsInput>, "userId">;
/** See {@link givenRatingsInput}. */
export type GivenRatingsInput = z.input<typeof givenRatingsInput>;
