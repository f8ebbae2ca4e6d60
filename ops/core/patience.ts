import { setTimeout as wait } from "node:timers/promises";
import { StackError } from "../../dev/base/stack-error.ts";

/** Others have a moment to themselves between two attempts. */
const PAUSE_MS = 2_000;

/**
 * Does work that gives up where others hold a table (`lock_timeout`), again and again: between the attempts everybody passes. An
 * autovacuum gives way only to who waits longer than `deadlock_timeout`, a second, so it is waited for in this way, too.
 *
 * @param isBusy whether an error says that others hold what is needed, and nothing has happened.
 * @param say told before each further attempt.
 * @throws what the work throws, once the seconds are over.
 */
export async function withPatience<Result>(
  seconds: number,
  work: () => Promise<Result>,
  isBusy: (error: unknown) => boolean,
  say: (text: string) => void,
): Promise<Result> {
  const end = performance.now() + seconds * 1000;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!isBusy(error) || performance.now() + PAUSE_MS > end) throw error;
      say("others hold a table, so it gave up and tries again");
      await wait(PAUSE_MS);
    }
  }
}

/** What `--patience` says. */
export function secondsOf(patience: string): number {
  if (!/^\d{1,4}$/u.test(patience)) throw new StackError(`--patience ${patience} is no number of seconds: 0 to 9999`);
  return Number(patience);
}
