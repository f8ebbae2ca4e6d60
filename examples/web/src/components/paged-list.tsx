import type { Page } from "@neighbourhood-help/client";
import { type QueryKey, type UseInfiniteQueryResult, useInfiniteQuery } from "@tanstack/react-query";
import { type ReactNode, useRef } from "react";
import { useTranslations } from "use-intl";
import { Button } from "./button.tsx";
import { Empty, Loading, Problem } from "./states.tsx";

type GetPage<Item> = (
  request: { readonly after: string | undefined },
  options: { readonly signal: AbortSignal },
) => Promise<Page<Item>>;

/** A long list of the client, page by page: `usePages(["points", "history"], client.points.historyPage)`. */
export function usePages<Item>(queryKey: QueryKey, getPage: GetPage<Item>, isEnabled = true) {
  return useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam, signal }) => getPage({ after: pageParam }, { signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next,
    select: ({ pages }) => pages.flatMap((page) => page.items),
    enabled: isEnabled,
  });
}

interface PagedListProps<Item> {
  readonly query: UseInfiniteQueryResult<Item[], unknown>;
  /** What to say when there is nothing. */
  readonly empty: ReactNode;
  readonly children: (item: Item) => ReactNode;
}

/** The items of {@link usePages} as a list, with a button for more. */
export function PagedList<Item extends { readonly id: string | number }>({
  query,
  empty,
  children,
}: PagedListProps<Item>) {
  const t = useTranslations("app");
  const list = useRef<HTMLUListElement>(null);
  const { data: items, isError, error, hasNextPage, isFetchingNextPage } = query;
  if (items === undefined)
    return isError ? <Problem error={error} onRetry={() => void query.refetch()} /> : <Loading />;
  if (items.length === 0) return <Empty>{empty}</Empty>;
  const showMore = async () => {
    await query.fetchNextPage();
    // the button may be gone by now: the keyboard goes on where the new ones begin
    const first = list.current?.children[items.length];
    first?.querySelector<HTMLElement>("a, button")?.focus();
  };
  return (
    <>
      <ul className="list" ref={list}>
        {items.map((item) => (
          <li key={item.id}>{children(item)}</li>
        ))}
      </ul>
      {isError && <Problem error={error} />}
      {hasNextPage && (
        <Button isPending={isFetchingNextPage} onClick={() => void showMore()}>
          {t("more")}
        </Button>
      )}
    </>
  );
}
