import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { paths } from "../base/paths.ts";
import { withThrowawayCluster } from "../stack/pgtap/throwaway.ts";
import { runCommand } from "./command.ts";
import { cliUrl, databaseUrl } from "./database-url.ts";
import { writeOrCheck } from "./generated-file.ts";
import { runSupabaseCli } from "./supabase-cli.ts";

const FILE = join(paths.root, "src/client/database.types.ts");

await runCommand({
  usage: `Usage: npm run db:types -- [options]

Writes src/client/database.types.ts from the schema public, through the Supabase CLI. The database is that of
DATABASE_URL; otherwise the migrations are applied to a throwaway server from this machine's PostgreSQL.

  --check   change nothing; exit with 1 when the file is stale
  --help    show this text`,
  options: { check: { type: "boolean", default: false } },
  async run({ check }) {
    const url = databaseUrl();
    const types =
      url === undefined
        ? await withThrowawayCluster(({ cluster }) => generateTypes(cluster.url()))
        : await generateTypes(url);
    writeOrCheck(FILE, types, check, "npm run db:types");
  },
});

async function generateTypes(url: string): Promise<string> {
  const types = await runSupabaseCli(["gen", "types", `--remote=${cliUrl(url)}`, "--schema", "public"], {
    capture: true,
    task: "reading the types",
  });
  return execFileSync(
    process.execPath,
    [join(paths.nodeModules, "@biomejs/biome/bin/biome"), "format", `--stdin-file-path=${FILE}`],
    { input: types, encoding: "utf8", cwd: paths.root },
  );
}
