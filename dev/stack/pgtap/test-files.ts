import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, sep } from "node:path";
import { messageOf, StackError } from "../../base/stack-error.ts";
import { type Statement, splitStatements } from "../database/statements.ts";

/** The files that create what every other file uses; they alone may commit, and run in the order of their names. */
const HELPERS = /^000_[^/]*\.sql$/;

/** One pgTAP file. */
export interface TestFile {
  /** Path below the tests directory, with forward slashes. */
  name: string;
  sql: string;
  isHelpers: boolean;
}

/**
 * Reads the test files in the order of their names, as `supabase test db` runs them. With patterns, those whose name
 * contains one of them; the helpers always come along.
 *
 * @throws StackError when a pattern fits no file.
 */
export function readTestFiles(directory: string, patterns: readonly string[] = []): TestFile[] {
  if (!existsSync(directory)) throw new StackError(`there is no test directory ${directory}`);
  const names = readdirSync(directory, { recursive: true, encoding: "utf8" })
    .map((name) => name.split(sep).join("/"))
    .filter((name) => name.endsWith(".sql"))
    .sort();
  for (const pattern of patterns) {
    if (!names.some((name) => name.includes(pattern)))
      throw new StackError(`no test file has "${pattern}" in its name`);
  }
  return names
    .map((name) => ({ name, isHelpers: HELPERS.test(name) }))
    .filter(
      ({ name, isHelpers }) => isHelpers || patterns.length === 0 || patterns.some((pattern) => name.includes(pattern)),
    )
    .map((file) => ({ ...file, sql: readFileSync(join(directory, file.name), "utf8") }));
}

/**
 * Splits a test file into its statements and refuses one that could leave data behind: it must begin a transaction,
 * end with its rollback and never commit.
 *
 * @throws Error that says what is wrong.
 */
export async function statementsOf(file: TestFile): Promise<Statement[]> {
  const statements = await splitStatements(file.sql);
  if (file.isHelpers) return statements;
  const words = statements.map(({ sql }) => sql.toLowerCase().replace(/\s+/g, " "));
  if (words.at(0) !== "begin" || words.at(-1) !== "rollback") {
    throw new Error("the file must start with begin and end with rollback");
  }
  const ending = words
    .slice(0, -1)
    .findIndex((word) => /^(commit|end|rollback(?! to\b)|prepare transaction|start transaction)\b/.test(word));
  if (ending !== -1) throw new Error(`line ${statements[ending]?.line}: the file must not end its transaction early`);
  return statements;
}

/** One line for an error of a statement: where and what. */
export function describeFailure(statement: Statement, error: unknown): string {
  const details = databaseDetails(error);
  return `line ${statement.line}: ${messageOf(error)}${details === "" ? "" : `\n${details}`}`;
}

function databaseDetails(error: unknown): string {
  if (typeof error !== "object" || error === null) return "";
  const { code, detail, hint, where } = error as Record<string, unknown>;
  return [
    ["code", code],
    ["detail", detail],
    ["hint", hint],
    ["where", where],
  ]
    .filter((pair): pair is [string, string] => typeof pair[1] === "string" && pair[1] !== "")
    .map(([name, value]) => `# ${name}: ${value.replaceAll("\n", "\n#   ")}`)
    .join("\n");
}
