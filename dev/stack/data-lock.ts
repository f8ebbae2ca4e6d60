import { holderOf, takeLock } from "../base/process-lock.mjs";
import { StackError } from "../base/stack-error.ts";

/** Whether a stack uses the data. */
export function isDataInUse(file: string): boolean {
  return holderOf(file) !== undefined;
}

/**
 * Makes sure that one process at a time uses a data directory. A lock whose process is gone is taken over.
 *
 * @returns a function that releases the lock.
 * @throws StackError when another stack is running on the same data.
 */
export function lockData(file: string): () => void {
  const release = takeLock(file);
  if (release !== undefined) return release;
  const holder = holderOf(file);
  const who = holder ? ` (process ${holder})` : "";
  throw new StackError(`another stack${who} already uses this data: stop it first (if there is none, delete ${file})`);
}
