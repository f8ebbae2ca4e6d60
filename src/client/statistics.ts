import {
  type LeaderboardInput,
  leaderboardInput,
  type MonthlyStatisticsInput,
  monthlyStatisticsInput,
  userStatisticsInput,
} from "../../supabase/functions/_shared/contracts/statistics.ts";
import { ApiError } from "./api-error.ts";
import { anywhere } from "./replica.ts";
import { checked, type RequestOptions, read, sendIdempotent } from "./request.ts";
import type { LeaderboardEntry, MonthlyStatistics, UserStatistics } from "./rows.ts";
import type { NeighbourhoodSupabase } from "./supabase.ts";

/**
 * Who earned most by helping in the current week, month or year (by the community's clock) or ever, best first; equal points
 * share a rank. Only members who agreed (`users.updateSettings({ show_on_leaderboard: true })`) are listed, and always the
 * caller: last when not among the first. Counted once a minute.
 *
 * @throws {@link ApiError} `period_invalid`, `validation_failed`, `not_signed_in`, `user_inactive`
 * @example
 * ```ts
 * for (const { rank, name, points, is_me } of await client.statistics.leaderboard({ period: "week" })) {
 *   console.log(rank, is_me ? "you" : name, points);
 * }
 * ```
 */
export async function getLeaderboard(
  supabase: NeighbourhoodSupabase,
  input: LeaderboardInput = {},
  options: RequestOptions = {},
): Promise<LeaderboardEntry[]> {
  const args = checked(leaderboardInput, input);
  return sendIdempotent(
    anywhere(supabase, (server) => read(server, "leaderboard", args)),
    options,
  );
}

/**
 * What a member did so far; without an id the member who is signed in. Points of others are null. Everything but the balance
 * is counted once a minute.
 *
 * @throws {@link ApiError} `user_not_found`, `not_signed_in`, `user_inactive`
 * @example
 * ```ts
 * const { tasks_helped, points_earned } = await client.statistics.ofUser();
 * const { tasks_helped: theirs } = await client.statistics.ofUser(helper.id);
 * ```
 */
export async function getUserStatistics(
  supabase: NeighbourhoodSupabase,
  userId?: string,
  options: RequestOptions = {},
): Promise<UserStatistics> {
  const args = checked(userStatisticsInput, { user_id: userId });
  const readFrom = (server: NeighbourhoodSupabase) => read(server, "user_statistics", args);
  // only the own ones have points, and those must be today's
  const request = anywhere(supabase, readFrom, ([found]) => found?.points_balance === null);
  const [statistics] = await sendIdempotent(userId === undefined ? readFrom(supabase) : request, options);
  if (statistics === undefined) throw new ApiError({ code: "user_not_found" });
  return statistics;
}

/**
 * Figures of the last months (by the community's clock), the current one first: for the whole community, or for the tasks of
 * one neighbourhood. Needs no sign-in. A figure with fewer than 5 people behind it is null, and so is one that would give such
 * a figure away; `is_suppressed` says that something is held back.
 *
 * @throws {@link ApiError} `neighbourhood_not_found`, `validation_failed`
 * @example
 * ```ts
 * const months = await client.statistics.monthly({ months: 6 });
 * chart.draw(months.map(({ month, tasks_completed }) => [month, tasks_completed ?? "fewer than 5 people"]));
 * ```
 */
export async function listMonthlyStatistics(
  supabase: NeighbourhoodSupabase,
  input: MonthlyStatisticsInput = {},
  options: RequestOptions = {},
): Promise<MonthlyStatistics[]> {
  const args = checked(monthlyStatisticsInput, input);
  return sendIdempotent(
    anywhere(supabase, (server) => read(server, "monthly_statistics", args)),
    options,
  );
}
