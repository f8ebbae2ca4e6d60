import { directAddress } from "../../ops/core/environment.ts";
import { openOwnerSession } from "../../ops/core/owner.ts";
import { paths } from "../base/paths.ts";
import { refuseUnsafeMigrations } from "../schemas/safety/judge.ts";
import { withDatabaseFactory } from "../stack/database/database-factory.ts";
import { buildMigrations } from "./build-migrations.ts";
import { runCommand } from "./command.ts";
import { refuseLeftovers } from "./leftovers.ts";
import { refuseDifferences } from "./refuse-differences.ts";

await runCommand({
  usage: `Usage: npm run db:check

Judges whether the migrations after the frozen ones are safe beside people who work, with squawk and our own rules
(docs/operations/migrations.md): each finding has file, line, rule, reason, and what to write instead. Then makes one database
from supabase/migrations and one from supabase/schemas, on a throwaway server from this machine's PostgreSQL, and compares
everything in them: objects, rights, comments, the order of columns, and rows. With DATABASE_URL it also names what a change
that failed halfway has left there. Exits with 1 when something is found, when they differ, when a file is stale, or when a
frozen migration was edited.

What stands in blocks for other platforms (Storage, pg_cron, Realtime) does not run there and is not compared.

  --help   show this text`,
  options: {},
  async run() {
    await buildMigrations(true);
    await refuseUnsafeMigrations(paths.supabase);
    await refuseLeftoversOfDatabase();
    await withDatabaseFactory((factory) => refuseDifferences(factory, paths.supabase));
    console.log(
      "The schemas and the migrations make the same database, and what came later is safe beside people who work.",
    );
  },
});

async function refuseLeftoversOfDatabase(): Promise<void> {
  if (directAddress() === undefined) return;
  const session = await openOwnerSession({ applicationName: "npm run db:check" });
  try {
    await refuseLeftovers(session);
  } finally {
    await session.close();
  }
}
