import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { relative } from "node:path";
import { paths } from "../base/paths.ts";
import { runSqlFile } from "./database/migrate.ts";
import type { SqlSession } from "./database/session.ts";

/**
 * Runs the seed files that this database has not seen. The history is the Supabase CLI's table, so that
 * `supabase db push --include-seed` and the local stack do not seed twice.
 *
 * @returns files that were changed after they had been applied; they take effect on a fresh database only.
 */
export async function seed(session: SqlSession, files: readonly string[]): Promise<string[]> {
  await session.script(`
    create schema if not exists supabase_migrations;
    create table if not exists supabase_migrations.seed_files (path text not null primary key, hash text not null)`);
  const rows = await session.query<{ path: string; hash: string }>(
    "select path, hash from supabase_migrations.seed_files",
  );
  const seen = new Map(rows.map((row) => [row.path, row.hash]));
  const changed: string[] = [];
  for (const file of files) {
    if (!existsSync(file)) continue;
    const path = relative(paths.root, file);
    const hash = createHash("sha256").update(readFileSync(file)).digest("hex");
    const known = seen.get(path);
    if (known === undefined) {
      await runSqlFile(session, file);
      await session.query("insert into supabase_migrations.seed_files (path, hash) values ($1, $2)", [path, hash]);
    } else if (known !== hash) changed.push(path);
  }
  return changed;
}
