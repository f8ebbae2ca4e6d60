import { isBackupScheduled, runScheduledBackup } from "../backup/scheduled.ts";
import type { TurnOptions } from "./turns.ts";

/** What `npm run jobs` does itself, as far as this machine is set up for it. */
export function commands(): NonNullable<TurnOptions["commands"]> {
  if (!isBackupScheduled()) return {};
  return { back_up: async (signal) => `made ${(await runScheduledBackup({ signal })).manifest.name}` };
}
