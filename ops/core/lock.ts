import { setTimeout as wait } from "node:timers/promises";
import { StackError } from "../../dev/base/stack-error.ts";
import type { Queries } from "./connection.ts";

const PATIENCE_MS = 10_000;

/**
 * Takes a lock of the session, which ends with this process; what a run that was killed had begun may take a moment to end.
 *
 * @param session one connection to the server itself, kept as long as the lock.
 * @throws StackError with `busy` when somebody else keeps it.
 */
export async function lockFor(session: Queries, purpose: string, busy: string): Promise<void> {
  for (const deadline = Date.now() + PATIENCE_MS; ; await wait(100)) {
    const [lock] = await session.query<{ is_ours: boolean }>("select pg_try_advisory_lock(hashtext($1)) as is_ours", [
      purpose,
    ]);
    if (lock?.is_ours) return;
    if (Date.now() > deadline) throw new StackError(busy);
  }
}
