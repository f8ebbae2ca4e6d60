import type { Coordinates, TaskMarker } from "@neighbourhood-help/client";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useClient } from "../../app/context.ts";
import type { TaskFilter } from "./home-search.ts";
import type { ListedTask } from "./use-found-tasks.ts";

/** The part of the earth that a map shows. */
export interface View {
  readonly west: number;
  readonly south: number;
  readonly east: number;
  readonly north: number;
  readonly zoom: number;
}

/** Tasks that were found by words, as markers: one for each cell. */
export function markersOf(tasks: readonly ListedTask[]): TaskMarker[] {
  const cells = new Map<string, ListedTask[]>();
  for (const task of tasks) {
    const key = `${task.latitude} ${task.longitude}`;
    cells.set(key, [...(cells.get(key) ?? []), task]);
  }
  return [...cells.values()].flatMap((inCell) => {
    const [first] = inCell;
    if (first === undefined) return [];
    const { latitude, longitude } = first;
    return { latitude, longitude, task_count: inCell.length, splits_at_zoom: null, tasks: inCell };
  });
}

/** What the map shows in its view. The last answer stays until the next has come, so that nothing flickers. */
export function useMarkers(view: View | undefined, filter: TaskFilter, isEnabled: boolean) {
  const client = useClient();
  return useQuery({
    queryKey: ["tasks", "map", view, filter],
    queryFn: ({ signal }) => (view ? client.tasks.map({ ...view, ...filter }, { signal }) : []),
    enabled: isEnabled && view !== undefined,
    placeholderData: keepPreviousData,
  });
}

/** Markers within a view, those nearest to its middle first. */
export function within(markers: readonly TaskMarker[], view: View): TaskMarker[] {
  const middle = { latitude: (view.south + view.north) / 2, longitude: (view.west + view.east) / 2 };
  return markers.filter((marker) => isInside(marker, view)).sort((a, b) => farness(a, middle) - farness(b, middle));
}

function isInside({ latitude, longitude }: Coordinates, { west, south, east, north }: View): boolean {
  return latitude >= south && latitude <= north && longitude >= west && longitude <= east;
}

function farness(a: Coordinates, b: Coordinates): number {
  const across = (a.longitude - b.longitude) * Math.cos((a.latitude * Math.PI) / 180);
  return across ** 2 + (a.latitude - b.latitude) ** 2;
}
