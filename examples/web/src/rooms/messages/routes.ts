import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { memberRoute } from "../../app/root-routes.tsx";

const conversations = createRoute({
  getParentRoute: () => memberRoute,
  path: "/messages",
  component: lazyRouteComponent(() => import("./conversations.tsx"), "Conversations"),
});

const conversation = createRoute({
  getParentRoute: () => memberRoute,
  path: "/messages/$offer_id",
  component: lazyRouteComponent(() => import("./conversation.tsx"), "ConversationPage"),
});

export const messagesRoutes = [conversations, conversation] as const;
