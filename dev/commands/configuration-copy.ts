import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** The text of the top level's config.toml, a copy of `supabase/config.toml` (docs/decisions/0039-no-symbolic-links.md). */
export function configurationCopy(project: string): string {
  const source = readFileSync(join(project, "supabase/config.toml"), "utf8");
  return `# Written by npm run db:build from supabase/config.toml: edit there. Paths are relative to supabase/.\n${source}`;
}

/**
 * Brings the copy up to date.
 *
 * @param project folder with `supabase/`.
 */
export function copyConfiguration(project: string): void {
  writeFileSync(join(project, "config.toml"), configurationCopy(project));
}
