import type { Node, ParseResult } from "@pgsql/types";
import { hasSqlDetails, parse } from "libpg-query";

/** One statement of an SQL file. */
export interface Statement {
  sql: string;
  /** Line of the file on which the statement's first word stands, from 1. */
  line: number;
}

/** A statement with what PostgreSQL's parser says about it. */
export interface ParsedStatement extends Statement {
  readonly node: Node;
  /** The comments and white space behind it, up to the next statement. */
  readonly following: string;
}

/**
 * Splits an SQL file into its statements.
 *
 * @throws Error naming the line when the text is no valid SQL.
 */
export async function splitStatements(sql: string): Promise<Statement[]> {
  return (await parseStatements(sql)).map((statement) => ({ sql: statement.sql, line: statement.line }));
}

/**
 * Parses an SQL file with PostgreSQL's own parser, so that dollar quotes, comments and SQL function bodies are understood.
 *
 * @throws Error naming the line when the text is no valid SQL.
 */
export async function parseStatements(sql: string): Promise<ParsedStatement[]> {
  if (withoutComments(sql) === "") return [];
  const bytes = Buffer.from(sql, "utf8");
  const { stmts = [] } = await parseWithLine(sql);
  // The parser counts bytes and starts a statement right after the previous semicolon, comments included.
  const raws = stmts.map(({ stmt_location = 0, stmt_len }) => {
    const end = stmt_len === undefined ? bytes.length : stmt_location + stmt_len;
    return { raw: bytes.subarray(stmt_location, end).toString("utf8"), start: stmt_location, end };
  });
  const rest = bytes.subarray(raws.at(-1)?.end ?? 0).toString("utf8");
  return stmts.flatMap(({ stmt }, index) => {
    const { raw = "", start = 0 } = raws[index] ?? {};
    if (stmt === undefined) return [];
    const before = bytes.subarray(0, start).toString("utf8") + raw.slice(0, leadingTrivia(raw));
    const following = raws[index + 1]?.raw ?? rest;
    return [{ node: stmt, sql: withoutComments(raw).trimEnd(), line: lineCount(before), following }];
  });
}

async function parseWithLine(sql: string): Promise<ParseResult> {
  try {
    return await parse(sql);
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
