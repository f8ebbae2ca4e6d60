import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { StackError } from "../../base/stack-error.ts";
import type { SqlSession } from "../database/session.ts";
import type { StackDatabase } from "../database/stack-database.ts";
import { runPgTap } from "./run.ts";

let directory: string;
let executed: string[];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "pgtap-"));
  executed = [];
});
afterEach(() => rmSync(directory, { recursive: true }));

/** A database that prints what a statement selects as a literal, and fails on "select broken". */
const session: SqlSession = {
  async query<Row extends object>(text: string) {
    executed.push(text);
    if (text === "select broken") {
      throw Object.assign(new Error('column "broken" does not exist'), { code: "42703", hint: "Mend it." });
    }
    const literal = /^select '(.*)'$/s.exec(text)?.[1];
    return (literal === undefined ? [] : [{ line: literal }]) as Row[];
  },
  async script(text) {
    executed.push(text);
  },
  close: () => Promise.resolve(),
};
const database: Pick<StackDatabase, "asOwner"> = { asOwner: (work) => work(session) };

function file(name: string, ...statements: string[]): void {
  mkdirSync(dirname(join(directory, name)), { recursive: true });
  writeFileSync(join(directory, name), ["begin", ...statements, "rollback", ""].join(";\n"));
}
const messages = async () => (await runPgTap(database, { directory })).failures.map(({ message }) => message);

describe("runPgTap", () => {
  it("counts files and tests, helpers first, then by name", async () => {
    file("b/two.test.sql", "select '1..2'", "select 'ok 1 - x\nok 2 - y'");
    file("a/one.test.sql", "select '1..1'", "select 'ok 1 - x'");
    file("000_helpers.test.sql", "select '1..1'", "select 'ok 1 - x'");
    const result = await runPgTap(database, { directory });
    expect(result).toMatchObject({ tests: 4, passed: 4, failures: [] });
    expect(result.files.map(({ file }) => file)).toEqual(["000_helpers.test.sql", "a/one.test.sql", "b/two.test.sql"]);
  });

  it("reports a failed test with its file and diagnostics", async () => {
    file("a/one.test.sql", "select '1..1'", "select 'not ok 1 - x\n# have: 1'");
    const { failures, passed } = await runPgTap(database, { directory });
    expect(failures).toEqual([{ file: "a/one.test.sql", message: "x\n# have: 1" }]);
    expect(passed).toBe(0);
  });

  it("reports an SQL error with its line, rolls back and goes on with the next file", async () => {
    file("a.test.sql", "select '1..2'", "select 'ok 1 - x'", "select broken", "select 'ok 2 - y'");
    file("b.test.sql", "select '1..1'", "select 'ok 1 - x'");
    const result = await runPgTap(database, { directory });
    expect(result.failures).toEqual([
      { file: "a.test.sql", message: 'line 4: column "broken" does not exist\n# code: 42703\n# hint: Mend it.' },
    ]);
    expect(executed).not.toContain("select 'ok 2 - y'");
    expect(executed.filter((statement) => statement === "rollback")).toHaveLength(2);
    expect(result.passed).toBe(2);
  });

  it.each([
    ["a wrong number of tests", ["select '1..2'", "select 'ok 1 - x'"], "2 tests were planned, 1 ran"],
    ["no plan", ["select 'ok 1 - x'"], "the file printed no plan"],
    ["no tests", ["select '1..0'"], "the file ran no tests"],
  ])("fails a file with %s", async (_, statements, message) => {
    file("a.test.sql", ...statements);
    expect(await messages()).toContain(message);
  });

  it("fails when there are no test files", async () => {
    expect(await messages()).toEqual(["no tests ran"]);
  });

  it.each(["commit", "end", "rollback", "prepare transaction 'x'"])(
    "refuses a file with %s in the middle, unexecuted",
    async (ending) => {
      file("a.test.sql", "select '1..1'", ending, "begin", "select 'ok 1 - x'");
      expect(await messages()).toEqual(["line 3: the file must not end its transaction early"]);
      expect(executed).toEqual([]);
    },
  );

  it("allows rolling back to a savepoint", async () => {
    file("a.test.sql", "select '1..1'", "savepoint s", "rollback to s", "select 'ok 1 - x'");
    expect(await messages()).toEqual([]);
  });

  it("refuses a file without a transaction around it", async () => {
    writeFileSync(join(directory, "a.test.sql"), "select '1..1';\nselect 'ok 1 - x';\n");
    expect(await messages()).toEqual(["the file must start with begin and end with rollback"]);
  });

  it("reports a file that is no SQL", async () => {
    file("a.test.sql", "selct '1..1'");
    expect(await messages()).toEqual([expect.stringContaining("line 2: syntax error")]);
  });

  it("runs only files that fit a pattern, and always the helpers", async () => {
    file("000_helpers.test.sql", "select '1..1'", "select 'ok 1 - x'");
    file("a/one.test.sql", "select broken");
    file("b/two.test.sql", "select '1..1'", "select 'ok 1 - x'");
    const result = await runPgTap(database, { directory, patterns: ["b/"] });
    expect(result).toMatchObject({ passed: 2, failures: [] });
    await expect(runPgTap(database, { directory, patterns: ["c/"] })).rejects.toThrow(StackError);
  });

  it("stops at the first failing file when asked", async () => {
    file("a.test.sql", "select broken");
    file("b.test.sql", "select broken");
    expect((await runPgTap(database, { directory, bail: true })).files).toHaveLength(1);
  });
});
