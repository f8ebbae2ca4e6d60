import type { Room } from "./rooms.ts";

/** The day of the first migration; rooms are numbered within it, so that a file keeps its name while its room keeps its place. */
const FIRST_DAY = "20261121";

/** The file name of a room's migration and of its rollback. */
export function migrationFile(room: Room, index: number): string {
  return `${FIRST_DAY}${String((index + 1) * 100).padStart(6, "0")}_${room.name}.sql`;
}

/** The migration of a room: its files, one after the other. */
export function migrationOf(room: Room): string {
  const header = `-- Written by npm run db:build from supabase/schemas/${room.name}/: edit there.\n`;
  return [header, ...room.files.map(({ path, sql }) => `-- ${path}\n\n${sql}`)].join("\n");
}
