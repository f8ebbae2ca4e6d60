/**
 * Inputs and fixed words of the statistics room.
 *
 * @module
 */
import { z } from "zod";
import { pageSize, rowId } from "./fields.ts";
import { DEFAULT_MONTHS, LEADERBOARD_PERIODS, MAX_MONTHS } from "./words-and-limits.ts";

/** Input of a leaderboard. */
export const leaderboardInput = z.strictObject({
  period: z.enum(LEADERBOARD_PERIODS, { error: "period_invalid" }).default("month"),
  page_size: pageSize,
});
/** See {@link leaderboardInput}. */
export type LeaderboardInput = z.input<typeof leaderboardInput>;

/** Input of the figures of a member. */
export const userStatisticsInput = z.strictObject({
  /** Whose; without it one's own. */
  user_id: rowId("user_not_found").optional(),
});

/** Input of the figures of months. */
export const monthlyStatisticsInput = z.strictObject({
  /** How many, counted back from the current one. */
  months: z
    .int({ error: "validation_failed" })
    .default(DEFAULT_MONTHS)
    .transform((months) => Math.min(Math.max(months, 1), MAX_MONTHS)),
  /** Only tasks in this neighbourhood. */
  neighbourhood_id: rowId("neighbourhood_not_found").optional(),
});
/** See {@link monthlyStatisticsInput}. */
export type MonthlyStatisticsInput = z.input<typeof monthlyStatisticsInput>;
