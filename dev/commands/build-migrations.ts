import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { paths } from "../base/paths.ts";
import { StackError } from "../base/stack-error.ts";
import { areFrozen, checkMigrations, NEXT_MIGRATION } from "../schemas/frozen.ts";
import { migrationFile, migrationOf } from "../schemas/migration.ts";
import { rollbackOf } from "../schemas/rollback.ts";
import { readRooms } from "../schemas/rooms.ts";
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
  const rooms = readRooms(supabase);
  const names = new Set(rooms.map(migrationFile));
  const [migrations, rollbacks] = [join(supabase, "migrations"), join(supabase, "rollbacks")];
  for (const folder of [migrations, rollbacks]) {
    mkdirSync(folder, { recursive: true });
    for (const file of readdirSync(folder).filter((name) => !names.has(name))) removeOrRefuse(folder, file, isCheck);
  }
  for (const [index, room] of rooms.entries()) {
    const file = migrationFile(room, index);
    writeOrCheck(join(migrations, file), migrationOf(room), isCheck, "npm run db:build");
    writeOrCheck(join(rollbacks, file), await rollbackOf(room), isCheck, "npm run db:build");
  }
}

function removeOrRefuse(folder: string, file: string, isCheck: boolean): void {
  if (isCheck)
    throw new StackError(`${file} belongs to no room of supabase/schemas: run npm run db:build and commit it`);
  rmSync(join(folder, file));
}
