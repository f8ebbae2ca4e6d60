import { describe, expect, test } from "vitest";
import { paths } from "../base/paths.ts";
import { chosenFiles, hasDatabase, isPath, needsServer } from "./chosen-files.ts";

const chosen = (path: string) => chosenFiles(path, paths.root);

describe("what npm test is given", () => {
  test.each(["supabase/tests/tasks", "./tests", "story.test.ts", "a.sql"])("%s is a path", (word) => {
    expect(isPath(word)).toBe(true);
  });

  test.each(["pgtap", "races", "current", "functions"])("%s is a word of a title", (word) => {
    expect(isPath(word)).toBe(false);
  });

  test("each kind of test has its runner", () => {
    expect(chosen("supabase/tests/guards/views__run_as_the_caller.test.sql")).toEqual({
      runner: "pgtap",
      pattern: "guards/views__run_as_the_caller.test.sql",
    });
    expect(chosen("supabase/tests/tasks")).toEqual({ runner: "pgtap", pattern: "tasks/" });
    expect(chosen("supabase/tests/")).toEqual({ runner: "pgtap", pattern: "" });
    expect(chosen("supabase/functions/health/")).toEqual({ runner: "deno", path: "supabase/functions/health" });
    expect(chosen("tests/journeys/story.test.ts")).toMatchObject({ runner: "vitest", project: "journeys" });
    expect(chosen("tests/client/client.test-d.ts")).toMatchObject({ runner: "vitest", project: "client" });
    expect(chosen("dev/test")).toEqual({ runner: "vitest", path: "dev/test", project: "dev" });
  });

  test("a path counts from where one stands, or from the top", () => {
    const from = `${paths.root}/tests/journeys`;
    expect(chosenFiles("./story.test.ts", from)).toEqual(chosen("tests/journeys/story.test.ts"));
    expect(chosenFiles("tests/journeys/story.test.ts", from)).toEqual(chosen("tests/journeys/story.test.ts"));
  });

  test.each([
    ["tests/journeys/nothing.test.ts", "there is no file or folder tests/journeys/nothing.test.ts"],
    ["supabase/schemas/tasks/rules.sql", "the tests of this room are in supabase/tests/tasks"],
    ["src/client/client.ts", "the tests of the client are in tests/client"],
    ["supabase/functions/health/handler.ts", "is no test: tests are in"],
    ["tests/support", "is no test: tests are in"],
    ["supabase/", "is no test: tests are in"],
    ["../", "is no test: tests are in"],
  ])("%s: %s", (path, message) => {
    expect(() => chosen(path)).toThrow(message);
  });

  test("some need a server, some have no database", () => {
    expect(needsServer(chosen("tests/concurrency/offers.slow.test.ts"))).toBe(true);
    expect(needsServer(chosen("tests/journeys/story.test.ts"))).toBe(false);
    expect(hasDatabase(chosen("supabase/tests/tasks"))).toBe(true);
    expect(hasDatabase(chosen("tests/client/paging.test.ts"))).toBe(false);
  });
});
