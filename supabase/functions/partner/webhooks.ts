import { z } from "zod";
import { rowId } from "../_shared/contracts/fields.ts";
import {
  afterNumber,
  BIGINT,
  moment,
  next,
  pageSize,
  secret,
  url,
  WEBHOOK_MESSAGE_STATUSES,
  word,
} from "../_shared/contracts/partners.ts";
import { WEBHOOK_EVENT_TYPES } from "../_shared/contracts/words-and-limits.ts";
import { newSecret, requireCallable, SECRET_EXAMPLE } from "./connection.ts";
import { redemptionUsedExample, testEventExample } from "./events.ts";
import { type Route, route } from "./route.ts";

const endpointPath = z.strictObject({ id: rowId("webhook_endpoint_not_found") });

const endpoint = z
  .object({
    id: z.guid(),
    url: z.string(),
    event_types: z.array(z.enum(WEBHOOK_EVENT_TYPES)),
    is_enabled: z.boolean(),
    disabled_at: moment.nullable(),
    disabled_reason: z.string().nullable(),
    failure_streak: z.int().meta({ description: "Failed attempts since the last success." }),
    secret_rotated_at: moment,
    is_sandbox: z.boolean().meta({ description: "Made by a sandbox key: it is told of test codes alone." }),
    created_at: moment,
  })
  .meta({ id: "WebhookEndpoint" });
const endpointWithSecret = endpoint.extend({ secret }).meta({ id: "WebhookEndpointWithSecret" });

const message = z
  .object({
    id: z.int(),
    webhook_id: z.string().meta({ description: "Header `webhook-id`: the same at every attempt." }),
    endpoint_id: z.guid(),
    type: z.enum([...WEBHOOK_EVENT_TYPES, "webhook.test"]),
    is_test: z.boolean().meta({ description: "For an endpoint of a sandbox key." }),
    status: z.enum(WEBHOOK_MESSAGE_STATUSES),
    attempts: z.int(),
    next_attempt_at: moment,
    delivered_at: moment.nullable(),
    last_status: z.int().nullable().meta({ description: "HTTP status of the last answer." }),
    last_error: z.string().nullable(),
    created_at: moment,
    payload: z.record(z.string(), z.unknown()).meta({ description: "The body that is sent." }),
  })
  .meta({ id: "WebhookMessage" });

const newExample = {
  url: "https://bakery.example/webhooks",
  event_types: ["redemption.used", "reward.sold_out"],
} satisfies { event_types: (typeof WEBHOOK_EVENT_TYPES)[number][]; url: string };
const endpointExample = {
  id: "9b0c1d2e-0000-4000-8000-000000000004",
  ...newExample,
  is_enabled: true,
  disabled_at: null,
  disabled_reason: null,
  failure_streak: 0,
  secret_rotated_at: "2026-11-01T00:00:00+00:00",
  is_sandbox: false,
  created_at: "2026-11-01T00:00:00+00:00",
};
const withSecretExample = { ...endpointExample, secret: SECRET_EXAMPLE };
const messageExample = {
  id: 4711,
  webhook_id: "msg_9b0c1d2e000040008000000000000006",
  endpoint_id: endpointExample.id,
  type: redemptionUsedExample.type,
  is_test: false,
  status: "pending",
  attempts: 0,
  next_attempt_at: redemptionUsedExample.timestamp,
  delivered_at: null,
  last_status: null,
  last_error: null,
  created_at: redemptionUsedExample.timestamp,
  payload: redemptionUsedExample,
};

const testExample = {
  ...messageExample,
  type: "webhook.test",
  payload: testEventExample,
};

