import { spawn } from "node:child_process";
import { createWriteStream, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import { paths } from "../base/paths.ts";
import { isRunning } from "../base/process-lock.mjs";
import { isPackageProgram, packageProgram } from "../base/programs.ts";
import { DENO, denoEnvironment } from "../stack/functions/deno.ts";
import type { Step } from "./steps.ts";

/** What one step found. */
export interface StepResult {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly seconds: number;
  /** Where the step's whole output is. */
  readonly log: string;
}

const allLogs = join(paths.cache, "test");
/** Of this run alone: another one may go on in the same checkout. */
const logs = join(allLogs, String(process.pid));

/** Deletes the logs of runs that have ended. */
export function removeOldLogs(): void {
  if (!existsSync(allLogs)) return;
  for (const name of readdirSync(allLogs)) {
    if (!isRunning(Number(name))) rmSync(join(allLogs, name), { recursive: true, force: true });
  }
}

/** Runs one step to its end; its output goes to a log file. Never throws for a failing step. */
export async function runStep(step: Step): Promise<StepResult> {
  mkdirSync(logs, { recursive: true });
  const name = step.title.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");
  const log = join(logs, `${name}.log`);
  const report = join(logs, `${name}.json`);
  const started = performance.now();
  const exitCode = await run(step, log, report);
  const counts = count(step, exitCode, log, report);
  return { ...counts, seconds: (performance.now() - started) / 1000, log };
}

async function run(step: Step, log: string, report: string): Promise<number> {
  const [program = "", ...args] = step.command;
  const extra =
    step.counting === "vitest" ? ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`] : [];
  const output = createWriteStream(log);
  const child = spawn(executable(program), [...launcher(program), ...args, ...extra], {
    cwd: paths.root,
    env: { ...process.env, ...(program === "deno" ? denoEnvironment() : {}), NO_COLOR: "1", ...step.env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  child.stdout.pipe(output, { end: false });
  child.stderr.pipe(output, { end: false });
  const forward = (signal: NodeJS.Signals) => child.kill(signal);
  process.once("SIGINT", forward).once("SIGTERM", forward);
  const exitCode = await new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve(code ?? 1));
  });
  process.off("SIGINT", forward).off("SIGTERM", forward);
  output.end();
  await finished(output);
  return exitCode;
}

const executable = (program: string): string => (program === "deno" ? DENO : process.execPath);

const launcher = (program: string): string[] => (isPackageProgram(program) ? [packageProgram(program)] : []);

type Counts = Pick<StepResult, "passed" | "failed" | "skipped">;

/** A runner that failed without naming a failed test, or that ran no test, counts as one failure. */
function count(step: Step, exitCode: number, log: string, report: string): Counts {
  const counts = readCounts(step, exitCode, log, report);
  const isSilentFailure = counts.failed === 0 && (exitCode !== 0 || counts.passed === 0);
  return isSilentFailure ? { ...counts, failed: 1 } : counts;
}

function readCounts(step: Step, exitCode: number, log: string, report: string): Counts {
  const none = { passed: 0, failed: 0, skipped: 0 };
  switch (step.counting) {
    case "command":
      return exitCode === 0 ? { ...none, passed: 1 } : none;
    case "vitest": {
      const text = readIfThere(report);
      if (text === undefined) return none;
      const { numPassedTests, numFailedTests, numPendingTests, numTodoTests } = JSON.parse(text) as Record<
        string,
        number
      >;
      return {
        passed: numPassedTests ?? 0,
        failed: numFailedTests ?? 0,
        skipped: (numPendingTests ?? 0) + (numTodoTests ?? 0),
      };
    }
    case "deno":
    case "plain": {
      const text = readFileSync(log, "utf8");
      const last = (word: string): number =>
        Number([...text.matchAll(new RegExp(`(\\d+) ${word}`, "g"))].at(-1)?.[1] ?? 0);
      return { passed: last("passed"), failed: last("failed"), skipped: last("ignored") };
    }
  }
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined; // the runner ended before it could write: counted as a failure
  }
}
