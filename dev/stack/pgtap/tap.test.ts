import { describe, expect, it } from "vitest";
import { judgeTap } from "./tap.ts";

describe("judgeTap", () => {
  it("accepts a plan that is kept", () => {
    expect(judgeTap(["1..2", "ok 1 - one", "", "ok 2 - two"])).toEqual({ tests: 2, passed: 2, problems: [] });
  });

  it("accepts a plan that comes last", () => {
    expect(judgeTap(["ok 1", "1..1"])).toEqual({ tests: 1, passed: 1, problems: [] });
  });

  it("ignores lines that are no TAP", () => {
    expect(judgeTap(["1..1", "4da6475a-6bcf-1fb0-52cd-580474b78cec", "ok 1 - one", "done"]).problems).toEqual([]);
  });

  it("shows what pgTAP says about a failed test, and only that", () => {
    const lines = ["1..2", "not ok 1 - one", "# Failed test 1", "#   have: 1", "ok 2 - two", "# Looks like you failed"];
    expect(judgeTap(lines)).toEqual({ tests: 2, passed: 1, problems: ["one\n# Failed test 1\n#   have: 1"] });
  });

  it.each([
    ["too few tests", ["1..2", "ok 1 - one"], "2 tests were planned, 1 ran"],
    ["too many tests", ["1..1", "ok 1 - one", "ok 2 - two"], "1 tests were planned, 2 ran"],
    ["no plan", ["ok 1 - one"], "the file printed no plan"],
    ["no tests", ["1..0"], "the file ran no tests"],
    ["nothing at all", [], "the file ran no tests"],
    ["a gap in the numbers", ["1..2", "ok 1 - one", "ok 3 - three"], "test number 3 came as number 2"],
    ["a skipped test", ["1..1", "ok 1 - one # SKIP no time"], "one is marked SKIP: a test that proves nothing"],
    ["a test to do", ["1..1", "not ok 1 - one # TODO later"], "one is marked TODO: a test that proves nothing"],
  ])("finds fault with %s", (_, lines, problem) => {
    const { problems } = judgeTap(lines);
    expect(problems).toContain(problem);
  });
});
