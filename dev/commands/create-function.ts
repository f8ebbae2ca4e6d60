import { appendFileSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { paths } from "../base/paths.ts";
import { StackError } from "../base/stack-error.ts";
import { lockedVersions, neededImports } from "../stack/functions/packages.ts";
import { copyConfiguration } from "./configuration-copy.ts";
import { type AuthMode, functionFiles } from "./function-template.ts";

/**
 * Writes a new function beside the others and names it in config.toml.
 *
 * @param project folder with `supabase/`.
 */
export function createFunction(name: string, mode: AuthMode, project: string = paths.root): void {
  const directory = join(project, "supabase/functions", name);
  if (existsSync(directory)) throw new StackError(`supabase/functions/${name} already exists`);
  mkdirSync(directory);
  for (const [file, content] of Object.entries(functionFiles(name, mode))) {
    writeFileSync(join(directory, file), content);
  }
  const imports = neededImports(directory, lockedVersions(join(paths.root, "package-lock.json")));
  writeFileSync(join(directory, "deno.json"), `${JSON.stringify({ imports }, null, 2)}\n`);
  // Everything else is as the platform would have it.
  appendFileSync(join(project, "supabase/config.toml"), `\n[functions.${name}]\nverify_jwt = false\n`);
  copyConfiguration(project);
}
