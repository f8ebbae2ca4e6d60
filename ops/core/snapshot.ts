import type { Queries } from "./connection.ts";

/** Whoever works for hours in one transaction must not be ended by a clock. Through to its end. */
export async function stopClocks(session: Queries): Promise<void> {
  await session.query(`
    select set_config(name, '0', true) from pg_settings
    where name in ('statement_timeout', 'idle_in_transaction_session_timeout', 'transaction_timeout')`);
}

/** Makes a transaction see one moment, however long it reads; first of all in it. */
export async function readOneMoment(session: Queries): Promise<void> {
  await session.query("set transaction isolation level repeatable read, read only");
  await stopClocks(session);
}
