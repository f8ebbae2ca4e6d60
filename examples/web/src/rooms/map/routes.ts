import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { memberRoute } from "../../app/root-routes.tsx";

const home = createRoute({
  getParentRoute: () => memberRoute,
  path: "/",
  component: lazyRouteComponent(() => import("./home.tsx"), "Home"),
});

export const mapRoutes = [home] as const;
