import type { Coordinates } from "@neighbourhood-help/client";
import type { Feature, FeatureCollection } from "geojson";
import {
  type GeoJSONSource,
  Map as GlMap,
  NavigationControl,
  type StyleSpecification,
  setWorkerUrl,
} from "maplibre-gl";
import "maplibre-gl/dist/maplibre-gl.css";
// bundled here: nothing is fetched from elsewhere
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url";

setWorkerUrl(workerUrl);

/** How a map starts. */
export interface MapStart {
  readonly container: HTMLElement;
  /** URL of a style; empty: a plain ground, for which no request leaves. */
  readonly style: string;
  readonly middle: Coordinates;
  readonly zoom: number;
  /** What its controls are called. */
  readonly locale: Readonly<Record<string, string>>;
  /** Whether arrow keys are the map's; otherwise whoever shows it moves it. */
  readonly hasKeyboard?: boolean;
}

/** The colours of the app, where the style sheet has set them for light or dark. */
export function colours() {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string) => style.getPropertyValue(`--${name}`).trim();
  return {
    ground: colour("map-ground"),
    surface: colour("surface"),
    text: colour("text"),
    line: colour("control-line"),
    accent: colour("accent"),
    onAccent: colour("on-accent"),
    danger: colour("danger"),
  };
}

/** A font of the device: without an address for fonts MapLibre draws letters itself. */
export const FONT = ["Noto Sans Regular"];

function plainStyle(): StyleSpecification {
  return {
    version: 8,
    sources: {},
    layers: [{ id: "ground", type: "background", paint: { "background-color": colours().ground } }],
  };
}

/**
 * Draws a map, and answers when layers can be added.
 *
 * @throws Error where the browser has no WebGL, or the style does not come.
 */
export async function drawMap({
  container,
  style,
  middle,
  zoom,
  locale,
  hasKeyboard = true,
}: MapStart): Promise<GlMap> {
  const map = new GlMap({
    container,
    style: style || plainStyle(),
    center: [middle.longitude, middle.latitude],
    zoom,
    maxZoom: 18,
    locale: { ...locale },
    keyboard: hasKeyboard,
    // north stays up: turned maps confuse more people than they help
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
    attributionControl: style ? {} : false,
  });
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  map.addControl(new NavigationControl({ showCompass: false }), "top-right");
  try {
    await new Promise<void>((resolve, reject) => {
      map.once("load", () => resolve());
      // a style that does not come would leave the member before an empty box
      map.once("error", ({ error }) => !map.isStyleLoaded() && reject(error));
    });
  } catch (error) {
    map.remove();
    throw error;
  }
  return map;
}

/** Sets what a source of GeoJSON shows. */
export function setData(map: GlMap, source: string, data: FeatureCollection): void {
  map.getSource<GeoJSONSource>(source)?.setData(data);
}

/** A collection of features. */
export function collection(features: Feature[] = []): FeatureCollection {
  return { type: "FeatureCollection", features };
}
