import { rmSync } from "node:fs";
import { join } from "node:path";
import { paths } from "../base/paths.ts";
import { StackError } from "../base/stack-error.ts";
import { areFrozen, checkMigrations, NEXT_MIGRATION } from "../schemas/frozen.ts";
import { readRooms } from "../schemas/rooms.ts";
import { builtFiles, leftFiles } from "../schemas/write-migrations.ts";
import { writeOrCheck } from "./generated-file.ts";

/**
 * Writes the migration and the rollback of each room, or only compares them. Once migrations are frozen nothing is written,
 * and compared is what stands with their checksums.
 *
 * @param supabase folder with `config.toml`, `schemas/`, `migrations/` and `rollbacks/`.
 * @throws StackError when a file is stale, and when frozen migrations were to be written anew.
 */
export async function buildMigrations(isCheck: boolean, supabase: string = paths.supabase): Promise<void> {
  if (areFrozen(supabase)) {
    if (!isCheck) throw new StackError(`the migrations are frozen: write what changes with ${NEXT_MIGRATION}`);
    const { frozen, later } = checkMigrations(supabase);
    console.log(`${frozen.length} migrations are as they were frozen, ${later.length} came later`);
    return;
  }
  const built = await builtFiles(readRooms(supabase));
  for (const file of leftFiles(built, supabase)) {
    if (isCheck)
      throw new StackError(`${file} belongs to no room of supabase/schemas: run npm run db:build and commit it`);
    rmSync(join(supabase, file));
  }
  for (const [file, text] of built) writeOrCheck(join(supabase, file), text, isCheck, "npm run db:build");
}
