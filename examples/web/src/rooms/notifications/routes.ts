import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { memberRoute } from "../../app/root-routes.tsx";

const inbox = createRoute({
  getParentRoute: () => memberRoute,
  path: "/notifications",
  component: lazyRouteComponent(() => import("./inbox.tsx"), "Inbox"),
});

const settings = createRoute({
  getParentRoute: () => memberRoute,
  path: "/settings/notifications",
  component: lazyRouteComponent(() => import("./notification-settings.tsx"), "NotificationSettings"),
});

export const notificationsRoutes = [inbox, settings] as const;
