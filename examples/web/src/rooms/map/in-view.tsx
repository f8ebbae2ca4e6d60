import type { TaskMarker } from "@neighbourhood-help/client";
import { MAX_MARKER_COUNT } from "@neighbourhood-help/client/contracts";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { useTranslations } from "use-intl";
import { useClient } from "../../app/context.ts";
import { Button } from "../../components/button.tsx";

interface InViewProps {
  /** Nearest to the middle first. */
  readonly markers: readonly TaskMarker[];
  /** The one that was tapped. */
  readonly opened: TaskMarker | undefined;
  readonly onOpen: (marker: TaskMarker) => void;
}

/** What the map shows, as text: for the keyboard, for screen readers, and for what was tapped. */
export function InView({ markers, opened, onOpen }: InViewProps) {
  const t = useTranslations("map");
  const [isOpen, setOpen] = useState(false);
  const count = markers.reduce((sum, { task_count }) => sum + task_count, 0);
  const isMore = markers.some(({ task_count }) => task_count >= MAX_MARKER_COUNT);
  return (
    <>
      {opened && <OpenedCell key={keyOf(opened)} marker={opened} />}
      <details className="details in-view" onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>
          <span role="status">{isMore ? t("in_view_more", { count }) : t("in_view", { count })}</span>
        </summary>
        {isOpen && (
          <ul className="list">
            {markers.map((marker) => (
              <li key={keyOf(marker)}>
                {marker.splits_at_zoom === null ? (
                  <CellTasks marker={marker} />
                ) : (
                  <Button onClick={() => onOpen(marker)}>
                    {t(marker.task_count >= MAX_MARKER_COUNT ? "cluster_more" : "cluster", {
                      count: marker.task_count,
                    })}
                  </Button>
                )}
              </li>
            ))}
          </ul>
        )}
      </details>
    </>
  );
}

const keyOf = ({ latitude, longitude }: TaskMarker) => `${latitude} ${longitude}`;

function OpenedCell({ marker }: { marker: TaskMarker }) {
  const t = useTranslations("map");
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus({ preventScroll: true }), []);
  return (
    <section className="opened-cell">
      <h2 ref={heading} tabIndex={-1}>
        {t("cell_tasks", { count: marker.task_count })}
      </h2>
      <CellTasks marker={marker} />
    </section>
  );
}

/** The tasks of one cell; a marker carries the newest of them. */
function CellTasks({ marker }: { marker: TaskMarker }) {
  const t = useTranslations("map");
  const client = useClient();
  const [isAll, setAll] = useState(false);
  const { latitude, longitude, task_count } = marker;
  const all = useQuery({
    queryKey: ["tasks", "cell", latitude, longitude],
    queryFn: ({ signal }) =>
      client.tasks.nearbyPage({ latitude, longitude, radius_m: 100, sort: "distance", page_size: 100 }, { signal }),
    enabled: isAll,
  });
  const tasks = all.data?.items ?? marker.tasks ?? [];
  return (
    <>
      <ul className="cell-list">
        {tasks.map(({ id, title }) => (
          <li key={id}>
            <Link to="/tasks/$task_id" params={{ task_id: id }} className="cell-link">
              {title}
            </Link>
          </li>
        ))}
      </ul>
      {!isAll && task_count > tasks.length && (
        <Button onClick={() => setAll(true)}>{t("all_of_cell", { count: task_count })}</Button>
      )}
    </>
  );
}
