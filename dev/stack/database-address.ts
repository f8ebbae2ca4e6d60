import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { StackError } from "../base/stack-error.ts";
import { isDataInUse } from "./data-lock.ts";

const fileIn = (dataDir: string) => join(dataDir, "database-url");

/**
 * Leaves the address of a running stack's database beside its data, for the commands of this folder.
 *
 * @returns a function that takes it away.
 */
export function leaveAddress(dataDir: string, url: string): () => void {
  writeFileSync(fileIn(dataDir), url, { mode: 0o600 });
  return () => forgetAddress(dataDir);
}

/** Takes the address away, also one that a killed stack has left. */
export function forgetAddress(dataDir: string): void {
  rmSync(fileIn(dataDir), { force: true });
}

/**
 * The address of the database of the stack that runs on this data; undefined when none runs.
 *
 * @throws StackError while the stack is starting.
 */
export function addressOfRunningStack(dataDir: string): string | undefined {
  if (!isDataInUse(join(dataDir, "stack.lock"))) return undefined;
  const file = fileIn(dataDir);
  if (!existsSync(file)) throw new StackError("the stack is still starting or has another database: see npm start");
  return readFileSync(file, "utf8");
}
