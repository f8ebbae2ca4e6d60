import { chmodSync, cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { requirePostgresBinaries } from "../../dev/stack/database/postgres-binaries.ts";
import { openServerSession } from "../../dev/stack/database/session.ts";
import type { Manifest } from "../../ops/backup/manifest.ts";
import { backupName, MANIFEST, readBackupName } from "../../ops/backup/store.ts";

/** A folder that is deleted by its own method. */
export interface Folder {
  path: string;
  remove(): void;
}

/** A new folder in the system's temporary one. */
export function temporaryFolder(name: string): Folder {
  const path = mkdtempSync(join(tmpdir(), `neighbourhood-${name}-`));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** Names of what stands in a store, unfinished things included. */
export const namesIn = (store: string): string[] => readdirSync(store).toSorted();

/** The manifest of a backup in a folder. */
export function manifestIn(store: string, name: string): Manifest {
  return JSON.parse(readFileSync(join(store, name, MANIFEST), "utf8")) as Manifest;
}

/** Puts the same backup into the store once more, as if it had been made days ago; returns its name. */
export function ageBackup(store: string, name: string, days: number): string {
  const { startedAt = new Date(), origin = "" } = readBackupName(name) ?? {};
  const older = backupName(new Date(startedAt.getTime() - days * 86_400_000), origin);
  cpSync(join(store, name), join(store, older), { recursive: true });
  writeFileSync(join(store, older, MANIFEST), JSON.stringify({ ...manifestIn(store, name), name: older }));
  return older;
}

/** PostgreSQL's programs, one of them replaced by a script in which `real` is the program itself: for PG_BIN. */
export function programsWith(folder: string, replaced: string, script: string): string {
  const { directory } = requirePostgresBinaries();
  const path = join(folder, `bin-${replaced}-${Math.random().toString(36).slice(2)}`);
  mkdirSync(path);
  for (const program of ["pg_dump", "pg_dumpall", "pg_restore"]) {
    const body = program === replaced ? script : 'real "$@"';
    const text = `#!/bin/sh\nreal() { "${join(directory, program)}" "$@"; }\n${body}\n`;
    writeFileSync(join(path, program), text);
    chmodSync(join(path, program), 0o755);
  }
  return path;
}

/** Runs SQL on a database and returns the rows. */
export async function ask<Row extends object = Record<string, unknown>>(url: string, sql: string): Promise<Row[]> {
  const session = openServerSession(url);
  try {
    return await session.query<Row>(sql);
  } finally {
    await session.close();
  }
}

/** Creates an empty database, without anything of a platform, on the server of an address; returns its address. */
export async function emptyDatabase(superuserUrl: string, name: string): Promise<string> {
  await ask(superuserUrl, `create database ${name} template template0`);
  const url = new URL(superuserUrl);
  url.pathname = `/${name}`;
  return url.href;
}
