import { connect } from "../core/connection.ts";
import { applyRetention } from "./keep.ts";
import type { Manifest } from "./manifest.ts";
import { openStore } from "./open-store.ts";
import type { RetentionPlan } from "./retention.ts";
import { takeBackup } from "./take-backup.ts";

/** What a daily backup came to. */
export interface ScheduledBackup {
  manifest: Manifest;
  retention: RetentionPlan;
}

/**
 * The daily backup: makes one and removes those that nobody needs any more. For `npm run jobs`, at 03:00 UTC. Takes
 * DATABASE_DIRECT_URL (or DATABASE_URL), as the owner of the product, and BACKUP_STORE.
 *
 * @param signal ends it; what was written is taken away.
 * @throws StackError with the line for the job's error.
 */
export async function runScheduledBackup(signal?: AbortSignal): Promise<ScheduledBackup> {
  const store = openStore();
  const database = await connect({ direct: true, writes: true, applicationName: "neighbourhood backup" });
  try {
    const manifest = await takeBackup(database, store, {
      kind: "scheduled",
      ...(signal === undefined ? {} : { signal }),
    });
    return { manifest, retention: await applyRetention(store, database) };
  } finally {
    await database.close();
  }
}

/** Whether this machine is set up to make backups: without a store, `npm run jobs` leaves them to somebody else. */
export function isBackupScheduled(): boolean {
  return (process.env["BACKUP_STORE"] ?? "") !== "";
}
