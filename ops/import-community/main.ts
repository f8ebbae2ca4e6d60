import { runCommand } from "../../dev/commands/command.ts";
import { abortOnSignal } from "../backup/abort.ts";
import { connect } from "../core/connection.ts";
import { report } from "../core/report.ts";
import { inBytes } from "../core/show.ts";
import { remainingWork } from "../restore/remaining.ts";
import { examine, importExport } from "./import-export.ts";
import { openExport } from "./read-export.ts";

await runCommand({
  usage: `Usage: npm run import -- <directory> [options]

Reads what npm run export has written into the database of DATABASE_URL, which must be migrated to the same version and empty, and
verifies it: counts, sums and audits as in the manifest. One transaction: all of it or nothing.

  --dry-run   checks the files and the database, and changes nothing
  --json      prints one JSON document
  --help      show this text

Connect as the owner of the product (postgres on hosted projects); a pooler may be between. Members of another system come with
npm run import:sqlite and import:csv. All of it: docs/operations/export.md`,
  options: {
    "dry-run": { type: "boolean", default: false },
    json: { type: "boolean", default: false },
  },
  positionals: ["directory"],
  async run(values, [directory = ""]) {
    const { step, result } = report(values);
    const folder = await openExport(directory);
    const { manifest } = folder;
    const database = await connect({ writes: true, applicationName: "neighbourhood import" });
    try {
      const what = `the export of ${manifest.taken_at} (${inBytes(folder.bytes)})`;
      if (values["dry-run"]) {
        const tables = await examine(database, folder);
        result({ database: database.name, taken_at: manifest.taken_at, tables: tables.map(({ name }) => name) }, [
          `would read ${what} into ${database.name}: ${tables.length} tables`,
        ]);
        return;
      }
      const abort = abortOnSignal();
      let title = "";
      const { knownProblems } = await step(`reading ${what} into ${database.name}`, (detail) =>
        importExport(database, folder, {
          signal: abort.signal,
          onStep: (text) => {
            title = text;
            detail(title);
          },
          onProgress: (bytes) => detail(`${title}: ${inBytes(bytes)} of ${inBytes(folder.bytes)}`),
        }),
      );
      abort.forget();
      const remaining = await remainingWork(database, manifest, []);
      result({ database: database.name, taken_at: manifest.taken_at, known_problems: knownProblems, remaining }, [
        `✓ imported and verified: ${Object.keys(manifest.files).length} tables, ledger and audits as on ${manifest.taken_at}`,
        ...knownProblems.map((problem) => `! the audits found this before the export, too: ${problem}`),
        "Still to do by hand:",
        ...remaining.map((text) => `  - ${text}`),
      ]);
    } finally {
      await database.close();
    }
  },
});
