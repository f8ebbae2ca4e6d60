import { anywhere } from "./replica.ts";
import { type RequestOptions, send } from "./request.ts";
import type { Neighbourhood } from "./rows.ts";
import type { NeighbourhoodSupabase } from "./supabase.ts";

/**
 * The named areas on the map, by name. None when the community draws none. Needs no sign-in.
 *
 * @throws {@link ApiError} when the answer does not come
 * @example
 * ```ts
 * for (const { name, outline } of await client.neighbourhoods.list()) map.addPolygon(name, outline);
 * ```
 */
export async function listNeighbourhoods(
  supabase: NeighbourhoodSupabase,
  options: RequestOptions = {},
): Promise<Neighbourhood[]> {
  return send(
    anywhere(
      supabase,
      (server) => (signal) =>
        server
          .from("neighbourhoods")
          .select("id, slug, name, outline, created_at, updated_at")
          .order("name")
          .abortSignal(signal),
    ),
    options,
  );
}
