import { taskRef } from "../../../supabase/functions/_shared/contracts/index.ts";
import { ApiError } from "../api-error.ts";
import { anywhere } from "../replica.ts";
import { checked, type RequestOptions, read, send, sendIdempotent, sendMaybe } from "../request.ts";
import type { Category, TaskEvent, TaskLocation, TaskOfferWithHelper, TaskRules, TaskWithPeople } from "../rows.ts";
import { HELPER_CARD, type NeighbourhoodSupabase, USER_CARD } from "../supabase.ts";

/**
 * A task with its creator and its helper.
 *
 * @throws {@link ApiError} `task_not_found`, `not_signed_in`
 * @example
 * ```ts
 * const task = await client.tasks.get(taskId);
 * console.log(task.title, task.creator.name, task.helper?.name);
 * ```
 */
export async function getTask(
  supabase: NeighbourhoodSupabase,
  taskId: string,
  options: RequestOptions = {},
): Promise<TaskWithPeople> {
  const input = checked(taskRef, { task_id: taskId });
  const task = await sendMaybe(
    (signal) =>
      supabase
        .from("tasks")
        .select(
          `*,
          creator:users!tasks_creator_id_fkey(${USER_CARD}),
          helper:users!tasks_helper_id_fkey(${USER_CARD})`,
        )
        .eq("id", input.task_id)
        .abortSignal(signal)
        .maybeSingle(),
    options,
  );
  if (task === null) throw new ApiError({ code: "task_not_found" });
  return task;
}

/**
 * The offers on a task that the member who is signed in may see, oldest first: all of them for the creator, their own for a
 * helper.
 *
 * @throws {@link ApiError} `task_not_found` (not an id), `not_signed_in`
 * @example
 * ```ts
 * for (const offer of await client.tasks.offers(task.id)) console.log(offer.helper.name, offer.message);
 * ```
 */
export async function listTaskOffers(
  supabase: NeighbourhoodSupabase,
  taskId: string,
  options: RequestOptions = {},
): Promise<TaskOfferWithHelper[]> {
  const input = checked(taskRef, { task_id: taskId });
  return send(
    (signal) =>
      supabase
        .from("task_offers")
        .select(`*, is_outdated, helper:users!task_offers_helper_id_fkey(${HELPER_CARD})`)
        .eq("task_id", input.task_id)
        .order("created_at")
        .order("id")
        .abortSignal(signal),
    options,
  );
}

/**
 * Exact place and address of a task of the member who is signed in; null once they were deleted, some months after its end.
 * For a task that they help with see {@link revealTaskContact}.
 *
 * @throws {@link ApiError} `task_not_found`, `not_signed_in`, `user_inactive`
 * @example
 * ```ts
 * const place = await client.tasks.location(task.id);
 * if (place) form.address = place.address;
 * ```
 */
export async function getTaskLocation(
  supabase: NeighbourhoodSupabase,
  taskId: string,
  options: RequestOptions = {},
): Promise<TaskLocation | null> {
  const args = checked(taskRef, { task_id: taskId });
  const [location] = await sendIdempotent(read(supabase, "get_task_location", args), options);
  return location ?? null;
}

/**
 * What happened to a task, in order: everything for its creator, their own time for a helper, what was `updated` for whoever
 * has offered help, nothing for others. `details` of that have each column before and after: `title_before`, `title`.
 * `actor_id` is null where a deadline or an admin acted.
 *
 * @throws {@link ApiError} `task_not_found` (not an id), `not_signed_in`
 * @example
 * ```ts
 * for (const event of await client.tasks.events(task.id)) console.log(event.action, event.created_at);
 * ```
 */
export async function listTaskEvents(
  supabase: NeighbourhoodSupabase,
  taskId: string,
  options: RequestOptions = {},
): Promise<TaskEvent[]> {
  const input = checked(taskRef, { task_id: taskId });
  return send(
    (signal) => supabase.from("task_events").select("*").eq("task_id", input.task_id).order("id").abortSignal(signal),
    options,
  );
}

/**
 * How helping each other works in this community: who pays, when finished work confirms itself, how long exact places are kept.
 * Settings that an admin may change; all of them are explained where they stand, in docs/rooms/operations.md.
 *
 * @throws {@link ApiError} `not_signed_in`, `user_inactive`
 * @example
 * ```ts
 * const { reward_funding, confirmation_days } = await client.tasks.rules();
 * if (reward_funding === "creator") form.show("These points are taken from yours.");
 * ```
 */
export async function getTaskRules(supabase: NeighbourhoodSupabase, options: RequestOptions = {}): Promise<TaskRules> {
  const [rules] = await sendIdempotent(
    anywhere(supabase, (server) => read(server, "task_rules", {})),
    options,
  );
  if (rules === undefined) throw new ApiError({ code: "unexpected_response" });
  return rules;
}

/**
 * The categories a task can be posted in, in their order. Also readable without signing in.
 *
 * @throws {@link ApiError} `network_error`, `service_unavailable`, `unexpected_response`
 * @example
 * ```ts
 * const roots = (await client.tasks.categories()).filter((category) => category.parent_slug === null);
 * ```
 */
export async function listCategories(
  supabase: NeighbourhoodSupabase,
  options: RequestOptions = {},
): Promise<Category[]> {
  const request = anywhere(
    supabase,
    (server) => (signal) =>
      server.from("categories").select("*").eq("is_active", true).order("position").order("slug").abortSignal(signal),
  );
  return send(request, options);
}
