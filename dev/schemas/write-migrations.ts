import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { areFrozen } from "./frozen.ts";
import { migrationFile, migrationOf } from "./migration.ts";
import { rollbackOf } from "./rollback.ts";
import type { Room } from "./rooms.ts";

/**
 * The files that `npm run db:build` writes, by their paths in `supabase/`.
 *
 * @throws StackError naming a statement that has no inverse.
 */
export async function builtFiles(rooms: readonly Room[]): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>();
  for (const [index, room] of rooms.entries()) {
    files.set(join("migrations", migrationFile(room, index)), migrationOf(room));
    files.set(join("rollbacks", migrationFile(room, index)), await rollbackOf(room));
  }
  return files;
}

/** The files beside them that belong to no room any more. */
export function leftFiles(built: ReadonlyMap<string, string>, supabase: string): string[] {
  return ["migrations", "rollbacks"].flatMap((folder) => {
    mkdirSync(join(supabase, folder), { recursive: true });
    const files = readdirSync(join(supabase, folder)).map((file) => join(folder, file));
    return files.filter((file) => !built.has(file));
  });
}

/**
 * Writes what `npm run db:build` writes, without a word; once migrations are frozen, nothing.
 *
 * @param supabase folder with `migrations/` and `rollbacks/`.
 * @returns whether anything was stale.
 * @throws StackError naming a statement that has no inverse; nothing is written then.
 */
export async function writeMigrations(rooms: readonly Room[], supabase: string): Promise<boolean> {
  if (areFrozen(supabase)) return false;
  const built = await builtFiles(rooms);
  const left = leftFiles(built, supabase);
  for (const file of left) rmSync(join(supabase, file));
  const stale = [...built].filter(([file, text]) => {
    const path = join(supabase, file);
    return !existsSync(path) || readFileSync(path, "utf8") !== text;
  });
  for (const [file, text] of stale) writeFileSync(join(supabase, file), text);
  return left.length + stale.length > 0;
}
