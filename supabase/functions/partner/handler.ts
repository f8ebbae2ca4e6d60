/**
 * The API of partners: their tills check and use codes, their back offices keep rewards, pools, settlements and webhooks.
 * It is spoken between servers: no answer lets a browser of another origin read it.
 *
 * @module
 */
import { OpenAPIHono } from "@hono/zod-openapi";
import type { Context, MiddlewareHandler } from "hono";
import { inputProblem, parseJson, readText } from "../_shared/body.ts";
import type { CommandArgs } from "../_shared/database.ts";
import type { Log } from "../_shared/log.ts";
import { type Handler, type ShellEnv, serve } from "../_shared/serve.ts";
import { CODE_FILE_TYPES, headerParameter } from "./code-files.ts";
import { keyHash, requireScope } from "./key.ts";
import { type Ask, openApiRoute, type Route, type Services } from "./route.ts";
import { ROUTES } from "./routes.ts";

/** What the handler needs from outside. */
export interface PartnerDependencies extends Services {
  readonly log: Log;
}

/** Makes the handler of everything under `/functions/v1/partner`. */
export function createHandler({ log, ...services }: PartnerDependencies): Handler {
  const handle = serve("partner", createApp(services), { log, isForServers: true });
  return async (request) => {
    const response = await handle(request);
    response.headers.set("x-content-type-options", "nosniff");
    if (response.status === 401) response.headers.set("www-authenticate", 'Bearer realm="partner"');
    return response;
  };
}

/** Makes the app that serves the routes. */
export function createApp(services: Services): OpenAPIHono<PartnerEnv> {
  const app = new OpenAPIHono<PartnerEnv>({
    defaultHook: (result) => {
      if (!result.success) throw inputProblem(result.error);
    },
  });
  for (const [name, route] of Object.entries(ROUTES)) {
    const { request, ...described } = openApiRoute(name, route);
    const middleware = [requireKey(route, services), takeBody(route)];
    // That a body is there is known by then; CSV is checked by the work.
    const body = request.body && { ...request.body, required: false };
    app.openapi(
      { ...described, middleware, request: { ...request, ...(body && { body }) } },
      (context) =>
        // Answers are cut to their schema, which the compiler cannot see behind so many routes.
        answer(route, context, services) as Promise<never>,
    );
  }
  return app;
}

/** The caller is known by the hash of its key. */
type PartnerEnv = ShellEnv<string>;

function requireKey({ scope, isCostly }: Route, { database }: Services): MiddlewareHandler<PartnerEnv> {
  return async ({ req, set }, next) => {
    if (scope === undefined) return next();
    const hash = await keyHash(req.raw);
    if (isCostly && scope) await requireScope(database, hash, scope);
    set("caller", hash);
    return next();
  };
}

/** Lets a body pass that is small, flat and of the right type, and passes it on without what else its headers say. */
function takeBody({ body, bodyCsv, isBodyOptional }: Route): MiddlewareHandler {
  return async ({ req }, next) => {
    const isThere = req.raw.headers.has("content-type") || Number(req.raw.headers.get("content-length")) > 0;
    if (body === undefined || (isBodyOptional && !isThere)) return next();
    const text = await readText(req.raw, ["application/json", ...(bodyCsv === undefined ? [] : CODE_FILE_TYPES)]);
    const sent = req.header("content-type") ?? "";
    const header = /^application\/json\b/iu.test(sent) ? null : headerParameter(sent);
    if (header === null) parseJson(text);
    const type = header === null ? "application/json" : `text/csv${header === undefined ? "" : `; header=${header}`}`;
    req.raw = new Request(req.url, { method: req.method, headers: { "content-type": type }, body: text });
    return next();
  };
}

async function answer(route: Route, context: Context<PartnerEnv>, services: Services): Promise<Response> {
  const { req } = context;
  const { status, schema } = route.answer;
  const valid = (part: "param" | "query" | "json") => req.valid(part as never);
  const ask: Ask = (command, args) =>
    services.database.call(command, { api_key_hash: context.get("caller"), ...args } as CommandArgs<typeof command>);
  const call = { ...services, context, ask, params: valid("param"), query: valid("query"), body: valid("json") };
  const result = await route.work(call);
  if (result instanceof Response) return result;
  // Only what the contract names leaves, whatever the database says one day.
  return schema === undefined ? new Response(null, { status }) : Response.json(schema.parse(result), { status });
}
