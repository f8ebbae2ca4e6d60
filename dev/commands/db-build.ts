import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { paths } from "../base/paths.ts";
import { StackError } from "../base/stack-error.ts";
import { migrationFile, migrationOf } from "../schemas/migration.ts";
import { rollbackOf } from "../schemas/rollback.ts";
import { readRooms } from "../schemas/rooms.ts";
import { runCommand } from "./command.ts";
import { writeOrCheck } from "./generated-file.ts";

await runCommand({
  usage: `Usage: npm run db:build -- [options]

Writes supabase/migrations and supabase/rollbacks, one file for each room, from supabase/schemas. The order of the rooms is
that of schema_paths in supabase/config.toml.

  --check   change nothing; exit with 1 when a file is stale
  --help    show this text`,
  options: { check: { type: "boolean", default: false } },
  async run({ check }) {
    const rooms = readRooms();
    const names = new Set(rooms.map(migrationFile));
    for (const folder of [paths.migrations, paths.rollbacks]) {
      mkdirSync(folder, { recursive: true });
      for (const file of readdirSync(folder).filter((name) => !names.has(name))) removeOrRefuse(folder, file, check);
    }
    for (const [index, room] of rooms.entries()) {
      const file = migrationFile(room, index);
      writeOrCheck(join(paths.migrations, file), migrationOf(room), check, "npm run db:build");
      writeOrCheck(join(paths.rollbacks, file), await rollbackOf(room), check, "npm run db:build");
    }
  },
});

function removeOrRefuse(folder: string, file: string, isCheck: boolean): void {
  if (isCheck)
    throw new StackError(`${file} belongs to no room of supabase/schemas: run npm run db:build and commit it`);
  rmSync(join(folder, file));
}
