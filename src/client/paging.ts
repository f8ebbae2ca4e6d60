import { abortError } from "./api-error.ts";
import type { RequestOptions } from "./request.ts";
import type { NeighbourhoodSupabase } from "./supabase.ts";

/** One page of a list. */
export interface Page<Item> {
  readonly items: Item[];
  /** Pass it as `after` to get the next page; null on the last page. */
  readonly next: string | null;
}

/** A page of rows that were read with a limit. A page that is not full is the last one. */
export function toPage<Item>(items: Item[], pageSize: number, cursorOf: (last: Item) => string): Page<Item> {
  const last = items.at(-1);
  return { items, next: last !== undefined && items.length >= pageSize ? cursorOf(last) : null };
}

/**
 * The list behind a function that gets one page: every item, page after page. The next page is only asked for when the items
 * before it have been taken, so leaving the loop early costs nothing.
 *
 * @returns a function with the same arguments; it throws what the given one throws, when the loop gets there.
 * @throws {@link ApiError} `request_aborted`, and as the given function
 * @example
 * ```ts
 * const nearbyTasks = iterate(getNearbyTasksPage);
 * for await (const task of nearbyTasks(supabase, { latitude: 52.52, longitude: 13.405 })) if (!show(task)) break;
 * ```
 */
export function iterate<Rest extends unknown[], Item>(
  getPage: (supabase: NeighbourhoodSupabase, ...rest: Rest) => Promise<Page<Item>>,
): (supabase: NeighbourhoodSupabase, ...rest: Rest) => AsyncGenerator<Item, void, undefined> {
  return async function* (supabase, ...rest) {
    const [input, options] = rest as unknown[] as [input?: { after?: string }, options?: RequestOptions];
    let after = input?.after;
    do {
      const page = await getPage(supabase, ...([{ ...input, after }, options] as unknown[] as Rest));
      for (const item of page.items) {
        if (options?.signal?.aborted) throw abortError(options.signal);
        yield item;
      }
      after = page.next ?? undefined;
    } while (after !== undefined);
  };
}

/** The cursor of a list ordered by `created_at` and `id`, both descending: exact to the microsecond, never parsed. */
export function keysetCursor(row: { readonly created_at: string; readonly id: string }): string {
  return `${row.created_at}_${row.id}`;
}

/** The methods of a PostgREST query that {@link newestFirst} needs. */
interface KeysetQuery {
  lte(column: string, value: unknown): this;
  or(filters: string): this;
  order(column: string, options: { ascending: boolean }): this;
  limit(count: number): this;
}

/**
 * The rows of a query ordered by `created_at` and `id`, both descending, after a {@link keysetCursor}. The contract has
 * checked what the cursor is made of.
 */
export function newestFirst<Query extends KeysetQuery>(query: Query, pageSize: number, after?: string): Query {
  const [createdAt = "", id = ""] = after?.split("_") ?? [];
  const rest =
    after === undefined
      ? query
      : query
          // says nothing new, but gives the index a place to start from
          .lte("created_at", createdAt)
          .or(`created_at.lt."${createdAt}",and(created_at.eq."${createdAt}",id.lt.${id})`);
  return rest.order("created_at", { ascending: false }).order("id", { ascending: false }).limit(pageSize);
}
