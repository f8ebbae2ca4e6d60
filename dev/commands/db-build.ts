import { paths } from "../base/paths.ts";
import { buildCharacters } from "./build-characters.ts";
import { buildMigrations } from "./build-migrations.ts";
import { runCommand } from "./command.ts";
import { copyConfiguration } from "./configuration-copy.ts";

await runCommand({
  usage: `Usage: npm run db:build -- [options]

Writes supabase/migrations and supabase/rollbacks, one file for each room, from supabase/schemas. The order of the rooms is
that of schema_paths in supabase/config.toml, of which it keeps the copy at the top level. Writes before which characters are
what, as this Node's Unicode says, into supabase/schemas/text/characters.sql and the contracts. After npm run db:freeze it
refuses to write migrations: later changes are written by npm run db:migration.

  --check   change nothing; exit with 1 when a file is stale, or when a frozen one was edited or is missing
  --help    show this text`,
  options: { check: { type: "boolean", default: false } },
  async run({ check }) {
    if (!check) copyConfiguration(paths.root);
    buildCharacters(check);
    await buildMigrations(check);
  },
});
