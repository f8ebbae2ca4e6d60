import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { memberRoute } from "../../app/root-routes.tsx";

const places = createRoute({
  getParentRoute: () => memberRoute,
  path: "/places",
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
