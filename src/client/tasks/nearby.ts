import { type NearbyTasksInput, nearbyTasksInput } from "../../../supabase/functions/_shared/contracts/index.ts";
import { type Page, toPage } from "../paging.ts";
import { checked, type RequestOptions, readNear, sendIdempotent } from "../request.ts";
import type { NearbyTask } from "../rows.ts";
import type { NeighbourhoodSupabase } from "../supabase.ts";

/**
 * One page of open tasks around a point, newest or nearest first. Own tasks and those of blocked or banned members are left
 * out. The point travels in the request's body, so that it stands in no log of addresses; with a replica it is the middle
 * of its 300 m cell.
 *
 * @throws {@link ApiError} `coordinates_invalid`, `category_not_found`, `sort_invalid`, `cursor_invalid`, `validation_failed`,
 * `not_signed_in`, `user_inactive`
 * @example
 * ```ts
 * const page = await client.tasks.nearbyPage({ latitude: 52.52, longitude: 13.405, radius_m: 2000, sort: "distance" });
 * page.items[0]?.distance_m; // 300
 * ```
 */
export async function getNearbyTasksPage(
  supabase: NeighbourhoodSupabase,
  input: NearbyTasksInput,
  options: RequestOptions = {},
): Promise<Page<NearbyTask>> {
  const args = checked(nearbyTasksInput, input);
  const rows = await sendIdempotent(readNear(supabase, "nearby_tasks", args), options);
  return toPage(rows, args.page_size, ({ cursor }) => cursor);
}
