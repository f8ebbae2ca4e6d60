/**
 * Describes the API as OpenAPI 3.1, generated from its routes and their contracts.
 *
 * @module
 */
import { z } from "zod";
import { ERRORS, type ErrorSlug } from "../_shared/contracts/errors.ts";
import * as contract from "../_shared/contracts/partners.ts";
import { errorDetails } from "./examples.ts";
import { ROUTES, type Route } from "./routes.ts";

type Json = Record<string, unknown>;

/** Version of the API; what is under `/v1` only ever grows. */
const API_VERSION = "1.0.0";
const KEY_ERRORS = ["api_key_invalid", "partner_inactive"] as const satisfies ErrorSlug[];
const BODY_ERRORS = ["json_invalid", "payload_too_large", "content_type_unsupported"] as const satisfies ErrorSlug[];
const OUR_ERRORS = ["internal_error", "service_unavailable"] as const satisfies ErrorSlug[];

/** Schemas that the document names; the others are written where they are used. */
const NAMED_SCHEMAS = {
  Partner: contract.partnerAnswer,
  Reward: contract.partnerReward,
  RewardPage: contract.partnerRewardPage,
  NewReward: contract.createRewardBody,
  RewardChanges: contract.changeRewardBody,
  Codes: contract.codesBody,
  CodeLine: contract.codeLine,
  CodesResult: contract.codesAnswer,
  Redemption: contract.partnerRedemption,
  RedemptionPage: contract.partnerRedemptionPage,
  Code: contract.verifyCodeBody,
  CodeUse: contract.useCodeBody,
  ValidCode: contract.verifyCodeAnswer,
  UsedCode: contract.useCodeAnswer,
  Cancellation: contract.cancelRedemptionBody,
  Settlement: contract.settlementAnswer,
  SettlementLine: contract.settlementLine,
  ConnectionAddress: contract.connectionBody,
  Connection: contract.connectionAnswer,
  NewWebhookEndpoint: contract.webhookEndpointBody,
  WebhookEndpoint: contract.webhookEndpoint,
  WebhookEndpointList: contract.webhookEndpointList,
  WebhookEndpointWithSecret: contract.webhookEndpointWithSecret,
  WebhookMessage: contract.webhookMessage,
  WebhookMessagePage: contract.webhookMessagePage,
} as const satisfies Record<string, z.ZodType>;

/** Every error a route can answer with, in the order of their status. */
export function errorsOf(route: Route): ErrorSlug[] {
  const hasInput = [route.path, route.query, route.body].some((schema) => schema !== undefined);
  const errors: ErrorSlug[] = [
    ...(route.scope === undefined ? [] : KEY_ERRORS),
    ...(route.scope ? (["scope_missing"] as const) : []),
    ...(route.body === undefined ? [] : BODY_ERRORS),
    ...(hasInput ? (["validation_failed"] as const) : []),
    ...route.errors,
    ...OUR_ERRORS,
  ];
  return errors.sort((one, other) => ERRORS[one].status - ERRORS[other].status);
}

/**
 * The document.
 *
 * @param serverUrl where the function is reached, without a slash at the end.
 */
export function describeApi(serverUrl: string): Json {
  const paths: Record<string, Json> = {};
  for (const [name, route] of Object.entries(ROUTES) as [string, Route][]) {
    paths[route.url] = { ...paths[route.url], [route.method]: operation(name, route) };
  }
  return {
    openapi: "3.1.1",
    info: {
      title: "Partner API",
      version: API_VERSION,
      summary: "For tills and servers of partners: rewards, codes, redemptions, settlements, webhooks.",
      description:
        "Send your API key as a bearer token, from a server or a till program: browsers of other origins are not served. " +
        "Bodies are JSON of at most 1 MiB; fields we do not know are refused. An error answers `{ code, message, hint?, " +
        "detail?, request_id }`: decide by `code`, never by the texts. Answers may get more fields in time.",
    },
    servers: [{ url: serverUrl }],
    security: [{ apiKey: [] }],
    tags: [...new Set(Object.values(ROUTES).map(({ group }) => group))].map((name) => ({ name })),
    paths,
    components: {
      securitySchemes: {
        apiKey: { type: "http", scheme: "bearer", description: "An API key: `nhp_` and 64 hexadecimal digits." },
      },
      schemas: { ...namedSchemas(), Error: errorSchema() },
    },
  };
}

function operation(name: string, route: Route): Json {
  return {
    operationId: name,
    tags: [route.group],
    summary: route.summary,
    ...(route.description === undefined ? {} : { description: route.description }),
    security: route.scope === undefined ? [] : [{ apiKey: route.scope === null ? [] : [route.scope] }],
    ...(route.path || route.query ? { parameters: parameters(route) } : {}),
    ...(route.body ? { requestBody: requestBody(route) } : {}),
    responses: { [route.answer.status]: success(route), ...failures(route) },
  };
}

