import { cellAround, type TaskMarker } from "@neighbourhood-help/client";
import { MAX_MARKER_COUNT } from "@neighbourhood-help/client/contracts";
import type { Feature } from "geojson";
import type { Map as GlMap } from "maplibre-gl";
import { collection, colours, FONT, setData } from "./drawn-map.ts";
import { cellFeature } from "./layers.ts";
import type { View } from "./markers.ts";

/** A map with tasks on it. */
export interface TaskLayers {
  /** Shows these markers in place of those before. */
  show(markers: readonly TaskMarker[]): void;
}

interface TaskLayersOptions {
  readonly onView: (view: View) => void;
  readonly onOpen: (marker: TaskMarker) => void;
}

/** From here on cells are as wide as a finger, and drawn as what they are. */
const CELLS_FROM_ZOOM = 13;

/** Adds the markers: circles with how many tasks they stand for, and the cells of single places. */
export function addTasks(map: GlMap, { onView, onOpen }: TaskLayersOptions): TaskLayers {
  let shown: readonly TaskMarker[] = [];
  const { accent, onAccent, surface } = colours();
  map.addSource("task-cells", { type: "geojson", data: collection() });
  map.addSource("tasks", { type: "geojson", data: collection() });
  map.addLayer({
    id: "task-cells",
    type: "fill",
    source: "task-cells",
    minzoom: CELLS_FROM_ZOOM,
    paint: { "fill-color": accent, "fill-opacity": 0.25, "fill-outline-color": accent },
  });
  map.addLayer({
    id: "tasks",
    type: "circle",
    source: "tasks",
    paint: {
      "circle-color": accent,
      "circle-radius": ["step", ["get", "count"], 15, 10, 18, 100, 22],
      "circle-stroke-color": surface,
      "circle-stroke-width": 2,
    },
  });
  map.addLayer({
    id: "task-counts",
    type: "symbol",
    source: "tasks",
    layout: { "text-field": ["get", "label"], "text-font": FONT, "text-size": 13, "text-allow-overlap": true },
    paint: { "text-color": onAccent },
  });

  const tellView = () => {
    const bounds = map.getBounds();
    const edge = (degrees: number) => Math.round(degrees * 1000) / 1000;
    onView({
      west: edge(bounds.getWest()),
      south: edge(bounds.getSouth()),
      east: edge(bounds.getEast()),
      north: edge(bounds.getNorth()),
      zoom: Math.floor(map.getZoom()),
    });
  };
  map.on("moveend", tellView);
  map.on("click", ["tasks", "task-cells"], ({ features }) => {
    const index: unknown = features?.[0]?.properties["index"];
    const marker = typeof index === "number" ? shown[index] : undefined;
    if (marker) onOpen(marker);
  });
  map.on("mouseenter", ["tasks", "task-cells"], () => {
    map.getCanvas().style.cursor = "pointer";
  });
  map.on("mouseleave", ["tasks", "task-cells"], () => {
    map.getCanvas().style.cursor = "";
  });
  tellView();
  return {
    show(markers) {
      shown = markers;
      setData(map, "tasks", collection(markers.map(pointOf)));
      setData(map, "task-cells", collection(markers.flatMap(squareOf)));
    },
  };
}

function pointOf({ latitude, longitude, task_count: count }: TaskMarker, index: number): Feature {
  return {
    type: "Feature",
    properties: { index, count, label: count >= MAX_MARKER_COUNT ? `${MAX_MARKER_COUNT - 1}+` : String(count) },
    geometry: { type: "Point", coordinates: [longitude, latitude] },
  };
}

function squareOf(marker: TaskMarker, index: number): Feature[] {
  return marker.splits_at_zoom === null ? [{ ...cellFeature(cellAround(marker)), properties: { index } }] : [];
}
