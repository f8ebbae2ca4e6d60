import { runCommand, wrongUsage } from "../../dev/commands/command.ts";
import { abortOnSignal } from "../backup/abort.ts";
import { openStore } from "../backup/open-store.ts";
import { connect } from "../core/connection.ts";
import { report } from "../core/report.ts";
import { inBytes, inTime } from "../core/show.ts";
import { ENVIRONMENTS, OBJECTIVES } from "./objectives.ts";
import { drill } from "./run-drill.ts";

const usage = `Usage: npm run ops:drill -- [options]

Tries the whole way: makes a backup of the database of DATABASE_DIRECT_URL (or DATABASE_URL), restores it into a throwaway
database, verifies that, and says how long it took and how much would have been lost, beside what is promised.

  --environment <name>  ${ENVIRONMENTS.join(", ")} (default: development): whose promises count
  --own-server          restore into a server of its own on this machine instead of a database beside the real one
  --store <where>       a folder, or s3://bucket/prefix (default: BACKUP_STORE)
  --dry-run             only says what would be done
  --json                prints one JSON document
  --help                show this text

Exit code 1: the restored database differs, it took too long, or too much would have been lost.
All of it: docs/operations/backup.md`;

await runCommand({
  usage,
  options: {
    environment: { type: "string", default: "development" },
    "own-server": { type: "boolean", default: false },
    store: { type: "string" },
    "dry-run": { type: "boolean", default: false },
    json: { type: "boolean", default: false },
  },
  async run(values) {
    const environment = ENVIRONMENTS.find((known) => known === values.environment);
    if (environment === undefined) wrongUsage(`there is no environment ${values.environment}`, usage);
    const { line, result } = report(values);
    const store = openStore(values.store);
    const objective = OBJECTIVES[environment];
    const database = await connect({ direct: true, applicationName: "neighbourhood drill" });
    try {
      if (values["dry-run"]) {
        const where = values["own-server"]
          ? "a server of its own on this machine"
          : "a new database on the same server";
        result({ database: database.name, store: store.address, into: where }, [
          `would back up ${database.name} into ${store.address} and restore it into ${where}, which is removed again`,
        ]);
        return;
      }
      const abort = abortOnSignal();
      const outcome = await drill(database, store, {
        ownServer: values["own-server"],
        signal: abort.signal,
        onStep: (title) => line(`• ${title}`),
      });
      abort.forget();
      const { manifest, rtoSeconds, rpoSeconds, rpoBecause, differences } = outcome;
      const isRtoKept = rtoSeconds <= objective.rto;
      const isRpoKept = rpoSeconds !== undefined && rpoSeconds <= objective.rpo;
      const isVerified = differences.length === 0;
      const tick = (isKept: boolean) => (isKept ? "✓" : "✗");
      result(
        {
          environment,
          backup: manifest.name,
          bytes: manifest.dump.bytes,
          backup_seconds: outcome.backupSeconds,
          rto_seconds: rtoSeconds,
          rto_promised_seconds: objective.rto,
          is_rto_kept: isRtoKept,
          rpo_seconds: rpoSeconds ?? null,
          rpo_promised_seconds: objective.rpo,
          rpo_because: rpoBecause,
          is_rpo_kept: isRpoKept,
          is_verified: isVerified,
          differences,
        },
        [
          `  backup       ${inTime(outcome.backupSeconds)}, ${inBytes(manifest.dump.bytes)}`,
          `${tick(isVerified)} verified     ${isVerified ? "rows, ledger, migrations and audits as in the manifest" : differences.join("; ")}`,
          `${tick(isRtoKept)} RTO          ${inTime(rtoSeconds)} of ${inTime(objective.rto)} (${environment})`,
          `${tick(isRpoKept)} RPO          ${rpoSeconds === undefined ? "everything" : inTime(rpoSeconds)} of ${inTime(objective.rpo)}: ${rpoBecause}`,
        ],
      );
      if (!(isVerified && isRtoKept && isRpoKept)) process.exitCode = 1;
    } finally {
      await database.close();
    }
  },
});
