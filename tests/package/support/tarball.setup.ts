import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { paths } from "../../../dev/base/paths.ts";

/** What npm tells of a tarball it made. */
export interface Tarball {
  /** Where it is: a folder for this run, which goes with it. */
  path: string;
  name: string;
  version: string;
  /** Bytes of the file, and of what is in it. */
  size: number;
  unpackedSize: number;
  files: { path: string }[];
}

declare module "vitest" {
  export interface ProvidedContext {
    tarball: Tarball;
  }
}

/** Vitest global setup: packs the client once, with the command of docs/client.md. */
export default function setup(project: TestProject): () => void {
  const folder = mkdtempSync(join(tmpdir(), "nh-tarball-"));
  const [packed] = JSON.parse(npm(paths.root, ["pack", "./src/client", "--json", "--pack-destination", folder]));
  project.provide("tarball", { ...packed, path: join(folder, packed.filename) });
  return () => rmSync(folder, { recursive: true, force: true });
}

/** Runs npm in a folder and returns what it printed. */
export function npm(folder: string, args: readonly string[]): string {
  // Under "npm test" there are variables that tell npm it is still in this repository.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_(?!config_cache)/iu.test(name)));
  return execFileSync("npm", args, {
    cwd: folder,
    env,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
    shell: process.platform === "win32",
  });
}
