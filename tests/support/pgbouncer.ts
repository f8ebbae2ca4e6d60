import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { findFreePort } from "../../dev/stack/database/free-port.ts";
import { osUserFor } from "../../dev/stack/database/os-user.ts";

/** A PgBouncer of our own before a throwaway server. */
export interface PgBouncer {
  readonly port: number;
  /** The same address, through the pooler. */
  through(url: string): string;
  /** What it wrote so far. */
  log(): string;
  stop(): Promise<void>;
}

export interface PgBouncerOptions {
  /** Default: `transaction`, as hosted projects have it. */
  mode?: "transaction" | "session";
  /** Settings to add or to replace, e.g. `{ default_pool_size: "2" }`. */
  settings?: Readonly<Record<string, string>>;
}

const PROGRAM = "/usr/sbin/pgbouncer";
const START_MS = 30_000;

/**
 * Starts one, and waits until it listens.
 *
 * @param urls addresses of the server: who is named in them may log in.
 * @example
 * const pooler = await startPgBouncer([urls.owner, urls.superuser]);
 * const url = pooler.through(urls.owner);
 * await pooler.stop();
 */
export async function startPgBouncer(urls: readonly string[], options: PgBouncerOptions = {}): Promise<PgBouncer> {
  const [server] = urls.map((url) => new URL(url));
  if (server === undefined) throw new Error("a pooler needs the address of its server");
  const folder = mkdtempSync(join(tmpdir(), "neighbourhood-pgbouncer-"));
  const port = await findFreePort();
  const settings: Record<string, string> = {
    listen_addr: "127.0.0.1",
    listen_port: String(port),
    unix_socket_dir: "",
    auth_type: "scram-sha-256",
    auth_file: join(folder, "users"),
    pool_mode: options.mode ?? "transaction",
    default_pool_size: "10",
    max_client_conn: "200",
    logfile: join(folder, "log"),
    ...options.settings,
  };
  const users = urls.map((url) => {
    const { username, password } = new URL(url);
    return `"${decodeURIComponent(username)}" "${decodeURIComponent(password)}"`;
  });
  writeFileSync(join(folder, "users"), `${users.join("\n")}\n`);
  const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}`);
  writeFileSync(
    join(folder, "ini"),
    `[databases]\n* = host=${server.hostname} port=${server.port}\n[pgbouncer]\n${lines.join("\n")}\n`,
  );
  // it writes its log there, as another user when we are root; the files are gone with the test
  chmodSync(folder, 0o777);
  const child = run(folder);
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) {
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGTERM"); // at once, without waiting for clients
      await ended;
    }
    rmSync(folder, { recursive: true, force: true });
  };
  const log = () => (existsSync(join(folder, "log")) ? readFileSync(join(folder, "log"), "utf8") : "");
  try {
    await untilListening(port, child, log);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    port,
    through(url) {
      const pooled = new URL(url);
      pooled.port = String(port);
      return pooled.href;
    },
    log,
    stop,
  };
}

/** PgBouncer refuses to run as root. */
function run(folder: string): ChildProcess {
  const user = osUserFor(folder);
  const args = ["-q", join(folder, "ini")];
  const options = { cwd: "/", stdio: "ignore" } as const;
  if (user === undefined) return spawn(PROGRAM, args, options);
  return spawn(PROGRAM, args, { ...options, uid: user.uid, gid: user.gid });
}

async function untilListening(port: number, child: ChildProcess, log: () => string): Promise<void> {
  let problem = "";
  child.once("error", (error) => {
    problem = `${error.message} (Debian: apt-get install pgbouncer)`;
  });
  for (const deadline = Date.now() + START_MS; Date.now() < deadline; await setTimeout(50)) {
    if (problem !== "" || child.exitCode !== null) break;
    if (await isListening(port)) return;
  }
  throw new Error(`PgBouncer did not start: ${problem || log()}`);
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
}
