/**
 * What a route is: declared once, next to its work, it is served, checked and described from there.
 *
 * @module
 */
import { createRoute } from "@hono/zod-openapi";
import type { Context } from "hono";
import { z } from "zod";
import { ERRORS, type ErrorSlug } from "../_shared/contracts/errors.ts";
import type { PartnerScope } from "../_shared/contracts/words-and-limits.ts";
import type { CommandArgs, CommandName, Database } from "../_shared/database.ts";
import type { Sealer } from "../_shared/sealing.ts";

/** What the work of the routes needs from outside. */
export interface Services {
  readonly database: Database;
  readonly sealer: Sealer;
  readonly outbound: {
    /** Why an address may not be called; undefined: it may. */
    check(address: string): Promise<string | undefined>;
  };
  /** Where the function can be reached, for the API's description. */
  readonly serverUrl: string;
}

/** Commands that act for the partner of a key. */
export type PartnerCommand = {
  [Name in CommandName]: "api_key_hash" extends keyof CommandArgs<Name> ? Name : never;
}[CommandName];

/** Runs a command for the partner of the key that came along. */
export type Ask = <Name extends PartnerCommand, Result = unknown>(
  command: Name,
  args: Omit<CommandArgs<Name>, "api_key_hash">,
) => Promise<Result>;

/** One request, its inputs checked. */
export interface Call<Params = unknown, Query = unknown, Body = unknown> extends Services {
  readonly context: Context;
  readonly ask: Ask;
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
}

/** One route. */
export interface Route<
  Params extends z.ZodObject = z.ZodObject,
  Query extends z.ZodObject = z.ZodObject,
  Body extends z.ZodObject = z.ZodObject,
> {
  readonly method: "get" | "post" | "put" | "patch" | "delete";
  /** As OpenAPI writes it, with names in braces. */
  readonly path: string;
  readonly group: "Partner" | "Rewards" | "Redemptions" | "Settlements" | "Connection" | "Webhooks";
  readonly summary: string;
  readonly description?: string;
  /** What the key must be allowed to do; null: any key; undefined: no key at all. */
  readonly scope?: PartnerScope | null;
  /** Works before its command is called, so the key is checked before the work. */
  readonly isCostly?: true;
  readonly params?: Params;
  readonly query?: Query;
  readonly body?: Body;
  readonly bodyExample?: z.input<Body>;
  /** The body may be missing. */
  readonly isBodyOptional?: true;
  /** An example of the same body as CSV, which the work reads itself. */
  readonly bodyCsv?: string;
  readonly answer: {
    readonly status: 200 | 201 | 204;
    readonly description: string;
    /** Undefined: no body. */
    readonly schema?: z.ZodObject;
    readonly example?: object;
    /** The same as CSV, where the caller prefers that. */
    readonly csv?: string;
  };
  /** What can go wrong beyond what can go wrong everywhere. */
  readonly errors: readonly ErrorSlug[];
  /** Answers with what the database said, which is cut to the answer's schema, or with a finished response. */
  work(call: Call<z.output<Params>, z.output<Query>, z.output<Body>>): Promise<unknown>;
}

/** Declares a route: its work gets what its schemas make of the inputs. */
export const route = <
  Params extends z.ZodObject = z.ZodObject,
  Query extends z.ZodObject = z.ZodObject,
  Body extends z.ZodObject = z.ZodObject,
>(
  definition: Route<Params, Query, Body>,
): Route => definition;

const KEY_ERRORS: ErrorSlug[] = ["api_key_invalid", "partner_inactive"];
const BODY_ERRORS: ErrorSlug[] = ["json_invalid", "payload_too_large", "content_type_unsupported"];
const OUR_ERRORS: ErrorSlug[] = ["internal_error", "service_unavailable"];

