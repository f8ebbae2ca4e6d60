import { secondsOf, withPatience } from "../../ops/core/patience.ts";
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

  --seed           also run supabase/seed.sql (a demo neighbourhood: never where real people are)
  --dry-run        only print what would be applied
  --patience SEC   how long to try again where others hold a table (default: 300)
  --help           show this text`,
  options: {
    seed: { type: "boolean", default: false },
    "dry-run": { type: "boolean", default: false },
    patience: { type: "string", default: "300" },
  },
  async run(values) {
    const seconds = secondsOf(values.patience);
    const url = await sessionUrl();
    if (url === undefined) {
      throw new StackError(
        "DATABASE_URL is not set: DATABASE_URL=postgresql://user:password@host:5432/database npm run db:push",
      );
    }
    const role = values["dry-run"] ? undefined : await ownerRole(url);
    const push = [
      "db",
      "push",
      "--yes",
      ...(values.seed ? ["--include-seed"] : []),
      ...(values["dry-run"] ? ["--dry-run"] : []),
      `--remote=${cliUrl(url, role)}`,
    ];
    await withPatience(seconds, () => runSupabaseCli(push, { task: "db:push" }), isBusy, console.log);
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

/** What it had applied before stays in the history, and the file that gave up has done nothing. */
function isBusy(error: unknown): boolean {
  return error instanceof StackError && /lock timeout|SQLSTATE 55P03/u.test(String(error.cause));
}
