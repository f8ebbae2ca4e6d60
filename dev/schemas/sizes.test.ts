import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { paths } from "../base/paths.ts";

const MOST_LINES = 400;
const MOST_CHARACTERS = 120;

const files = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], { cwd: paths.root })
  .toString("utf8")
  .split("\n")
  .filter((file) => existsSync(join(paths.root, file)));
const linesOf = (file: string): string[] => readFileSync(join(paths.root, file), "utf8").trimEnd().split("\n");
const isWritten = (file: string): boolean =>
  /^\/\/ Generated|^-- (?:Generated|Written by npm run)/u.test(linesOf(file)[0] ?? "");
const isTest = (file: string): boolean => /\.test(?:-d)?\.|^tests\/[^s]|^supabase\/tests\//u.test(file);

describe("a file is about one subject and fits one look", () => {
  const source = files.filter(
    (file) =>
      /\.(?:tsx?|mjs|sql|css)$/u.test(file) && !isTest(file) && !isWritten(file) && !file.endsWith("database.types.ts"),
  );

  test("no source file has more than 400 lines", () => {
    expect(source.length).toBeGreaterThan(200);
    expect(source.filter((file) => linesOf(file).length > MOST_LINES)).toEqual([]);
  });

  test("no line of the schemas has more than 120 characters", () => {
    const schemas = source.filter((file) => file.startsWith("supabase/schemas/"));
    expect(schemas.length).toBeGreaterThan(50);
    expect(schemas.filter((file) => linesOf(file).some((line) => line.length > MOST_CHARACTERS))).toEqual([]);
  });
});
