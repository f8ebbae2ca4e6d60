import { createRootRouteWithContext, createRoute, redirect } from "@tanstack/react-router";
import { NotFound, ScreenError } from "../components/states.tsx";
import { MemberLayout } from "./member-layout.tsx";
import type { RouterContext } from "./router.ts";

export const rootRoute = createRootRouteWithContext<RouterContext>()({
  errorComponent: ScreenError,
  notFoundComponent: NotFound,
});

/** Screens for members: whoever is not signed in signs in first, and comes back. */
export const memberRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: "member",
  beforeLoad({ context, location }) {
    if (context.connection.session === null) {
      throw redirect({ to: "/welcome", search: { next: location.href }, replace: true });
    }
  },
  component: MemberLayout,
});
