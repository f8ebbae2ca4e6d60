import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { paths } from "../base/paths.ts";

/**
 * The configuration of all functions together, with which Deno checks and tests them in one process instead of one for
 * each. That every deno.json names what its function imports, in the one version there is, has a test of its own.
 *
 * @returns its path, relative to the repository.
 */
export function allImports(): string {
  const configurations = readdirSync(paths.functions)
    .map((name) => join(paths.functions, name, "deno.json"))
    .filter((file) => existsSync(file));
  const imports = Object.assign({}, ...configurations.map(importsOf)) as Record<string, string>;
  mkdirSync(paths.cache, { recursive: true });
  const file = join(paths.cache, "all-functions.json");
  // Another run may be reading it: the rename is atomic.
  writeFileSync(`${file}.${process.pid}`, JSON.stringify({ imports }, null, 2));
  renameSync(`${file}.${process.pid}`, file);
  return relative(paths.root, file);
}

const importsOf = (file: string): Record<string, string> =>
  (JSON.parse(readFileSync(file, "utf8")) as { imports: Record<string, string> }).imports;
