import { execFile } from "node:child_process";
import {
  appendFileSync,
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import { messageOf, StackError } from "../../base/stack-error.ts";
import { findFreePort } from "./free-port.ts";
import { type OsUser, osUserFor } from "./os-user.ts";
import { type PostgresBinaries, requirePostgresBinaries } from "./postgres-binaries.ts";
import { SUPERUSER } from "./roles.ts";

const run = promisify(execFile);

export interface ClusterOptions {
  /** Where the cluster lives; created when absent. */
  directory: string;
  /** TCP port on 127.0.0.1; 0 or nothing picks a free one. */
  port?: number;
  /** Password of every role that may log in. */
  password: string;
  /** `postgresql.conf` settings, e.g. `{ fsync: "off", shared_buffers: "1GB" }`; they may differ from start to start. */
  settings?: Readonly<Record<string, string>>;
  /** Deletes the data first. */
  fresh?: boolean;
  /** What new data begin with: those of another cluster, from its `pack()`. Default: an empty server. */
  template?: () => Promise<Blob>;
}

/** `smart` is left out on purpose: it would wait for clients of the very process that stops the server. */
export type StopMode = "fast" | "immediate";

/** A PostgreSQL server of our own, run from the machine's binaries; the system's cluster is never touched. */
export interface Cluster {
  readonly directory: string;
  readonly port: number;
  readonly binaries: PostgresBinaries;
  /** Starts the server and waits until it answers (after a crash: until it has recovered). */
  start(): Promise<void>;
  /** Stops the server; `immediate` is a crash: no checkpoint, recovery at the next start. */
  stop(mode?: StopMode): Promise<void>;
  isRunning(): Promise<boolean>;
  /** The data of the stopped server, for the `template` of others. */
  pack(): Promise<ArrayBuffer>;
  /** Connection string for a role; `supabase_admin` is the superuser. */
  url(role?: string, database?: string): string;
  /** Stops the server and deletes its files. */
  destroy(): Promise<void>;
}

/** Settings for clusters whose data may be lost: several times faster to create and to migrate. */
export const THROWAWAY_SETTINGS: Readonly<Record<string, string>> = {
  fsync: "off",
  synchronous_commit: "off",
  full_page_writes: "off",
  // compiling costs more than the small data of tests
  jit: "off",
};

const BASE_SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: "127.0.0.1",
  unix_socket_directories: "",
  max_connections: "200",
  timezone: "UTC",
  log_timezone: "UTC",
};

/** Whether the server has the library that counts statements, which some systems package apart: it does not start without. */
function countsStatements({ directory }: PostgresBinaries): boolean {
  const folders = ["lib", "lib/postgresql"].map((folder) => join(directory, "..", folder));
  return folders.some((folder) => ["so", "dylib"].some((end) => existsSync(join(folder, `pg_stat_statements.${end}`))));
}

/**
 * Creates (when absent) a cluster and returns its handle; the server is not started yet.
 *
 * @throws StackError when PostgreSQL is not installed or `initdb` fails.
 * @example
 * const cluster = await openCluster({ directory: ".cache/mine", password: "secret", settings: THROWAWAY_SETTINGS });
 * await cluster.start();
 * await cluster.stop("immediate"); // a crash
 */
