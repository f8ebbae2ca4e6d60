import { StackError } from "../../dev/base/stack-error.ts";
import { runCommand } from "../../dev/commands/command.ts";
import { abortOnSignal } from "../backup/abort.ts";
import { connect } from "../core/connection.ts";
import { report } from "../core/report.ts";
import { inBytes } from "../core/show.ts";
import { takeExport } from "./take-export.ts";

await runCommand({
  usage: `Usage: npm run export -- <directory> [options]

Writes the whole community into a new directory: a CSV file for each table and manifest.json, all of one moment, while members
go on working. npm run import reads it back into an empty database of the same version.

  --json   prints one JSON document
  --help   show this text

It works through a pooler and on a standby. The files hold personal data and belong to whoever runs this alone. What is in them,
and what not (keys, files of Storage, sessions): docs/operations/export.md`,
  options: { json: { type: "boolean", default: false } },
  positionals: ["directory"],
  async run(values, [directory = ""]) {
    if (directory.trim() === "") throw new StackError("the directory has no name: npm run export -- <directory>");
    const { step, result } = report(values);
    const database = await connect({ applicationName: "neighbourhood export" });
    try {
      const abort = abortOnSignal();
      const manifest = await step(`exporting ${database.name} into ${directory}`, (detail) =>
        takeExport(database, directory, {
          signal: abort.signal,
          onProgress: (table, bytes) => detail(`${inBytes(bytes)}, ${table}`),
        }),
      );
      abort.forget();
      const sum = (counts: Record<string, number>) => Object.values(counts).reduce((all, count) => all + count, 0);
      const bytes = Object.values(manifest.files).reduce((all, file) => all + file.bytes, 0);
      const problems = sum(manifest.audits);
      const keys = Object.keys(manifest.sealing_keys);
      result(manifest, [
        `✓ ${sum(manifest.rows)} rows of ${Object.keys(manifest.files).length} tables in ${directory}: ${inBytes(bytes)}`,
        ...Object.entries(manifest.left_out).map(([table, rows]) => `  left out: ${rows} rows of ${table}`),
        ...(manifest.stored_files > 0
          ? [`  not in it: ${manifest.stored_files} files of Storage, copy the buckets`]
          : []),
        ...(keys.length > 0 ? [`  sealed with keys that are not in it: ${keys.join(", ")} of SEALING_KEYS`] : []),
        ...(problems > 0
          ? [`! the audits find ${problems} problems in this database: select * from ops.audit_all()`]
          : []),
      ]);
    } finally {
      await database.close();
    }
  },
});
