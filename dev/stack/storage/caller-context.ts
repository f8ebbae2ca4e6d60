import type { LiteConnection } from "../database/stack-database.ts";
import { applyContext, type RequestContext, type Vars } from "../rest/harden-connection.ts";
import { noteError } from "./known-errors.ts";

type WithContext = LiteConnection["withContext"];

/**
 * Makes a connection of the Storage server ask the database as the caller, as the real server does: with the role and
 * the claims of the token, and with the operation that policies look at. What it only wants to know is taken back.
 */
export function actAsCaller(connection: LiteConnection, context: RequestContext): void {
  const withContext: WithContext = async (vars, work, options) => {
    const asCaller: typeof work = async (transaction) => {
      await applyContext(transaction, vars, context, { "storage.operation": operationOf(vars) });
      return work(transaction);
    };
    if (options?.transaction) return asCaller(options.transaction);
    const transaction = connection.kysely.transaction();
    if (options?.forceRollback !== true) return transaction.execute(asCaller);
    return untilTakenBack((takeBack) => transaction.execute(async (trial) => takeBack(await asCaller(trial))));
  };
  Object.assign(connection, { withContext, normalizeDbError: noteError, introspect: async () => context.catalogue });
}

/** Runs work that ends in an exception when it succeeds, so that it is rolled back; returns what it found. */
async function untilTakenBack<Answer>(work: (takeBack: (answer: Answer) => never) => Promise<never>): Promise<Answer> {
  const found: Answer[] = [];
  const takenBack = new Error("taken back");
  try {
    return await work((answer) => {
      found.push(answer);
      throw takenBack;
    });
  } catch (error) {
    const [answer] = found;
    if (error !== takenBack || answer === undefined) throw error;
    return answer;
  }
}

function operationOf(vars: Vars): string {
  const { storage } = (vars ?? {}) as { storage?: { operation?: unknown } };
  return typeof storage?.operation === "string" ? storage.operation : "";
}
