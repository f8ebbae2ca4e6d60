/**
 * What is told without being asked, for the API's description: events and code requests that we send to partners, and events
 * that partners send to us. All are signed as Standard Webhooks.
 *
 * @module
 */
import type { OpenAPIHono, RouteConfig } from "@hono/zod-openapi";
import { z } from "zod";
import type { ErrorSlug } from "../_shared/contracts/errors.ts";
import { rowId } from "../_shared/contracts/fields.ts";
import { PARTNER_EVENT_OUTCOMES, partnerEventData } from "../_shared/contracts/partner-events.ts";
import { discount, moment } from "../_shared/contracts/partners.ts";
import type { WebhookEventType } from "../_shared/contracts/words-and-limits.ts";
import { redemption, redemptionExample } from "./redemptions.ts";
import { failures } from "./route.ts";

const redemptionEventData = redemption.omit({ id: true }).extend({ redemption_id: z.guid() });
const redemptionEvent = z
  .object({
    type: z.enum(["redemption.created", "redemption.used", "redemption.expired", "redemption.cancelled"]),
    timestamp: moment.meta({ description: "When it happened. One event may overtake another." }),
    data: redemptionEventData,
  })
  .meta({ id: "RedemptionEvent" });

const soldOutEvent = z
  .object({
    type: z.literal("reward.sold_out"),
    timestamp: moment,
    data: z.object({ reward_id: z.guid(), total: z.int().meta({ description: "The stock that is gone." }) }),
  })
  .meta({ id: "SoldOutEvent" });

const { id: redemption_id, ...redemptionRest } = redemptionExample;
/** An event, for examples. */
export const redemptionUsedExample = {
  type: "redemption.used",
  timestamp: "2026-11-21T09:12:40.071554+00:00",
  data: {
    ...redemptionRest,
    redemption_id,
    status: "used",
    used_at: "2026-11-21T09:12:40.071554+00:00",
    till_reference: "till-3/000471",
  },
};

/** The body of every event that endpoints are told of, with an example. */
export const WEBHOOK_EVENTS: Readonly<Record<WebhookEventType, { schema: z.ZodObject; example: object }>> = {
  "redemption.created": {
    schema: redemptionEvent,
    example: { ...redemptionUsedExample, type: "redemption.created", data: { ...redemptionRest, redemption_id } },
  },
  "redemption.used": { schema: redemptionEvent, example: redemptionUsedExample },
  "redemption.expired": {
    schema: redemptionEvent,
    example: {
      type: "redemption.expired",
      timestamp: redemptionExample.expires_at,
      data: { ...redemptionRest, redemption_id, status: "expired", ended_at: redemptionExample.expires_at },
    },
  },
  "redemption.cancelled": {
    schema: redemptionEvent,
    example: {
      ...redemptionUsedExample,
      type: "redemption.cancelled",
      data: {
        ...redemptionRest,
        redemption_id,
        status: "cancelled",
        end_reason: "returned",
        ended_at: redemptionUsedExample.timestamp,
      },
    },
  },
  "reward.sold_out": {
    schema: soldOutEvent,
    example: {
      type: "reward.sold_out",
      timestamp: redemptionUsedExample.timestamp,
      data: { reward_id: redemptionExample.reward_id, total: 200 },
    },
  },
};

const testEvent = z
  .object({ type: z.literal("webhook.test"), timestamp: moment, data: z.object({ endpoint_id: z.guid() }) })
  .meta({ id: "TestEvent" });
/** A test message, for examples. */
export const testEventExample = {
  type: "webhook.test",
  timestamp: redemptionUsedExample.timestamp,
  data: { endpoint_id: "9b0c1d2e-0000-4000-8000-000000000004" },
};

/** Everything that endpoints are sent, with what they are sent on demand. */
export const ENDPOINT_EVENTS = { ...WEBHOOK_EVENTS, "webhook.test": { schema: testEvent, example: testEventExample } };

/** What a partner's own system is asked for a code with. */
export const codeRequest = z
  .object({
    type: z.literal("code.requested"),
    timestamp: moment,
    data: z.object({
      redemption_id: z.guid(),
      reward_id: z.guid(),
      title_de: z.string(),
      title_en: z.string(),
      points_spent: z.int(),
      ...discount,
      expires_at: moment,
    }),
  })
  .meta({ id: "CodeRequest" });
