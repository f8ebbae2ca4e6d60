import {
  type RecommendationsInput,
  recommendationsInput,
  type SetPreferenceInput,
  setPreferenceInput,
  taskRef,
} from "../../supabase/functions/_shared/contracts/index.ts";
import { type Page, toPage } from "./paging.ts";
import { checked, type RequestOptions, readNear, rpc, send, sendIdempotent, sendIdempotentVoid } from "./request.ts";
import type { Preference, RecommendedPlace, RecommendedTask, SuggestedHelper } from "./rows.ts";
import type { NeighbourhoodSupabase } from "./supabase.ts";

/**
 * What the member who is signed in said about categories of tasks and places. Nobody else can read it.
 *
 * @throws {@link ApiError} `not_signed_in`
 * @example
 * ```ts
 * for (const { category, rating } of await client.recommendations.preferences()) console.log(category, rating);
 * ```
 */
export async function listPreferences(
  supabase: NeighbourhoodSupabase,
  options: RequestOptions = {},
): Promise<Preference[]> {
  return send((signal) => supabase.from("preferences").select("*").order("category").abortSignal(signal), options);
}

/**
 * Says how much the member who is signed in likes a category, 0 (not at all) to 5 (very much); null takes the word back. A
 * category of tasks speaks for those below it, until something is said about them. Repeated by itself when the connection
 * fails.
 *
 * @returns what is stored now; null when the word was taken back
 * @throws {@link ApiError} `category_not_found`, `preference_rating_out_of_range`, `not_signed_in`, `user_banned`,
 * `user_inactive`
 * @example
 * ```ts
 * await client.recommendations.setPreference({ category: "garten", rating: 5 });
 * ```
 */
export async function setPreference(
  supabase: NeighbourhoodSupabase,
  preference: SetPreferenceInput,
  options: RequestOptions = {},
): Promise<Preference | null> {
  const args = checked(setPreferenceInput, preference);
  // the generated types do not know that an argument may be null
  const request = rpc(supabase, "set_preference", { ...args, rating: args.rating as number });
  if (args.rating !== null) return sendIdempotent(request, options);
  await sendIdempotentVoid(request, options);
  return null;
}

/**
 * One page of places around a point that should please the member who is signed in, best first, with the parts of the score
 * and the reasons. The point travels in the request's body, so that it stands in no log of addresses.
 *
 * @throws {@link ApiError} `coordinates_invalid`, `cursor_invalid`, `validation_failed`, `not_signed_in`, `user_inactive`
 * @example
 * ```ts
 * const page = await client.recommendations.placesPage({ latitude: 52.52, longitude: 13.405 });
 * page.items[0]?.explanation_en; // "Café: rated 5 of 5 by you · 4.6 of 5 from 12 ratings · 300 m away"
 * ```
 */
export async function getRecommendedPlacesPage(
  supabase: NeighbourhoodSupabase,
  input: RecommendationsInput,
  options: RequestOptions = {},
): Promise<Page<RecommendedPlace>> {
  const args = checked(recommendationsInput, input);
  const rows = await sendIdempotent(readNear(supabase, "recommended_places", args), options);
  return toPage(rows, args.page_size, ({ cursor }) => cursor);
}

/**
 * One page of open tasks around a point that should suit the member who is signed in, best first, with the parts of the
 * score and the reasons. Own tasks and those of blocked or banned members are left out.
 *
 * @throws {@link ApiError} as {@link getRecommendedPlacesPage}
 * @example
 * ```ts
 * const page = await client.recommendations.tasksPage({ latitude: 52.52, longitude: 13.405, radius_m: 2000 });
 * page.items[0]?.score; // 0.81
 * ```
 */
export async function getRecommendedTasksPage(
  supabase: NeighbourhoodSupabase,
  input: RecommendationsInput,
  options: RequestOptions = {},
): Promise<Page<RecommendedTask>> {
  const args = checked(recommendationsInput, input);
  const rows = await sendIdempotent(readNear(supabase, "recommended_tasks", args), options);
  return toPage(rows, args.page_size, ({ cursor }) => cursor);
}

/**
 * Up to ten members who might help with an open task of the member who is signed in, best first. Only members who agreed to
 * be suggested; how far away they live is said in bands. A task keeps its suggestions for a day, so calling again gives the
 * same ones; repeated by itself when the connection fails.
 *
 * @throws {@link ApiError} `task_not_found`, `task_not_open`, `suggestion_limit_reached`, `not_signed_in`, `user_banned`,
 * `user_inactive`
 * @example
 * ```ts
 * for (const { name, distance_band, explanation_en } of await client.recommendations.helpers(task.id)) {
 *   console.log(name, distance_band, explanation_en);
 * }
 * ```
 */
export async function suggestHelpers(
  supabase: NeighbourhoodSupabase,
  taskId: string,
  options: RequestOptions = {},
): Promise<SuggestedHelper[]> {
  return sendIdempotent(rpc(supabase, "suggest_helpers", checked(taskRef, { task_id: taskId })), options);
}
