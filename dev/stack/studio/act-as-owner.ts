import type { LiteConnection } from "../database/stack-database.ts";
import { answerDatabaseError } from "../rest/quiet-errors.ts";

/**
 * Studio works as the role that owns the tables, as on a hosted project: service_role has no rights of its own
 * here. The rules that hold for everyone (append-only ledger, uneditable balances) hold for Studio too.
 */
export function actAsOwner(connection: LiteConnection): void {
  const replacements: Pick<LiteConnection, "withContext" | "normalizeDbError"> = {
    withContext: async (_vars, work) => connection.kysely.transaction().execute((transaction) => work(transaction)),
    normalizeDbError: answerDatabaseError,
  };
  Object.assign(connection, replacements);
}
