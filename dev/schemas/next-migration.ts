import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { StackError } from "../base/stack-error.ts";
import { type Draft, lossesIn } from "./draft.ts";
import { readRooms } from "./rooms.ts";

/** What a migration is about, as its file name says it. */
export interface Subject {
  readonly room: string;
  /** In small letters, `add_urgency`. */
  readonly change: string;
}

/** @throws StackError when there is no such room, or the change is no part of a file name. */
export function refuseWrongSubject({ room, change }: Subject, supabase: string): void {
  const rooms = readRooms(supabase).map(({ name }) => name);
  if (!rooms.includes(room)) throw new StackError(`there is no room ${room}: ${rooms.join(", ")}`);
  if (!/^[a-z][a-z0-9_]*$/u.test(change)) {
    throw new StackError(`${change} is no name of a change: use small letters, digits and underscores, add_urgency`);
  }
}

/**
 * Writes a migration and its rollback, after all that are there.
 *
 * @param supabase folder with `migrations/` and `rollbacks/`.
 * @returns the name of both files.
 */
export function writeMigration(subject: Subject, draft: Draft, supabase: string, now: Date = new Date()): string {
  const file = `${nextVersion(readdirSync(join(supabase, "migrations")), now)}_${subject.room}_${subject.change}.sql`;
  // neither is overwritten: of two that start at once, one fails
  writeFileSync(join(supabase, "migrations", file), `${header(subject)}${draft.sql}`, { flag: "wx" });
  writeFileSync(join(supabase, "rollbacks", file), `${rollbackHeader(file, draft)}${draft.rollback}`, { flag: "wx" });
  return file;
}

/** The second it is, or the one after the newest migration, so that each runs after those before it. */
function nextVersion(files: readonly string[], now: Date): string {
  const newest = files.map((file) => /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)_/u.exec(file)?.slice(1).map(Number) ?? []);
  const times = newest.map(([year = 0, month = 1, day, hour, minute, second = 0]) =>
    Date.UTC(year, month - 1, day, hour, minute, second + 1),
  );
  return new Date(Math.max(now.getTime(), ...times)).toISOString().replaceAll(/\D/gu, "").slice(0, 14);
}

const header = ({ room, change }: Subject): string =>
  `-- Written by npm run db:migration, then by hand. Room ${room}: ${change.replaceAll("_", " ")}.
-- It runs in one transaction beside people who work. What waits for a lock lets everybody wait, so it gives up after 3 s and
-- can be tried again. On a big table: an index by \`create index concurrently\`, alone in a file of its own, which runs outside
-- a transaction; a constraint \`not valid\` here and \`validate constraint\` in the next file; no new type of a column.
set local lock_timeout = '3s';

`;

function rollbackHeader(file: string, { rollback }: Draft): string {
  const losses = lossesIn(rollback);
  const deletes = losses.length === 0 ? "" : ` DELETES (take a backup first): ${losses.join(", ")}.`;
  return `-- Written by npm run db:migration, then by hand: takes ${file} back.${deletes}\n\n`;
}
