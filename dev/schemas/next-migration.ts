import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { messageOf, StackError } from "../base/stack-error.ts";
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
 * @throws StackError when one of them is there already.
 */
export function writeMigration(subject: Subject, draft: Draft, supabase: string, now: Date = new Date()): string {
  const file = `${nextVersion(readdirSync(join(supabase, "migrations")), now)}_${subject.room}_${subject.change}.sql`;
  writeNew(join(supabase, "migrations", file), `${header(subject)}${deletes(draft.sql)}${body(draft.sql)}`);
  writeNew(
    join(supabase, "rollbacks", file),
    `${rollbackHeader(file)}${deletes(draft.rollback)}${body(draft.rollback)}`,
  );
  return file;
}

/** Of two commands at once that want the same name, one fails. */
function writeNew(file: string, text: string): void {
  try {
    writeFileSync(file, text, { flag: "wx" });
  } catch (error) {
    throw new StackError(`${file} could not be written, so look at it and try again: ${messageOf(error)}`);
  }
}

/** The second it is, or the one after the newest migration, so that each runs after those before it. */
function nextVersion(files: readonly string[], now: Date): string {
  const times = files.flatMap((file) => {
    const [, date, hour, minute, second] = /^(\d{8})(\d\d)(\d\d)(\d\d)_/u.exec(file) ?? [];
    const day = date?.replace(/(\d{4})(\d\d)/u, "$1-$2-");
    return day === undefined ? [] : [Date.parse(`${day}T${hour}:${minute}:${second}Z`) + 1000];
  });
  return new Date(Math.max(now.getTime(), ...times)).toISOString().replaceAll(/\D/gu, "").slice(0, 14);
}

const header = ({ room, change }: Subject): string =>
  `-- Written by npm run db:migration, then by hand. Room ${room}: ${change.replaceAll("_", " ")}.
-- It runs in one transaction beside people who work. What waits for a lock lets everybody wait behind it: lock_timeout makes
-- it give up, and it can be tried again. On a big table: an index by \`create index concurrently\`, alone in a file of its own
-- (without lock_timeout, it runs outside a transaction); a constraint \`not valid\` here and \`validate constraint\` in the next
-- file; no new type of a column.
`;

const body = (sql: string): string => (sql === "" ? "" : `set local lock_timeout = '500ms';\n\n${sql}`);

const rollbackHeader = (file: string): string =>
  `-- Written by npm run db:migration, then by hand: takes ${file} back.\n`;

const deletes = (sql: string): string =>
  lossesIn(sql)
    .map((loss) => `-- DELETES what is in it: ${loss}\n`)
    .join("");
