import type { Coordinates } from "@neighbourhood-help/client";
import type { Map as GlMap } from "maplibre-gl";
import { type RefObject, useEffect, useRef, useState } from "react";
import { useTranslations } from "use-intl";
import { useConnection } from "../../app/context.ts";

/** What a map needs of the screen that shows it. */
export interface MapNeeds {
  readonly middle: Coordinates;
  readonly zoom: number;
  readonly hasKeyboard?: boolean;
  /** Adds its layers and listeners, once it can take them. */
  readonly onReady: (map: GlMap) => void;
}

/** `missing`: this browser cannot draw maps, or what draws them did not come; everything works without. */
export type MapState = "loading" | "ready" | "missing";

/** Draws a map into an element. MapLibre is loaded here and nowhere else, when a map is first shown. */
export function useMap({ middle, zoom, hasKeyboard = true, onReady }: MapNeeds): {
  readonly container: RefObject<HTMLDivElement | null>;
  readonly map: GlMap | undefined;
  readonly state: MapState;
} {
  const t = useTranslations("map");
  const { config } = useConnection();
  const container = useRef<HTMLDivElement>(null);
  const [map, setMap] = useState<GlMap>();
  const [isMissing, setMissing] = useState(false);
  // colours are drawn into the map: another scheme is another map
  const scheme = useDarkScheme();
  // biome-ignore lint/correctness/useExhaustiveDependencies: where a map starts, and its texts, do not move or redraw it later
  useEffect(() => {
    const element = container.current;
    if (element === null) return;
    let isGone = false;
    let drawn: GlMap | undefined;
    const locale = {
      "Map.Title": t("map"),
      "NavigationControl.ZoomIn": t("zoom_in"),
      "NavigationControl.ZoomOut": t("zoom_out"),
      "AttributionControl.ToggleAttribution": t("attribution"),
    };
    const draw = async () => {
      const { drawMap } = await import("./drawn-map.ts");
      if (isGone) return;
      drawn = await drawMap({ container: element, style: config.map_style, middle, zoom, locale, hasKeyboard });
      if (isGone) drawn.remove();
      else {
        onReady(drawn);
        setMap(drawn);
      }
    };
    draw().catch((error: unknown) => {
      console.warn("no map", error);
      if (!isGone) setMissing(true);
    });
    return () => {
      isGone = true;
      drawn?.remove();
      setMap(undefined);
    };
  }, [config.map_style, scheme, hasKeyboard]);
  return { container, map, state: isMissing ? "missing" : map ? "ready" : "loading" };
}

function useDarkScheme(): boolean {
  const [isDark, setDark] = useState(() => matchMedia("(prefers-color-scheme: dark)").matches);
  useEffect(() => {
    const query = matchMedia("(prefers-color-scheme: dark)");
    const onChange = () => setDark(query.matches);
    query.addEventListener("change", onChange);
    return () => query.removeEventListener("change", onChange);
  }, []);
  return isDark;
}
