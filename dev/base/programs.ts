import { join } from "node:path";
import { paths } from "./paths.ts";

/** Programs that come with packages: scripts that Node runs. The links in node_modules/.bin are no such on Windows. */
const PROGRAMS = {
  attw: "@arethetypeswrong/cli/dist/index.js",
  biome: "@biomejs/biome/bin/biome",
  publint: "publint/src/cli.js",
  supabase: "supabase/dist/supabase.js",
  tsc: "typescript/bin/tsc",
  vite: "vite/bin/vite.js",
  vitest: "vitest/vitest.mjs",
} as const;

/** Name of a program that a package brings along. */
export type PackageProgram = keyof typeof PROGRAMS;

/** Whether a package brings this program along. */
export function isPackageProgram(name: string): name is PackageProgram {
  return name in PROGRAMS;
}

/** The file to run with Node. */
export function packageProgram(name: PackageProgram): string {
  return join(paths.nodeModules, PROGRAMS[name]);
}
