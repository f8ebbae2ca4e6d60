import type { Coordinates, Neighbourhood, TaskMarker } from "@neighbourhood-help/client";
import { useEffect, useRef, useState } from "react";
import { useTranslations } from "use-intl";
import { DEFAULT_KM, type HomeSearch, toFilter } from "./home-search.ts";
import { InView } from "./in-view.tsx";
import { markersOf, useMarkers, type View, within } from "./markers.ts";
import type { TaskLayers } from "./task-layers.ts";
import type { ListedTask } from "./use-found-tasks.ts";
import { useMap } from "./use-map.ts";

interface TasksMapProps {
  readonly where: Coordinates;
  readonly areas: readonly Neighbourhood[];
  readonly search: HomeSearch;
  /** What the list has: the map shows that where words are looked for. */
  readonly found: readonly ListedTask[];
}

/** The tasks on the map, and below it the same as text. An addition: the list has everything, too. */
export function TasksMap({ where, areas, search, found }: TasksMapProps) {
  const t = useTranslations("map");
  const [view, setView] = useState<View>();
  const [layers, setLayers] = useState<TaskLayers>();
  const [opened, setOpened] = useState<TaskMarker>();
  const isSearch = search.q !== undefined;
  const onMap = useMarkers(view, toFilter(search), !isSearch);
  const none: readonly TaskMarker[] = useRef([]).current;
  const markers = isSearch ? markersOf(found) : (onMap.data ?? none);

  const open = (marker: TaskMarker) => {
    if (marker.splits_at_zoom === null) setOpened(marker);
    else latest.current?.easeTo({ center: [marker.longitude, marker.latitude], zoom: marker.splits_at_zoom });
  };
  const { container, map, state } = useMap({
    middle: where,
    zoom: zoomFor(search.km ?? DEFAULT_KM),
    onReady(drawn) {
      void Promise.all([import("./layers.ts"), import("./task-layers.ts")]).then(([base, tasks]) => {
        base.addNeighbourhoods(drawn, areas);
        setLayers(tasks.addTasks(drawn, { onView: setView, onOpen: (marker) => latestOpen.current(marker) }));
        base.addHere(drawn, where);
      });
    },
  });
  const latest = useRef(map);
  const latestOpen = useRef(open);
  useEffect(() => {
    latest.current = map;
    latestOpen.current = open;
  });
  useEffect(() => layers?.show(markers), [layers, markers]);

  if (state === "missing") return <p className="note">{t("no_map")}</p>;
  return (
    <>
      <div className="tasks-map">
        <div ref={container} className="map-canvas" data-map={state} aria-busy={onMap.isFetching} />
      </div>
      {view && <InView markers={within(markers, view)} opened={opened} onOpen={open} />}
    </>
  );
}

/** A zoom at which a circle of so many kilometres about fills a phone's map. */
function zoomFor(km: number): number {
  return 14.5 - Math.log2(km);
}
