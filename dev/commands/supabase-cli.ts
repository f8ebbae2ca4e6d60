import { spawn } from "node:child_process";
import { paths } from "../base/paths.ts";
import { packageProgram } from "../base/programs.ts";
import { StackError } from "../base/stack-error.ts";

export interface CliOptions {
  /** Returns the CLI's output instead of showing it. */
  capture?: boolean;
  /** What failed, for the error line. */
  task: string;
  /** Folder with `supabase/`, when it is not this repository. */
  project?: string;
}

/**
 * Runs the Supabase CLI in this repository, or in a copy of it.
 *
 * @returns what it printed, when captured.
 * @throws StackError when it exits with another code than 0; its own output says why, and is the cause.
 */
export function runSupabaseCli(
  args: readonly string[],
  { capture = false, task, project = paths.root }: CliOptions,
): Promise<string> {
  const cli = spawn(process.execPath, [packageProgram("supabase"), ...args, "--workdir", project], {
    cwd: project,
    env: { ...process.env, SUPABASE_TELEMETRY_DISABLED: "1", DO_NOT_TRACK: "1" },
    stdio: ["ignore", capture ? "pipe" : "inherit", "pipe"],
  });
  let output = "";
  let notes = "";
  cli.stdout?.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  cli.stderr?.setEncoding("utf8").on("data", (text: string) => {
    notes += text;
    if (!capture) process.stderr.write(text);
  });
  return new Promise((resolve, reject) => {
    cli.once("error", (error) => reject(new StackError(`the Supabase CLI could not be started: ${error.message}`)));
    cli.once("close", (code) => {
      if (code === 0) return resolve(output);
      const reason = capture ? `: ${notes.trim().split("\n").at(-1)}` : " (see above)";
      reject(new StackError(`${task} failed${reason}`, { cause: notes }));
    });
  });
}
