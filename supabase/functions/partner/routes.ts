/**
 * What the partner API offers, by the names of its operations. Every route is declared next to its work.
 *
 * @module
 */
import { codeRoutes } from "./codes.ts";
import { connectionRoutes } from "./connection.ts";
import { keyRoutes } from "./keys.ts";
import { partnerRoutes } from "./partner.ts";
import { redemptionRoutes } from "./redemptions.ts";
import { rewardRoutes } from "./rewards.ts";
import { settlementRoutes } from "./settlements.ts";
import { webhookRoutes } from "./webhooks.ts";

/** Every route by the name of its operation. */
export const ROUTES = {
  ...partnerRoutes,
  ...keyRoutes,
  ...rewardRoutes,
  ...codeRoutes,
  ...redemptionRoutes,
  ...settlementRoutes,
  ...connectionRoutes,
  ...webhookRoutes,
} as const;

/** Name of a route's operation. */
export type RouteName = keyof typeof ROUTES;
