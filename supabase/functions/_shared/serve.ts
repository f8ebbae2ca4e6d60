/**
 * The shell that every function stands in. It answers preflights and wrong methods, finds out who calls, names the request,
 * and words every error alike; a function is a hono app of routes.
 *
 * @module
 */
import { corsHeaders } from "@supabase/supabase-js/cors";
import { type Env, Hono, type Schema } from "hono";
import type { Log } from "./log.ts";
import { Problem, problemResponse } from "./problem.ts";

/** What routes find in their context: `context.get("caller")`, `context.get("requestId")`. */
export interface ShellEnv<Caller = undefined> extends Env {
  Variables: { caller: Caller; requestId: string };
}

/** Answers requests, as `export default { fetch }` wants it. */
export type Handler = (request: Request) => Promise<Response>;

/** How a function is reached. */
export interface ShellOptions<Caller> {
  /** Finds out who calls, before a route runs; rejects whoever may not. Left out: everybody may. */
  readonly caller?: (request: Request) => Promise<Caller>;
  readonly log: Log;
  /** Between servers only: browsers get no permission to read the answers, and a slash at the end is another path. */
  readonly isForServers?: boolean;
}

/** What supabase-js and fetch send without its own list naming it; a test compares with what it really sends. */
const UNLISTED_HEADERS = ["x-region", "traceparent", "tracestate", "baggage"];
const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];

/** Pages of any origin may call the functions, like the rest of the API: what counts are the key and the token. */
export const CORS_HEADERS: Readonly<Record<string, string>> = {
  "access-control-allow-origin": "*",
  "access-control-allow-headers": [corsHeaders["Access-Control-Allow-Headers"], ...UNLISTED_HEADERS].join(", "),
  "access-control-expose-headers": "retry-after, sb-request-id",
};

/**
 * Serves routes under `/functions/v1/<name>`. Answers are not stored, unless they say otherwise themselves.
 *
 * @example
 * ```ts
 * const routes = new Hono<ShellEnv<string>>().get("/:id", (context) => context.json({ member: context.get("caller") }));
 * export default { fetch: serve("example", routes, { caller: requireMember, log: consoleLog }) };
 * ```
 */
export function serve<Caller, Routes extends Schema, Base extends string>(
  name: string,
  routes: Hono<ShellEnv<Caller>, Routes, Base>,
  { caller, log, isForServers = false }: ShellOptions<Caller>,
): Handler {
  const shell = new Hono<ShellEnv<Caller>>({ strict: isForServers });
  const sharedHeaders = { "cache-control": "no-store", ...(isForServers ? {} : CORS_HEADERS) };

  shell.use(async (context, next) => {
    const { req } = context;
    context.set("requestId", requestIdOf(req.raw));
    const methods = methodsOf(shell, req.path);
    const allow = methods.join(", ");
    if (methods.length === 0) throw new Problem("route_not_found");
    if (req.method === "OPTIONS" && !isForServers) {
      return new Response(null, { status: 204, headers: { "access-control-allow-methods": allow } });
    }
    if (!methods.includes(req.method)) throw new Problem("method_not_allowed", { headers: { allow } });
    if (caller !== undefined) context.set("caller", await caller(req.raw));
    await next();
    return undefined;
  });
  shell.route(`/${name}`, routes);
  shell.onError((error, context) => problemResponse(error, context.get("requestId"), log));

  return async (request) => {
    const { status, body, headers } = await shell.fetch(request);
    return new Response(body, { status, headers: { ...sharedHeaders, ...Object.fromEntries(headers) } });
  };
}

/** The methods that a path has routes for. */
function methodsOf<Caller>(shell: Hono<ShellEnv<Caller>>, path: string): string[] {
  return METHODS.filter((method) => {
    const [found] = shell.router.match(method === "HEAD" ? "GET" : method, path);
    return found.some(([[, route]]) => route.method !== "ALL");
  });
}

/** The platform's id of a request, or a new one where there is none. */
function requestIdOf({ headers }: Request): string {
  return headers.get("sb-request-id") ?? headers.get("x-request-id") ?? crypto.randomUUID();
}
