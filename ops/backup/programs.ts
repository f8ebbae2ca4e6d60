import { execFileSync, spawn } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { delimiter, join } from "node:path";
import type { Readable } from "node:stream";
import { StackError } from "../../dev/base/stack-error.ts";

/** Programs of PostgreSQL that backups need. */
export type Program = "pg_dump" | "pg_dumpall" | "pg_restore";

/** Where the programs of one version are. */
export interface Programs {
  directory: string;
  major: number;
}

/**
 * Finds PostgreSQL's client programs: those of PG_BIN, else the oldest that a server's version allows, because a dump can be
 * read by the version that wrote it and by newer ones.
 *
 * @param server the server's major version.
 * @throws StackError when none is new enough.
 */
export function findPrograms(server: number): Programs {
  const wanted = process.env["PG_BIN"];
  const directories = wanted ? [wanted] : candidates();
  const found = directories.flatMap((directory) => {
    const major = majorOf(directory);
    return major === undefined ? [] : [{ directory, major }];
  });
  const [fitting] = found.filter(({ major }) => major >= server).sort((a, b) => a.major - b.major);
  if (fitting !== undefined) return fitting;
  const newest = Math.max(0, ...found.map(({ major }) => major));
  const install = `install postgresql-client-${server}, or set PG_BIN to the folder of a newer pg_dump`;
  if (newest === 0) throw new StackError(`pg_dump is not on this machine: ${install}`);
  throw new StackError(
    `the server is PostgreSQL ${server}, pg_dump here is ${newest}, which cannot dump it: ${install}`,
  );
}

function candidates(): string[] {
  const debian = "/usr/lib/postgresql";
  const versions = existsSync(debian) ? readdirSync(debian).map((version) => join(debian, version, "bin")) : [];
  return [...versions, ...(process.env["PATH"] ?? "").split(delimiter).filter((directory) => directory !== "")];
}

function majorOf(directory: string): number | undefined {
  if (!["pg_dump", "pg_dumpall", "pg_restore"].every((name) => existsSync(join(directory, name)))) return undefined;
  try {
    const text = execFileSync(join(directory, "pg_dump"), ["--version"], { encoding: "utf8" });
    return Number(/(\d+)/u.exec(text)?.[1] ?? 0);
  } catch {
    return undefined; // it is there and does not run, for example that of another system
  }
}

/** A program that runs. */
export interface Running {
  /** What it prints. Its end is the program's end, so that half of a dump never looks whole: it fails with the program. */
  output: Readable;
  /** @throws StackError with its last words when it fails. */
  done: Promise<void>;
}

/**
 * Starts a program on a database. The password goes by the environment, because everybody sees arguments.
 *
 * @param signal ends it.
 */
export function runProgram(
  { directory }: Programs,
  program: Program,
  args: readonly string[],
  { url, signal }: { url?: string; signal?: AbortSignal } = {},
): Running {
  const { address, environment } = url === undefined ? { address: [], environment: {} } : withoutPassword(url);
  const child = spawn(join(directory, program), [...args, ...address], {
    cwd: "/",
    env: { ...process.env, ...environment, PGAPPNAME: `neighbourhood ${program}`, LC_ALL: "C" },
    stdio: ["ignore", "pipe", "pipe"],
    ...(signal === undefined ? {} : { signal }),
  });
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors = `${errors}${text}`.slice(-10_000);
  });
  const done = new Promise<void>((resolve, reject) => {
    child.once("error", (error) => {
      reject(signal?.aborted ? signal.reason : new StackError(`${program}: ${error.message}`));
    });
    child.once("close", (code) => {
      if (code === 0) resolve();
      else reject(new StackError(explain(program, errors, code)));
    });
  });
  done.catch(() => undefined); // whoever reads the output awaits it
  return { output: child.stdout, done };
}

/** Runs a program to its end and returns what it printed. */
export async function runToEnd(...args: Parameters<typeof runProgram>): Promise<string> {
  const { output, done } = runProgram(...args);
  let text = "";
  for await (const chunk of output.setEncoding("utf8")) text += chunk;
  await done;
  return text;
}

function withoutPassword(url: string): { address: string[]; environment: Record<string, string> } {
  const parsed = new URL(url);
  const password = decodeURIComponent(parsed.password);
  parsed.password = "";
  return {
    address: [`--dbname=${parsed.href}`],
    environment: password === "" ? {} : { PGPASSWORD: password },
  };
}

/** The first error is the cause; what follows is what came of it. */
function explain(program: Program, errors: string, code: number | null): string {
  const lines = errors.split("\n").filter((line) => /error:|fatal:|FATAL:|ERROR:/u.test(line));
  const detail = /^(?:DETAIL|HINT): +(.*)$/mu.exec(errors)?.[1];
  const [first = errors.trim().split("\n").at(-1) ?? ""] = lines;
  const reason = first.replace(/^pg_\w+: (?:error: )?/u, "");
  const words =
    reason === "" ? `ended with exit code ${code}` : `${reason}${detail === undefined ? "" : ` (${detail})`}`;
  if (/No space left on device|could not (?:extend|write)/u.test(words)) {
    return `the disk is full: ${program} says ${words}: make room there and try again`;
  }
  if (/permission denied/u.test(words)) {
    return `${program} says ${words}: the user of the address must own the product (postgres on hosted projects)`;
  }
  return `${program} says ${words}`;
}
