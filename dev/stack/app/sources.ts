import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { paths } from "../../base/paths.ts";

/** What the app is built from. */
const SOURCES = [
  "examples/web",
  "src/client",
  "supabase/functions/_shared/contracts",
  "tsconfig.base.json",
  "package-lock.json",
];
const NOT_SOURCES = new Set(["node_modules", "dist"]);

/** The name of the build that these sources make: another one when a file has changed. */
export function sourcesKey(): string {
  const hash = createHash("sha256");
  for (const file of SOURCES.flatMap(filesBelow))
    hash
      .update(file)
      .update("\0")
      .update(readFileSync(join(paths.root, file)));
  return hash.digest("hex").slice(0, 16);
}

function filesBelow(path: string): string[] {
  if (statSync(join(paths.root, path)).isFile()) return [path];
  const names = readdirSync(join(paths.root, path)).filter((name) => !NOT_SOURCES.has(name));
  return names.sort().flatMap((name) => filesBelow(`${path}/${name}`));
}
