import { type RequestOptions, read, sendIdempotent } from "./request.ts";
import type { NeighbourhoodSupabase } from "./supabase.ts";

/**
 * Version of the database API, as a semantic version. Also callable without signing in.
 *
 * @throws {@link ApiError} `network_error`, `service_unavailable`, `unexpected_response`
 * @example
 * ```ts
 * const version = await getApiVersion(supabase); // "0.1.0"
 * ```
 */
export async function getApiVersion(supabase: NeighbourhoodSupabase, options: RequestOptions = {}): Promise<string> {
  return sendIdempotent(read(supabase, "get_api_version", {}), options);
}
