/**
 * Gives Prometheus every figure of monitoring in its text format.
 *
 * @module
 */
import { Hono } from "hono";
import type { Database } from "../_shared/database.ts";
import type { Log } from "../_shared/log.ts";
import { type Handler, type ShellEnv, serve } from "../_shared/serve.ts";
import { CONTENT_TYPE, type Figure, formatMetrics } from "./format.ts";

/** What the handler needs from outside. */
export interface MetricsDependencies {
  /** Rejects callers without a secret key. */
  authenticate: (request: Request) => Promise<void>;
  database: Database;
  log: Log;
}

/** Makes the handler of `GET /functions/v1/metrics`. */
export function createHandler({ authenticate, database, log }: MetricsDependencies): Handler {
  const routes = new Hono<ShellEnv<void>>().get("/", async ({ body }) => {
    const figures = await database.call<"read_metrics", Figure[]>("read_metrics", {});
    return body(formatMetrics(figures), 200, { "content-type": CONTENT_TYPE });
  });
  // Prometheus before 2.55 sends no header of one's own, but the key as a token
  const caller = (request: Request) => authenticate(withKeyFromToken(request));
  return serve("metrics", routes, { caller, log, isForServers: true });
}

function withKeyFromToken(request: Request): Request {
  const [, token] = /^Bearer (sb_secret_\S+)$/iu.exec(request.headers.get("authorization") ?? "") ?? [];
  if (token === undefined || request.headers.has("apikey")) return request;
  const headers = new Headers(request.headers);
  headers.set("apikey", token);
  headers.delete("authorization");
  return new Request(request.url, { method: request.method, headers });
}
