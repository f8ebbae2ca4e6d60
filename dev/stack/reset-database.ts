import { paths } from "../base/paths.ts";
import { migrate } from "./database/migrate.ts";
import { publicSchemaSql } from "./database/prepare.ts";
import type { StackDatabase } from "./database/stack-database.ts";
import { seed } from "./seed.ts";
import { readSettings } from "./settings.ts";

/**
 * Empties a prepared server (not a hosted project) and migrates it again: every schema of the owner role goes, and
 * so do the auth users and what Storage knows of files; roles and extensions stay.
 */
export async function resetDatabase(database: StackDatabase, withSeed: boolean): Promise<void> {
  const { ownerRole } = database;
  await database.asOwner(async (session) => {
    await session.script(`
      do $$
      declare
        v_name text;
      begin
        for v_name in
          select nspname from pg_namespace
          where pg_get_userbyid(nspowner) in ('${ownerRole}', 'pg_database_owner') and nspname !~ '^pg_'
        loop
          execute format('drop schema %I cascade', v_name);
        end loop;
        for v_name in
          select format('%I.%I', schemaname, tablename) from pg_tables where schemaname in ('auth', 'storage')
        loop
          execute format('truncate %s cascade', v_name);
        end loop;
      end $$;
      create schema public authorization pg_database_owner;
      ${publicSchemaSql(ownerRole)}`);
    await migrate(session, { directory: paths.migrations });
    if (withSeed) await seed(session, readSettings().seedFiles);
  });
}
