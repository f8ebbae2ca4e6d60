import type { StackDatabase } from "./database/stack-database.ts";
import { messageOf } from "./stack-error.ts";

const MINUTE_MS = 60_000;

/**
 * Runs `ops.run_due_jobs()` every minute, as pg_cron does on a hosted project. Does nothing while the function does
 * not exist; a failure is logged and the next minute tries again.
 *
 * @returns a function that stops it and waits for a run in progress.
 */
export function startScheduler(
  database: StackDatabase,
  log: (line: string) => void,
  intervalMs: number = MINUTE_MS,
): () => Promise<void> {
  let running: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    running = running.then(() => runDueJobs(database, log));
  }, intervalMs);
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