/** Every error a route can answer with, in the order of their status. */
export function errorsOf({ scope, body, errors }: Route): ErrorSlug[] {
  const all: ErrorSlug[] = [
    ...(scope === undefined ? [] : KEY_ERRORS),
    ...(scope ? (["scope_missing"] as const) : []),
    ...(body === undefined ? [] : BODY_ERRORS),
    ...(scope === undefined ? [] : (["validation_failed"] as const)),
    ...errors,
    ...OUR_ERRORS,
  ];
  return all.sort((one, other) => ERRORS[one].status - ERRORS[other].status);
}

/** What a route takes that knows no parameters. */
const NO_QUERY = z.strictObject({});

const CSV_SCHEMA = { type: "string" } as const;

/** The route as `@hono/zod-openapi` checks and describes it. */
export function openApiRoute(operationId: string, route: Route) {
  const { method, path, group, summary, description, scope, params, query, body, answer } = route;
  return createRoute({
    operationId,
    method,
    path,
    tags: [group],
    summary,
    ...(description === undefined ? {} : { description }),
    security: scope === undefined ? [] : [{ apiKey: scope === null ? [] : [scope] }],
    request: {
      ...(params && { params }),
      ...((query || scope !== undefined) && { query: query ?? NO_QUERY }),
      ...(body && {
        body: {
          required: !route.isBodyOptional,
          content: {
            "application/json": { schema: body, example: route.bodyExample },
            ...(route.bodyCsv && { "text/csv": { schema: CSV_SCHEMA, example: route.bodyCsv } }),
          },
        },
      }),
    },
    responses: {
      [answer.status]: {
        description: answer.description,
        ...(answer.status !== 204 && {
          content: {
            "application/json": {
              schema: answer.schema ?? ({ type: "object" } as const),
              ...(answer.example && { example: answer.example }),
            },
            ...(answer.csv && { "text/csv": { schema: CSV_SCHEMA, example: answer.csv } }),
          },
        }),
      },
      ...failures(errorsOf(route)),
    },
  });
}

/** An error as every route words it. */
export const errorBody = z
  .object({
    code: z.string().meta({ description: "Stable name of the error." }),
    message: z.string().meta({ description: "For people." }),
    hint: z.string().optional().meta({ description: "For developers: what to do about it." }),
    detail: z.unknown().optional().meta({
      description: "For programs: the field, the rule, the limit, the scope; an object where the examples show one.",
    }),
    request_id: z.string().meta({ description: "Names the request in our logs." }),
  })
  .meta({ id: "Error" });

/** Objects that errors carry as their detail; other details are texts. */
const DETAILS: Partial<Record<ErrorSlug, object>> = {
  already_used: { used_at: "2026-11-21T09:12:40.071554+00:00", till_reference: "till-3/000471" },
  codes_rejected: { lines: [{ line: 2, outcome: "duplicate" }] },
};

const errorExample = (slug: ErrorSlug) => ({
  code: slug,
  message: ERRORS[slug].en,
  ...(DETAILS[slug] && { detail: DETAILS[slug] }),
  request_id: "5f0c3c1e-0000-4000-8000-000000000007",
});

/** Errors as OpenAPI lists them: by status. */
export function failures(errors: readonly ErrorSlug[]) {
  const byStatus = Map.groupBy(errors, (slug) => ERRORS[slug].status);
  return Object.fromEntries([...byStatus].map(([status, slugs]) => [String(status), failure(status, slugs)]));
}

const RETRY_AFTER = { description: "Seconds to wait.", schema: { type: "integer", minimum: 1 } } as const;

function failure(status: number, slugs: readonly ErrorSlug[]) {
  return {
    description: slugs.map((slug) => `\`${slug}\`: ${ERRORS[slug].en}`).join("\n\n"),
    ...(status === 429 && { headers: { "Retry-After": RETRY_AFTER } }),
    content: {
      "application/json": {
        schema: { allOf: [{ $ref: "#/components/schemas/Error" }, { properties: { code: { enum: [...slugs] } } }] },
        examples: Object.fromEntries(slugs.map((slug) => [slug, { value: errorExample(slug) }])),
      },
    },
  };
}
