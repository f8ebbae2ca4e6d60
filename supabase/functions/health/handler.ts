/**
 * For monitors and load balancers: is the function host up, is everything behind it fit to serve, which version runs?
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
  /** Asks the database whether it is fit to serve; must reject when the signal aborts. */
  readReadiness: (signal: AbortSignal) => Promise<Readiness>;
  /** Version of the newest migration that this function was deployed with. */
  newestMigration: string;
  /** Channels that are not set up: what waits for them waits rightly. */
  unusedQueues: readonly string[];
  now: () => Date;
  log: Log;
  /** How long the database may take. Default: 2 seconds. */
  timeoutMs?: number;
}

/** What `read_readiness` answers. */
export interface Readiness {
  version: string;
  /** Version of the newest migration of the database; null where nobody keeps a history. */
  migration: string | null;
  jobs_ran_lately: boolean;
  stuck_queues: string[];
}

/** Body of `GET /health`, with status 200 or 503. */
export interface HealthReport {
  status: "ok" | "unavailable";
  /** Version of the API; null while the database is away. */
  version: string | null;
  database: { reachable: boolean; latency_ms: number };
  time: string;
}

/** Body of `GET /health/ready`, with status 200 or 503: which part is not, and no word on why, which the log says. */
export interface ReadyReport {
  status: "ready" | "not_ready";
  parts: {
    database: boolean;
    /** The database has the migrations that this function was deployed with. */
    migrations: boolean;
    jobs: boolean;
    outbox: boolean;
  };
  time: string;
}

const DEFAULT_TIMEOUT_MS = 2_000;

/** Makes the handler of `GET /functions/v1/health`. It needs no token and tells nothing about anyone. */
export function createHandler(dependencies: HealthDependencies): Handler {
  const { newestMigration, now } = dependencies;
  const routes = new Hono<ShellEnv>()
    .get("/", async ({ get, json }) => {
      const report = await checkHealth(dependencies, get("requestId"));
      return json(report, report.status === "ok" ? 200 : 503);
    })
    .get("/live", ({ json }) => json({ status: "live", time: now().toISOString() }))
    .get("/ready", async ({ get, json }) => {
      const report = await checkReadiness(dependencies, get("requestId"));
      return json(report, report.status === "ready" ? 200 : 503);
    })
    .get("/version", async ({ get, json }) => {
      const { version } = await checkHealth(dependencies, get("requestId"));
      return json({ version, newest_migration: newestMigration }, version === null ? 503 : 200);
    });
  return serve("health", routes, { log: dependencies.log });
}

async function checkReadiness(dependencies: HealthDependencies, requestId: string): Promise<ReadyReport> {
  const { readReadiness, newestMigration, unusedQueues, now, log, timeoutMs = DEFAULT_TIMEOUT_MS } = dependencies;
  const parts = { database: false, migrations: false, jobs: false, outbox: false };
  try {
    const found = await readReadiness(AbortSignal.timeout(timeoutMs));
    const stuck = found.stuck_queues.filter((queue) => !unusedQueues.includes(queue));
    parts.database = true;
    // newer is right: migrations come before the functions that need them
    parts.migrations = found.migration !== null && found.migration >= newestMigration;
    parts.jobs = found.jobs_ran_lately;
    parts.outbox = stuck.length === 0;
    if (!parts.migrations || !parts.jobs || !parts.outbox) {
      log("warn", "not ready", {
        request_id: requestId,
        migration: found.migration,
        ...parts,
        stuck: stuck.join(", "),
      });
    }
  } catch (error) {
    log("error", "database not reachable", { request_id: requestId, reason: reasonOf(error) });
  }
  const isReady = Object.values(parts).every((part) => part);
  return { status: isReady ? "ready" : "not_ready", parts, time: now().toISOString() };
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
