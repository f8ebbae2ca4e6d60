import { type Cell, type Coordinates, cellAround, type Neighbourhood } from "@neighbourhood-help/client";
import type { Feature, MultiPolygon } from "geojson";
import type { Map as GlMap } from "maplibre-gl";
import { collection, colours, FONT, setData } from "./drawn-map.ts";

/** The square of a cell. */
export function cellFeature({ south, west, north, east }: Cell): Feature {
  const ring = [
    [west, south],
    [east, south],
    [east, north],
    [west, north],
    [west, south],
  ];
  return { type: "Feature", properties: {}, geometry: { type: "Polygon", coordinates: [ring] } };
}

/** The outlines of the neighbourhoods, with their names. */
export function addNeighbourhoods(map: GlMap, neighbourhoods: readonly Neighbourhood[]): void {
  const { accent, text, ground } = colours();
  const features = neighbourhoods.map(
    ({ name, outline }): Feature => ({
      type: "Feature",
      properties: { name },
      geometry: outline as unknown as MultiPolygon,
    }),
  );
  map.addSource("neighbourhoods", { type: "geojson", data: collection(features) });
  map.addLayer({
    id: "neighbourhood-areas",
    type: "fill",
    source: "neighbourhoods",
    paint: { "fill-color": accent, "fill-opacity": 0.07 },
  });
  map.addLayer({
    id: "neighbourhood-lines",
    type: "line",
    source: "neighbourhoods",
    paint: { "line-color": accent, "line-width": 1.5, "line-dasharray": [3, 2] },
  });
  map.addLayer({
    id: "neighbourhood-names",
    type: "symbol",
    source: "neighbourhoods",
    layout: { "text-field": ["get", "name"], "text-font": FONT, "text-size": 13 },
    paint: { "text-color": text, "text-halo-color": ground, "text-halo-width": 1.5, "text-opacity": 0.8 },
  });
}

/** The cell that others see of a place. */
export function addCell(map: GlMap): (place: Coordinates | null) => void {
  const { accent } = colours();
  map.addSource("cell", { type: "geojson", data: collection() });
  map.addLayer({ id: "cell", type: "fill", source: "cell", paint: { "fill-color": accent, "fill-opacity": 0.25 } });
  map.addLayer({ id: "cell-line", type: "line", source: "cell", paint: { "line-color": accent, "line-width": 2 } });
  return (place) => setData(map, "cell", collection(place === null ? [] : [cellFeature(cellAround(place))]));
}

/** The point that the member looks around from. */
export function addHere(map: GlMap, { latitude, longitude }: Coordinates): void {
  const { danger, surface } = colours();
  const here = { type: "Point" as const, coordinates: [longitude, latitude] };
  map.addSource("here", {
    type: "geojson",
    data: collection([{ type: "Feature", properties: {}, geometry: here }]),
  });
  map.addLayer({
    id: "here",
    type: "circle",
    source: "here",
    paint: { "circle-color": danger, "circle-radius": 6, "circle-stroke-color": surface, "circle-stroke-width": 2 },
  });
}
