import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { memberRoute } from "../../app/root-routes.tsx";

const leaderboard = createRoute({
  getParentRoute: () => memberRoute,
  path: "/leaderboard",
  component: lazyRouteComponent(() => import("./leaderboard.tsx"), "Leaderboard"),
});

export const statisticsRoutes = [leaderboard] as const;
