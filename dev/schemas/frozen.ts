import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { StackError } from "../base/stack-error.ts";
import { readRooms } from "./rooms.ts";

/** What to do instead of editing a migration that is frozen. */
export const NEXT_MIGRATION = "npm run db:migration -- <room> <change>";

/** Lies beside the folder of the migrations, whose files alone the Supabase CLI runs; `sha256sum --check` reads it, too. */
const CHECKSUMS = "migrations.sha256";

/** The migrations of a folder, oldest first. */
export interface Migrations {
  readonly frozen: readonly string[];
  readonly later: readonly string[];
}

/** Whether `npm run db:freeze` has been run. */
export const areFrozen = (supabase: string): boolean => existsSync(join(supabase, CHECKSUMS));

/**
 * Freezes all migrations as they are.
 *
 * @param supabase folder with `migrations/`.
 * @returns those that were not frozen before.
 */
export function freezeMigrations(supabase: string): readonly string[] {
  const before = readChecksums(supabase);
  const files = sqlFiles(join(supabase, "migrations"));
  const lines = files.map((file) => `${checksumOf(supabase, file)}  migrations/${file}\n`);
  writeFileSync(join(supabase, CHECKSUMS), lines.join(""));
  return files.filter((file) => !before.has(file));
}

/**
 * Compares the migrations with their checksums, and looks at those that came later: they have a room in their name, run
 * after the frozen ones, and have a rollback beside them.
 *
 * @param supabase folder with `schemas/`, `migrations/` and `rollbacks/`.
 * @throws StackError naming the file and what to do.
 */
export function checkMigrations(supabase: string): Migrations {
  refuseEdited(supabase);
  const frozen = [...readChecksums(supabase).keys()];
  const later = sqlFiles(join(supabase, "migrations")).filter((file) => !frozen.includes(file));
  const rooms = readRooms(supabase).map(({ name }) => name);
  let newest = frozen.at(-1) ?? "";
  for (const file of later) {
    const [, version = "", rest = ""] = /^(\d{14})_(\w+)\.sql$/u.exec(file) ?? [];
    if (!rooms.some((room) => rest.startsWith(`${room}_`))) {
      throw new StackError(
        `${shown(file)} must be named <14 digits>_<room>_<change>.sql: start it with ${NEXT_MIGRATION}`,
      );
    }
    if (version <= newest.slice(0, 14)) {
      throw new StackError(`${shown(file)} does not run after ${newest}: give it and its rollback a later time`);
    }
    newest = file;
  }
  refuseWithoutTwin(supabase, [...frozen, ...later]);
  return { frozen, later };
}

/** @throws StackError when a frozen migration was edited or is missing. */
export function refuseEdited(supabase: string): void {
  for (const [file, checksum] of readChecksums(supabase)) {
    const isThere = existsSync(join(supabase, "migrations", file));
    if (isThere && checksumOf(supabase, file) === checksum) continue;
    const what = isThere ? "was edited" : "is missing";
    throw new StackError(
      `${shown(file)} is frozen and ${what}: git restore it, and write what changes with ${NEXT_MIGRATION}`,
    );
  }
}

function refuseWithoutTwin(supabase: string, migrations: readonly string[]): void {
  const rollbacks = sqlFiles(join(supabase, "rollbacks"));
  const alone = migrations.find((file) => !rollbacks.includes(file));
  if (alone !== undefined) {
    throw new StackError(`supabase/rollbacks/${alone} is missing: write there what takes the migration back`);
  }
  const left = rollbacks.find((file) => !migrations.includes(file));
  if (left !== undefined)
    throw new StackError(`supabase/rollbacks/${left} takes back no migration: rename or delete it`);
}

function readChecksums(supabase: string): Map<string, string> {
  if (!areFrozen(supabase)) return new Map();
  const lines = readFileSync(join(supabase, CHECKSUMS), "utf8").trimEnd().split(/\r?\n/u);
  return new Map(
    lines.map((line, index) => {
      const [, checksum, file] = /^([0-9a-f]{64}) {2}migrations\/(\S+\.sql)$/u.exec(line) ?? [];
      if (checksum === undefined || file === undefined) {
        throw new StackError(`supabase/${CHECKSUMS}, line ${index + 1} is no checksum: git restore the file`);
      }
      return [file, checksum];
    }),
  );
}

/** Of the text with the line ends of the repository: git may write others on Windows. */
function checksumOf(supabase: string, file: string): string {
  const text = readFileSync(join(supabase, "migrations", file), "utf8").replaceAll("\r\n", "\n");
  return createHash("sha256").update(text).digest("hex");
}

const sqlFiles = (folder: string): string[] =>
  readdirSync(folder)
    .filter((file) => file.endsWith(".sql"))
    .toSorted();

const shown = (file: string): string => `supabase/migrations/${file}`;
