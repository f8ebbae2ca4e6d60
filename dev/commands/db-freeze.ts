import { paths } from "../base/paths.ts";
import { areFrozen, checkMigrations, freezeMigrations } from "../schemas/frozen.ts";
import { refuseUnsafeMigrations } from "../schemas/safety/judge.ts";
import { withDatabaseFactory } from "../stack/database/database-factory.ts";
import { buildMigrations } from "./build-migrations.ts";
import { runCommand } from "./command.ts";
import { refuseDifferences } from "./refuse-differences.ts";

await runCommand({
  usage: `Usage: npm run db:freeze

Writes the checksums of all migrations to supabase/migrations.sha256. From then on none of them may change: npm run db:build
refuses, and later changes are migrations of their own, which npm run db:migration starts. Run again at each release, it
freezes those too, after judging them and comparing them with the schemas on a throwaway server from this machine's PostgreSQL.

  --help   show this text`,
  options: {},
  async run() {
    const { supabase } = paths;
    await buildMigrations(true);
    if (areFrozen(supabase)) {
      if (checkMigrations(supabase).later.length === 0) return console.log("There is nothing new to freeze.");
      await refuseUnsafeMigrations(supabase);
      await withDatabaseFactory((factory) => refuseDifferences(factory, supabase));
    }
    const files = freezeMigrations(supabase);
    console.log(`${files.length} migrations were frozen: commit supabase/migrations.sha256.`);
  },
});