function parameters({ path, query }: Route): Json[] {
  return [
    ...fieldsOf(path).map(([name, schema]) => ({ name, in: "path", required: true, ...described(schema) })),
    ...fieldsOf(query).map(([name, schema]) => ({ name, in: "query", required: false, ...described(schema) })),
  ];
}

function fieldsOf(schema: z.ZodType | undefined): [string, z.ZodType][] {
  return schema instanceof z.ZodObject ? Object.entries(schema.shape as Record<string, z.ZodType>) : [];
}

function described(schema: z.ZodType): Json {
  const { description, ...rest } = toJsonSchema(schema);
  return description === undefined ? { schema: rest } : { description, schema: rest };
}

function requestBody({ body, bodyExample, bodyCsv, isBodyOptional }: Route): Json {
  return {
    required: !isBodyOptional,
    content: {
      "application/json": { schema: schemaOf(body), example: bodyExample },
      ...(bodyCsv === undefined ? {} : { "text/csv": { schema: { type: "string" }, example: bodyCsv } }),
    },
  };
}

function success({ answer }: Route): Json {
  if (answer.status === 204) return { description: answer.description };
  return {
    description: answer.description,
    content: {
      "application/json": {
        schema: answer.schema === undefined ? { type: "object" } : schemaOf(answer.schema),
        ...(answer.example === undefined ? {} : { example: answer.example }),
      },
      ...(answer.csv === undefined ? {} : { "text/csv": { schema: { type: "string" }, example: answer.csv } }),
    },
  };
}

function failures(route: Route): Record<string, Json> {
  const byStatus = Map.groupBy(errorsOf(route), (slug) => ERRORS[slug].status);
  return Object.fromEntries([...byStatus].map(([status, slugs]) => [String(status), failure(status, slugs)]));
}

function failure(status: number, slugs: readonly ErrorSlug[]): Json {
  return {
    description: slugs.map((slug) => `\`${slug}\`: ${ERRORS[slug].en}`).join("\n\n"),
    ...(status === 429
      ? { headers: { "Retry-After": { description: "Seconds to wait.", schema: { type: "integer", minimum: 1 } } } }
      : {}),
    content: {
      "application/json": {
        schema: { allOf: [reference("Error"), { properties: { code: { enum: slugs } } }] },
        examples: Object.fromEntries(slugs.map((slug) => [slug, { value: errorExample(slug) }])),
      },
    },
  };
}

function errorExample(slug: ErrorSlug): Json {
  const details: Partial<Record<ErrorSlug, object>> = errorDetails;
  const detail = details[slug];
  return {
    code: slug,
    message: ERRORS[slug].en,
    ...(detail === undefined ? {} : { detail }),
    request_id: "5f0c3c1e-0000-4000-8000-000000000007",
  };
}

function errorSchema(): Json {
  return {
    type: "object",
    properties: {
      code: { type: "string", description: "Stable name of the error." },
      message: { type: "string", description: "For people." },
      hint: { type: "string", description: "For developers: what to do about it." },
      detail: {
        description:
          "For programs: the field (in snake_case), the rule, the limit, the scope; an object where the examples show one.",
      },
      request_id: { type: "string", description: "Names the request in our logs." },
    },
    required: ["code", "message", "request_id"],
  };
}

function namedSchemas(): Record<string, Json> {
  return Object.fromEntries(Object.entries(NAMED_SCHEMAS).map(([name, schema]) => [name, toJsonSchema(schema)]));
}

function reference(name: string): Json {
  return { $ref: `#/components/schemas/${name}` };
}

function nameOf(schema: unknown): string | undefined {
  return Object.entries(NAMED_SCHEMAS).find(([, named]) => named === schema)?.[0];
}

function schemaOf(schema: z.ZodType | undefined): Json {
  const name = nameOf(schema);
  if (name === undefined) throw new Error("a body has no name in the document");
  return reference(name);
}

/** Named schemas inside are referred to. Answers may grow, so they are open; inputs are not. */
function toJsonSchema(schema: z.ZodType): Json {
  const { $schema: _dialect, ...json } = z.toJSONSchema(schema, {
    io: "input",
    override: ({ zodSchema, jsonSchema }) => {
      const name = Object.is(zodSchema, schema) ? undefined : nameOf(zodSchema);
      if (name !== undefined) {
        for (const key of Object.keys(jsonSchema)) delete jsonSchema[key];
        Object.assign(jsonSchema, reference(name));
      }
      if (jsonSchema.format === "guid") jsonSchema.format = "uuid";
      // The format says it already, and whole numbers need no limits of the language behind them.
      if (jsonSchema.format === "uuid" || jsonSchema.format === "date-time") delete jsonSchema.pattern;
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
    },
  });
  return json;
}
