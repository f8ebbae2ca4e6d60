/** What one test file printed, judged. */
export interface TapVerdict {
  /** Number of tests that ran. */
  tests: number;
  /** Number of tests that ran and were ok. */
  passed: number;
  /** One entry for everything that is wrong, with the diagnostics pgTAP printed for it. */
  problems: string[];
}

const TEST_LINE = /^(not )?ok (\d+)(?: - (.*?))?(?:\s+#\s*(skip|todo)\b.*)?$/i;
const PLAN_LINE = /^1\.\.(\d+)$/;

/**
 * Judges TAP output more strictly than a TAP harness does: besides tests that are not ok, a missing plan, a wrong
 * number of tests, a gap in the numbering, no test at all and a skipped test are problems.
 */
export function judgeTap(lines: readonly string[]): TapVerdict {
  const problems: string[] = [];
  let planned: number | undefined;
  let tests = 0;
  let passed = 0;

  for (const [index, line] of lines.entries()) {
    const plan = PLAN_LINE.exec(line);
    if (plan) planned = Number(plan[1]);
    const test = TEST_LINE.exec(line);
    if (!test) continue;
    tests += 1;
    const [, not, number, description = "(no description)", directive] = test;
    if (Number(number) !== tests) problems.push(`test number ${number} came as number ${tests}`);
    if (directive !== undefined)
      problems.push(`${description} is marked ${directive.toUpperCase()}: a test that proves nothing`);
    if (not === undefined && directive === undefined) passed += 1;
    if (not !== undefined) problems.push([description, ...diagnosticsAfter(lines, index)].join("\n"));
  }

  if (planned === undefined) problems.push("the file printed no plan");
  else if (planned !== tests) problems.push(`${planned} tests were planned, ${tests} ran`);
  if (tests === 0) problems.push("the file ran no tests");
  return { tests, passed, problems };
}

/** The `#` lines that follow a test line. */
function diagnosticsAfter(lines: readonly string[], index: number): string[] {
  const rest = lines.slice(index + 1);
  const end = rest.findIndex((line) => !line.startsWith("#"));
  return end === -1 ? rest : rest.slice(0, end);
}
