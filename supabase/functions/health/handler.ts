/**
 * Liveness for monitors and load balancers: is the function host up, does the database answer, which version runs?
 *
 * @module
 */
import { Hono } from "hono";
import type { Log } from "../_shared/log.ts";
import { reasonOf } from "../_shared/problem.ts";
import { type Handler, type ShellEnv, serve } from "../_shared/serve.ts";

/** What the handler needs from outside. */
export interface HealthDependencies {
  /** Asks the database for the API's version; must reject when the signal aborts. */
  readApiVersion: (signal: AbortSignal) => Promise<string>;
  now: () => Date;
  log: Log;
  /** How long the database may take. Default: 2 seconds. */
  timeoutMs?: number;
}

/** Body of the answer, with status 200 or 503. */
export interface HealthReport {
  status: "ok" | "unavailable";
  /** Version of the API; null while the database is away. */
  version: string | null;
  database: { reachable: boolean; latency_ms: number };
  time: string;
}

const DEFAULT_TIMEOUT_MS = 2_000;

/** Makes the handler of `GET /functions/v1/health`. It needs no token and tells nothing about anyone. */
export function createHandler(dependencies: HealthDependencies): Handler {
  const routes = new Hono<ShellEnv>().get("/", async ({ get, json }) => {
    const report = await checkHealth(dependencies, get("requestId"));
    return json(report, report.status === "ok" ? 200 : 503);
  });
  return serve("health", routes, { log: dependencies.log });
}

async function checkHealth(dependencies: HealthDependencies, requestId: string): Promise<HealthReport> {
  const { readApiVersion, now, log, timeoutMs = DEFAULT_TIMEOUT_MS } = dependencies;
  const started = now().getTime();
  const report = (version: string | null): HealthReport => ({
    status: version === null ? "unavailable" : "ok",
    version,
    database: { reachable: version !== null, latency_ms: now().getTime() - started },
    time: now().toISOString(),
  });
  try {
    return report(await readApiVersion(AbortSignal.timeout(timeoutMs)));
  } catch (error) {
    log("error", "database not reachable", { request_id: requestId, reason: reasonOf(error) });
    return report(null);
  }
}
