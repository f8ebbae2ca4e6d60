import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { TurnOptions } from "./turns.ts";

/** The part of `ops/backup/scheduled.ts` that is needed here. */
interface ScheduledBackups {
  isBackupScheduled(): boolean;
  runScheduledBackup(signal: AbortSignal): Promise<{ manifest: { name: string } }>;
}

const BACKUPS = new URL("../backup/scheduled.ts", import.meta.url);

/** What `npm run jobs` does itself, as far as this machine is set up for it. */
export async function commands(): Promise<NonNullable<TurnOptions["commands"]>> {
  if (!existsSync(fileURLToPath(BACKUPS))) return {};
  const backups: ScheduledBackups = await import(BACKUPS.href);
  if (!backups.isBackupScheduled()) return {};
  return {
    back_up: async (signal) => `made ${(await backups.runScheduledBackup(signal)).manifest.name}`,
  };
}
