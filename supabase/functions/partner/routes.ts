/**
 * What the partner API offers. The handler serves exactly these routes and the OpenAPI document describes exactly them.
 *
 * @module
 */
import type { z } from "zod";
import type { ErrorSlug } from "../_shared/contracts/errors.ts";
import * as contract from "../_shared/contracts/partners.ts";
import * as examples from "./examples.ts";

/** What a route sends when everything went well. */
export interface RouteAnswer {
  readonly status: 200 | 201 | 204;
  readonly description: string;
  /** Undefined: no body. */
  readonly schema?: z.ZodType;
  readonly example?: unknown;
  /** The same as CSV, where the caller prefers that. */
  readonly csv?: string;
}

/** One route. */
export interface Route<
  Path extends z.ZodType = z.ZodType,
  Query extends z.ZodType = z.ZodType,
  Body extends z.ZodType = z.ZodType,
> {
  readonly method: "get" | "post" | "put" | "patch" | "delete";
  /** As OpenAPI writes it, with names in braces. */
  readonly url: string;
  readonly group: "Partner" | "Rewards" | "Redemptions" | "Settlements" | "Connection" | "Webhooks";
  readonly summary: string;
  readonly description?: string;
  /** What the key must be allowed to do; null: any key; undefined: no key at all. */
  readonly scope?: contract.PartnerScope | null;
  /** Works before the command is called, so the key is checked before the work. */
  readonly isCostly?: true;
  readonly path?: Path;
  readonly query?: Query;
  readonly body?: Body;
  readonly bodyExample?: unknown;
  /** The body may be missing. */
  readonly isBodyOptional?: true;
  /** The same body as CSV; the handler reads the body itself. */
  readonly bodyCsv?: string;
  readonly answer: RouteAnswer;
  /** What can go wrong beyond what can go wrong everywhere. */
  readonly errors: readonly ErrorSlug[];
}

const route = <Path extends z.ZodType, Query extends z.ZodType, Body extends z.ZodType>(
  definition: Route<Path, Query, Body>,
): Route<Path, Query, Body> => definition;

const REWARD_ERRORS = [
  "reward_invalid",
  "text_blank",
  "text_too_short",
  "text_too_long",
  "text_has_control_characters",
  "stock_not_editable",
] as const satisfies ErrorSlug[];

const CODE_ERRORS = [
  "code_not_found",
  "code_mistyped",
  "code_expired",
  "code_cancelled",
  "already_used",
  "too_many_wrong_codes",
] as const satisfies ErrorSlug[];

