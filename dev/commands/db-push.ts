import { StackError } from "../base/stack-error.ts";
import { openServerDatabase } from "../stack/database/server.ts";
import { runCommand } from "./command.ts";
import { cliUrl, inspectDatabase, sessionUrl } from "./database-url.ts";
import { runSupabaseCli } from "./supabase-cli.ts";

await runCommand({
  usage: `Usage: DATABASE_URL=postgresql://… npm run db:push -- [options]

Applies the migrations that a database does not have yet, through the Supabase CLI. A plain PostgreSQL server is
prepared first (roles, schemas, extensions), which takes a superuser once. It needs a session: DATABASE_DIRECT_URL where
DATABASE_URL is a pooler's.

  --seed      also run supabase/seed.sql (a demo neighbourhood: never where real people are)
  --dry-run   only print what would be applied
  --help      show this text`,
  options: { seed: { type: "boolean", default: false }, "dry-run": { type: "boolean", default: false } },
  async run(values) {
    const url = await sessionUrl();
    if (url === undefined) {
      throw new StackError(
        "DATABASE_URL is not set: DATABASE_URL=postgresql://user:password@host:5432/database npm run db:push",
      );
    }
    const role = values["dry-run"] ? undefined : await ownerRole(url);
    await runSupabaseCli(
      [
        "db",
        "push",
        "--yes",
        ...(values.seed ? ["--include-seed"] : []),
        ...(values["dry-run"] ? ["--dry-run"] : []),
        `--remote=${cliUrl(url, role)}`,
      ],
      { task: "db:push" },
    );
  },
});

/** Prepares a plain server; returns the role to act as when one logs in as a superuser. */
async function ownerRole(url: string): Promise<string | undefined> {
  const { isSupabase, isSuperuser } = await inspectDatabase(url);
  if (isSupabase || !isSuperuser) return undefined;
  const database = await openServerDatabase(url);
  await database.close();
  return database.ownerRole;
}
