import { spawn } from "node:child_process";
import { join } from "node:path";

/** How a command ended. */
export interface DeployOutcome {
  code: number | null;
  out: string;
  err: string;
}

export interface DeployRun {
  outcome: Promise<DeployOutcome>;
  /** Ends it by force, as a machine that is switched off would. */
  kill(): void;
}

/** Starts `npm run deploy` in a copy of the repository. */
export function startDeploy(root: string, env: Readonly<Record<string, string>>, ...args: string[]): DeployRun {
  const child = spawn(process.execPath, [join(root, "dev/bootstrap.mjs"), "deploy", ...args], {
    cwd: root,
    env: { PATH: process.env["PATH"] ?? "", HOME: process.env["HOME"] ?? "", ...env },
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let out = "";
  let err = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    out += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    err += text;
  });
  return {
    outcome: new Promise((resolve) => child.once("close", (code) => resolve({ code, out, err }))),
    kill: () => process.kill(-(child.pid ?? 0), "SIGKILL"),
  };
}
