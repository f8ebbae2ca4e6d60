import {
  type MyOffersInput,
  type MyTasksInput,
  myOffersInput,
  myTasksInput,
} from "../../../supabase/functions/_shared/contracts/index.ts";
import { eachItem, keysetCursor, keysetFilter, type Page, toPage } from "../paging.ts";
import { checked, type RequestOptions, send } from "../request.ts";
import type { MyTask, TaskOfferWithTask } from "../rows.ts";
import { type NeighbourhoodSupabase, ownUserId } from "../supabase.ts";

/**
 * One page of one's own tasks, newest first, with their people and the offers one may see.
 *
 * @throws {@link ApiError} `cursor_invalid`, `validation_failed`, `not_signed_in`
 * @example
 * ```ts
 * const page = await client.tasks.minePage({ as: "creator", status: "open" });
 * console.log(page.items.map((task) => `${task.title}: ${task.offers.length} offers`));
 * ```
 */
export async function getMyTasksPage(
  supabase: NeighbourhoodSupabase,
  input: MyTasksInput,
  options: RequestOptions = {},
): Promise<Page<MyTask>> {
  const { as, status, pageSize, after } = checked(myTasksInput, input);
  const me = await ownUserId(supabase, options);
  const rows = await send((signal) => {
    let query = supabase
      .from("tasks")
      .select(
        `*,
        creator:users!tasks_creator_id_fkey(id, name, avatar_path, rating_average, rating_count),
        helper:users!tasks_helper_id_fkey(id, name, avatar_path, rating_average, rating_count),
        offers:task_offers!task_offers_task_id_fkey(*,
          helper:users!task_offers_helper_id_fkey(id, name, avatar_path, rating_average, rating_count))`,
      )
      .eq(as === "creator" ? "creator_id" : "helper_id", me);
    if (status !== undefined) query = query.in("status", [status].flat());
    if (after !== undefined) {
      const keyset = keysetFilter(after);
      query = query.lte("created_at", keyset.createdAt).or(keyset.after);
    }
    return query
      .order("created_at", { ascending: false })
      .order("id", { ascending: false })
      .limit(pageSize)
      .abortSignal(signal)
      .overrideTypes<MyTask[], { merge: false }>();
  }, options);
  return toPage(rows, pageSize, keysetCursor);
}

/**
 * All of one's own tasks, newest first, page after page.
 *
 * @throws {@link ApiError} as {@link getMyTasksPage}, when the loop gets there
 * @example
 * ```ts
 * for await (const task of client.tasks.mine({ as: "helper" })) console.log(task.title, task.creator.name);
 * ```
 */
export function iterateMyTasks(
  supabase: NeighbourhoodSupabase,
  input: MyTasksInput,
  options: RequestOptions = {},
): AsyncGenerator<MyTask, void, undefined> {
  return eachItem((after) => getMyTasksPage(supabase, { ...input, after }, options), input.after, options);
}

/**
 * One page of the offers the member who is signed in has made, newest first, with their tasks.
 *
 * @throws {@link ApiError} `cursor_invalid`, `validation_failed`, `not_signed_in`
 * @example
 * ```ts
 * const page = await client.tasks.myOffersPage({ status: "pending" });
 * ```
 */
export async function getMyOffersPage(
  supabase: NeighbourhoodSupabase,
  input: MyOffersInput = {},
  options: RequestOptions = {},
): Promise<Page<TaskOfferWithTask>> {
  const { status, pageSize, after } = checked(myOffersInput, input);
  const me = await ownUserId(supabase, options);
  const rows = await send((signal) => {
    let query = supabase
      .from("task_offers")
      .select(
        `*,
        task:tasks!task_offers_task_id_fkey(*,
          creator:users!tasks_creator_id_fkey(id, name, avatar_path, rating_average, rating_count))`,
      )
      .eq("helper_id", me);
    if (status !== undefined) query = query.in("status", [status].flat());
    if (after !== undefined) {
      const keyset = keysetFilter(after);
      query = query.lte("created_at", keyset.createdAt).or(keyset.after);
    }
    return query
      .order("created_at", { ascending: false })
      .order("id", { ascending: false })
      .limit(pageSize)
      .abortSignal(signal)
      .overrideTypes<TaskOfferWithTask[], { merge: false }>();
  }, options);
  return toPage(rows, pageSize, keysetCursor);
}

/**
 * All offers the member who is signed in has made, newest first, page after page.
 *
 * @throws {@link ApiError} as {@link getMyOffersPage}, when the loop gets there
 * @example
 * ```ts
 * for await (const offer of client.tasks.myOffers()) console.log(offer.task?.title, offer.status);
 * ```
 */
export function iterateMyOffers(
  supabase: NeighbourhoodSupabase,
  input: MyOffersInput = {},
  options: RequestOptions = {},
): AsyncGenerator<TaskOfferWithTask, void, undefined> {
  return eachItem((after) => getMyOffersPage(supabase, { ...input, after }, options), input.after, options);
}
