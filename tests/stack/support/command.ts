import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { paths } from "../../../dev/base/paths.ts";

/** A command that runs; it is ended with the test. */
export interface RunningCommand {
  process: ChildProcess;
  /** What it printed so far, both streams. */
  output: () => string;
  /** Waits until the output matches. */
  waitFor: (pattern: RegExp) => Promise<RegExpExecArray>;
  /** Waits for the end and returns the exit code. */
  exit: Promise<number | null>;
}

/** Runs `node dev/bootstrap.mjs …` as the npm scripts do. */
export function runBootstrap(args: readonly string[], env: Record<string, string | undefined> = {}): RunningCommand {
  return runProcess(process.execPath, [join(paths.root, "dev/bootstrap.mjs"), ...args], env);
}

/** Runs any program. */
export function runProcess(
  program: string,
  args: readonly string[],
  env: Record<string, string | undefined> = {},
  cwd: string = paths.root,
): RunningCommand {
  const child = spawn(program, args, {
    cwd,
    // empty and not absent: a .env file fills in what is absent
    env: { ...process.env, DATABASE_URL: "", NODE_OPTIONS: undefined, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
    });
  }
  const exit = new Promise<number | null>((resolve) => {
    child.once("close", (code) => resolve(code));
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  return {
    process: child,
    output: () => text,
    exit,
    waitFor: async (pattern) => {
      for (;;) {
        const found = pattern.exec(text);
        if (found) return found;
        if (child.exitCode !== null) throw new Error(`ended without ${pattern}:\n${text}`);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
  };
}

/** Process ids of everything a process has started, and what that has started. */
export function descendantsOf(pid: number): number[] {
  const table = execFileSync("ps", ["-A", "-o", "pid=,ppid="], { encoding: "utf8" })
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/).map(Number));
  const children = (parent: number): number[] =>
    table.flatMap(([child = 0, itsParent]) => (itsParent === parent ? [child, ...children(child)] : []));
  return children(pid);
}

/** Whether a process exists. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false; // ESRCH: there is no such process
  }
}
