import { readFileSync } from "node:fs";
import { relative } from "node:path";
import { parseArgs } from "node:util";
import { paths } from "../base/paths.ts";
import { findPostgresBinaries } from "../stack/database/postgres-binaries.ts";
import { missingServerParts } from "../stack/database/server-parts.ts";
import { findChromium } from "./chromium.ts";
import { runStep, type StepResult } from "./run-step.ts";
import { type Need, type Step, steps } from "./steps.ts";

const usage = `Usage: npm test [-- options] [words]

Runs every check and test: on the embedded database, in a browser when Chromium is installed on this machine, and
beside it the same and more on a real server when PostgreSQL with PostGIS, pgTAP and plpgsql_check is.

  words        run only the steps whose title contains one of the words
  --list       print the steps and stop
  --embedded   leave out the steps that need a server
  --help       print this text

With CI=true a missing server or browser, or a skipped test, is a failure.
Whole outputs are kept in .cache/test/.`;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { help: { type: "boolean" }, list: { type: "boolean" }, embedded: { type: "boolean" } },
  });
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const isCi = process.env["CI"] === "true";
  const chosen = choose(steps(), positionals);
  if (chosen.length === 0) {
    console.error(`No step has a title with: ${positionals.join(", ")}. See npm test -- --list`);
    return 2;
  }
  if (values.list) {
    for (const step of chosen) console.log(step.title);
    return 0;
  }
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
  const total = { passed: 0, failed: 0, skipped: 0 };
  // Side by side: what needs a server, and what does not. They share nothing but the machine.
  const runnable = chosen.filter(({ needs }) => needs === undefined || !leftOut.includes(needs));
  const lanes = [
    runnable.filter(({ needs }) => needs !== "server"),
    runnable.filter(({ needs }) => needs === "server"),
  ];
  await Promise.all(
    lanes.map(async (lane) => {
      for (const step of lane) {
        const result = await runStep(step);
        total.passed += result.passed;
        total.failed += result.failed;
        total.skipped += result.skipped;
        report(step, result);
      }
    }),
  );
  for (const need of leftOut) console.log(`Notice: the steps that need a ${need} did not run: ${missing[need]}`);
  console.log(`${total.passed} passed, ${total.failed} failed${total.skipped > 0 ? `, ${total.skipped} skipped` : ""}`);
  return total.failed > 0 || (isCi && total.skipped > 0) ? 1 : 0;
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
  if (result.failed > 0) console.log(`${tail(result.log)}\n  … all of it: ${relative(paths.root, result.log)}`);
}

const describe = (result: { passed: number; failed: number; skipped: number }): string =>
  Object.entries({ passed: result.passed, failed: result.failed, skipped: result.skipped })
    .filter(([name, value]) => name === "passed" || value > 0)
    .map(([name, value]) => `${value} ${name}`)
    .join(", ");

const tail = (log: string): string =>
  readFileSync(log, "utf8")
    .split("\n")
    .slice(-60)
    .map((line) => `  ${line}`)
    .join("\n");

process.exitCode = await main();
