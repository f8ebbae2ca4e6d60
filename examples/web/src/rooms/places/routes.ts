import type { PlaceCategory } from "@neighbourhood-help/client";
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { memberRoute } from "../../app/root-routes.tsx";
import { CATEGORIES } from "./categories.ts";

interface PlacesSearch {
  readonly query?: string | undefined;
  readonly category?: PlaceCategory | undefined;
}

const places = createRoute({
  getParentRoute: () => memberRoute,
  path: "/places",
  validateSearch: ({ query, category }: Record<string, unknown>): PlacesSearch => ({
    query: typeof query === "string" || typeof query === "number" ? String(query) : undefined,
    category: CATEGORIES.find((name) => name === category),
  }),
  component: lazyRouteComponent(() => import("./places-page.tsx"), "PlacesPage"),
});

const newPlace = createRoute({
  getParentRoute: () => memberRoute,
  path: "/places/new",
  component: lazyRouteComponent(() => import("./new-place.tsx"), "NewPlace"),
});

const place = createRoute({
  getParentRoute: () => memberRoute,
  path: "/places/$place_id",
  component: lazyRouteComponent(() => import("./place-page.tsx"), "PlacePage"),
});

export const placesRoutes = [places, newPlace, place] as const;
