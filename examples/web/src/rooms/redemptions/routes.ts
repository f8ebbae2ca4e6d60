import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { memberRoute } from "../../app/root-routes.tsx";

const redemptions = createRoute({
  getParentRoute: () => memberRoute,
  path: "/redemptions",
  component: lazyRouteComponent(() => import("./redemptions-page.tsx"), "RedemptionsPage"),
});

const redemption = createRoute({
  getParentRoute: () => memberRoute,
  path: "/redemptions/$redemption_id",
  component: lazyRouteComponent(() => import("./redemption-page.tsx"), "RedemptionPage"),
});

export const redemptionsRoutes = [redemptions, redemption] as const;
