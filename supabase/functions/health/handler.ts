/**
 * Liveness for monitors and load balancers: is the function host up, does the database answer, which version runs?
 *
 * @module
 */
import { jsonResponse, methodNotAllowed, preflightResponse, requestIdOf } from "../_shared/http.ts";
import type { Log } from "../_shared/log.ts";

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
  database: { reachable: boolean; latencyMs: number };
  time: string;
}

const METHODS = ["GET", "HEAD"] as const;
const DEFAULT_TIMEOUT_MS = 2_000;

/** Makes the handler of `GET /functions/v1/health`. It needs no token and tells nothing about anyone. */
export function createHandler(dependencies: HealthDependencies): (request: Request) => Promise<Response> {
  return async (request) => {
    if (request.method === "OPTIONS") return preflightResponse(METHODS);
    if (!METHODS.some((method) => method === request.method)) {
      return methodNotAllowed(request.method, METHODS, requestIdOf(request));
    }
    const report = await checkHealth(dependencies, requestIdOf(request));
    return jsonResponse(report.status === "ok" ? 200 : 503, report, { "cache-control": "no-store" });
  };
}

async function checkHealth(dependencies: HealthDependencies, requestId: string): Promise<HealthReport> {
  const { readApiVersion, now, log, timeoutMs = DEFAULT_TIMEOUT_MS } = dependencies;
  const started = now().getTime();
  const report = (version: string | null): HealthReport => ({
    status: version === null ? "unavailable" : "ok",
    version,
    database: { reachable: version !== null, latencyMs: now().getTime() - started },
    time: now().toISOString(),
  });
  try {
    return report(await readApiVersion(AbortSignal.timeout(timeoutMs)));
  } catch (error) {
    log("error", "database not reachable", {
      requestId,
      reason: error instanceof Error ? error.message : String(error),
    });
    return report(null);
  }
}
