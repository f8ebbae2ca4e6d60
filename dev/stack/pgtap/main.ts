// Runs the pgTAP tests on a database of its own: node dev/stack/pgtap/main.ts [--database embedded|cluster] [pattern…]
import { runCommand, wrongUsage } from "../../commands/command.ts";
import { printFile } from "./print-file.ts";
import { runPgTap } from "./run.ts";
import { DATABASE_KINDS, withThrowawayDatabase } from "./throwaway.ts";

const HELP = `Usage: node dev/stack/pgtap/main.ts [--database embedded|cluster] [pattern…]

Runs the pgTAP tests in supabase/tests on a fresh database with all migrations.

  --database embedded   PGlite in this process (default)
  --database cluster    a throwaway server from this machine's PostgreSQL with PostGIS and pgTAP
  pattern               run only files whose path contains it, e.g. tasks/ or confirm_task
  --help                this text

Exit code: 0 all tests passed, 1 something failed, 2 wrong usage.`;

await runCommand({
  usage: HELP,
  options: { database: { type: "string", default: "embedded" } },
  positionals: "any",
  async run({ database: wanted }, patterns) {
    const kind = DATABASE_KINDS.find((known) => known === wanted);
    if (kind === undefined) return wrongUsage(`--database must be one of ${DATABASE_KINDS.join(", ")}`, HELP);
    const { passed, failures } = await withThrowawayDatabase(kind, (database) =>
      runPgTap(database, { patterns, onFile: printFile }),
    );
    console.log(`pgTAP on ${kind}: ${passed} passed, ${failures.length} failed`);
    if (failures.length > 0) process.exitCode = 1;
  },
});
