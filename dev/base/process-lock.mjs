// A file that one process at a time holds. Plain JavaScript, because dev/bootstrap.mjs asks before there is any package.
import { randomUUID } from "node:crypto";
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
  const mine = `${process.pid} ${randomUUID()}`;
  while (!isMade(file, mine)) {
    if (holderOf(file, longestMs) !== undefined) return undefined;
    removeAbandoned(file, longestMs);
  }
  // somebody who thought that it was abandoned may have taken it over
  return () => contentOf(file) === mine && rmSync(file, { force: true });
}

/**
 * One process at a time removes an abandoned lock: a second one, which has seen it too, would remove the lock of whoever
 * has taken it since.
 *
 * @param {string} file
 * @param {number} longestMs
 */
function removeAbandoned(file, longestMs) {
  const turn = `${file}.abandoned`;
  if (!isMade(turn, "")) {
    if (ageOf(turn) > LONGEST_WRITE_MS) rmSync(turn, { force: true });
    return;
  }
  try {
    const content = contentOf(file);
    // not when there is none any more: by now it may be somebody's
    if (content !== undefined && holderIn(content, file, longestMs) === undefined) rmSync(file, { force: true });
  } finally {
    rmSync(turn, { force: true });
  }
}

/**
 * @param {string} file
 * @param {string} content
 */
function isMade(file, content) {
  try {
    writeFileSync(file, content, { flag: "wx" });
    return true;
  } catch (error) {
    if (codeOf(error) !== "EEXIST") throw error;
    return false;
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
  const content = contentOf(file);
  return content === undefined ? undefined : holderIn(content, file, longestMs);
}

/**
 * @param {string} content
 * @param {string} file
 * @param {number} longestMs
 * @returns {number | undefined}
 */
function holderIn(content, file, longestMs) {
  const pid = Number.parseInt(content, 10);
  if (pid > 0) return ageOf(file) < longestMs && isRunning(pid) ? pid : undefined;
  return ageOf(file) < LONGEST_WRITE_MS ? 0 : undefined;
}

/**
 * @param {string} file
 * @returns {string | undefined} undefined: there is none.
 */
function contentOf(file) {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (codeOf(error) !== "ENOENT") throw error;
    return undefined;
  }
}

/**
 * Milliseconds since it was written; 0 when it is gone.
 *
 * @param {string} file
 */
const ageOf = (file) => Date.now() - (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());

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
