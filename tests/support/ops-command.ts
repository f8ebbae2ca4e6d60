import { type ChildProcess, spawn } from "node:child_process";
import { paths } from "../../dev/base/paths.ts";

/** What came of a command. */
export interface Outcome {
  code: number | null;
  out: string;
  /** Of an error that a person can mend: one line. */
  err: string;
}

/** A command that runs. */
export interface RunningCommand {
  child: ChildProcess;
  done: Promise<Outcome>;
}

// What this machine has set for itself must not decide a test.
const FOREIGN = /^(?:DATABASE_|AWS_(?!CA_BUNDLE)|BACKUP_|SEALING_KEYS|PG[A-Z])/u;

/** Starts a command as its npm script does: `startCommand("ops/backup/main.ts", ["--json"], { DATABASE_URL: url })`. */
export function startCommand(
  program: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): RunningCommand {
  const inherited = Object.entries(process.env).filter(([name]) => !FOREIGN.test(name));
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", program, ...args], {
    cwd: paths.root,
    env: { ...Object.fromEntries(inherited), NO_COLOR: "1", ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [out, err] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    out += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    err += text;
  });
  return { child, done: new Promise((resolve) => child.once("close", (code) => resolve({ code, out, err }))) };
}

/** Runs a command to its end. */
export function runOps(...command: Parameters<typeof startCommand>): Promise<Outcome> {
  return startCommand(...command).done;
}
