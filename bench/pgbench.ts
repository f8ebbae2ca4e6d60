import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { StackError } from "../dev/stack/stack-error.ts";

const run = promisify(execFile);

/** One load: a script in `bench/load`, played by several clients at once. */
export interface Load {
  /** Connection string of the role that logs in. */
  url: string;
  /** File name in `bench/load`. */
  script: string;
  clients: number;
  /** Ends after so many transactions of each client or after so many seconds. */
  until: { transactionsPerClient: number } | { seconds: number };
  /** Variables of the script. */
  variables: Readonly<Record<string, string | number>>;
  /** Session settings, for example `synchronous_commit`. */
  settings?: Readonly<Record<string, string>>;
}

/** What pgbench reports. */
export interface LoadResult {
  transactions: number;
  /** Transactions in a second, connection time excluded. */
  tps: number;
  /** Mean time of one transaction. */
  latencyMs: number;
  /** Mean time of each line of the script. */
  statements: { text: string; latencyMs: number }[];
}

/**
 * Plays a load with the pgbench of the server's own PostgreSQL, with prepared statements as PostgREST uses them.
 *
 * @throws StackError when a statement failed: a benchmark of errors would be worthless.
 */
export async function pgbench(directory: string, load: Load): Promise<LoadResult> {
  const settings = { client_min_messages: "warning", ...load.settings };
  const { stdout, stderr } = await run(
    join(directory, "pgbench"),
    [
      "--no-vacuum",
      "--protocol=prepared",
      "--report-per-command",
      `--client=${load.clients}`,
      "--jobs=1",
      "--random-seed=1",
      ..."transactionsPerClient" in load.until ? [`--transactions=${load.until.transactionsPerClient}`] : [`--time=${load.until.seconds}`],
      ...Object.entries(load.variables).map(([name, value]) => `--define=${name}=${value}`),
      `--file=${join(import.meta.dirname, "load", load.script)}`,
      load.url,
    ],
    { env: { ...process.env, PGOPTIONS: Object.entries(settings).map(([name, value]) => `-c ${name}=${value}`).join(" ") } },
  );
  return parse(load.script, stdout, stderr);
}

function parse(script: string, stdout: string, stderr: string): LoadResult {
  const failed = Number(/number of failed transactions: (\d+)/.exec(stdout)?.[1]);
  const errors = stderr.split("\n").filter((line) => /error|aborted/i.test(line));
  if (failed !== 0 || errors.length > 0) throw new StackError(`${script} failed: ${errors[0] ?? stdout}`);
  const statements = [...stdout.matchAll(/^ +([\d.]+) +\d+ {2}(\S.*)$/gm)].map(([, latency, text]) => ({
    latencyMs: Number(latency),
    text: String(text),
  }));
  return {
    transactions: Number(/actually processed: (\d+)/.exec(stdout)?.[1]),
    tps: Number(/tps = ([\d.]+)/.exec(stdout)?.[1]),
    latencyMs: Number(/latency average = ([\d.]+)/.exec(stdout)?.[1]),
    statements,
  };
}
