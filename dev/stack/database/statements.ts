import { hasSqlDetails, parse } from "libpg-query";

/** One statement of an SQL file. */
export interface Statement {
  sql: string;
  /** Line of the file on which the statement's first word stands, from 1. */
  line: number;
}

/**
 * Splits an SQL file into its statements with PostgreSQL's own parser, so that dollar quotes, comments and SQL
 * function bodies are understood.
 *
 * @throws Error naming the line when the text is no valid SQL.
 */
export async function splitStatements(sql: string): Promise<Statement[]> {
  if (withoutComments(sql) === "") return [];
  const bytes = Buffer.from(sql, "utf8");
  const { stmts = [] } = await parseWithLine(sql);
  return stmts.map(({ stmt_location = 0, stmt_len }) => {
    // The parser counts bytes and starts a statement right after the previous semicolon, comments included.
    const end = stmt_len === undefined ? bytes.length : stmt_location + stmt_len;
    const raw = bytes.subarray(stmt_location, end).toString("utf8");
    const text = raw.slice(leadingTrivia(raw));
    const before = sql.slice(0, bytes.subarray(0, stmt_location).toString("utf8").length + leadingTrivia(raw));
    return { sql: text.trimEnd(), line: lineCount(before) };
  });
}

interface ParseResult {
  stmts?: { stmt_location?: number; stmt_len?: number }[];
}

async function parseWithLine(sql: string): Promise<ParseResult> {
  try {
    return (await parse(sql)) as ParseResult;
  } catch (error) {
    if (!(error instanceof Error) || !hasSqlDetails(error)) throw error;
    const position = error.sqlDetails?.cursorPosition ?? 0;
    throw new Error(`line ${lineCount(sql.slice(0, position))}: ${error.message}`);
  }
}

/** Length of the white space and comments a text begins with. */
function leadingTrivia(text: string): number {
  return /^(?:\s+|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)*/.exec(text)?.[0].length ?? 0;
}

function withoutComments(text: string): string {
  return text.slice(leadingTrivia(text));
}

function lineCount(text: string): number {
  return text.split("\n").length;
}
