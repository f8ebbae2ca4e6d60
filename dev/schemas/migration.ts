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

/** The rooms that such migrations were written from; another migration is a room of its own. */
export function roomsOfMigrations(migrations: readonly { readonly file: string; readonly sql: string }[]): Room[] {
  return migrations.map(({ file, sql }) => {
    const [, path, ...rest] = sql.split(/^-- (schemas\/\S+\.sql)\n\n/mu);
    if (path === undefined) return { name: file, files: [{ path: `migrations/${file}`, sql }] };
    const parts = [path, ...rest];
    const files = parts.flatMap((part, index) =>
      index % 2 === 0 ? [{ path: part, sql: parts[index + 1] ?? "" }] : [],
    );
    return { name: path.split("/")[1] ?? "", files };
  });
}
