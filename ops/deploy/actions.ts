import { spawn } from "node:child_process";
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { paths } from "../../dev/base/paths.ts";
import { packageProgram } from "../../dev/base/programs.ts";
import { StackError } from "../../dev/base/stack-error.ts";
import { cliUrl } from "../../dev/commands/database-url.ts";
import type { Database } from "../core/connection.ts";
import type { State } from "./state.ts";
import { type Target, type Variable, variableOf, withoutSecrets } from "./target.ts";

/** What an action works with. */
export interface Context {
  target: Target;
  state: State;
  /** Opened by the first who asks. */
  database(): Promise<Database>;
  /** Called when the deployment has ended, in whatever way. */
  atTheEnd(close: () => Promise<void>): void;
  /** File that gets what the commands print. */
  log: string;
  /** Shows how far it is. */
  detail(text: string): void;
  /** Keeps a line for the end. */
  note(text: string): void;
}

/** One thing that a deployment does. What the dry run prints is made from what is run. */
export interface Action {
  show: string;
  run(context: Context): Promise<void>;
}

/** A command line. `$NAME` in its arguments and variables stands for a variable of the target. */
export interface CommandLine {
  program: "git" | "npm" | "supabase";
  args: readonly string[];
  env?: Readonly<Record<string, string>>;
}

/** An action that runs a command line. */
export function command(line: CommandLine): Action {
  return { show: showCommand(line), run: async (context) => void (await runCommandLine(line, context)) };
}

/** A command line as one types it in a shell that has the target's variables. */
export function showCommand({ program, args, env = {} }: CommandLine): string {
  const settings = Object.entries(env).map(([name, value]) => `${name}=${quoted(value)}`);
  return [...settings, program === "supabase" ? "npx supabase" : program, ...args.map(quoted)].join(" ");
}

const quoted = (text: string): string => (/^[\w@%+=:,./-]*$/u.test(text) ? text : `"${text}"`);

/**
 * Runs a command line and returns what it printed; all of it also goes to the log, without secrets.
 *
 * @throws StackError with its own reason, when it exits with another code than 0.
 */
export function runCommandLine(
  line: CommandLine,
  { target, log, detail }: Omit<Context, "database" | "atTheEnd">,
): Promise<string> {
  const child = spawn(...programOf(line, target), {
    cwd: paths.root,
    env: environmentOf(line, target),
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  let stdout = "";
  const take = (text: string, isResult: boolean) => {
    output += text;
    if (isResult) stdout += text;
    appendFileSync(log, withoutSecrets(target, text));
    detail(withoutSecrets(target, lastLine(text)));
  };
  appendFileSync(log, `\n$ ${showCommand(line)}\n`);
  child.stdout.setEncoding("utf8").on("data", (text: string) => take(text, true));
  child.stderr.setEncoding("utf8").on("data", (text: string) => take(text, false));
  return new Promise((resolve, reject) => {
    child.once("error", (error) => reject(new StackError(`${line.program} could not be started: ${error.message}`)));
    child.once("close", (code) => {
      if (code === 0) return resolve(stdout);
      const reason = withoutSecrets(target, reasonIn(output)) || `exit code ${code}`;
      reject(new StackError(`${nameOf(line)} failed: ${reason}`));
    });
  });
}

function programOf({ program, args }: CommandLine, target: Target): [string, string[]] {
  const expanded = args.map((arg) => expand(arg, target));
  if (program === "git") return ["git", expanded];
  if (program === "supabase") {
    return [process.execPath, [packageProgram("supabase"), ...expanded, "--workdir", paths.root]];
  }
  // npm run <command> -- …, without npm between a signal and the command
  const [, name = "", ...rest] = expanded;
  return [process.execPath, [join(paths.root, "dev/bootstrap.mjs"), name, ...rest.filter((arg) => arg !== "--")]];
}

function environmentOf({ env = {} }: CommandLine, target: Target): NodeJS.ProcessEnv {
  const own = Object.entries(env).map(([name, value]) => [name, expand(value, target)]);
  const quiet = { SUPABASE_TELEMETRY_DISABLED: "1", DO_NOT_TRACK: "1", NO_COLOR: "1" };
  return { ...target.environment, ...target.variables, ...quiet, ...Object.fromEntries(own) };
}

/** Only the CLI takes the address as an argument, so it is given as the CLI wants it. */
function expand(text: string, target: Target): string {
  return text.replaceAll(/\$([A-Z_]+)/gu, (_whole, name: Variable) => {
    const value = variableOf(target, name);
    return text.startsWith("--remote=") && name === "DATABASE_DIRECT_URL" ? cliUrl(value) : value;
  });
}

const nameOf = ({ program, args }: CommandLine): string =>
  [program, ...args.slice(0, 2)].filter((word) => word !== "run").join(" ");

const lines = (text: string): string[] => text.split("\n").flatMap((line) => (line.trim() === "" ? [] : [line.trim()]));

const lastLine = (text: string): string => lines(text).at(-1) ?? "";

/** What the CLI appends to every failure. */
const NO_REASON = /^(?:Try rerunning|fail-on is set|[{}[\]])/u;

/** Our commands say why in a line of their own, the CLI in its first error or, of advisors, in a detail. */
function reasonIn(output: string): string {
  const all = lines(output);
  const ours = all.findLast((line) => line.startsWith("✖ "))?.slice(2);
  const cli = all.find((line) => /^(?:ERROR|Error|error)\b/u.test(line)) ?? /"detail": "(.+)"/u.exec(output)?.[1];
  if (ours !== undefined && !ours.endsWith("(see above)")) return ours;
  return cli ?? ours ?? all.findLast((line) => !NO_REASON.test(line)) ?? "";
}
