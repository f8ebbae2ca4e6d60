import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { memberRoute } from "../../app/root-routes.tsx";

const rewards = createRoute({
  getParentRoute: () => memberRoute,
  path: "/rewards",
  component: lazyRouteComponent(() => import("./rewards-page.tsx"), "RewardsPage"),
});

const reward = createRoute({
  getParentRoute: () => memberRoute,
  path: "/rewards/$reward_id",
  component: lazyRouteComponent(() => import("./reward-page.tsx"), "RewardPage"),
});

export const rewardsRoutes = [rewards, reward] as const;
