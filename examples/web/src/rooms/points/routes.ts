import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { memberRoute } from "../../app/root-routes.tsx";

const points = createRoute({
  getParentRoute: () => memberRoute,
  path: "/points",
  component: lazyRouteComponent(() => import("./points-page.tsx"), "PointsPage"),
});

export const pointsRoutes = [points] as const;
