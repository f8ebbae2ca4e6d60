import { type TaskMapInput, taskMapInput } from "../../../supabase/functions/_shared/contracts/index.ts";
import { widened } from "../bounds.ts";
import { checked, type RequestOptions, readWithin, sendIdempotent } from "../request.ts";
import type { TaskMarker } from "../rows.ts";
import type { NeighbourhoodSupabase } from "../supabase.ts";

/**
 * The open tasks on a piece of the map, those that the nearby search finds: at most `MAX_TASK_MARKERS` markers that count
 * them, and show them where all of them lie in one 300 m cell. The bounds are widened to steps of 300 m and travel in the
 * request's body, so that no log of addresses tells who looks where; with a replica the widened ones stand in an address.
 *
 * @throws {@link ApiError} `coordinates_invalid`, `category_not_found`, `validation_failed`, `not_signed_in`, `user_inactive`
 * @example
 * ```ts
 * for (const { latitude, longitude, task_count, tasks } of await client.tasks.map({ ...bounds, zoom: map.getZoom() })) {
 *   console.log(latitude, longitude, tasks?.[0]?.title ?? `${task_count} tasks`);
 * }
 * ```
 */
export async function getTaskMap(
  supabase: NeighbourhoodSupabase,
  input: TaskMapInput,
  options: RequestOptions = {},
): Promise<TaskMarker[]> {
  const args = checked(taskMapInput, input);
  return sendIdempotent(readWithin(supabase, "map_tasks", { ...args, ...widened(args) }), options);
}
