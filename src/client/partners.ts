import { anywhere } from "./replica.ts";
import { type RequestOptions, send } from "./request.ts";
import type { Partner } from "./rows.ts";
import type { NeighbourhoodSupabase } from "./supabase.ts";

/**
 * The partners who give discounts, by name. Also readable without signing in.
 *
 * @throws {@link ApiError} `network_error`, `service_unavailable`, `unexpected_response`
 * @example
 * ```ts
 * for (const partner of await client.partners.list()) console.log(partner.name, partner.website_url);
 * ```
 */
export async function listPartners(supabase: NeighbourhoodSupabase, options: RequestOptions = {}): Promise<Partner[]> {
  const request = anywhere(
    supabase,
    (server) => (signal) => server.from("partners").select("*").order("name").order("id").abortSignal(signal),
  );
  return send(request, options);
}