/** Every route by the name of its operation. */
export const ROUTES = {
  readPartner: route({
    method: "get",
    url: "/v1/me",
    group: "Partner",
    summary: "Who am I, and what may this key do?",
    scope: null,
    answer: { status: 200, description: "You.", schema: contract.partnerAnswer, example: examples.partner },
    errors: [],
  }),
  listRewards: route({
    method: "get",
    url: "/v1/rewards",
    group: "Rewards",
    summary: "Your rewards, retired ones included",
    scope: "rewards:read",
    query: contract.partnerRewardsQuery,
    answer: {
      status: 200,
      description: "A page of rewards.",
      schema: contract.partnerRewardPage,
      example: examples.rewardPage,
    },
    errors: ["cursor_invalid"],
  }),
  createReward: route({
    method: "post",
    url: "/v1/rewards",
    group: "Rewards",
    summary: "Offer a reward",
    description: "Members see it at once, unless `validFrom` says later or `isActive` is false.",
    scope: "rewards:write",
    body: contract.createRewardBody,
    bodyExample: examples.newReward,
    answer: { status: 201, description: "The new reward.", schema: contract.partnerReward, example: examples.reward },
    errors: REWARD_ERRORS,
  }),
  changeReward: route({
    method: "patch",
    url: "/v1/rewards/{id}",
    group: "Rewards",
    summary: "Change a reward",
    description: "What is left out stays. What members already redeemed keeps its conditions.",
    scope: "rewards:write",
    path: contract.rewardPath,
    body: contract.changeRewardBody,
    bodyExample: examples.rewardChanges,
    answer: { status: 200, description: "The reward.", schema: contract.partnerReward, example: examples.reward },
    errors: [...REWARD_ERRORS, "reward_not_found", "stock_too_low"],
  }),
  retireReward: route({
    method: "delete",
    url: "/v1/rewards/{id}",
    group: "Rewards",
    summary: "Retire a reward",
    description: "Nobody can redeem it any more; codes already given stay good. Offer it again with `isActive: true`.",
    scope: "rewards:write",
    path: contract.rewardPath,
    answer: {
      status: 200,
      description: "The retired reward.",
      schema: contract.partnerReward,
      example: examples.retiredReward,
    },
    errors: ["reward_not_found"],
  }),
  addCodes: route({
    method: "post",
    url: "/v1/rewards/{id}/codes",
    group: "Rewards",
    summary: "Upload codes into a reward's pool",
    description:
      `For rewards whose \`codeSource\` is \`pool\`. At most ${contract.MAX_CODES} codes of 4 to 100 printable characters; ` +
      "case, spaces and dashes make no difference between codes, and members get a code as you wrote it. CSV holds one code " +
      "per line, with or without the header `code`. The answer tells for every line what became of it: `accepted`; " +
      "`duplicate`, in this upload or among your codes; `invalid`, no code; `reserved`, looks like a code made by us.",
    scope: "codes:write",
    isCostly: true,
    path: contract.rewardPath,
    query: contract.codesQuery,
    body: contract.codesBody,
    bodyExample: examples.codes,
    bodyCsv: examples.codesCsv,
    answer: {
      status: 200,
      description: "What became of every line.",
      schema: contract.codesAnswer,
      example: examples.codesAnswer,
    },
    errors: ["reward_not_found", "reward_has_no_pool", "codes_rejected"],
  }),
  listRedemptions: route({
    method: "get",
    url: "/v1/redemptions",
    group: "Redemptions",
    summary: "What members redeemed at your shop",
    scope: "redemptions:read",
    query: contract.partnerRedemptionsQuery,
    answer: {
      status: 200,
      description: "A page of redemptions.",
      schema: contract.partnerRedemptionPage,
      example: examples.redemptionPage,
    },
    errors: ["cursor_invalid", "reward_not_found"],
  }),
  verifyCode: route({
    method: "post",
    url: "/v1/redemptions/verify",
    group: "Redemptions",
    summary: "Is this code good?",
    description:
      "Changes nothing. `code_mistyped` is a typing error and worth another look; `code_not_found` is everything that is " +
      "no code of yours. Wrong codes are counted for each key: after too many of them the key has to wait.",
    scope: "redemptions:use",
    body: contract.verifyCodeBody,
    bodyExample: examples.verifyCode,
    answer: {
      status: 200,
      description: "It can be used.",
      schema: contract.verifyCodeAnswer,
      example: examples.validCode,
    },
    errors: CODE_ERRORS,
  }),
  useCode: route({
    method: "post",
    url: "/v1/redemptions/use",
    group: "Redemptions",
    summary: "Use a code, once",
    description:
      "Repeat it with the same till reference when you got no answer: it is the same use, and `isRepeat` says so. With " +
      "another till reference the answer is `already_used`, and its detail tells when and where.",
    scope: "redemptions:use",
    body: contract.useCodeBody,
    bodyExample: examples.useCode,
    answer: {
      status: 200,
      description: "It was used with this till reference.",
      schema: contract.useCodeAnswer,
      example: examples.usedCode,
    },
    errors: [...CODE_ERRORS, "till_reference_invalid"],
  }),
  cancelRedemption: route({
    method: "post",
    url: "/v1/redemptions/{id}/cancel",
    group: "Redemptions",
    summary: "Give the points back",
    description: "For a code that was not used. The member gets all points back and the code is void.",
    scope: "redemptions:cancel",
    path: contract.redemptionPath,
    body: contract.cancelRedemptionBody,
    bodyExample: examples.cancelRedemption,
    isBodyOptional: true,
    answer: {
      status: 200,
      description: "The cancelled redemption.",
      schema: contract.partnerRedemption,
      example: examples.cancelledRedemption,
    },
    errors: ["redemption_not_found", "redemption_not_cancellable", "text_too_long", "text_has_control_characters"],
  }),
  readSettlement: route({
    method: "get",
    url: "/v1/settlements/{month}",
    group: "Settlements",
    summary: "The codes used in a month",
    description:
      "Months are months in UTC, lines are ordered by time of use. Asked again once `isFinal` is true, the answer is the " +
      "same to the byte. In CSV, texts that a spreadsheet would take for a formula begin with an apostrophe.",
    scope: "settlements:read",
    path: contract.settlementPath,
    answer: {
      status: 200,
      description: "The settlement, as JSON or, with `Accept: text/csv`, its lines as CSV.",
      schema: contract.settlementAnswer,
      example: examples.settlement,
      csv:
        "redemptionId,rewardId,titleDe,titleEn,pointsSpent,discountType,discountValue,discountCurrency,usedAt,tillReference\r\n" +
        "9b0c1d2e-0000-4000-8000-000000000003,9b0c1d2e-0000-4000-8000-000000000002,Ein Brot nach Wahl,One loaf of your choice," +
        "120,fixed_amount,4.50,EUR,2026-11-21T09:12:40.071554Z,till-3/000471\r\n",
    },
    errors: ["month_invalid"],
  }),
  connectPartner: route({
    method: "put",
    url: "/v1/connection",
    group: "Connection",
    summary: "Say where we ask for your codes",
    description:
      "For rewards whose `codeSource` is `partner_api`, and for events you send us. Every call makes a new secret, with " +
      "which we sign requests and you sign events; the one before counts for another 24 hours.",
    scope: "connection:write",
    isCostly: true,
    body: contract.connectionBody,
    bodyExample: examples.newConnection,
    answer: {
      status: 200,
      description: "The connection with its secret.",
      schema: contract.connectionAnswer,
      example: examples.connection,
    },
    errors: ["webhook_url_invalid"],
  }),
  listWebhookEndpoints: route({
    method: "get",
    url: "/v1/webhook-endpoints",
    group: "Webhooks",
    summary: "Where you are told of events",
    scope: "webhooks:read",
    answer: {
      status: 200,
      description: "All endpoints.",
      schema: contract.webhookEndpointList,
      example: examples.webhookEndpointList,
    },
    errors: [],
  }),
  createWebhookEndpoint: route({
    method: "post",
    url: "/v1/webhook-endpoints",
    group: "Webhooks",
    summary: "Be told of events",
    description: "The address must be public and https. Messages are signed as Standard Webhooks.",
    scope: "webhooks:write",
    isCostly: true,
    body: contract.webhookEndpointBody,
    bodyExample: examples.newWebhookEndpoint,
    answer: {
      status: 201,
      description: "The new endpoint with its secret.",
      schema: contract.webhookEndpointWithSecret,
      example: examples.webhookEndpointWithSecret,
    },
    errors: ["webhook_url_invalid", "event_type_invalid", "webhook_endpoint_limit"],
  }),
  rotateWebhookSecret: route({
    method: "post",
    url: "/v1/webhook-endpoints/{id}/rotate-secret",
    group: "Webhooks",
    summary: "Make a new secret",
    description: "For 24 hours messages carry two signatures, by the new and by the old secret.",
    scope: "webhooks:write",
    path: contract.webhookEndpointPath,
    answer: {
      status: 200,
      description: "The endpoint with its new secret.",
      schema: contract.webhookEndpointWithSecret,
      example: examples.webhookEndpointWithSecret,
    },
    errors: ["webhook_endpoint_not_found"],
  }),
  deleteWebhookEndpoint: route({
    method: "delete",
    url: "/v1/webhook-endpoints/{id}",
    group: "Webhooks",
    summary: "Delete an endpoint and its messages",
    scope: "webhooks:write",
    path: contract.webhookEndpointPath,
    answer: { status: 204, description: "It is gone." },
    errors: ["webhook_endpoint_not_found"],
  }),
  listWebhookMessages: route({
    method: "get",
    url: "/v1/webhook-messages",
    group: "Webhooks",
    summary: "What you were told, newest first",
    scope: "webhooks:read",
    query: contract.webhookMessagesQuery,
    answer: {
      status: 200,
      description: "A page of messages.",
      schema: contract.webhookMessagePage,
      example: examples.webhookMessagePage,
    },
    errors: ["cursor_invalid"],
  }),
  replayWebhookMessage: route({
    method: "post",
    url: "/v1/webhook-messages/{id}/replay",
    group: "Webhooks",
    summary: "Send a message again",
    description: "With the same `webhook-id`, and for another three days.",
    scope: "webhooks:write",
    path: contract.webhookMessagePath,
    answer: {
      status: 200,
      description: "The message, pending again.",
      schema: contract.webhookMessage,
      example: examples.webhookMessage,
    },
    errors: ["webhook_message_not_found"],
  }),
  readDescription: route({
    method: "get",
    url: "/v1/openapi.json",
    group: "Partner",
    summary: "This document",
    answer: { status: 200, description: "An OpenAPI 3.1 document." },
    errors: [],
  }),
} as const;

/** Every route with its types. */
export type Routes = typeof ROUTES;
/** Name of a route's operation. */
export type RouteName = keyof Routes;
