/**
 * Inputs and fixed words of the ratings room.
 *
 * @module
 */
import { z } from "zod";
import { idAfter, keysetAfter, optionalText, pageSize, rowId } from "./fields.ts";
import { MAX_MESSAGE_LENGTH, MAX_SCORE, MIN_SCORE } from "./words-and-limits.ts";

/** Input of `rate_task`. */
export const rateTaskInput = z.strictObject({
  task_id: rowId("task_not_found"),
  score: z
    .int({ error: "score_out_of_range" })
    .min(MIN_SCORE, "score_out_of_range")
    .max(MAX_SCORE, "score_out_of_range"),
  comment: optionalText({ max: MAX_MESSAGE_LENGTH, isMultiline: true }),
});

/** Input of the ratings about a member, last revealed first. */
export const ratingsInput = z.strictObject({
  user_id: rowId("user_not_found"),
  page_size: pageSize,
  after: idAfter,
});

/** Input of the ratings that the member who is signed in has given, newest first. */
export const givenRatingsInput = z.strictObject({ page_size: pageSize, after: keysetAfter });

/** See {@link rateTaskInput}; the task is named apart. */
export type RateTaskInput = Omit<z.input<typeof rateTaskInput>, "task_id">;
/** See {@link ratingsInput}. */
export type RatingsInput = z.input<typeof ratingsInput>;
/** See {@link givenRatingsInput}. */
export type GivenRatingsInput = z.input<typeof givenRatingsInput>;
