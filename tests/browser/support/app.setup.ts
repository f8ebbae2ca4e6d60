import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "vite";
import type { TestProject } from "vitest/node";
import { paths } from "../../../dev/base/paths.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** Folder of the built example app. */
    appFiles: string;
  }
}

/** Vitest global setup: builds the example app once, into a folder for this run, which goes with it. */
export default async function setup(project: TestProject): Promise<() => void> {
  const outDir = mkdtempSync(join(tmpdir(), "nh-app-"));
  await build({
    root: join(paths.root, "examples/web"),
    logLevel: "warn",
    build: { outDir, emptyOutDir: true, reportCompressedSize: false },
  });
  project.provide("appFiles", outDir);
  return () => rmSync(outDir, { recursive: true, force: true });
}
