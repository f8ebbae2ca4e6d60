/**
 * Inputs and fixed words of the statistics room.
 *
 * @module
 */
import { z } from "zod";
import { pageSize, rowId } from "./fields.ts";

/** Periods of a leaderboard: the current one in UTC, weeks from Monday; all is ever. */
export const LEADERBOARD_PERIODS = ["week", "month", "year", "all"] as const;
/** See {@link LEADERBOARD_PERIODS}. */
export type LeaderboardPeriod = (typeof LEADERBOARD_PERIODS)[number];

/** Months of statistics when nothing is said. */
export const DEFAULT_MONTHS = 12;
/** Most months; larger wishes are lowered to this. */
export const MAX_MONTHS = 120;

/** Input of a leaderboard. */
export const leaderboardInput = z.strictObject({
  period: z.enum(LEADERBOARD_PERIODS, { error: "period_invalid" }).default("month"),
  pageSize,
});
/** See {@link leaderboardInput}. */
export type LeaderboardInput = z.input<typeof leaderboardInput>;

/** Input of the figures of a member. */
export const userStatisticsInput = z.strictObject({
  /** Whose; without it one's own. */
  userId: rowId("user_not_found").optional(),
});

/** Input of the figures of months. */
export const monthlyStatisticsInput = z.strictObject({
  /** How many, counted back from the current one. */
  months: z
    .int({ error: "validation_failed" })
    .default(DEFAULT_MONTHS)
    .transform((months) => Math.min(Math.max(months, 1), MAX_MONTHS)),
  /** Only tasks in this neighbourhood. */
  neighbourhoodId: rowId("neighbourhood_not_found").optional(),
});
/** See {@link monthlyStatisticsInput}. */
export type MonthlyStatisticsInput = z.input<typeof monthlyStatisticsInput>;
