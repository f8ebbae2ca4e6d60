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
  /** The task of the offer: a conversation without a message does not know it yet. */
  validateSearch: (search: Record<string, unknown>): { task?: string } =>
    typeof search["task"] === "string" ? { task: search["task"] } : {},
  component: lazyRouteComponent(() => import("./conversation.tsx"), "ConversationPage"),
});

export const messagesRoutes = [conversations, conversation] as const;
