import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { migrationFile, migrationOf } from "./migration.ts";
import { rollbackOf } from "./rollback.ts";
import type { Room } from "./rooms.ts";

/**
 * Writes what `npm run db:build` writes, without a word: migrations and rollbacks of the rooms.
 *
 * @param supabase folder with `migrations/` and `rollbacks/`.
 * @returns whether anything was stale.
 * @throws StackError naming a statement that has no inverse; nothing is written then.
 */
export async function writeMigrations(rooms: readonly Room[], supabase: string): Promise<boolean> {
  const wanted = new Map<string, string>();
  for (const [index, room] of rooms.entries()) {
    wanted.set(join("migrations", migrationFile(room, index)), migrationOf(room));
    wanted.set(join("rollbacks", migrationFile(room, index)), await rollbackOf(room));
  }
  let wasStale = false;
  for (const folder of ["migrations", "rollbacks"]) {
    mkdirSync(join(supabase, folder), { recursive: true });
    for (const file of readdirSync(join(supabase, folder)).filter((name) => !wanted.has(join(folder, name)))) {
      rmSync(join(supabase, folder, file));
      wasStale = true;
    }
  }
  for (const [file, text] of wanted) {
    const path = join(supabase, file);
    if (existsSync(path) && readFileSync(path, "utf8") === text) continue;
    writeFileSync(path, text);
    wasStale = true;
  }
  return wasStale;
}

/** Whether the migrations are frozen, so that later changes get migrations of their own. */
export const areFrozen = (supabase: string): boolean => existsSync(join(supabase, "migrations.sha256"));
