import { getNotificationsPage } from "./notifications.ts";
import type { Notification } from "./rows.ts";
import { type NeighbourhoodSupabase, ownUserId } from "./supabase.ts";
import { type Watcher, type WatchOptions, watch } from "./watch.ts";

/**
 * Tells the app of notifications that come from now on. Through Realtime at once, on a private channel that only the member
 * hears; where Realtime cannot be reached, by asking again and again.
 *
 * @returns a function that stops it; the signal does so, too.
 * @throws Nothing; errors go to `onError`.
 * @example
 * ```ts
 * const stop = client.notifications.watch({
 *   onNew: ({ title_en, body_en }) => showToast(title_en, body_en),
 *   onError: (error) => console.error(error),
 * });
 * ```
 */
export function watchNotifications(
  supabase: NeighbourhoodSupabase,
  watcher: Watcher<Notification>,
  options: WatchOptions = {},
): () => void {
  return watch(
    supabase,
    {
      topic: async (request) => `user:${await ownUserId(supabase, request)}`,
      event: "notification",
      getPage: (input, request) => getNotificationsPage(supabase, input, request),
      known: 1,
      versionOf: () => "",
    },
    watcher,
    options,
  );
}
