import { type NearbyTasksInput, nearbyTasksInput } from "../../../supabase/functions/_shared/contracts/index.ts";
import { eachItem, type Page, toPage } from "../paging.ts";
import { checked, defined, type RequestOptions, sendIdempotent } from "../request.ts";
import type { NearbyTask } from "../rows.ts";
import type { NeighbourhoodSupabase } from "../supabase.ts";

/**
 * One page of open tasks around a point, newest or nearest first. Own tasks and those of blocked or banned members are left
 * out. The point travels in the request's body, so that it stands in no log of addresses.
 *
 * @throws {@link ApiError} `coordinates_invalid`, `category_not_found`, `sort_invalid`, `cursor_invalid`, `validation_failed`,
 * `not_signed_in`, `user_inactive`
 * @example
 * ```ts
 * const page = await client.tasks.nearbyPage({ latitude: 52.52, longitude: 13.405, radiusM: 2000, sort: "distance" });
 * page.items[0]?.distance_m; // 300
 * ```
 */
export async function getNearbyTasksPage(
  supabase: NeighbourhoodSupabase,
  input: NearbyTasksInput,
  options: RequestOptions = {},
): Promise<Page<NearbyTask>> {
  const search = checked(nearbyTasksInput, input);
  const rows = await sendIdempotent(
    (signal) =>
      supabase
        .rpc("nearby_tasks", {
          latitude: search.latitude,
          longitude: search.longitude,
          radius_m: search.radiusM,
          sort: search.sort,
          page_size: search.pageSize,
          ...defined({ category: search.category, after: search.after }),
        })
        .abortSignal(signal)
        // the generated types cannot know which columns of a returned table may be null
        .overrideTypes<NearbyTask[], { merge: false }>(),
    options,
  );
  return toPage(rows, search.pageSize, (last) => last.cursor);
}

/**
 * Open tasks around a point, page after page.
 *
 * @throws {@link ApiError} as {@link getNearbyTasksPage}, when the loop gets there
 * @example
 * ```ts
 * for await (const task of client.tasks.nearby({ latitude: 52.52, longitude: 13.405 })) {
 *   if (!show(task)) break;
 * }
 * ```
 */
export function iterateNearbyTasks(
  supabase: NeighbourhoodSupabase,
  input: NearbyTasksInput,
  options: RequestOptions = {},
): AsyncGenerator<NearbyTask, void, undefined> {
  return eachItem((after) => getNearbyTasksPage(supabase, { ...input, after }, options), input.after, options);
}
