import { paths } from "../base/paths.ts";
import { withDatabaseFactory } from "../stack/database/database-factory.ts";
import { buildMigrations } from "./build-migrations.ts";
import { runCommand } from "./command.ts";
import { refuseDifferences } from "./refuse-differences.ts";

await runCommand({
  usage: `Usage: npm run db:check

Makes one database from supabase/migrations and one from supabase/schemas, on a throwaway server from this machine's
PostgreSQL, and compares everything in them: objects, rights, comments, the order of columns, and rows. Exits with 1 when they
differ, when a file is stale, or when a frozen migration was edited.

What stands in blocks for other platforms (Storage, pg_cron, Realtime) does not run there and is not compared.

  --help   show this text`,
  options: {},
  async run() {
    await buildMigrations(true);
    await withDatabaseFactory((factory) => refuseDifferences(factory, paths.supabase));
    console.log("The schemas and the migrations make the same database.");
  },
});
