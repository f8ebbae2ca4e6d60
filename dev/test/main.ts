import { readFileSync } from "node:fs";
import { relative } from "node:path";
import { paths } from "../base/paths.ts";
import { StackError } from "../base/stack-error.ts";
import { runCommand } from "../commands/command.ts";
import { findPostgresBinaries } from "../stack/database/postgres-binaries.ts";
import { missingServerParts } from "../stack/database/server-parts.ts";
import { chosenFiles, isPath, needsServer } from "./chosen-files.ts";
import { findChromium } from "./chromium.ts";
import { runFiles } from "./run-files.ts";
import type { StepResult } from "./run-step.ts";
import { runSteps } from "./run-steps.ts";
import { type Need, type Step, steps } from "./steps.ts";

const usage = `Usage: npm test [-- options] [words | files]

Runs every check and test but the slow ones, which are left to CI: on the embedded database, in a browser when Chromium
is installed on this machine, and on a real server when PostgreSQL with PostGIS, pgTAP and plpgsql_check is. What both
databases are asked alike is then asked on one of them.

  words        run only the steps whose title contains one of the words
  files        run only these test files or folders, whether SQL, vitest or Deno: supabase/tests/tasks,
               tests/journeys/story.test.ts; what the schemas have changed is built first
  --all        the slow files (*.slow.test.ts), too; ask both databases everything (CI: but for the longest attacks), and let the chaos
               last a minute, as in CI
  --list       print the steps and stop
  --embedded   leave out the steps that need a server; files run on the embedded database, which is their default
  --server     run only the steps that need a server; files run on a server
  --help       print this text

With CI=true a missing server or browser, or a skipped test, is a failure.
Whole outputs are kept in .cache/test/.`;

interface Options {
  readonly all: boolean;
  readonly list: boolean;
  readonly embedded: boolean;
  readonly server: boolean;
}

const HOW = "npm test -- --all runs them";

async function main(values: Options, words: readonly string[]): Promise<number> {
  if (values.embedded && values.server) throw new StackError("--embedded or --server, not both");
  if (words.some(isPath)) return await runChosen(words, values);
  const chosen = choose(steps(), words).filter(({ needs }) => !values.server || needs === "server");
  if (chosen.length === 0) {
    console.error(`No step has a title with: ${words.join(", ")}. See npm test -- --list`);
    return 2;
  }
  if (values.list) {
    for (const step of chosen) console.log(step.title);
    return 0;
  }
  return await runWhatCan(chosen, values, words.length === 0);
}

/** @param isPlain whether nothing was asked for by name: then slow files, and what another step asks alike, are left out. */
async function runWhatCan(chosen: readonly Step[], values: Options, isPlain: boolean): Promise<number> {
  const isCi = process.env["CI"] === "true";
  const missing: Readonly<Record<Need, string | undefined>> = {
    server: values.embedded ? "left out on request" : missingServer(),
    browser: findChromium() === undefined ? "Chromium is not installed" : undefined,
  };
  const leftOut = (Object.keys(missing) as Need[]).filter(
    (need) => missing[need] !== undefined && chosen.some((step) => step.needs === need),
  );
  if (isCi && leftOut.length > 0) {
    const reasons = leftOut.map((need) => `${need}: ${missing[need]}`).join("; ");
    console.error(`In CI nothing may be skipped, but some steps cannot run: ${reasons}`);
    return 1;
  }
  const isThorough = isCi || values.all;
  if (isThorough) process.env["TEST_ALL"] = "true"; // for the tests that ask both databases, and the chaos
  if (isPlain && !isThorough) process.env["TEST_WITHOUT_SLOW"] = "true"; // for vitest.config.ts
  const isLeft = ({ leftTo }: Step): boolean =>
    leftTo === "--all" ? !values.all : leftTo === "CI" && !isThorough && !leftOut.includes("server");
  const elsewhere = isPlain ? chosen.filter(isLeft) : [];
  const runnable = chosen.filter(
    (step) => !elsewhere.includes(step) && (step.needs === undefined || !leftOut.includes(step.needs)),
  );
  const total = await runSteps(runnable, report);
  for (const need of leftOut) console.log(`Notice: the steps that need a ${need} did not run: ${missing[need]}`);
  if (isPlain && !isThorough) console.log(`Notice: slow tests (*.slow.test.ts) are left to CI; ${HOW}`);
  noticeSteps(`left to CI, or asked of the other database; ${HOW}`, elsewhere);
  console.log(`${total.passed} passed, ${total.failed} failed${total.skipped > 0 ? `, ${total.skipped} skipped` : ""}`);
  noticeSteps("not run before what is said above is mended", total.notRun);
  return total.failed > 0 || (isCi && total.skipped > 0) ? 1 : 0;
}

function noticeSteps(what: string, some: readonly Step[]): void {
  if (some.length > 0) console.log(`Notice: ${what}: ${some.map(({ title }) => title).join("; ")}`);
}

async function runChosen(words: readonly string[], values: Options): Promise<number> {
  const chosen = words.map((word) => chosenFiles(word));
  const isOnServer = values.server || chosen.some(needsServer);
  if (values.embedded && isOnServer) throw new StackError("these tests need a server: leave out --embedded");
  const missing = isOnServer ? missingServer() : undefined;
  if (missing !== undefined) throw new StackError(`these tests cannot run on a server: ${missing}`);
  return (await runFiles(chosen, values.server ? "cluster" : "embedded")) ? 0 : 1;
}

function choose(all: readonly Step[], words: readonly string[]): Step[] {
  const wanted = words.map((word) => word.toLowerCase());
  return all.filter((step) => wanted.length === 0 || wanted.some((word) => step.title.toLowerCase().includes(word)));
}

/** Why the server steps cannot run here, or undefined when they can. */
function missingServer(): string | undefined {
  const binaries = findPostgresBinaries();
  if (!binaries) return "PostgreSQL 15 or newer is not installed";
  const parts = missingServerParts(binaries);
  return parts.length > 0 ? `this PostgreSQL lacks ${parts.join(", ")}` : undefined;
}

function report(step: Step, result: StepResult): void {
  const verdict = result.failed === 0 ? "ok" : "FAILED";
  console.log(`${step.title} … ${verdict} (${describe(result)}, ${result.seconds.toFixed(1)} s)`);
  if (result.failed > 0) console.log(`${reason(result.log)}\n  … all of it: ${relative(paths.root, result.log)}`);
}

const describe = (result: { passed: number; failed: number; skipped: number }): string =>
  Object.entries({ passed: result.passed, failed: result.failed, skipped: result.skipped })
    .filter(([name, value]) => name === "passed" || value > 0)
    .map(([name, value]) => `${value} ${name}`)
    .join(", ");

/** The one line in which a command said why it failed; otherwise the end of the output. */
function reason(log: string): string {
  const lines = readFileSync(log, "utf8").trimEnd().split("\n");
  const told = lines.at(-1)?.startsWith("✖") ? lines.slice(-1) : lines.slice(-60);
  return told.map((line) => `  ${line}`).join("\n");
}

await runCommand({
  usage,
  options: {
    all: { type: "boolean", default: false },
    list: { type: "boolean", default: false },
    embedded: { type: "boolean", default: false },
    server: { type: "boolean", default: false },
  },
  positionals: "any",
  async run(values, words) {
    process.exitCode = await main(values, words);
  },
});
