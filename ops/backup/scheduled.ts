import { connect } from "../core/connection.ts";
import { applyRetention } from "./keep.ts";
import type { Manifest } from "./manifest.ts";
import { openStore } from "./open-store.ts";
import type { RetentionPlan } from "./retention.ts";
import { type BackupKind, takeBackup } from "./take-backup.ts";

/** What a daily backup came to. */
export interface ScheduledBackup {
  manifest: Manifest;
  retention: RetentionPlan;
}

/** Which database, where to and why; left out, what the environment says, for the daily one. */
export interface BackUpOptions {
  /** Ends it; what was written is taken away. */
  signal?: AbortSignal;
  url?: string;
  store?: string;
  kind?: BackupKind;
}

/**
 * Makes a backup and removes those that nobody needs any more: for `npm run jobs`, at 03:00 UTC, and for a fleet. Takes
 * DATABASE_DIRECT_URL (or DATABASE_URL), as the owner of the product, and BACKUP_STORE.
 *
 * @throws StackError with the line for the job's error.
 */
export async function runScheduledBackup(options: BackUpOptions = {}): Promise<ScheduledBackup> {
  const { signal, url, kind = "scheduled" } = options;
  const store = openStore(options.store);
  const database = await connect({
    direct: true,
    writes: true,
    applicationName: "neighbourhood backup",
    ...(url === undefined ? {} : { url }),
  });
  try {
    const manifest = await takeBackup(database, store, { kind, ...(signal === undefined ? {} : { signal }) });
    return { manifest, retention: await applyRetention(store, database) };
  } finally {
    await database.close();
  }
}

/** Whether this machine is set up to make backups: without a store, `npm run jobs` leaves them to somebody else. */
export function isBackupScheduled(): boolean {
  return (process.env["BACKUP_STORE"] ?? "") !== "";
}
