import type { Coordinates, NearbyTask } from "@neighbourhood-help/client";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { useClient } from "../../app/context.ts";
import { DEFAULT_KM, type HomeSearch, toFilter } from "./home-search.ts";

/** A task of the list; found by words, it has a piece of its text with the hits. */
export type ListedTask = NearbyTask & { readonly snippet?: string };

/** Rows of a page: some screens full. */
const PAGE_SIZE = 50;

/** The tasks around a place that the address asks for: by words where it has some, otherwise all. */
export function useFoundTasks({ latitude, longitude }: Coordinates, search: HomeSearch) {
  const client = useClient();
  const { q, sort, km = DEFAULT_KM } = search;
  const input = { latitude, longitude, radius_m: km * 1000, page_size: PAGE_SIZE, ...toFilter(search) };
  return useInfiniteQuery({
    queryKey: ["tasks", "nearby", input, q ?? null, q === undefined ? (sort ?? null) : null],
    async queryFn({ pageParam, signal }): Promise<{ items: ListedTask[]; next: string | null }> {
      const page = { ...input, ...(pageParam !== undefined && { after: pageParam }) };
      // the signal ends the search of what was typed before
      if (q !== undefined) return client.search.tasksPage({ ...page, query: q }, { signal });
      return client.tasks.nearbyPage({ ...page, ...(sort && { sort }) }, { signal });
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next ?? undefined,
    placeholderData: keepPreviousData,
  });
}
