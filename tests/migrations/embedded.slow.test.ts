import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { paths } from "../../dev/base/paths.ts";
import { IN_MEMORY, openEmbeddedDatabase } from "../../dev/stack/database/embedded.ts";
import { migrate, runSqlFile } from "../../dev/stack/database/migrate.ts";
import type { StackDatabase } from "../../dev/stack/database/stack-database.ts";

/** The same files on PostgreSQL 17, where there is no pg_dump: the catalogue is compared instead. */

let database: StackDatabase;
beforeAll(async () => {
  database = await openEmbeddedDatabase(IN_MEMORY);
});
afterAll(() => database.close());

/** What is defined outside the extensions, with rights. */
async function definitions(): Promise<string[]> {
  const rows = await database.admin.query<{ definition: string }>(`
    select definition from (
      select c.oid, c.relnamespace as schema, format('%s %s %s %s %s', c.relkind, c.oid::regclass, c.relowner::regrole, c.relrowsecurity, c.relacl) as definition
        from pg_class c
      union all select p.oid, p.pronamespace, format('function %s %s %s %s', p.oid::regprocedure, p.proowner::regrole, p.proacl, md5(pg_get_functiondef(p.oid)))
        from pg_proc p where p.prokind = 'f'
      union all select t.oid, c.relnamespace, pg_get_triggerdef(t.oid) from pg_trigger t join pg_class c on c.oid = t.tgrelid where not t.tgisinternal
      union all select k.oid, k.connamespace, format('%s %s %s', k.conrelid::regclass, k.conname, pg_get_constraintdef(k.oid)) from pg_constraint k
      union all select l.oid, c.relnamespace, format('policy %s %s %s %s', l.polname, c.oid::regclass, l.polcmd, pg_get_expr(l.polqual, l.polrelid))
        from pg_policy l join pg_class c on c.oid = l.polrelid
      union all select n.oid, n.oid, format('schema %s %s', n.nspname, n.nspacl) from pg_namespace n
      union all select d.oid, coalesce(nullif(d.defaclnamespace, 0), 'public'::regnamespace), format('default %s %s %s', d.defaclnamespace, d.defaclobjtype, d.defaclacl)
        from pg_default_acl d) everything
    where schema::regnamespace::text in ('public', 'private', 'ops', 'auth')
      and not exists (select from pg_depend d where d.objid = everything.oid and d.deptype = 'e')
    order by 1`);
  return rows.map((row) => row.definition);
}

test("up, all the way down, and up again leaves the same definitions", async () => {
  const files = readdirSync(paths.migrations).toSorted();
  const before = await definitions();
  const applied = await database.asOwner((session) => migrate(session, { directory: paths.migrations }));
  expect(applied).toEqual(files);
  const first = await definitions();
  expect(first.length).toBeGreaterThan(before.length + 100);

  for (const file of files.toReversed()) {
    await database.asOwner((session) => runSqlFile(session, join(paths.supabase, "rollbacks", file)));
  }
  expect(await definitions()).toEqual(before);

  for (const file of files) await database.asOwner((session) => runSqlFile(session, join(paths.migrations, file)));
  expect(await definitions()).toEqual(first);
});
