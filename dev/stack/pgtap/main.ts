// Runs the pgTAP tests on a database of its own: node dev/stack/pgtap/main.ts [--database embedded|cluster] [--seeded] [pattern…]
import { runCommand, wrongUsage } from "../../commands/command.ts";
import { seed } from "../seed.ts";
import { readSettings } from "../settings.ts";
import { printFile } from "./print-file.ts";
import { runPgTap } from "./run.ts";
import { DATABASE_KINDS, withThrowawayDatabase } from "./throwaway.ts";

const HELP = `Usage: node dev/stack/pgtap/main.ts [--database embedded|cluster] [--seeded] [pattern…]

Runs the pgTAP tests in supabase/tests on a fresh database with all migrations.

  --database embedded   PGlite in this process (default)
  --database cluster    a throwaway server from this machine's PostgreSQL with PostGIS and pgTAP
  --seeded              with the demo neighbourhood in it, as supabase start leaves it
  pattern               run only files whose path contains it, e.g. tasks/ or confirm_task
  --help                this text

Exit code: 0 all tests passed, 1 something failed, 2 wrong usage.`;

await runCommand({
  usage: HELP,
  options: { database: { type: "string", default: "embedded" }, seeded: { type: "boolean", default: false } },
  positionals: "any",
  async run({ database: wanted, seeded }, patterns) {
    const kind = DATABASE_KINDS.find((known) => known === wanted);
    if (kind === undefined) return wrongUsage(`--database must be one of ${DATABASE_KINDS.join(", ")}`, HELP);
    const { passed, failures } = await withThrowawayDatabase(kind, async (database) => {
      if (seeded) await database.asOwner((session) => seed(session, readSettings().seedFiles));
      return runPgTap(database, { patterns, onFile: printFile });
    });
    console.log(`pgTAP on ${kind}${seeded ? ", seeded" : ""}: ${passed} passed, ${failures.length} failed`);
    if (failures.length > 0) process.exitCode = 1;
  },
});