export async function openCluster(options: ClusterOptions): Promise<Cluster> {
  const binaries = requirePostgresBinaries();
  const directory = resolve(options.directory);
  const data = join(directory, "data");
  const unfinished = join(directory, "unfinished");
  const logFile = join(directory, "server.log");
  const user = osUserFor(directory);
  const port = options.port || (await findFreePort());

  const exec = (program: string, args: readonly string[], input?: Input) =>
    execAs(user, join(binaries.directory, program), args, input);

  if (options.fresh) await deleteData();
  if (!existsSync(join(data, "PG_VERSION"))) await createDataDirectory();
  refuseOtherMajor();

  async function deleteData(): Promise<void> {
    // A run that was killed may have left its server on this data.
    await stopServer("immediate");
    rmSync(data, { recursive: true, force: true });
  }

  async function isRunning(): Promise<boolean> {
    if (!existsSync(join(data, "postmaster.pid"))) return false;
    try {
      await exec("pg_ctl", ["status", `--pgdata=${data}`]);
      return true;
    } catch {
      return false; // exit code 3: no server runs on this directory
    }
  }

  async function stopServer(mode: StopMode): Promise<void> {
    if (!(await isRunning())) return;
    await exec("pg_ctl", ["stop", "--wait", "--timeout=60", `--mode=${mode}`, `--pgdata=${data}`, "--silent"]);
  }

  /** In a folder beside, so that a start that is killed meanwhile leaves no half of a server for the next one. */
  async function createDataDirectory(): Promise<void> {
    for (const folder of [data, unfinished]) rmSync(folder, { recursive: true, force: true });
    mkdirSync(directory, { recursive: true });
    giveTo(user, directory);
    try {
      if (options.template) await unpack(await options.template());
      else await initialize();
    } catch (error) {
      throw new StackError(`the server's data could not be created in ${data}: ${lastLine(messageOf(error))}`);
    }
    renameSync(unfinished, data);
  }

  async function unpack(packed: Blob): Promise<void> {
    mkdirSync(unfinished, { mode: 0o700 });
    giveTo(user, unfinished);
    await execAs(user, "tar", ["-xf", "-", "-C", unfinished], new Uint8Array(await packed.arrayBuffer()));
    // before it can be reached by anybody
    const password = options.password.replaceAll("'", "''");
    const sql = `alter role ${SUPERUSER} password '${password}'\n`;
    await exec("postgres", ["--single", "-D", unfinished, "postgres"], sql);
  }

  async function initialize(): Promise<void> {
    const passwordFile = join(directory, "initial-password");
    writeFileSync(passwordFile, options.password, { mode: 0o600 });
    giveTo(user, passwordFile);
    try {
      await exec("initdb", [
        `--pgdata=${unfinished}`,
        `--username=${SUPERUSER}`,
        "--auth=scram-sha-256",
        `--pwfile=${passwordFile}`,
        "--encoding=UTF8",
        `--locale=${process.platform === "linux" ? "C.UTF-8" : "en_US.UTF-8"}`,
        "--no-sync",
        "--no-instructions",
      ]);
    } finally {
      rmSync(passwordFile, { force: true });
    }
    appendFileSync(join(unfinished, "postgresql.conf"), "\ninclude_if_exists 'stack.conf'\n");
  }

  function refuseOtherMajor(): void {
    const found = Number.parseInt(readFileSync(join(data, "PG_VERSION"), "utf8"), 10);
    if (found !== binaries.major) {
      throw new StackError(
        `the data in ${directory} was written by PostgreSQL ${found}, this machine runs ${binaries.major}: start with --fresh`,
      );
    }
  }

  function writeSettings(): void {
    const libraries = countsStatements(binaries) ? { shared_preload_libraries: "pg_stat_statements" } : {};
    const settings = { ...BASE_SETTINGS, ...libraries, port: String(port), ...options.settings };
    const lines = Object.entries(settings).map(([name, value]) => `${name} = '${value.replaceAll("'", "''")}'`);
    const file = join(data, "stack.conf");
    writeFileSync(file, `${lines.join("\n")}\n`);
    giveTo(user, file);
  }

  return {
    directory,
    port,
    binaries,
    async start() {
      // A run that was killed leaves its server behind; it is ours, so it is stopped before the new start.
      await stopServer("fast");
      writeSettings();
      try {
        await exec("pg_ctl", ["start", "--wait", "--timeout=60", `--pgdata=${data}`, `--log=${logFile}`, "--silent"]);
      } catch {
        throw new StackError(`PostgreSQL did not start on port ${port}: ${reasonFromLog(logFile)} (log: ${logFile})`);
      }
    },
    stop: (mode = "fast") => stopServer(mode),
    isRunning,
    pack: async () => (await execAs(user, "tar", ["-cf", "-", "--exclude=./stack.conf", "-C", data, "."])).buffer,
    url(role = "postgres", database = "postgres") {
      return `postgresql://${role}:${encodeURIComponent(options.password)}@127.0.0.1:${port}/${database}?sslmode=disable`;
    },
    async destroy() {
      await stopServer("immediate");
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

type Input = string | Uint8Array;

/** Runs a program to its end, and returns what it printed. */
async function execAs(
  user: OsUser | undefined,
  program: string,
  args: readonly string[],
  input?: Input,
): Promise<Uint8Array<ArrayBuffer>> {
  // The working directory must be readable by the server's user, or every command warns about it.
  const options = { cwd: "/", maxBuffer: 1024 ** 3, encoding: "buffer" } as const;
  const running = user
    ? run("runuser", ["-u", user.name, "--", program, ...args], options)
    : run(program, [...args], options);
  running.child.stdin?.on("error", () => undefined); // it ended without reading: its exit code says why
  running.child.stdin?.end(input);
  return new Uint8Array((await running).stdout);
}

function giveTo(user: OsUser | undefined, path: string): void {
  if (!user) return;
  chownSync(path, user.uid, user.gid);
  if (path.endsWith("initial-password")) chmodSync(path, 0o600);
}

function reasonFromLog(logFile: string): string {
  if (!existsSync(logFile)) return `no log was written in ${dirname(logFile)}`;
  const lines = readFileSync(logFile, "utf8").trim().split("\n");
  const fatal = lines.findLast((line) => /FATAL|PANIC|could not/.test(line));
  return (fatal ?? lines.at(-1) ?? "the log is empty").replace(/^.*?(FATAL|PANIC|LOG|WARNING):\s*/, "");
}

function lastLine(text: string): string {
  return text.trim().split("\n").at(-1) ?? text;
}
