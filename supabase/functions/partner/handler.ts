/**
 * The API of partners: their tills check and use codes, their back offices keep rewards, pools, settlements and webhooks.
 * It is spoken between servers: no answer lets a browser of another origin read it.
 *
 * @module
 */
import { type Context, Hono } from "hono";
import { checkedInput, readJson } from "../_shared/body.ts";
import { camelKeys } from "../_shared/keys.ts";
import type { Log } from "../_shared/log.ts";
import { type Handler, type ShellEnv, serve } from "../_shared/serve.ts";
import type { Call, Handlers, Services } from "./call.ts";
import { codeHandlers } from "./codes.ts";
import { keyHash, requireScope } from "./key.ts";
import { describeApi } from "./openapi.ts";
import { redemptionHandlers } from "./redemptions.ts";
import { rewardHandlers } from "./rewards.ts";
import { ROUTES, type Route } from "./routes.ts";
import { settlementHandlers } from "./settlements.ts";
import { webhookHandlers } from "./webhooks.ts";

/** What the handler needs from outside. */
export interface PartnerDependencies extends Services {
  readonly log: Log;
}

const HANDLERS: Handlers = {
  ...rewardHandlers,
  ...codeHandlers,
  ...redemptionHandlers,
  ...settlementHandlers,
  ...webhookHandlers,
  readDescription: async ({ serverUrl }) => Response.json(describeApi(serverUrl)),
};

/** The routes under `/functions/v1/partner`. */
export function createRoutes(services: Services): Hono<ShellEnv> {
  const routes = new Hono<ShellEnv>();
  for (const [name, route] of Object.entries(ROUTES)) {
    // A route and its work have the same name, so they have the same types.
    const work = HANDLERS[name as keyof Handlers] as (call: Call) => Promise<unknown>;
    routes.on(route.method.toUpperCase(), honoPath(route), (context) => answer(route, work, context, services));
  }
  return routes;
}

/** Makes the handler of the function. */
export function createHandler({ log, ...services }: PartnerDependencies): Handler {
  const handle = serve("partner", createRoutes(services), { log, isForServers: true });
  return async (request) => finish(await handle(request));
}

async function answer(
  route: Route,
  work: (call: Call) => Promise<unknown>,
  context: Context,
  services: Services,
): Promise<Response> {
  const { path, query, answer: promised, scope } = route;
  const hash = scope === undefined ? "" : await keyHash(context.req.raw);
  if (route.isCostly && scope) await requireScope(services.database, hash, scope);
  const result = await work({
    ...services,
    context,
    keyHash: hash,
    path: path === undefined ? undefined : checkedInput(path, context.req.param()),
    query: query === undefined ? undefined : checkedInput(query, queryOf(context)),
    body: await bodyOf(route, context.req.raw),
  });
  if (result instanceof Response) return result;
  if (promised.schema === undefined) return new Response(null, { status: promised.status });
  // Only what the contract names leaves, whatever the database says one day.
  return Response.json(promised.schema.parse(camelKeys(result)), { status: promised.status });
}

async function bodyOf({ body, bodyCsv, isBodyOptional }: Route, request: Request): Promise<unknown> {
  if (body === undefined || bodyCsv !== undefined) return undefined;
  const isThere = request.headers.has("content-type") || Number(request.headers.get("content-length")) > 0;
  return checkedInput(body, isThere || !isBodyOptional ? await readJson(request) : {});
}

/** The parameters of a query; one that comes twice is a list, which no contract takes. */
function queryOf(context: Context): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(context.req.queries()).map(([name, values]) => [name, values.length === 1 ? values[0] : values]),
  );
}

/** `{id}` as hono writes it. */
function honoPath({ url }: Route): string {
  return url.replaceAll(/\{(\w+)\}/gu, ":$1");
}

/** Headers of every answer. */
function finish(response: Response): Response {
  response.headers.set("x-content-type-options", "nosniff");
  if (response.status === 401) response.headers.set("www-authenticate", 'Bearer realm="partner"');
  return response;
}
