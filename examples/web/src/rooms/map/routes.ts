import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { memberRoute } from "../../app/root-routes.tsx";
import { readHomeSearch } from "./home-search.ts";

const home = createRoute({
  getParentRoute: () => memberRoute,
  path: "/",
  validateSearch: readHomeSearch,
  component: lazyRouteComponent(() => import("./home.tsx"), "Home"),
});

export const mapRoutes = [home] as const;
