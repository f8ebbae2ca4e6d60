import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { relative } from "node:path";
import { paths } from "../base/paths.ts";
import { StackError } from "../base/stack-error.ts";

/**
 * Writes a generated file, or only compares it.
 *
 * @param command what brings the file up to date.
 * @throws StackError when it is compared and differs.
 */
export function writeOrCheck(file: string, content: string, isCheck: boolean, command: string): void {
  const name = relative(paths.root, file);
  const current = existsSync(file) ? readFileSync(file, "utf8") : undefined;
  if (current === content) {
    console.log(`${name} is current`);
    return;
  }
  if (isCheck) {
    const problem = current === undefined ? "is missing" : `is stale from line ${firstDifference(current, content)} on`;
    throw new StackError(`${name} ${problem}: run ${command} and commit it`);
  }
  writeFileSync(file, content);
  console.log(`${name} was written`);
}

function firstDifference(current: string, content: string): number {
  const lines = current.split("\n");
  const index = content.split("\n").findIndex((line, position) => line !== lines[position]);
  return (index === -1 ? lines.length : index) + 1;
}
