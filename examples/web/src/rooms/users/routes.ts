import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { memberRoute, rootRoute } from "../../app/root-routes.tsx";

const welcome = createRoute({
  getParentRoute: () => rootRoute,
  path: "/welcome",
  /** Where the member wanted to go: a place in this app, never another site. */
  validateSearch: (search: Record<string, unknown>): { next?: string } =>
    /^\/(?![/\\])/u.test(String(search["next"])) ? { next: String(search["next"]) } : {},
  component: lazyRouteComponent(() => import("./welcome.tsx"), "Welcome"),
});

const signUp = createRoute({
  getParentRoute: () => rootRoute,
  path: "/sign-up",
  component: lazyRouteComponent(() => import("./sign-up.tsx"), "SignUp"),
});

const reset = createRoute({
  getParentRoute: () => rootRoute,
  path: "/reset-password",
  component: lazyRouteComponent(() => import("./reset-password.tsx"), "ResetPassword"),
});

const newPassword = createRoute({
  getParentRoute: () => rootRoute,
  path: "/new-password",
  component: lazyRouteComponent(() => import("./new-password.tsx"), "NewPassword"),
});

const profile = createRoute({
  getParentRoute: () => memberRoute,
  path: "/profile",
  component: lazyRouteComponent(() => import("./profile.tsx"), "ProfilePage"),
});

const member = createRoute({
  getParentRoute: () => memberRoute,
  path: "/members/$user_id",
  component: lazyRouteComponent(() => import("./member-page.tsx"), "MemberPage"),
});

const settings = createRoute({
  getParentRoute: () => memberRoute,
  path: "/settings",
  component: lazyRouteComponent(() => import("./settings.tsx"), "Settings"),
});

export const usersPublicRoutes = [welcome, signUp, reset, newPassword] as const;
export const usersMemberRoutes = [profile, member, settings] as const;
