// A file that one process at a time holds. Plain JavaScript, because dev/bootstrap.mjs asks before there is any package.
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/** An empty file is one being written right now, unless it has been lying there. */
const LONGEST_WRITE_MS = 5_000;

/**
 * Takes the lock, also from a process that is gone.
 *
 * @param {string} file
 * @param {number} [longestMs] after which a process that still runs has only the number of the one that took it.
 * @returns {(() => void) | undefined} gives it back; undefined: another process holds it.
 */
export function takeLock(file, longestMs = Number.POSITIVE_INFINITY) {
  mkdirSync(dirname(file), { recursive: true });
  for (;;) {
    try {
      writeFileSync(file, String(process.pid), { flag: "wx" });
      return () => rmSync(file, { force: true });
    } catch (error) {
      if (codeOf(error) !== "EEXIST") throw error;
    }
    if (holderOf(file, longestMs) !== undefined) return undefined;
    rmSync(file, { force: true });
  }
}

/**
 * The process that holds the lock; 0 while it is just being taken, undefined for nobody.
 *
 * @param {string} file
 * @param {number} [longestMs] as for {@link takeLock}.
 * @returns {number | undefined}
 */
export function holderOf(file, longestMs = Number.POSITIVE_INFINITY) {
  try {
    const age = Date.now() - statSync(file).mtimeMs;
    const pid = Number(readFileSync(file, "utf8"));
    if (pid > 0) return age < longestMs && isRunning(pid) ? pid : undefined;
    return age < LONGEST_WRITE_MS ? 0 : undefined;
  } catch (error) {
    if (codeOf(error) !== "ENOENT") throw error;
    return undefined; // given back in the meantime
  }
}

/**
 * Whether a process runs, also somebody else's.
 *
 * @param {number} pid
 */
export function isRunning(pid) {
  try {
    return pid > 0 && process.kill(pid, 0);
  } catch (error) {
    return codeOf(error) === "EPERM";
  }
}

/** @param {unknown} error */
const codeOf = (error) => (error instanceof Error && "code" in error ? error.code : undefined);
