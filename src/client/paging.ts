import { abortError } from "./api-error.ts";
import type { RequestOptions } from "./request.ts";

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
 * Every item of a list, page after page. The next page is only asked for when the items before it have been taken, so
 * leaving the loop early costs nothing.
 */
export async function* eachItem<Item>(
  load: (after: string | undefined) => Promise<Page<Item>>,
  start: string | undefined,
  options: RequestOptions = {},
): AsyncGenerator<Item, void, undefined> {
  let after = start;
  do {
    const page = await load(after);
    for (const item of page.items) {
      if (options.signal?.aborted) throw abortError(options.signal);
      yield item;
    }
    after = page.next ?? undefined;
  } while (after !== undefined);
}

/** The cursor of a list ordered by `created_at` and `id`, both descending: exact to the microsecond, never parsed. */
export function keysetCursor(row: { readonly created_at: string; readonly id: string }): string {
  return `${row.created_at}_${row.id}`;
}

/** Filters of a PostgREST query for the rows after such a cursor. The contract has checked what the cursor is made of. */
export interface KeysetFilter {
  /** For `.lte("created_at", …)`: says nothing new, but gives the index a place to start from. */
  readonly createdAt: string;
  /** For `.or(…)`. */
  readonly after: string;
}

/** Reads a {@link keysetCursor}. */
export function keysetFilter(cursor: string): KeysetFilter {
  const [createdAt = "", id = ""] = cursor.split("_");
  return { createdAt, after: `created_at.lt."${createdAt}",and(created_at.eq."${createdAt}",id.lt.${id})` };
}
