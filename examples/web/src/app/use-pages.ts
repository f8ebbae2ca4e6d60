import type { Page } from "@neighbourhood-help/client";
import { type QueryKey, useInfiniteQuery } from "@tanstack/react-query";

/** Gets the page that starts after a cursor; the first one without. */
type GetPage<Item> = (after: string | undefined, signal: AbortSignal) => Promise<Page<Item>>;

/** A list that comes page after page: what is there so far, and how to get more. */
export function usePages<Item>(queryKey: QueryKey, getPage: GetPage<Item>) {
  const query = useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam, signal }) => getPage(pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next ?? undefined,
  });
  return { ...query, items: query.data?.pages.flatMap(({ items }) => items) };
}
