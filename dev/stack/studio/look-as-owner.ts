import { sql } from "kysely";
import type { LiteConnection } from "../database/stack-database.ts";
import { answerDatabaseError } from "../rest/quiet-errors.ts";

/**
 * Studio looks as the role that owns the tables, as on a hosted project, because service_role has no rights of its own here.
 * Its transactions are read only, so that the database itself refuses what gets past the methods.
 */
export function lookAsOwner(connection: LiteConnection): void {
  const replacements: Pick<LiteConnection, "withContext" | "normalizeDbError"> = {
    withContext: async (_vars, work) =>
      connection.kysely.transaction().execute(async (transaction) => {
        await sql`set transaction read only`.execute(transaction);
        return work(transaction);
      }),
    normalizeDbError: answerDatabaseError,
  };
  Object.assign(connection, replacements);
}
