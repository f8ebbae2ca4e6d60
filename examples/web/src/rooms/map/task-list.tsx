import { splitSnippet } from "@neighbourhood-help/client";
import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useLayoutEffect, useRef, useState } from "react";
import { useTranslations } from "use-intl";
import { Button } from "../../components/button.tsx";
import { TaskCard } from "../tasks/task-card.tsx";
import type { ListedTask } from "./use-found-tasks.ts";

interface TaskListProps {
  readonly label: string;
  readonly tasks: readonly ListedTask[];
  readonly hasMore: boolean;
  readonly isLoadingMore: boolean;
  readonly onMore: () => void;
}

/** Height of a card before it is measured, in pixels. */
const CARD = 108;

/** Thousands of tasks, of which those around the screen are drawn; the next page comes before its end is reached. */
export function TaskList({ label, tasks, hasMore, isLoadingMore, onMore }: TaskListProps) {
  const t = useTranslations("app");
  const list = useRef<HTMLUListElement>(null);
  const [top, setTop] = useState(0);
  // what stands above may grow and shrink
  useLayoutEffect(() => {
    const measure = () => list.current && setTop(list.current.getBoundingClientRect().top + window.scrollY);
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(document.body);
    return () => observer.disconnect();
  }, []);
  const virtualizer = useWindowVirtualizer({
    count: tasks.length,
    estimateSize: () => CARD,
    getItemKey: (index) => tasks[index]?.id ?? index,
    gap: 8,
    overscan: 8,
    scrollMargin: top,
  });
  const rows = virtualizer.getVirtualItems();
  const last = rows.at(-1)?.index ?? 0;
  useEffect(() => {
    if (hasMore && !isLoadingMore && last >= tasks.length - 10) onMore();
  }, [hasMore, isLoadingMore, last, tasks.length, onMore]);
  return (
    <>
      <ul ref={list} aria-label={label} className="virtual-list" style={{ height: virtualizer.getTotalSize() }}>
        {rows.map(({ key, index, start }) => {
          const task = tasks[index];
          return (
            task && (
              <li
                key={key}
                ref={virtualizer.measureElement}
                data-index={index}
                aria-posinset={index + 1}
                // how many there are is known when the last page has come
                aria-setsize={hasMore ? -1 : tasks.length}
                style={{ transform: `translateY(${start - top}px)` }}
              >
                <TaskCard task={task} distance={task.distance_m}>
                  {task.snippet && <Snippet text={task.snippet} />}
                </TaskCard>
              </li>
            )
          );
        })}
      </ul>
      {hasMore && (
        <Button isPending={isLoadingMore} onClick={onMore}>
          {t("more")}
        </Button>
      )}
    </>
  );
}

function Snippet({ text }: { text: string }) {
  return (
    <span className="quiet">
      {splitSnippet(text).map(({ text: part, isHit }, index) =>
        // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a text have no other name
        isHit ? <mark key={index}>{part}</mark> : part,
      )}
    </span>
  );
}
