import { withThrowawayCluster } from "../stack/pgtap/throwaway.ts";
import { runCommand } from "./command.ts";
import { cliUrl, databaseUrl } from "./database-url.ts";
import { runSupabaseCli } from "./supabase-cli.ts";

await runCommand({
  usage: `Usage: npm run db:lint -- [options]

Checks every database function (plpgsql_check) and runs the security and performance advisors, through the Supabase
CLI. The database is that of DATABASE_URL; otherwise the migrations are applied to a throwaway server from this
machine's PostgreSQL (Debian: apt-get install postgresql-15-plpgsql-check).

  --help   show this text`,
  options: {},
  async run() {
    const url = databaseUrl();
    if (url === undefined) await withThrowawayCluster(({ cluster }) => lint(cluster.url()));
    else await lint(url);
  },
});

async function lint(url: string): Promise<void> {
  const remote = `--remote=${cliUrl(url)}`;
  await runSupabaseCli(
    ["db", "lint", remote, "--schema", "public,private,ops", "--level", "warning", "--fail-on", "error"],
    { task: "db lint" },
  );
  await runSupabaseCli(["db", "advisors", remote, "--type", "all", "--level", "warn", "--fail-on", "warn"], {
    task: "db advisors",
  });
}
