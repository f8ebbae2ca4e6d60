import type { Queries } from "./connection.ts";

/** Whoever works for hours in one transaction must not be ended by a clock. Through to its end. */
export async function stopClocks(session: Queries): Promise<void> {
  await session.query(`
    select set_config(name, '0', true) from pg_settings
    where name in ('statement_timeout', 'idle_in_transaction_session_timeout', 'transaction_timeout')`);
}

/**
 * Makes a transaction see one moment, however long it reads; first of all in it.
 *
 * @param snapshot the moment that another session sees, by what its `pg_export_snapshot()` gave. Default: now.
 */
export async function readOneMoment(session: Queries, snapshot?: string): Promise<void> {
  await session.query("set transaction isolation level repeatable read, read only");
  if (snapshot !== undefined) await session.query(`set transaction snapshot '${snapshot}'`);
  await stopClocks(session);
}
