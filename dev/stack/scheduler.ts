import { startTurns, type TurnOptions } from "../../ops/jobs/turns.ts";
import type { StackDatabase } from "./database/stack-database.ts";

const STOP_GRACE_MS = 3_000;

/** What the scheduler of the local stack needs. */
export interface SchedulerOptions extends Pick<TurnOptions, "everyMs" | "stopGraceMs"> {
  database: StackDatabase;
  /** Calls an edge function with the secret key; undefined when there is no such function. */
  callFunction: NonNullable<TurnOptions["callFunction"]>;
  log: (line: string) => void;
}

/**
 * Does in the local stack what pg_cron and pg_net, or `npm run jobs`, do elsewhere. Only failures are logged.
 *
 * @returns a function that stops it and waits for what is under way, but not for long when a function does not answer.
 */
export function startScheduler({ database, log, ...options }: SchedulerOptions): () => Promise<void> {
  const turns = startTurns({
    stopGraceMs: STOP_GRACE_MS,
    ...options,
    database: { query: (text, parameters) => database.asOwner((session) => session.query(text, parameters)) },
    log({ level, job, message }) {
      if (level === "error") log(job === undefined ? message : `job ${job} failed: ${message}`);
    },
  });
  return () => turns.stop();
}
