import type postgres from "postgres";
import { SEARCH_PATH_BY_ROLE } from "./roles.ts";
import type { SqlSession } from "./session.ts";
import { runsOutsideTransactions } from "./transaction.ts";

/**
 * A pooler takes no role at login, and what is set for a session is the next client's, too. So behind one every transaction
 * takes on role and search path for itself, and a statement alone becomes a transaction.
 */

/** What a session begins with that has logged in to a prepared database. */
const USUAL_SEARCH_PATH = `"$user", public, extensions`;

const BEGIN = /^\s*(?:begin|start\s+transaction)\b/iu;
const END = /^\s*(?:commit|rollback)\s*;?\s*$/iu;

type Execute = <Result>(text: string, execute: () => Promise<Result>) => Promise<Result>;

/** @param script runs several statements at once on the connection that is meant. */
function executeAs(role: string, script: (text: string) => Promise<unknown>): Execute {
  const path = SEARCH_PATH_BY_ROLE.get(role) ?? USUAL_SEARCH_PATH;
  const takeRole = `set local role "${role.replaceAll('"', '""')}"; set local search_path = ${path}`;
  let isOpen = false;
  return async <Result>(text: string, execute: () => Promise<Result>): Promise<Result> => {
    if (BEGIN.test(text)) {
      isOpen = true;
      return (await script(`${text}; ${takeRole}`)) as Result;
    }
    if (END.test(text)) {
      isOpen = false;
      return execute();
    }
    if (isOpen || runsOutsideTransactions(text)) return execute();
    await script(`begin; ${takeRole}`);
    try {
      const result = await execute();
      await script("commit");
      return result;
    } catch (error) {
      await script("rollback");
      throw error;
    }
  };
}

/** The session, acting as a role. What PostgreSQL does only outside transactions is done as the user who logged in. */
export function sessionAs(session: SqlSession, role: string): SqlSession {
  const execute = executeAs(role, (text) => session.script(text));
  return {
    query: <Row extends object>(text: string, parameters?: readonly unknown[]) =>
      execute(text, () => session.query<Row>(text, parameters)),
    script: (text) => execute(text, () => session.script(text)),
    close: () => session.close(),
  };
}

/** Makes the connections that a server of `@supabase/lite` takes from its driver act as a role. */
export function actAs(driver: postgres.Sql, role: string): void {
  const reserve = driver.reserve.bind(driver);
  driver.reserve = async () => {
    const connection = await reserve();
    const unsafe = connection.unsafe.bind(connection);
    const execute = executeAs(role, (text) => unsafe(text).simple());
    // All that its query builder calls, and it awaits what comes back.
    const acting: unknown = {
      unsafe: (text: string, parameters: postgres.ParameterOrJSON<never>[]) =>
        execute(text, () => unsafe(text, parameters)),
      release: () => connection.release(),
    };
    return acting as postgres.ReservedSql;
  };
}
