import type { Readable } from "node:stream";

/** A backup that is complete, as it stands in a store. */
export interface StoredBackup {
  /** `backup-20261127T030000Z-1a2b3c`. */
  name: string;
  /** The text of its manifest. */
  manifest: string;
  /** Bytes by name of the file. */
  files: ReadonlyMap<string, number>;
}

/**
 * Where backups are kept. What is written belongs to no backup until it is finished: an unfinished one is in no list, and the
 * next run takes it away.
 */
export interface BackupStore {
  /** For people, and for `private.backups`: never with a password. */
  readonly address: string;
  /** Says early that the store cannot be used. */
  check(): Promise<void>;
  list(): Promise<StoredBackup[]>;
  write(backup: string, file: string, content: Readable, signal?: AbortSignal): Promise<void>;
  /** Makes a backup of what was written, in one step. */
  finish(backup: string, manifest: string): Promise<void>;
  /** Reads a file, also of a backup that is not finished. */
  read(backup: string, file: string): Promise<Readable>;
  /** Takes away a backup, or what was written of it. */
  remove(backup: string): Promise<void>;
  /** Names of what was begun and not finished. */
  listUnfinished(): Promise<string[]>;
}

/** What makes a folder of files a backup. */
export const MANIFEST = "manifest.json";

const NAME = /^backup-(?<time>\d{8}T\d{6}Z)-(?<origin>[0-9a-f]{6})$/u;

/** The name of a backup: when, and of which database. */
export function backupName(takenAt: Date, origin: string): string {
  return `backup-${takenAt.toISOString().replaceAll(/[-:]|\.\d+/gu, "")}-${origin}`;
}

/** When a backup was begun and of which database, by its name; undefined for everything else that lies in a store. */
export function readBackupName(name: string): { startedAt: Date; origin: string } | undefined {
  const { time = "", origin = "" } = NAME.exec(name)?.groups ?? {};
  const iso = time.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/u, "$1-$2-$3T$4:$5:$6Z");
  return time === "" ? undefined : { startedAt: new Date(iso), origin };
}
