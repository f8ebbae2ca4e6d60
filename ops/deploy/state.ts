import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { paths } from "../../dev/base/paths.ts";
import type { TargetName } from "./target.ts";

/** How far a deployment of a commit has come. Holds no secrets. */
export interface State {
  commit: string;
  startedAt: string;
  /** Versions of the migrations that were there before it. */
  before: string[];
  /** Versions that it applied. */
  applied: string[];
  /** Names of the steps that need not be done again. */
  done: string[];
  finishedAt?: string;
  rolledBackAt?: string;
}

/** Folder with the states and logs: DEPLOY_STATE_DIR, else `.local/deploy`. */
export function stateFolder(): string {
  const folder = resolve(process.env["DEPLOY_STATE_DIR"] || join(paths.local, "deploy"));
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** The state of the last deployment to a target; undefined when there is none. */
export function readState(target: TargetName): State | undefined {
  try {
    return JSON.parse(readFileSync(fileOf(target), "utf8")) as State;
  } catch {
    return undefined; // none, or one that was cut off: every step may be done again
  }
}

/** Replaces the state as a whole, so that a process that is killed leaves the old or the new one. */
export function writeState(target: TargetName, state: State): void {
  const file = fileOf(target);
  writeFileSync(`${file}.new`, `${JSON.stringify(state, null, 2)}\n`);
  renameSync(`${file}.new`, file);
}

const fileOf = (target: TargetName): string => join(stateFolder(), `${target}.json`);
