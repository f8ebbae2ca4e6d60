import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { memberRoute } from "../../app/root-routes.tsx";
import { PERIODS, type Period } from "./periods.ts";

const leaderboard = createRoute({
  getParentRoute: () => memberRoute,
  path: "/leaderboard",
  validateSearch(search: Record<string, unknown>): { period?: Period } {
    const period = PERIODS.find((name) => name === search["period"]);
    return period === undefined ? {} : { period };
  },
  component: lazyRouteComponent(() => import("./leaderboard.tsx"), "Leaderboard"),
});

export const statisticsRoutes = [leaderboard] as const;
