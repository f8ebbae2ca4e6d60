import { messageOf } from "../base/stack-error.ts";
import type { SqlSession } from "./database/session.ts";
import type { StackDatabase } from "./database/stack-database.ts";

const MINUTE_MS = 60_000;
const DELIVERY_MS = 10_000;
const STOP_GRACE_MS = 3_000;

/** A function the scheduler calls, and how it sees that there is something to do: functions take time to start. */
interface ScheduledFunction {
  name: string;
  table: string;
  hasWork: string;
}

const SWEEP: ScheduledFunction = {
  name: "sweep-redemptions",
  table: "private.partner_requests",
  hasWork: `select exists (
    select from private.partner_requests where next_attempt_at <= now() and deadline_at > now()
  ) as found`,
};

const DELIVER: ScheduledFunction = {
  name: "deliver-webhooks",
  table: "private.webhook_messages",
  hasWork: `select exists (
    select from private.webhook_endpoints e join private.webhook_messages m on m.endpoint_id = e.id
    where e.is_enabled and e.paused_until <= now() and m.status = 'pending' and m.next_attempt_at <= now()
  ) as found`,
};

const NOTIFY: ScheduledFunction = {
  name: "send-notifications",
  table: "private.notification_deliveries",
  hasWork: `select exists (
    select from private.notification_deliveries where status = 'pending' and next_attempt_at <= now()
  ) as found`,
};

export interface SchedulerOptions {
  database: StackDatabase;
  /** Calls an edge function with the secret key; undefined when there is no such function. */
  callFunction: (name: string, signal: AbortSignal) => Promise<Response> | undefined;
  log: (line: string) => void;
  /** How often the due jobs run and partners are asked again. Default: a minute. */
  jobsEveryMs?: number;
  /** How often webhooks and notifications are delivered. Default: 10 seconds, so that a developer sees them soon. */
  deliverEveryMs?: number;
  /** How long stopping waits for a function. Default: 3 seconds. */
  stopGraceMs?: number;
}

/**
 * Does what pg_cron and pg_net do on a hosted project: runs `ops.run_due_jobs()`, then calls the functions that ask
 * partners again and deliver webhooks and notifications. What does not exist is left out; a failure is logged and the next turn tries
 * again.
 *
 * @returns a function that stops it and waits for a run in progress, but not for long when a function does not answer.
 */
export function startScheduler(options: SchedulerOptions): () => Promise<void> {
  const { database, log, jobsEveryMs = MINUTE_MS, deliverEveryMs = DELIVERY_MS, stopGraceMs = STOP_GRACE_MS } = options;
  const stopping = new AbortController();
  const call = (scheduled: ScheduledFunction) => callWhenNeeded(scheduled, options, stopping.signal);

  const jobs = repeat(jobsEveryMs, async () => {
    await runDueJobs(database, log);
    await call(SWEEP);
  });
  const deliveries = [DELIVER, NOTIFY].map((scheduled) => repeat(deliverEveryMs, () => call(scheduled)));
  return async () => {
    const force = setTimeout(() => stopping.abort(), stopGraceMs);
    await Promise.all([jobs, ...deliveries].map((end) => end()));
    clearTimeout(force);
  };
}

/** Runs work again and again, never twice at a time. Returns a function that ends this and waits for a run in progress. */
function repeat(everyMs: number, work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  const timer = setInterval(() => {
    running ??= work().finally(() => {
      running = undefined;
    });
  }, everyMs);
  return async () => {
    clearInterval(timer);
    await running;
  };
}

async function runDueJobs(database: StackDatabase, log: (line: string) => void): Promise<void> {
  try {
    await database.asOwner(async (session) => {
      const [found] = await session.query<{ exists: boolean }>(
        "select exists (select from pg_proc where oid = to_regproc('ops.run_due_jobs')) as exists",
      );
      if (found?.exists) await session.query("select ops.run_due_jobs()");
    });
  } catch (error) {
    log(`scheduled jobs failed: ${messageOf(error)}`);
  }
}

async function callWhenNeeded(
  { name, table, hasWork }: ScheduledFunction,
  { database, callFunction, log }: SchedulerOptions,
  stopping: AbortSignal,
): Promise<void> {
  try {
    const isNeeded = await database.asOwner(
      async (session) => (await tableExists(session, table)) && (await isFound(session, hasWork)),
    );
    if (!isNeeded) return;
    const response = await callFunction(name, stopping);
    await response?.body?.cancel();
    if (response?.ok === false) log(`scheduled function ${name} answered ${response.status}`);
  } catch (error) {
    // What a function was doing when the stack stopped is done after the next start.
    if (!stopping.aborted) log(`scheduled function ${name} failed: ${messageOf(error)}`);
  }
}

const tableExists = (session: SqlSession, table: string): Promise<boolean> =>
  isFound(session, `select to_regclass('${table}') is not null as found`);

async function isFound(session: SqlSession, query: string): Promise<boolean> {
  const [row] = await session.query<{ found: boolean }>(query);
  return row?.found === true;
}