/** Where partners are told of events. Secrets leave this function once. */
export const webhookRoutes = {
  listWebhookEndpoints: route({
    method: "get",
    path: "/v1/webhook-endpoints",
    group: "Webhooks",
    summary: "Where you are told of events",
    scope: "webhooks:read",
    answer: {
      status: 200,
      description: "All endpoints.",
      schema: z.object({ items: z.array(endpoint) }).meta({ id: "WebhookEndpointList" }),
      example: { items: [endpointExample] },
    },
    errors: [],
    work: async ({ ask }) => ({ items: await ask("list_webhook_endpoints", {}) }),
  }),
  createWebhookEndpoint: route({
    method: "post",
    path: "/v1/webhook-endpoints",
    group: "Webhooks",
    summary: "Be told of events",
    description: "The address must be public and https. Messages are signed as Standard Webhooks.",
    scope: "webhooks:write",
    isCostly: true,
    body: z
      .strictObject({
        url,
        event_types: z
          .array(word(WEBHOOK_EVENT_TYPES, "event_type_invalid"), { error: "event_type_invalid" })
          .min(1, "event_type_invalid"),
      })
      .meta({ id: "NewWebhookEndpoint" }),
    bodyExample: newExample,
    answer: {
      status: 201,
      description: "The new endpoint with its secret.",
      schema: endpointWithSecret,
      example: withSecretExample,
    },
    errors: ["webhook_url_invalid", "event_type_invalid", "webhook_endpoint_limit"],
    async work(call) {
      const { ask, body } = call;
      await requireCallable(call, body.url);
      const { plain, sealed } = await newSecret(call);
      const made: object = await ask("create_webhook_endpoint", {
        url: body.url,
        event_types: body.event_types,
        secret_ciphertext: sealed,
      });
      return { ...made, secret: plain };
    },
  }),
  rotateWebhookSecret: route({
    method: "post",
    path: "/v1/webhook-endpoints/{id}/rotate-secret",
    group: "Webhooks",
    summary: "Make a new secret",
    description: "For 24 hours messages also carry a signature by each secret that counted until then.",
    scope: "webhooks:write",
    params: endpointPath,
    answer: {
      status: 200,
      description: "The endpoint with its new secret.",
      schema: endpointWithSecret,
      example: withSecretExample,
    },
    errors: ["webhook_endpoint_not_found"],
    async work(call) {
      const { plain, sealed } = await newSecret(call);
      const rotated: object = await call.ask("rotate_webhook_secret", {
        endpoint_id: call.params.id,
        secret_ciphertext: sealed,
      });
      return { ...rotated, secret: plain };
    },
  }),
  testWebhookEndpoint: route({
    method: "post",
    path: "/v1/webhook-endpoints/{id}/test",
    group: "Webhooks",
    summary: "Send a test message",
    description:
      "Of the type `webhook.test`, whose `data` holds `endpoint_id` alone; signed, sent and repeated like every other, whatever " +
      "the endpoint wants to hear. What became of it stands in `GET /v1/webhook-messages`.",
    scope: "webhooks:write",
    params: endpointPath,
    answer: { status: 201, description: "The message, pending.", schema: message, example: testExample },
    errors: ["webhook_endpoint_not_found", "webhook_endpoint_disabled"],
    work: ({ ask, params }) => ask("test_webhook_endpoint", { endpoint_id: params.id }),
  }),
  deleteWebhookEndpoint: route({
    method: "delete",
    path: "/v1/webhook-endpoints/{id}",
    group: "Webhooks",
    summary: "Delete an endpoint and its messages",
    scope: "webhooks:write",
    params: endpointPath,
    answer: { status: 204, description: "It is gone." },
    errors: ["webhook_endpoint_not_found"],
    work: ({ ask, params }) => ask("delete_webhook_endpoint", { endpoint_id: params.id }),
  }),
  listWebhookMessages: route({
    method: "get",
    path: "/v1/webhook-messages",
    group: "Webhooks",
    summary: "What you were told, newest first",
    scope: "webhooks:read",
    query: z.strictObject({
      status: word(WEBHOOK_MESSAGE_STATUSES).optional(),
      page_size: pageSize,
      after: afterNumber,
    }),
    answer: {
      status: 200,
      description: "A page of messages.",
      schema: z.object({ items: z.array(message), next }).meta({ id: "WebhookMessagePage" }),
      example: { items: [messageExample], next: null },
    },
    errors: ["cursor_invalid"],
    work: ({ ask, query }) =>
      ask("list_webhook_messages", {
        status: query.status ?? null,
        page_size: query.page_size,
        after: query.after ?? null,
      }),
  }),
  replayWebhookMessage: route({
    method: "post",
    path: "/v1/webhook-messages/{id}/replay",
    group: "Webhooks",
    summary: "Send a message again",
    description: "With the same `webhook-id`, and for another three days.",
    scope: "webhooks:write",
    params: z.strictObject({ id: z.string().regex(BIGINT, "webhook_message_not_found") }),
    answer: {
      status: 200,
      description: "The message, pending again.",
      schema: message,
      example: messageExample,
    },
    errors: ["webhook_message_not_found"],
    work: ({ ask, params }) => ask("replay_webhook_message", { message_id: Number(params.id) }),
  }),
} satisfies Record<string, Route>;
