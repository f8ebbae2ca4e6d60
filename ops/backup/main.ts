import { runCommand, wrongUsage } from "../../dev/commands/command.ts";
import { connect } from "../core/connection.ts";
import { report } from "../core/report.ts";
import { inBytes } from "../core/show.ts";
import { abortOnSignal } from "./abort.ts";
import { applyRetention, listBackups } from "./keep.ts";
import { openStore } from "./open-store.ts";
import { type BackupKind, takeBackup } from "./take-backup.ts";

const KINDS: readonly BackupKind[] = ["manual", "scheduled", "deploy"];

const usage = `Usage: npm run ops:backup -- [options]

Makes a backup of the database of DATABASE_DIRECT_URL (or DATABASE_URL, or the running stack), and removes those that are
past their time: one of each of the last 30 days, 26 weeks and 24 months is kept, and always the newest good one.

  --store <where>   a folder, or s3://bucket/prefix (default: BACKUP_STORE)
  --kind <kind>     ${KINDS.join(", ")} (default: manual)
  --list            only shows the backups that are there
  --dry-run         only shows what would be made and removed
  --no-retention    removes nothing
  --json            prints one JSON document
  --help            show this text

BACKUP_AGE_RECIPIENTS encrypts for public keys of age. Files of Storage and the functions' secrets are in no backup of
the database. All of it: docs/operations/backup.md`;

await runCommand({
  usage,
  options: {
    store: { type: "string" },
    kind: { type: "string", default: "manual" },
    list: { type: "boolean", default: false },
    "dry-run": { type: "boolean", default: false },
    "no-retention": { type: "boolean", default: false },
    json: { type: "boolean", default: false },
  },
  async run(values) {
    const kind = KINDS.find((known) => known === values.kind);
    if (kind === undefined) wrongUsage(`there is no kind ${values.kind}`, usage);
    const { step, result } = report(values);
    const store = openStore(values.store);
    if (values.list) {
      const backups = await listBackups(store);
      const lines = backups.map(
        ({ name, isGood, manifest }) =>
          `${isGood ? "✓" : "✗"} ${name}  ${manifest === undefined ? "" : `${inBytes(manifest.dump.bytes)}  ${manifest.kind}`}`,
      );
      result(
        backups.map(({ name, takenAt, isGood, manifest }) => ({
          name,
          taken_at: takenAt,
          is_good: isGood,
          ...(manifest === undefined ? {} : { bytes: manifest.dump.bytes + manifest.roles.bytes, kind: manifest.kind }),
        })),
        lines.length === 0 ? [`there are no backups in ${store.address}`] : lines,
      );
      return;
    }
    // a backup is noted in the database
    const writes = !values["dry-run"];
    const database = await connect({ direct: true, writes, applicationName: "neighbourhood backup" });
    try {
      if (values["dry-run"]) {
        const plan = await applyRetention(store, undefined);
        result({ store: store.address, ...plan }, [
          `would make a backup of ${database.name} in ${store.address}`,
          ...plan.remove.map(({ name, because }) => `would remove ${name}: ${because}`),
        ]);
        return;
      }
      const abort = abortOnSignal();
      const manifest = await step(`dumping ${database.name} into ${store.address}`, (detail) =>
        takeBackup(database, store, { kind, signal: abort.signal, onProgress: (bytes) => detail(inBytes(bytes)) }),
      );
      abort.forget();
      const removed = values["no-retention"]
        ? []
        : (await step("removing what is past its time", () => applyRetention(store, database))).remove;
      const problems = Object.values(manifest.audits).reduce((sum, count) => sum + count, 0);
      result({ store: store.address, removed, ...manifest }, [
        `✓ ${manifest.name} in ${store.address}: ${inBytes(manifest.dump.bytes)}, read back`,
        ...removed.map(({ name, because }) => `  removed ${name}: ${because}`),
        ...(problems === 0
          ? []
          : [`! the audits find ${problems} problems in this database: select * from ops.audit_all()`]),
      ]);
    } finally {
      await database.close();
    }
  },
});
