import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { paths } from "../base/paths.ts";
import { packageProgram } from "../base/programs.ts";
import { readMigrations } from "../stack/database/history.ts";
import { openServerSession, type SqlSession } from "../stack/database/session.ts";
import { withAddress, withThrowawayDatabase } from "../stack/pgtap/throwaway.ts";
import { readFacts, readValues } from "./catalogue-facts.ts";
import { runCommand } from "./command.ts";
import { cliUrl, sessionUrl } from "./database-url.ts";
import { diagramPages } from "./diagrams.ts";
import { writeOrCheck } from "./generated-file.ts";
import { narrowTypes, valuesFile } from "./narrow-types.ts";
import { notificationTypesPage } from "./notification-types.ts";
import { columnsPage } from "./readable-columns.ts";
import { runSupabaseCli } from "./supabase-cli.ts";

const TYPES = join(paths.root, "src/client/database.types.ts");
const VALUES = join(paths.supabase, "functions/_shared/contracts/words-and-limits.ts");
const COLUMNS = join(paths.root, "docs/columns.md");
const NOTIFICATION_TYPES = join(paths.root, "docs/notification-types.md");
const MIGRATION = join(paths.supabase, "functions/health/migration.ts");

await runCommand({
  usage: `Usage: npm run db:types -- [options]

Writes src/client/database.types.ts from the schema public, through the Supabase CLI,
supabase/functions/_shared/contracts/words-and-limits.ts, docs/columns.md, docs/notification-types.md, docs/diagrams/, and
which migration is the newest one. The database is that of DATABASE_URL; otherwise the migrations are applied to a
throwaway embedded database.

  --check      change nothing; exit with 1 when a file is stale
  --postgres   a throwaway server from this machine's PostgreSQL instead of the embedded database
  --help       show this text`,
  options: { check: { type: "boolean", default: false }, postgres: { type: "boolean", default: false } },
  async run({ check, postgres }) {
    const url = await sessionUrl();
    const files =
      url === undefined
        ? await withThrowawayDatabase(postgres ? "cluster" : "embedded", (database) => withAddress(database, generate))
        : await generate(url);
    for (const [file, content] of files) writeOrCheck(file, content, check, "npm run db:types");
  },
});

async function generate(url: string): Promise<[file: string, content: string][]> {
  const types = await runSupabaseCli(["gen", "types", `--remote=${cliUrl(url)}`, "--schema", "public"], {
    capture: true,
    task: "reading the types",
  });
  const session: SqlSession = openServerSession(url);
  try {
    return [
      [TYPES, formatted(TYPES, narrowTypes(types, await readFacts(session)))],
      [VALUES, formatted(VALUES, valuesFile(await readValues(session)))],
      [COLUMNS, await columnsPage(session)],
      [NOTIFICATION_TYPES, await notificationTypesPage(session)],
      ...(await diagramPages(session)),
      [MIGRATION, migrationFile(readMigrations(paths.migrations).at(-1)?.version ?? "")],
    ];
  } finally {
    await session.close();
  }
}

function migrationFile(version: string): string {
  return `// Written by npm run db:types.
/** Version of the newest migration of the source that this function was deployed from. */
export const NEWEST_MIGRATION = "${version}";
`;
}

function formatted(file: string, content: string): string {
  return execFileSync(process.execPath, [packageProgram("biome"), "format", `--stdin-file-path=${file}`], {
    input: content,
    encoding: "utf8",
    cwd: paths.root,
  });
}