const { title_de, title_en, points_spent, discount_type, discount_value, discount_currency } = redemptionExample;
/** A question for a code, for examples. */
export const codeRequestExample = {
  type: "code.requested",
  timestamp: redemptionExample.redeemed_at,
  data: {
    redemption_id,
    reward_id: redemptionExample.reward_id,
    title_de,
    title_en,
    points_spent,
    discount_type,
    discount_value,
    discount_currency,
    expires_at: redemptionExample.expires_at,
  },
};
const issuedCode = z
  .object({
    code: z.string().meta({ minLength: 4, maxLength: 100 }),
    expires_at: moment.optional().meta({ description: "Default: as the reward says." }),
  })
  .meta({ id: "IssuedCode" });

const sent = <Type extends keyof typeof partnerEventData>(type: Type) =>
  z.object({ type: z.literal(type), timestamp: moment, data: partnerEventData[type] });
/** What partners tell us. */
export const partnerEvents = z
  .union([sent("code.issued"), sent("code.used"), sent("code.cancelled")])
  .meta({ id: "PartnerEvent" });
/** An event of a partner, for examples. */
export const partnerEventExample = {
  type: "code.used",
  timestamp: "2026-11-21T09:12:40Z",
  data: { redemption_id, used_at: "2026-11-21T09:12:38Z", till_reference: "gate-1" },
};
const PARTNER_EVENT_ERRORS: ErrorSlug[] = [
  "json_invalid",
  "validation_failed",
  "code_mistyped",
  "signature_invalid",
  "redemption_not_found",
  "payload_too_large",
  "content_type_unsupported",
  "internal_error",
  "service_unavailable",
];

const signature = {
  "webhook-id": z.string().meta({ description: "The same at every attempt." }),
  "webhook-timestamp": z.string().meta({ description: "When it was sent, in seconds since 1970." }),
  "webhook-signature": z.string().meta({ description: "`v1,` and base64; several with spaces between them." }),
};
const json = (schema: z.ZodType, example: object) => ({ "application/json": { schema, example } });

/** Describes what is told without being asked. */
export function describeEvents({ openAPIRegistry: registry }: OpenAPIHono, serverUrl: string): void {
  const webhook = (name: string, config: Omit<RouteConfig, "method" | "path" | "security">) =>
    registry.registerWebhook({ method: "post", path: name, security: [], ...config });
  for (const [type, { schema, example }] of Object.entries(ENDPOINT_EVENTS)) {
    webhook(type, {
      tags: ["Webhooks"],
      summary: `\`${type}\` happened`,
      description:
        "Sent to your webhook endpoints that listen to it (`webhook.test` on demand, to any), until one answer is 2xx; at most " +
        "three days.",
      request: { headers: z.object(signature), body: { required: true, content: json(schema, example) } },
      responses: { "2XX": { description: "You have it." }, 410: { description: "The endpoint is switched off." } },
    });
  }
  webhook("code.requested", {
    tags: ["Connection"],
    summary: "Somebody redeemed a reward whose codes you make",
    description: "Sent to the address of your connection. The same key must give the same code.",
    request: {
      headers: z.object({ ...signature, "idempotency-key": z.guid().meta({ description: "The redemption's id." }) }),
      body: { required: true, content: json(codeRequest, codeRequestExample) },
    },
    responses: {
      201: { description: "The code; 200 is as good.", content: json(issuedCode, { code: "SWIM-7341" }) },
      409: { description: "You refuse, as with 400, 401, 403, 404, 410 and 422: the points go back at once." },
      503: { description: "We ask again after `Retry-After`, as with 429." },
    },
  });
  registry.registerPath({
    operationId: "sendPartnerEvent",
    method: "post",
    path: "/{partner_id}",
    servers: [{ url: `${serverUrl}-events` }],
    tags: ["Connection"],
    summary: "Tell us what happened to a code at your side",
    description:
      "Signed with the secret of your connection. Send it again, with the same id, until there is an answer.",
    security: [],
    request: {
      params: z.object({ partner_id: rowId("validation_failed") }),
      headers: z.object(signature),
      body: { required: true, content: json(partnerEvents, partnerEventExample) },
    },
    responses: {
      200: {
        description: "It was understood.",
        content: json(z.object({ outcome: z.enum(PARTNER_EVENT_OUTCOMES) }).meta({ id: "PartnerEventAnswer" }), {
          outcome: "applied",
        }),
      },
      ...failures(PARTNER_EVENT_ERRORS),
    },
  });
}
