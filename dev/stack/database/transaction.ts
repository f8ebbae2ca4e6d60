import { messageOf, StackError } from "../../base/stack-error.ts";
import type { SqlSession } from "./session.ts";
import type { Statement } from "./statements.ts";

/** A statement with the file it stands in. */
export interface FileStatement extends Statement {
  file: string;
}

/**
 * Runs the statements of a file in one transaction, or the one that PostgreSQL runs only outside.
 *
 * @param finish runs after them, in a transaction.
 * @throws StackError with file, line and message of the statement that failed; nothing remains then.
 */
export async function runStatements(
  session: SqlSession,
  statements: readonly FileStatement[],
  finish: () => Promise<void>,
): Promise<void> {
  const concurrent = statements.find(({ sql }) => CONCURRENTLY.test(sql));
  if (concurrent === undefined) return await inTransaction(session, statements, finish);
  if (statements.length > 1) {
    // The Supabase CLI would run all of them outside a transaction, and leave those before the one that fails.
    throw new StackError(
      `${concurrent.file}, line ${concurrent.line}: what works concurrently stands alone in a file of its own`,
    );
  }
  try {
    await session.script(concurrent.sql);
  } catch (error) {
    throw new StackError(
      `${statementFailure(concurrent, error).message}: drop the index if it is there, and try again`,
    );
  }
  await inTransaction(session, [], finish);
}

/** What PostgreSQL does only outside a transaction. */
const CONCURRENTLY = /^(?:create\s+(?:unique\s+)?index|drop\s+index|reindex\b[^;]*?)\s+concurrently\b/iu;
const RESET = "reset all";

/** Whether a statement of this file is one that is not to stand in a transaction. */
export function runsOutsideTransactions(sql: string): boolean {
  return sql === RESET || CONCURRENTLY.test(sql);
}

/**
 * Runs statements in one transaction.
 *
 * @param finish runs at its end, in it.
 * @throws StackError with file, line and message of the statement that failed; nothing remains then.
 */
export async function inTransaction(
  session: SqlSession,
  statements: readonly FileStatement[],
  finish: () => Promise<void>,
): Promise<void> {
  await session.script("begin");
  try {
    for (const statement of statements) {
      try {
        await session.script(statement.sql);
      } catch (error) {
        throw statementFailure(statement, error);
      }
    }
    await finish();
    await session.script("commit");
  } catch (error) {
    await rollback(session, error);
    throw error;
  }
  // A statement may change settings of the session; the next starts from the defaults again.
  await session.script(RESET);
}

/** Rolls back; when even that fails, the connection is gone and the first error says why. */
async function rollback(session: SqlSession, cause: unknown): Promise<void> {
  try {
    await session.script("rollback");
    await session.script(RESET);
  } catch (error) {
    throw new StackError(`${messageOf(cause)} (and the rollback failed: ${messageOf(error)})`);
  }
}

/** The one line for a statement that failed: file, line, what the database says. */
export function statementFailure(statement: FileStatement, error: unknown): StackError {
  const { position, detail, hint } = databaseErrorFields(error);
  const before = position === undefined ? "" : statement.sql.slice(0, position - 1);
  const line = statement.line + (before.match(/\n/g)?.length ?? 0);
  const extra = [detail, hint].filter((part) => part !== undefined && part !== "").join(" ");
  const text = `${messageOf(error)}${extra === "" ? "" : ` (${extra})`}`.replaceAll("\n", " ");
  return new StackError(`${statement.file}, line ${line}: ${text}`, { cause: error });
}

function databaseErrorFields(error: unknown): { position?: number; detail?: string; hint?: string } {
  if (typeof error !== "object" || error === null) return {};
  const { position, detail, hint } = error as { position?: unknown; detail?: unknown; hint?: unknown };
  return {
    ...(position === undefined || position === null ? {} : { position: Number(position) }),
    ...(typeof detail === "string" ? { detail } : {}),
    ...(typeof hint === "string" ? { hint } : {}),
  };
}
