import {
  type GivenRatingsInput,
  givenRatingsInput,
  type RateTaskInput,
  type RatingsInput,
  rateTaskInput,
  ratingsInput,
} from "../../supabase/functions/_shared/contracts/ratings.ts";
import { taskRef } from "../../supabase/functions/_shared/contracts/tasks.ts";
import { userRef } from "../../supabase/functions/_shared/contracts/users.ts";
import { eachItem, keysetCursor, keysetFilter, type Page, toPage } from "./paging.ts";
import { checked, defined, type RequestOptions, send, sendIdempotent } from "./request.ts";
import type { Rating, RatingWithRater, TrustPart } from "./rows.ts";
import { type NeighbourhoodSupabase, ownUserId } from "./supabase.ts";

/**
 * Rates the other side of a completed task. Nobody else can read it until both have rated or 7 days have passed;
 * `revealed_at` tells. Repeating it within 24 hours replaces score and comment. Repeated by itself when the connection
 * fails.
 *
 * @throws {@link ApiError} `task_not_found`, `task_not_completed`, `score_out_of_range`, `rating_window_closed`,
 * `rating_final`, `text_too_long`, `text_has_control_characters`, `not_signed_in`, `user_banned`, `user_inactive`
 * @example
 * ```ts
 * const rating = await client.ratings.rate(task.id, { score: 5, comment: "Kind and quick." });
 * if (rating.revealed_at === null) show("Visible once both of you have rated.");
 * ```
 */
export async function rateTask(
  supabase: NeighbourhoodSupabase,
  taskId: string,
  rating: RateTaskInput,
  options: RequestOptions = {},
): Promise<Rating> {
  const input = checked(rateTaskInput, { ...rating, taskId });
  return sendIdempotent(
    (signal) =>
      supabase
        .rpc("rate_task", defined({ task_id: input.taskId, score: input.score, comment: input.comment }))
        .abortSignal(signal),
    options,
  );
}

/**
 * The ratings of a task that the member who is signed in can read: their own, and the other side's once it is revealed.
 *
 * @throws {@link ApiError} `task_not_found` (not an id), `not_signed_in`
 * @example
 * ```ts
 * const ratings = await client.ratings.ofTask(task.id);
 * const mine = ratings.find((rating) => rating.rater_id === me.id);
 * ```
 */
export async function listTaskRatings(
  supabase: NeighbourhoodSupabase,
  taskId: string,
  options: RequestOptions = {},
): Promise<Rating[]> {
  const input = checked(taskRef, { taskId });
  return send(
    (signal) =>
      supabase
        .from("ratings")
        .select("*")
        .eq("task_id", input.taskId)
        .order("created_at")
        .order("id")
        .abortSignal(signal),
    options,
  );
}

/**
 * One page of the revealed ratings about a member, last revealed first, each with its author.
 *
 * @throws {@link ApiError} `user_not_found`, `cursor_invalid`, `validation_failed`, `not_signed_in`
 * @example
 * ```ts
 * const page = await client.ratings.aboutPage(helper.id, { pageSize: 10 });
 * for (const { rater_name, score, comment } of page.items) console.log(rater_name, score, comment);
 * ```
 */
export async function getRatingsPage(
  supabase: NeighbourhoodSupabase,
  userId: string,
  input: RatingsInput = {},
  options: RequestOptions = {},
): Promise<Page<RatingWithRater>> {
  const { pageSize, after, ...member } = checked(ratingsInput, { ...input, userId });
  const rows = await send(
    (signal) =>
      supabase
        .rpc("list_ratings", defined({ user_id: member.userId, page_size: pageSize, after }))
        .abortSignal(signal)
        .overrideTypes<RatingWithRater[], { merge: false }>(),
    options,
  );
  return toPage(rows, pageSize, ({ id }) => id);
}

/**
 * All revealed ratings about a member, last revealed first, page after page.
 *
 * @throws {@link ApiError} as {@link getRatingsPage}, when the loop gets there
 * @example
 * ```ts
 * for await (const { rater_name, score } of client.ratings.about(helper.id)) console.log(rater_name, score);
 * ```
 */
export function iterateRatings(
  supabase: NeighbourhoodSupabase,
  userId: string,
  input: RatingsInput = {},
  options: RequestOptions = {},
): AsyncGenerator<RatingWithRater, void, undefined> {
  return eachItem((after) => getRatingsPage(supabase, userId, { ...input, after }, options), input.after, options);
}

/**
 * One page of the ratings that the member who is signed in has given, newest first, hidden ones included.
 *
 * @throws {@link ApiError} `cursor_invalid`, `validation_failed`, `not_signed_in`
 * @example
 * ```ts
 * const page = await client.ratings.givenPage();
 * const waiting = page.items.filter((rating) => rating.revealed_at === null);
 * ```
 */
export async function getGivenRatingsPage(
  supabase: NeighbourhoodSupabase,
  input: GivenRatingsInput = {},
  options: RequestOptions = {},
): Promise<Page<Rating>> {
  const { pageSize, after } = checked(givenRatingsInput, input);
  const me = await ownUserId(supabase, options);
  const rows = await send((signal) => {
    let query = supabase.from("ratings").select("*").eq("rater_id", me);
    if (after !== undefined) {
      const keyset = keysetFilter(after);
      query = query.lte("created_at", keyset.createdAt).or(keyset.after);
    }
    return query
      .order("created_at", { ascending: false })
      .order("id", { ascending: false })
      .limit(pageSize)
      .abortSignal(signal);
  }, options);
  return toPage(rows, pageSize, keysetCursor);
}

/**
 * All ratings that the member who is signed in has given, newest first, page after page.
 *
 * @throws {@link ApiError} as {@link getGivenRatingsPage}, when the loop gets there
 * @example
 * ```ts
 * for await (const rating of client.ratings.given()) console.log(rating.task_id, rating.score);
 * ```
 */
export function iterateGivenRatings(
  supabase: NeighbourhoodSupabase,
  input: GivenRatingsInput = {},
  options: RequestOptions = {},
): AsyncGenerator<Rating, void, undefined> {
  return eachItem((after) => getGivenRatingsPage(supabase, { ...input, after }, options), input.after, options);
}

/**
 * How a member's `trust_score` comes about: its parts, each with a sentence in German and English. The amounts add up to the
 * score exactly.
 *
 * @throws {@link ApiError} `user_not_found`, `not_signed_in`, `user_inactive`
 * @example
 * ```ts
 * for (const { amount, text_en } of await client.ratings.explainTrust(helper.id)) console.log(amount.toFixed(2), text_en);
 * ```
 */
export async function explainTrust(
  supabase: NeighbourhoodSupabase,
  userId: string,
  options: RequestOptions = {},
): Promise<TrustPart[]> {
  const input = checked(userRef, { userId });
  return send(
    (signal) =>
      supabase
        .rpc("explain_trust", { user_id: input.userId })
        .abortSignal(signal)
        .overrideTypes<TrustPart[], { merge: false }>(),
    options,
  );
}
