import { StackError } from "../../dev/base/stack-error.ts";
import { runCommand } from "../../dev/commands/command.ts";
import { abortOnSignal } from "../backup/abort.ts";
import { type ListedBackup, listBackups } from "../backup/keep.ts";
import type { Manifest } from "../backup/manifest.ts";
import { openStore } from "../backup/open-store.ts";
import { connect } from "../core/connection.ts";
import { report } from "../core/report.ts";
import { inBytes } from "../core/show.ts";
import { remainingWork } from "./remaining.ts";
import { restore } from "./run-restore.ts";
import { inspectTarget } from "./target.ts";

await runCommand({
  usage: `Usage: npm run ops:restore -- [options]

Restores a backup into the database of DATABASE_DIRECT_URL (or DATABASE_URL), which must be empty, and verifies it: rows,
ledger, migrations and all audits as in its manifest. On a plain PostgreSQL server connect as a superuser.

  --store <where>   a folder, or s3://bucket/prefix (default: BACKUP_STORE)
  --name <backup>   which backup (default: the newest good one)
  --force           overwrites what is in the database, after naming it
  --dry-run         only shows what would be restored, and over what
  --json            prints one JSON document
  --help            show this text

Exit code 1 also when the restored database differs. An encrypted backup needs BACKUP_AGE_IDENTITY_FILE.
All of it: docs/operations/backup.md`,
  options: {
    store: { type: "string" },
    name: { type: "string" },
    force: { type: "boolean", default: false },
    "dry-run": { type: "boolean", default: false },
    json: { type: "boolean", default: false },
  },
  async run(values) {
    const { line, result } = report(values);
    const store = openStore(values.store);
    const manifest = choose(await listBackups(store), store.address, values.name);
    const database = await connect({ direct: true, writes: true, applicationName: "neighbourhood restore" });
    try {
      if (values["dry-run"]) {
        const { contents } = await inspectTarget(database);
        result({ name: manifest.name, database: database.name, would_overwrite: contents }, [
          `would restore ${manifest.name} (${inBytes(manifest.dump.bytes)}, taken ${manifest.taken_at}) into ${database.name}`,
          contents.length === 0 ? "which is empty" : `over: ${contents.join(", ")}`,
        ]);
        return;
      }
      line(`${manifest.name}, taken ${manifest.taken_at}, into ${database.name}`);
      const abort = abortOnSignal();
      const restored = await restore(database, store, manifest, {
        force: values.force,
        signal: abort.signal,
        onOverwrite: (contents) => line(`! overwriting ${contents.join(", ")}`),
        onStep: (title) => line(`• ${title}`),
      });
      abort.forget();
      if (restored.differences.length > 0) {
        throw new StackError(
          `the restored database differs from ${manifest.name}, do not use it: ${restored.differences.join("; ")}`,
        );
      }
      const remaining = await remainingWork(database, manifest, restored.withoutPassword);
      result({ name: manifest.name, database: database.name, known_problems: restored.knownProblems, remaining }, [
        `✓ restored and verified: ${Object.keys(manifest.rows).length} tables, ledger and audits as on ${manifest.taken_at}`,
        ...restored.knownProblems.map((problem) => `! the audits found this before the backup, too: ${problem}`),
        "Still to do by hand:",
        ...remaining.map((what) => `  - ${what}`),
      ]);
    } finally {
      await database.close();
    }
  },
});

function choose(backups: readonly ListedBackup[], address: string, name: string | undefined): Manifest {
  const found =
    name === undefined ? backups.findLast(({ isGood }) => isGood) : backups.find((one) => one.name === name);
  if (found === undefined) {
    throw new StackError(
      name === undefined
        ? `there is no good backup in ${address}: mend BACKUP_STORE`
        : `there is no ${name} in ${address}: see npm run ops:backup -- --list`,
    );
  }
  if (found.manifest === undefined || !found.isGood) {
    throw new StackError(`${found.name} is damaged: choose another of npm run ops:backup -- --list`);
  }
  return found.manifest;
}
