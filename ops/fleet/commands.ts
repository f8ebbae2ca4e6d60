import { spawn } from "node:child_process";
import { join } from "node:path";
import { paths } from "../../dev/base/paths.ts";
import { StackError } from "../../dev/base/stack-error.ts";
import { listBackups } from "../backup/keep.ts";
import { openStore } from "../backup/open-store.ts";
import { runScheduledBackup } from "../backup/scheduled.ts";
import { inBytes } from "../core/show.ts";
import type { Community } from "./registry.ts";
import type { Told } from "./walk.ts";

/** What `fleet backup` tells of a community. */
export interface BackedUp extends Told {
  store: string;
  backup: string;
}

/**
 * Makes a backup of a community in its own folder of the store, and removes those past their time.
 *
 * @param hours none is made where a good one is younger.
 */
export async function backUp(community: Community, hours: number, signal: AbortSignal): Promise<BackedUp> {
  const store = storeOf(community);
  const newest = (await listBackups(openStore(store))).findLast(({ isGood }) => isGood);
  if (newest !== undefined && Date.now() - newest.takenAt.getTime() < hours * 3_600_000) {
    return { status: "young", line: `has ${newest.name}`, store, backup: newest.name };
  }
  const { manifest, retention } = await runScheduledBackup({ url: community.url, store, kind: "manual", signal });
  const removed = retention.remove.length === 0 ? "" : `, ${retention.remove.length} removed`;
  const line = `${manifest.name}, ${inBytes(manifest.dump.bytes)}${removed}`;
  return { status: "backed_up", line, store, backup: manifest.name };
}

/** @throws StackError where no store is named. */
export function storeOf({ store }: Community): string {
  if (store !== undefined) return store;
  throw new StackError(
    "where are backups kept? Write store: <folder or s3://bucket/prefix> into the registry, or set BACKUP_STORE",
  );
}

/** What `fleet run` tells of a community. */
export interface Ran extends Told {
  code: number | null;
  output: string;
}

/** Runs an npm command of this repository on a community, and keeps what it prints. */
export function runCommandOn(community: Community, command: readonly string[]): Promise<Ran> {
  const { DATABASE_URL: _everyday, DATABASE_DIRECT_URL: _direct, ...environment } = process.env;
  const child = spawn(process.execPath, [join(paths.root, "dev/bootstrap.mjs"), ...command], {
    cwd: paths.root,
    env: {
      ...environment,
      DATABASE_URL: community.url,
      ...(community.store === undefined ? {} : { BACKUP_STORE: community.store }),
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => {
      const text = output.trimEnd();
      const line = text.includes("\n") ? `\n${text.replaceAll(/^/gmu, "    ")}\n ` : text || `exit code ${code}`;
      resolve({ status: code === 0 ? "done" : "failed", isBad: code !== 0, line, code, output });
    });
  });
}
