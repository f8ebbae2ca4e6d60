import { createRoute, lazyRouteComponent, redirect } from "@tanstack/react-router";
import { memberRoute, rootRoute } from "../../app/root-routes.tsx";
import type { RouterContext } from "../../app/router.ts";

interface Next {
  readonly next?: string;
}

/** Where the member wanted to go: a place in this app, never another site. */
const nextOf = (search: Record<string, unknown>): Next =>
  /^\/(?![/\\])/u.test(String(search["next"])) ? { next: String(search["next"]) } : {};

/** Whoever is signed in already goes on. */
function goOn(context: RouterContext, href: string): void {
  if (context.connection.session !== null) throw redirect({ href, replace: true });
}

const welcome = createRoute({
  getParentRoute: () => rootRoute,
  path: "/welcome",
  validateSearch: nextOf,
  beforeLoad: ({ context, search }) => goOn(context, search.next ?? "/"),
  component: lazyRouteComponent(() => import("./welcome.tsx"), "Welcome"),
});

const signUp = createRoute({
  getParentRoute: () => rootRoute,
  path: "/sign-up",
  beforeLoad: ({ context }) => goOn(context, "/first-steps"),
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

const firstSteps = createRoute({
  getParentRoute: () => memberRoute,
  path: "/first-steps",
  component: lazyRouteComponent(() => import("./first-steps.tsx"), "FirstSteps"),
});

const profile = createRoute({
  getParentRoute: () => memberRoute,
  path: "/profile",
  component: lazyRouteComponent(() => import("./profile.tsx"), "ProfilePage"),
});

const editProfile = createRoute({
  getParentRoute: () => memberRoute,
  path: "/profile/edit",
  component: lazyRouteComponent(() => import("./edit-profile.tsx"), "EditProfile"),
});

const member = createRoute({
  getParentRoute: () => memberRoute,
  path: "/members/$user_id",
  component: lazyRouteComponent(() => import("./member-page.tsx"), "MemberPage"),
});

const invite = createRoute({
  getParentRoute: () => memberRoute,
  path: "/invite",
  component: lazyRouteComponent(() => import("./invite.tsx"), "Invite"),
});

const settings = createRoute({
  getParentRoute: () => memberRoute,
  path: "/settings",
  component: lazyRouteComponent(() => import("./settings.tsx"), "Settings"),
});

const contact = createRoute({
  getParentRoute: () => memberRoute,
  path: "/settings/contact",
  component: lazyRouteComponent(() => import("./contact.tsx"), "ContactSettings"),
});

const account = createRoute({
  getParentRoute: () => memberRoute,
  path: "/settings/account",
  component: lazyRouteComponent(() => import("./account.tsx"), "AccountSettings"),
});

const blocked = createRoute({
  getParentRoute: () => memberRoute,
  path: "/settings/blocked",
  component: lazyRouteComponent(() => import("./blocked.tsx"), "Blocked"),
});

const lapses = createRoute({
  getParentRoute: () => memberRoute,
  path: "/settings/lapses",
  component: lazyRouteComponent(() => import("./lapses.tsx"), "Lapses"),
});

export const usersPublicRoutes = [welcome, signUp, reset, newPassword] as const;
export const usersMemberRoutes = [
  firstSteps,
  profile,
  editProfile,
  member,
  invite,
  settings,
  contact,
  account,
  blocked,
  lapses,
] as const;
