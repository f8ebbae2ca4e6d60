import { StackError } from "../base/stack-error.ts";
import { openServerSession } from "../stack/database/session.ts";
import { withThrowawayCluster } from "../stack/pgtap/throwaway.ts";
import { runCommand } from "./command.ts";
import { cliUrl, sessionUrl } from "./database-url.ts";
import { runSupabaseCli } from "./supabase-cli.ts";

/** A procedure that commits can pin no search_path: it empties it in each of its transactions, and is the owner's alone. */
const EXPECTED = ["function_search_path_mutable_ops_backfill_"];

await runCommand({
  usage: `Usage: npm run db:lint -- [options]

Checks every database function (plpgsql_check) and runs the security and performance advisors, through the Supabase
CLI. The database is that of DATABASE_URL; otherwise the migrations are applied to a throwaway server from this
machine's PostgreSQL (Debian: apt-get install postgresql-15-plpgsql-check). The embedded database has no plpgsql_check.

  --help   show this text`,
  options: {},
  async run() {
    const url = await sessionUrl();
    if (url === undefined) await withThrowawayCluster(({ cluster }) => lint(cluster.url()));
    else await lint(url);
  },
});

async function lint(url: string): Promise<void> {
  await requireCheck(url);
  const remote = `--remote=${cliUrl(url)}`;
  await runSupabaseCli(
    ["db", "lint", remote, "--schema", "public,private,ops", "--level", "warning", "--fail-on", "error"],
    { task: "db lint" },
  );
  const advice = await runSupabaseCli(
    ["db", "advisors", remote, "--type", "all", "--level", "warn", "--fail-on", "none"],
    { capture: true, task: "db advisors" },
  );
  const findings = adviceIn(advice).filter(({ cache_key }) => !EXPECTED.some((key) => cache_key.startsWith(key)));
  if (findings.length === 0) return;
  console.log(JSON.stringify(findings, null, 2));
  throw new StackError("db advisors failed (see above)");
}

async function requireCheck(url: string): Promise<void> {
  const session = openServerSession(url);
  try {
    const found = await session.query("select from pg_available_extensions where name = 'plpgsql_check'");
    if (found.length === 0) {
      throw new StackError(
        "db:lint needs plpgsql_check, which this database does not have (the embedded one never has it): " +
          "leave out DATABASE_URL, and a throwaway server from this machine's PostgreSQL is checked",
      );
    }
  } finally {
    await session.close();
  }
}

/** Where nothing was found, the CLI prints a sentence instead of a list. */
function adviceIn(output: string): { cache_key: string }[] {
  const from = output.indexOf("[");
  return from === -1 ? [] : (JSON.parse(output.slice(from)) as { cache_key: string }[]);
}
