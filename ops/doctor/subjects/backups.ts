import { inBytes } from "../../core/show.ts";
import { type Finding, type Findings, ill, orFine } from "../finding.ts";
import type { DatabaseSubject } from "../subject.ts";
import { words } from "./queries.ts";

/** The newest backup. */
export interface BackupFacts {
  readonly seconds: number;
  readonly name: string;
  readonly store: string;
  readonly bytes: number;
  readonly is_verified: boolean;
}

export const backups: DatabaseSubject = {
  name: "backups",
  about: "how old the newest backup is, and whether it was read back",
  notEmbedded: "the embedded database is for this machine: copy the folder .local while no stack runs",
  async ask({ ask, alerts }) {
    const [newest] = await ask<BackupFacts>(`
      select extract(epoch from now() - b.taken_at)::float8 as seconds, b.name, b.store, b.bytes, b.is_verified
      from ops.backups b order by b.taken_at desc limit 1`);
    const age = (await alerts()).find(({ alert }) => alert === "backup_age");
    return judgeBackups(newest, age?.warn_at ?? Number.POSITIVE_INFINITY);
  },
};

/** Whether the newest backup is younger than so many hours, and good. */
export function judgeBackups(newest: BackupFacts | undefined, mostHours: number): Findings {
  if (newest === undefined) return [ill("backup_missing", "there is no backup", "npm run ops:backup")];
  const { seconds, name, store, bytes, is_verified } = newest;
  const findings: Finding[] = [];
  if (seconds >= mostHours * 3_600) {
    findings.push(
      ill(
        "backup_old",
        `the newest backup (${name}) is ${words(seconds)} old`,
        "npm run ops:backup; npm run jobs makes one every day",
      ),
    );
  }
  if (!is_verified)
    findings.push(ill("backup_unverified", `${name} was never read back from ${store}`, "npm run ops:drill"));
  return orFine(findings, `${name} is ${words(seconds)} old (${inBytes(bytes)} in ${store})`);
}
