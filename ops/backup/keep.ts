import type { Database } from "../core/connection.ts";
import { type Manifest, readManifest } from "./manifest.ts";
import { type Dated, planRetention, type RetentionPlan } from "./retention.ts";
import { type BackupStore, readBackupName, type StoredBackup } from "./store.ts";

/** A backup of a store, with what its manifest says; undefined when that cannot be read. */
export interface ListedBackup extends Dated {
  manifest: Manifest | undefined;
}

/** The backups of a store, oldest first. Good is one whose files are there, as long as they were written. */
export async function listBackups(store: BackupStore): Promise<ListedBackup[]> {
  const listed = (await store.list()).map(judge);
  return listed.toSorted((a, b) => a.takenAt.getTime() - b.takenAt.getTime());
}

function judge({ name, manifest: text, files }: StoredBackup): ListedBackup {
  const takenAt = readBackupName(name)?.startedAt ?? new Date(0);
  try {
    const manifest = readManifest(name, text);
    const isGood = [manifest.dump, manifest.roles].every((file) => files.get(file.name) === file.bytes);
    return { name, takenAt, manifest, isGood };
  } catch {
    return { name, takenAt, manifest: undefined, isGood: false };
  }
}

/**
 * Removes the backups that nobody needs any more, from the store and from `private.backups`.
 *
 * @param database undefined only shows what would be removed.
 */
export async function applyRetention(
  store: BackupStore,
  database: Pick<Database, "query"> | undefined,
  now = new Date(),
): Promise<RetentionPlan> {
  const plan = planRetention(await listBackups(store), now);
  if (database === undefined) return plan;
  for (const { name } of plan.remove) {
    await store.remove(name);
    await database.query("delete from private.backups where store = $1 and name = $2", [store.address, name]);
  }
  return plan;
}
