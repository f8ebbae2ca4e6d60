import type { QueryClient } from "@tanstack/react-query";
import { createRouter } from "@tanstack/react-router";
import { mapRoutes } from "../rooms/map/routes.ts";
import { messagesRoutes } from "../rooms/messages/routes.ts";
import { notificationsRoutes } from "../rooms/notifications/routes.ts";
import { placesRoutes } from "../rooms/places/routes.ts";
import { pointsRoutes } from "../rooms/points/routes.ts";
import { redemptionsRoutes } from "../rooms/redemptions/routes.ts";
import { rewardsRoutes } from "../rooms/rewards/routes.ts";
import { statisticsRoutes } from "../rooms/statistics/routes.ts";
import { tasksRoutes } from "../rooms/tasks/routes.ts";
import { usersMemberRoutes, usersPublicRoutes } from "../rooms/users/routes.ts";
import type { Connection } from "./connection.ts";
import { memberRoute, rootRoute } from "./root-routes.tsx";

/** What a route's `beforeLoad` and `loader` are given. */
export interface RouterContext {
  readonly connection: Connection;
  readonly queryClient: QueryClient;
}

// One line per room: its routes lie in rooms/<room>/routes.ts, each with its screen loaded when it is first opened.
const routeTree = rootRoute.addChildren([
  ...usersPublicRoutes,
  memberRoute.addChildren([
    ...mapRoutes,
    ...messagesRoutes,
    ...notificationsRoutes,
    ...placesRoutes,
    ...pointsRoutes,
    ...redemptionsRoutes,
    ...rewardsRoutes,
    ...statisticsRoutes,
    ...tasksRoutes,
    ...usersMemberRoutes,
  ]),
]);

/** The app's router. */
export function createAppRouter(context: RouterContext) {
  return createRouter({ routeTree, context, scrollRestoration: true, defaultPreload: "intent" });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof createAppRouter>;
  }
}
