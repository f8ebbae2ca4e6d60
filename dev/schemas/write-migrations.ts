import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { areFrozen } from "./frozen.ts";
import { migrationFile, migrationOf } from "./migration.ts";
import { rollbackOf } from "./rollback.ts";
import type { Room } from "./rooms.ts";

/**
 * The files that `npm run db:build` writes, by their paths in `supabase/`.
 *
 * @param written what stands in such a file already: where a migration is as it was, so is the rollback, which takes longer
 * to make.
 * @throws StackError naming a statement that has no inverse.
 */
export async function builtFiles(
  rooms: readonly Room[],
  written: (file: string) => string | undefined = () => undefined,
): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>();
  for (const [index, room] of rooms.entries()) {
    const file = migrationFile(room, index);
    const [migration, rollback] = [join("migrations", file), join("rollbacks", file)];
    const text = migrationOf(room);
    files.set(migration, text);
    files.set(rollback, (written(migration) === text ? written(rollback) : undefined) ?? (await rollbackOf(room)));
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
  const written = (file: string): string | undefined => {
    const path = join(supabase, file);
    return existsSync(path) ? readFileSync(path, "utf8") : undefined;
  };
  const built = await builtFiles(rooms, written);
  const left = leftFiles(built, supabase);
  for (const file of left) rmSync(join(supabase, file));
  const stale = [...built].filter(([file, text]) => written(file) !== text);
  for (const [file, text] of stale) writeFileSync(join(supabase, file), text);
  return left.length + stale.length > 0;
}
