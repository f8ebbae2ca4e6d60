import type { PgTapFileResult } from "./run.ts";

/** Prints what a test file came to: one line, and what it found below it. */
export function printFile({ file, tests, failures, milliseconds }: PgTapFileResult): void {
  console.log(`${failures.length === 0 ? "ok    " : "not ok"} ${file} (${tests} tests, ${milliseconds} ms)`);
  for (const { message } of failures) console.log(`       ${message.replaceAll("\n", "\n       ")}`);
}
