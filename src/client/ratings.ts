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
import { keysetCursor, newestFirst, type Page, toPage } from "./paging.ts";
import { anywhere } from "./replica.ts";
import { checked, type RequestOptions, read, rpc, send, sendIdempotent } from "./request.ts";
import type { Rating, RatingWithRater, TrustPart } from "./rows.ts";
import { type NeighbourhoodSupabase, ownUserId } from "./supabase.ts";

/**
 * Rates the other side of a completed task. Nobody else can read it until both have rated or 7 days have passed;
 * `revealed_at` tells. Repeating it within 24 hours, and until it is revealed, replaces score and
 * comment; after that the comment can be withdrawn, by the same score without one. Repeated by itself when the
 * connection fails.
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
  const args = checked(rateTaskInput, { ...rating, task_id: taskId });
  return sendIdempotent(rpc(supabase, "rate_task", args), options);
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
  const { task_id } = checked(taskRef, { task_id: taskId });
  return send(
    (signal) =>
      supabase.from("ratings").select("*").eq("task_id", task_id).order("created_at").order("id").abortSignal(signal),
    options,
  );
}

/**
 * One page of the revealed ratings about a member, last revealed first, each with its author.
 *
 * @throws {@link ApiError} `user_not_found`, `cursor_invalid`, `validation_failed`, `not_signed_in`
 * @example
 * ```ts
 * const page = await client.ratings.aboutPage({ user_id: helper.id, page_size: 10 });
 * for (const { rater_name, score, comment } of page.items) console.log(rater_name, score, comment);
 * ```
 */
export async function getRatingsPage(
  supabase: NeighbourhoodSupabase,
  input: RatingsInput,
  options: RequestOptions = {},
): Promise<Page<RatingWithRater>> {
  const args = checked(ratingsInput, input);
  const rows = await send(
    anywhere(supabase, (server) => read(server, "list_ratings", args)),
    options,
  );
  return toPage(rows, args.page_size, ({ id }) => id);
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
  const { page_size, after } = checked(givenRatingsInput, input);
  const me = await ownUserId(supabase, options);
  const rows = await send(
    (signal) =>
      newestFirst(supabase.from("ratings").select("*").eq("rater_id", me), page_size, after).abortSignal(signal),
    options,
  );
  return toPage(rows, page_size, keysetCursor);
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
  const args = checked(userRef, { user_id: userId });
  return send(
    anywhere(supabase, (server) => read(server, "explain_trust", args)),
    options,
  );
}
