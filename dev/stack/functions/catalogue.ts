import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** One function as found in `supabase/functions`. */
export interface FunctionSource {
  name: string;
  directory: string;
  /** The file Deno runs. */
  entry: string;
  /** Its `deno.json`, where there is one. */
  configuration: string | undefined;
}

/** Lists the functions: every folder with an index.ts whose name does not begin with `_` or `.`. */
export function listFunctions(root: string): FunctionSource[] {
  if (!existsSync(root)) return [];
  return readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && /^[A-Za-z][\w-]*$/.test(entry.name))
    .map((entry) => entry.name)
    .sort()
    .flatMap((name) => {
      const directory = join(root, name);
      const entry = join(directory, "index.ts");
      const configuration = [join(directory, "deno.json"), join(root, "deno.json")].find((file) => existsSync(file));
      return existsSync(entry) ? [{ name, directory, entry, configuration }] : [];
    });
}
