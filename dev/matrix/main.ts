// Generates the test of the lifecycle from the page that describes it: node dev/matrix/main.ts [--check]
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { paths } from "../base/paths.ts";
import { messageOf } from "../base/stack-error.ts";
import { generateTest } from "./generate.ts";
import { readMatrix } from "./matrix.ts";

const PAGE = "docs/rooms/tasks.md";
const TEST = "supabase/tests/tasks/matrix.generated.test.sql";

const HELP = `Generates ${TEST}
from the tables "State: …" in ${PAGE}.

Usage: node dev/matrix/main.ts [--check]

  --check   write nothing; exit with 1 when the test is not what the page says
  --help    this text`;

process.exitCode = main(process.argv.slice(2));

function main(args: string[]): number {
  try {
    const { values } = parseArgs({ args, options: { check: { type: "boolean" }, help: { type: "boolean" } } });
    if (values.help) {
      console.log(HELP);
      return 0;
    }
    return values.check ? check() : write();
  } catch (error) {
    console.error(messageOf(error));
    return 2;
  }
}

function write(): number {
  const { text, cells } = generate();
  writeFileSync(join(paths.root, TEST), text);
  console.log(`${TEST}: ${cells} cells`);
  return 0;
}

function check(): number {
  const { text, cells } = generate();
  const file = join(paths.root, TEST);
  if (existsSync(file) && readFileSync(file, "utf8") === text) {
    console.log(`${TEST} is current: ${cells} cells`);
    return 0;
  }
  console.error(`${TEST} is not what ${PAGE} says: run node dev/matrix/main.ts`);
  return 1;
}

function generate(): { text: string; cells: number } {
  const cells = readMatrix(readFileSync(join(paths.root, PAGE), "utf8"));
  const preamble = readFileSync(join(import.meta.dirname, "preamble.sql"), "utf8");
  return { text: generateTest(cells, preamble), cells: cells.length };
}
