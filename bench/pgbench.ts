import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { StackError } from "../dev/base/stack-error.ts";
import { quantile } from "./statistics.ts";

const run = promisify(execFile);

/** One load: a script, played by several clients at once. */
export interface Load {
  /** Shown when it fails. */
  name: string;
  /** Connection string of the role that logs in. */
  url: string;
  /** What each client does again and again, in pgbench's language. */
  script: string;
  clients: number;
  /** Ends after so many transactions of each client or after so many seconds. */
  until: { transactionsPerClient: number } | { seconds: number };
  /** Variables of the script. */
  variables: Readonly<Record<string, string | number>>;
  /** Default: prepared, as PostgREST sends statements; a pooler in transaction mode takes none with names. */
  protocol?: "prepared" | "extended";
  /** Session settings, for example `synchronous_commit`. */
  settings?: Readonly<Record<string, string>>;
}

/** What pgbench reports. */
export interface LoadResult {
  transactions: number;
  /** Transactions in a second, connection time excluded. */
  tps: number;
}

/** How long single transactions took. */
export interface TimedResult extends LoadResult {
  /** Milliseconds within which 95 of 100 were done. */
  p95: number;
}

/** What many clients got once all of them were under way. */
export interface SteadyResult extends TimedResult {
  /** Seconds from the first answer until every client had one. */
  warmUp: number;
  /** Seconds of the longest one, the first ones included. */
  slowest: number;
}

/**
 * Plays a load with the pgbench of the server's own PostgreSQL.
 *
 * @param binaries - directory of the PostgreSQL programs
 * @throws StackError when a statement failed: the speed of errors is worth nothing.
 */
export function pgbench(binaries: string, load: Load): Promise<LoadResult> {
  return play(binaries, load, [], (result) => result);
}

/** The same with every transaction's duration, which costs the clients a little. */
export function timedPgbench(binaries: string, load: Load): Promise<TimedResult> {
  return play(binaries, load, ["--log"], (result, directory) => {
    const durations = logged(directory).map(({ milliseconds }) => milliseconds);
    return { ...result, p95: quantile(durations, 0.95) };
  });
}

/**
 * The same between the moment when every client has had its first answer and the one when a client has had its last: what
 * connections cost at their begin is not in it. Needs a load of so many transactions of each client.
 */
export function steadyPgbench(binaries: string, load: Load): Promise<SteadyResult> {
  return play(binaries, load, ["--log"], (_, directory) => {
    const answers = logged(directory);
    const perClient = [...Map.groupBy(answers, ({ client }) => client).values()].map((ofOne) =>
      ofOne.map(({ endedAt }) => endedAt),
    );
    const firsts = perClient.map((ends) => Math.min(...ends));
    const [from, until] = [Math.max(...firsts), Math.min(...perClient.map((ends) => Math.max(...ends)))];
    const counted = answers.filter(({ endedAt }) => endedAt > from && endedAt <= until);
    if (counted.length < 100)
      throw new StackError(`${load.name} was too short: ${counted.length} answers to all clients`);
    return {
      transactions: counted.length,
      tps: counted.length / (until - from),
      p95: quantile(
        counted.map(({ milliseconds }) => milliseconds),
        0.95,
      ),
      warmUp: from - Math.min(...firsts),
      slowest: answers.reduce((most, { milliseconds }) => Math.max(most, milliseconds), 0) / 1000,
    };
  });
}

interface Answer {
  client: number;
  milliseconds: number;
  /** Seconds. */
  endedAt: number;
}

function logged(directory: string): Answer[] {
  return readdirSync(directory)
    .filter((file) => file.startsWith("pgbench_log."))
    .flatMap((file) => readFileSync(join(directory, file), "utf8").trimEnd().split("\n"))
    .map((line) => {
      const [client = 0, , microseconds = 0, , seconds = 0, rest = 0] = line.split(" ").map(Number);
      return { client, milliseconds: microseconds / 1000, endedAt: seconds + rest / 1e6 };
    });
}

async function play<Result>(
  binaries: string,
  load: Load,
  options: readonly string[],
  read: (result: LoadResult, directory: string) => Result,
): Promise<Result> {
  const directory = mkdtempSync(join(tmpdir(), "bench-"));
  const file = join(directory, "load.sql");
  writeFileSync(file, load.script);
  try {
    const { stdout, stderr } = await run(join(binaries, "pgbench"), [...options, ...argumentsFor(load, file)], {
      cwd: directory,
      env: { ...process.env, PGOPTIONS: sessionOptions({ client_min_messages: "warning", ...load.settings }) },
      maxBuffer: 64 * 1024 * 1024,
    });
    return read(parse(load.name, stdout, stderr), directory);
  } catch (error) {
    throw error instanceof StackError ? error : new StackError(`${load.name} failed: ${firstError(error)}`);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function argumentsFor(load: Load, file: string): string[] {
  const { until, variables } = load;
  return [
    "--no-vacuum",
    `--protocol=${load.protocol ?? "prepared"}`,
    "--random-seed=1",
    `--client=${load.clients}`,
    "--jobs=1",
    "transactionsPerClient" in until ? `--transactions=${until.transactionsPerClient}` : `--time=${until.seconds}`,
    ...Object.entries(variables).map(([name, value]) => `--define=${name}=${value}`),
    `--file=${file}`,
    load.url,
  ];
}

function sessionOptions(settings: Readonly<Record<string, string>>): string {
  return Object.entries(settings)
    .map(([name, value]) => `-c ${name}=${value}`)
    .join(" ");
}

function parse(name: string, stdout: string, stderr: string): LoadResult {
  const transactions = Number(/actually processed: (\d+)/.exec(stdout)?.[1]);
  const tps = Number(/tps = ([\d.]+)/.exec(stdout)?.[1]);
  const failed = Number(/number of failed transactions: (\d+)/.exec(stdout)?.[1]);
  if (failed !== 0 || !(transactions > 0) || !(tps > 0)) throw new StackError(`${name} failed: ${stderr || stdout}`);
  return { transactions, tps };
}

function firstError(error: unknown): string {
  const output =
    typeof error === "object" && error !== null && "stderr" in error ? String(error.stderr) : String(error);
  return output.split("\n").find((line) => /error/i.test(line)) ?? output;
}
