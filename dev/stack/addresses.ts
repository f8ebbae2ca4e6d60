import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { StackError } from "../base/stack-error.ts";
import { isDataInUse } from "./data-lock.ts";

/** What of a running stack the commands of this folder ask for. */
export type Place = "database" | "api";

const PLACES: readonly Place[] = ["database", "api"];
const fileIn = (dataDir: string, place: Place) => join(dataDir, `${place}-url`);

/**
 * Leaves an address of a running stack beside its data.
 *
 * @returns a function that takes it away.
 */
export function leaveAddress(dataDir: string, place: Place, url: string): () => void {
  writeFileSync(fileIn(dataDir, place), url, { mode: 0o600 });
  return () => forgetAddresses(dataDir, [place]);
}

/** Takes addresses away, also those that a killed stack has left. */
export function forgetAddresses(dataDir: string, places: readonly Place[] = PLACES): void {
  for (const place of places) rmSync(fileIn(dataDir, place), { force: true });
}

/**
 * An address of the stack that runs on this data, of its database by default; undefined when none runs.
 *
 * @throws StackError while the stack is starting.
 */
export function addressOfRunningStack(dataDir: string, place: Place = "database"): string | undefined {
  if (!isDataInUse(join(dataDir, "stack.lock"))) return undefined;
  const file = fileIn(dataDir, place);
  if (!existsSync(file)) throw new StackError("the stack is still starting or has another database: see npm start");
  return readFileSync(file, "utf8");
}
