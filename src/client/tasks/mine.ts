import {
  type MyOffersInput,
  type MyTasksInput,
  myOffersInput,
  myTasksInput,
} from "../../../supabase/functions/_shared/contracts/index.ts";
import { keysetCursor, newestFirst, type Page, toPage } from "../paging.ts";
import { checked, type RequestOptions, send } from "../request.ts";
import type { MyTask, TaskOfferWithTask } from "../rows.ts";
import { HELPER_CARD, type NeighbourhoodSupabase, ownUserId, USER_CARD } from "../supabase.ts";

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
  const { as, status, page_size, after } = checked(myTasksInput, input);
  const me = await ownUserId(supabase, options);
  const rows = await send((signal) => {
    let query = supabase
      .from("tasks")
      .select(
        `*,
        creator:users!tasks_creator_id_fkey(${USER_CARD}),
        helper:users!tasks_helper_id_fkey(${USER_CARD}),
        offers:task_offers!task_offers_task_id_fkey(*, is_outdated, helper:users!task_offers_helper_id_fkey(${HELPER_CARD}))`,
      )
      .eq(as === "creator" ? "creator_id" : "helper_id", me);
    if (status !== undefined) query = query.in("status", [status].flat());
    return newestFirst(query, page_size, after).abortSignal(signal);
  }, options);
  return toPage(rows, page_size, keysetCursor);
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
  const { status, page_size, after } = checked(myOffersInput, input);
  const me = await ownUserId(supabase, options);
  const rows = await send((signal) => {
    let query = supabase
      .from("task_offers")
      .select(
        `*, is_outdated, task:tasks!task_offers_task_id_fkey(*, creator:users!tasks_creator_id_fkey(${USER_CARD}))`,
      )
      .eq("helper_id", me);
    if (status !== undefined) query = query.in("status", [status].flat());
    return newestFirst(query, page_size, after).abortSignal(signal);
  }, options);
  return toPage(rows, page_size, keysetCursor);
}
