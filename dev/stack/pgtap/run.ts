import { join } from "node:path";
import { paths } from "../../base/paths.ts";
import { messageOf } from "../../base/stack-error.ts";
import type { SqlSession } from "../database/session.ts";
import type { StackDatabase } from "../database/stack-database.ts";
import type { Statement } from "../database/statements.ts";
import { judgeTap, type TapVerdict } from "./tap.ts";
import { describeFailure, readTestFiles, statementsOf, type TestFile } from "./test-files.ts";

/** Where the product's pgTAP files are. */
export const TESTS_DIRECTORY = join(paths.supabase, "tests");

/** One problem of a test file. */
export interface PgTapFailure {
  file: string;
  /** First line: what is wrong; further lines: pgTAP's diagnostics. */
  message: string;
}

/** What one test file came to. */
export interface PgTapFileResult {
  file: string;
  /** Number of tests that ran. */
  tests: number;
  /** Number of tests that ran and were ok. */
  passed: number;
  failures: PgTapFailure[];
  milliseconds: number;
}

/** What a run of the test files came to; it passed when there are no failures. */
export interface PgTapResult {
  files: PgTapFileResult[];
  /** Number of tests that ran. */
  tests: number;
  /** Number of tests that ran and were ok. */
  passed: number;
  failures: PgTapFailure[];
}

export interface PgTapOptions {
  /** Directory of the test files; the product's own when left out. */
  directory?: string;
  /** Run only files whose name contains one of these. */
  patterns?: readonly string[];
  /** Stop at the first file that fails. */
  bail?: boolean;
  /** Order of the files after the helpers; alphabetical when left out. */
  order?: (a: TestFile, b: TestFile) => number;
  onFile?: (result: PgTapFileResult) => void;
}

/**
 * Runs pgTAP files, each in a session of its own as the role that owns the product's objects, and judges what they
 * print. Every file rolls its transaction back, so the database is as before.
 *
 * @throws StackError when there are no test files to run.
 * @example
 * const { tests, failures } = await runPgTap(database, { patterns: ["tasks/"] });
 */
export async function runPgTap(
  database: Pick<StackDatabase, "asOwner">,
  options: PgTapOptions = {},
): Promise<PgTapResult> {
  const found = readTestFiles(options.directory ?? TESTS_DIRECTORY, options.patterns);
  const { order } = options;
  const files =
    order === undefined
      ? found
      : [...found.filter(({ isHelpers }) => isHelpers), ...found.filter(({ isHelpers }) => !isHelpers).sort(order)];
  const results: PgTapFileResult[] = [];
  for (const file of files) {
    const started = performance.now();
    const { tests, passed, problems } = await runFile(database, file);
    const result: PgTapFileResult = {
      file: file.name,
      tests,
      passed,
      failures: problems.map((message) => ({ file: file.name, message })),
      milliseconds: Math.round(performance.now() - started),
    };
    results.push(result);
    options.onFile?.(result);
    if (options.bail && problems.length > 0) break;
  }
  const failures = results.flatMap((result) => result.failures);
  const tests = results.reduce((sum, result) => sum + result.tests, 0);
  const passed = results.reduce((sum, result) => sum + result.passed, 0);
  if (tests === 0 && failures.length === 0) failures.push({ file: "(all)", message: "no tests ran" });
  return { files: results, tests, passed, failures };
}

async function runFile(database: Pick<StackDatabase, "asOwner">, file: TestFile): Promise<TapVerdict> {
  let statements: Statement[];
  try {
    statements = await statementsOf(file);
  } catch (error) {
    return { tests: 0, passed: 0, problems: [messageOf(error)] };
  }
  return await database.asOwner(async (session) => {
    // The path that sessions of a hosted project start with.
    await session.script(`set search_path = "$user", public, extensions`);
    const { lines, failure } = await runStatements(session, statements);
    const verdict = judgeTap(lines);
    if (failure === undefined) return verdict;
    await session.script("rollback");
    return { ...verdict, problems: [failure] };
  });
}

async function runStatements(session: SqlSession, statements: readonly Statement[]) {
  const lines: string[] = [];
  for (const statement of statements) {
    try {
      for (const row of await session.query(statement.sql)) {
        // As psql prints it: TAP is in the first column, one test may span several lines.
        const [value] = Object.values(row);
        if (typeof value === "string") lines.push(...value.split("\n"));
      }
    } catch (error) {
      return { lines, failure: describeFailure(statement, error) };
    }
  }
  return { lines, failure: undefined };
}
