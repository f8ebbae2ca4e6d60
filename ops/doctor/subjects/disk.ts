import { existsSync, statfsSync } from "node:fs";
import { inBytes } from "../../core/show.ts";
import { type Findings, fine, ill, unasked } from "../finding.ts";
import type { DatabaseSubject } from "../subject.ts";

const FILLING = 0.85;
const NEARLY_FULL = 0.95;

/** Space of the disk that the data lie on. */
export interface DiskFacts {
  readonly databaseBytes: number;
  readonly directory: string;
  readonly bytes: number;
  readonly freeBytes: number;
}

export const disk: DatabaseSubject = {
  name: "disk",
  about: "the database's size, and how full its disk is",
  notEmbedded: "the embedded database lies in .local, on this machine's own disk: df -h .local",
  async ask({ ask, patient: { address } }) {
    const [row] = await ask<{ bytes: number; directory: string | null }>(`
      select pg_database_size(current_database()) as bytes,
        case when pg_has_role('pg_read_all_settings', 'usage') then current_setting('data_directory', true) end as directory`);
    const size = `the database has ${inBytes(row?.bytes ?? 0)}`;
    if (!address?.isLocal) {
      return [
        unasked(`${size}; its disk is not visible in SQL`, "look at the platform's dashboard, or at the server: df -h"),
      ];
    }
    const directory = row?.directory;
    if (!directory) {
      return [
        unasked(
          `${size}; this role may not ask where its files are`,
          "as a superuser: grant pg_monitor to the role, or df -h",
        ),
      ];
    }
    if (!existsSync(directory))
      return [unasked(`${size}; its files are not on this machine`, "look where the server runs: df -h")];
    return judgeDisk({ databaseBytes: row.bytes, directory, ...spaceOf(directory) });
  },
};

/** How large the disk under a directory is, and how much of it everybody may still use. */
export function spaceOf(directory: string): Pick<DiskFacts, "bytes" | "freeBytes"> {
  const { blocks, bavail, bsize } = statfsSync(directory);
  return { bytes: blocks * bsize, freeBytes: bavail * bsize };
}

/** Whether the disk has room. */
export function judgeDisk({ databaseBytes, directory, bytes, freeBytes }: DiskFacts): Findings {
  const share = 1 - freeBytes / bytes;
  const says = `the database has ${inBytes(databaseBytes)}, its disk ${inBytes(freeBytes)} free of ${inBytes(bytes)}`;
  if (share < FILLING) return [fine(says)];
  return [
    ill(
      share >= NEARLY_FULL ? "disk_nearly_full" : "disk_filling",
      `${says}: ${Math.floor(share * 100)} % full`,
      `du -xh ${directory} | sort -h | tail; enlarge the disk, never delete in pg_wal (docs/operations/doctor.md#disk)`,
    ),
  ];
}
