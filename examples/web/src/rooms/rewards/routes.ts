import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { memberRoute } from "../../app/root-routes.tsx";

interface RewardsSearch {
  readonly partner_id?: string | undefined;
  readonly affordable?: boolean | undefined;
}

const rewards = createRoute({
  getParentRoute: () => memberRoute,
  path: "/rewards",
  validateSearch: ({ partner_id, affordable }: Record<string, unknown>): RewardsSearch => ({
    partner_id: typeof partner_id === "string" ? partner_id : undefined,
    affordable: affordable === true || undefined,
  }),
  component: lazyRouteComponent(() => import("./rewards-page.tsx"), "RewardsPage"),
});

const reward = createRoute({
  getParentRoute: () => memberRoute,
  path: "/rewards/$reward_id",
  component: lazyRouteComponent(() => import("./reward-page.tsx"), "RewardPage"),
});

export const rewardsRoutes = [rewards, reward] as const;
