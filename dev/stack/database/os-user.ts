import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { StackError } from "../../base/stack-error.ts";

/** The user a server process runs as. */
export interface OsUser {
  name: string;
  uid: number;
  gid: number;
}

const SERVER_USER = "postgres";
const MISSING =
  "is not on the PATH, and PostgreSQL does not run as root: install it (Debian: apt-get install util-linux), or run as another user";

/**
 * The user to run a server as when we are root, because PostgreSQL refuses to run as root (containers, CI).
 * Undefined means: run as ourselves.
 *
 * @throws StackError when the machine has no such user, it cannot reach the directory, or `runuser` is missing.
 */
export function osUserFor(directory: string): OsUser | undefined {
  if (!isRoot()) return undefined;
  serverUser ??= { name: SERVER_USER, uid: idOf("-u"), gid: idOf("-g") };
  if (!canReach(directory)) {
    throw new StackError(`user ${SERVER_USER} cannot reach ${directory}: choose a data directory it may enter`);
  }
  return serverUser;
}

let serverUser: OsUser | undefined;

/**
 * The given directory, or, when we are root and the server's user may not enter it (a repository under /root),
 * a directory under the system's temporary one that is the same at every start.
 */
export function reachableDirectory(directory: string): string {
  if (!isRoot() || canReach(directory)) return directory;
  const name = createHash("sha256").update(resolve(directory)).digest("hex").slice(0, 12);
  return join(tmpdir(), `neighbourhood-cluster-${name}`);
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}

function canReach(directory: string): boolean {
  let existing = resolve(directory);
  while (!existsSync(existing)) existing = dirname(existing);
  if (isOpenToEverybody(existing)) return true; // asking the other user takes long from a large process
  try {
    execFileSync("runuser", ["-u", SERVER_USER, "--", "test", "-x", existing], { cwd: "/", stdio: "ignore" });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") throw new StackError(`runuser ${MISSING}`);
    return false;
  }
}

function isOpenToEverybody(directory: string): boolean {
  const parent = dirname(directory);
  return (statSync(directory).mode & 0o001) !== 0 && (parent === directory || isOpenToEverybody(parent));
}

function idOf(flag: "-u" | "-g"): number {
  try {
    return Number(execFileSync("id", [flag, SERVER_USER], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }));
  } catch {
    throw new StackError(`PostgreSQL cannot run as root and there is no user ${SERVER_USER}: run as another user`);
  }
}
