import type { Queries } from "./connection.ts";

/** Versions of the migrations that a database has, oldest first, by the history of the Supabase CLI. */
export async function appliedVersions(database: Queries): Promise<string[]> {
  const [history] = await database.query<{ is_there: boolean }>(
    "select to_regclass('supabase_migrations.schema_migrations') is not null as is_there",
  );
  if (!history?.is_there) return [];
  const rows = await database.query<{ version: string }>(
    "select version from supabase_migrations.schema_migrations order by version",
  );
  return rows.map(({ version }) => version);
}
