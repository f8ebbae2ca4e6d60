import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { StackError } from "../base/stack-error.ts";

/** Whether a stack uses the data. */
export function isDataInUse(file: string): boolean {
  const owner = ownerOf(file);
  return owner !== undefined && isAlive(owner);
}

/**
 * Makes sure that one process at a time uses a data directory. A lock whose process is gone is taken over.
 *
 * @returns a function that releases the lock.
 * @throws StackError when another stack is running on the same data.
 */
export function lockData(file: string): () => void {
  mkdirSync(dirname(file), { recursive: true });
  for (;;) {
    try {
      writeFileSync(file, String(process.pid), { flag: "wx" });
      return () => rmSync(file, { force: true });
    } catch (error) {
      if (!isExists(error)) throw error;
    }
    const owner = ownerOf(file);
    if (owner !== undefined && isAlive(owner)) {
      throw new StackError(
        `another stack (process ${owner}) already uses this data: stop it first (if there is none, delete ${file})`,
      );
    }
    rmSync(file, { force: true });
  }
}

function ownerOf(file: string): number | undefined {
  try {
    const pid = Number(readFileSync(file, "utf8"));
    return Number.isInteger(pid) && pid > 0 ? pid : undefined;
  } catch {
    return undefined; // released in the meantime
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives, but belongs to someone else
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

function isExists(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EEXIST";
}
