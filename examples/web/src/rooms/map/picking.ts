import type { Coordinates, Neighbourhood } from "@neighbourhood-help/client";
import type { Map as GlMap } from "maplibre-gl";
import { round } from "./geolocation.ts";

/** A map on which a point is chosen. */
export interface Picking {
  /** Shows what is chosen by now, also by other means than the map. */
  show(place: Coordinates | null): void;
}

interface PickingOptions {
  readonly areas: readonly Neighbourhood[];
  readonly hasCell: boolean;
  readonly onPick: (place: Coordinates) => void;
}

/** Pixels of a step with an arrow key; with Shift for the last metres. */
const STEP = 40;
const FINE_STEP = 6;
const ARROWS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** Lets the member choose the point below the cross, by moving the map or by tapping it. */
export async function startPicking(map: GlMap, { areas, hasCell, onPick }: PickingOptions): Promise<Picking> {
  // loaded already, with the map
  const { addCell, addNeighbourhoods } = await import("./layers.ts");
  addNeighbourhoods(map, areas);
  const showCell = hasCell ? addCell(map) : undefined;
  // zooming must not move what lies below the cross
  map.scrollZoom.enable({ around: "center" });
  map.touchZoomRotate.enable({ around: "center" });
  map.touchZoomRotate.disableRotation();
  map.doubleClickZoom.disable();

  const middle = (): Coordinates => {
    const { lat, lng } = map.getCenter().wrap();
    return { latitude: round(lat), longitude: round(lng) };
  };
  let shown = middle();
  const isShown = (place: Coordinates) =>
    Math.abs(place.latitude - shown.latitude) < 2e-6 && Math.abs(place.longitude - shown.longitude) < 2e-6;
  const pick = (place: Coordinates) => {
    shown = place;
    onPick(place);
  };
  map.on("moveend", () => {
    const place = middle();
    if (!isShown(place)) pick(place);
  });
  map.on("click", ({ lngLat }) => {
    const { lat, lng } = lngLat.wrap();
    pick({ latitude: round(lat), longitude: round(lng) });
    map.easeTo({ center: lngLat });
  });
  map.getCanvas().addEventListener("keydown", (event) => {
    const arrow = ARROWS[event.key];
    if (arrow !== undefined) {
      const step = event.shiftKey ? FINE_STEP : STEP;
      map.panBy([arrow[0] * step, arrow[1] * step], { animate: false });
    } else if (event.key === "+" || event.key === "=") map.zoomIn();
    else if (event.key === "-") map.zoomOut();
    else if (event.key === "Enter" || event.key === " ") pick(middle());
    else return;
    event.preventDefault();
  });
  return {
    show(place) {
      showCell?.(place);
      if (place === null || isShown(place)) return;
      shown = place;
      map.jumpTo({ center: [place.longitude, place.latitude], zoom: Math.max(map.getZoom(), 14) });
    },
  };
}
