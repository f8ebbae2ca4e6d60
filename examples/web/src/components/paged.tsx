import type { ReactNode } from "react";
import { useTranslations } from "use-intl";
import type { usePages } from "../app/use-pages.ts";
import { Button } from "./button.tsx";
import { Empty, Loading, Problem } from "./states.tsx";

interface PagedProps<Item> {
  readonly pages: ReturnType<typeof usePages<Item>>;
  readonly keyOf: (item: Item) => string | number;
  /** What to say when there is nothing. */
  readonly empty: ReactNode;
  readonly children: (item: Item) => ReactNode;
}

/** A list that goes on with a button. */
export function Paged<Item>({ pages, keyOf, empty, children }: PagedProps<Item>) {
  const t = useTranslations("app");
  const { items, error, hasNextPage, isFetchingNextPage, fetchNextPage, refetch } = pages;
  if (items === undefined) return error ? <Problem error={error} onRetry={() => void refetch()} /> : <Loading />;
  return (
    <>
      {items.length === 0 && !hasNextPage ? (
        <Empty>{empty}</Empty>
      ) : (
        <ul className="list">
          {items.map((item) => (
            <li key={keyOf(item)}>{children(item)}</li>
          ))}
        </ul>
      )}
      {error && <Problem error={error} />}
      {hasNextPage && (
        <Button isPending={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          {t("more")}
        </Button>
      )}
    </>
  );
}
