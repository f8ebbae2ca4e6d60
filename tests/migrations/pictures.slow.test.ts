import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { paths } from "../../dev/base/paths.ts";
import { IN_MEMORY, openEmbeddedDatabase } from "../../dev/stack/database/embedded.ts";
import { migrate, runSqlFile } from "../../dev/stack/database/migrate.ts";
import type { StackDatabase } from "../../dev/stack/database/stack-database.ts";

/** Where Storage is, the migration prepares it. */

const PICTURES = readdirSync(paths.migrations).find((file) => file.endsWith("_pictures.sql")) ?? "";

let database: StackDatabase;
beforeAll(async () => {
  database = await openEmbeddedDatabase(IN_MEMORY);
});
afterAll(() => database.close());

interface Found {
  policies: number;
  triggers: number;
  buckets: string[];
}

/** Our policies and triggers, and which of our buckets is public. */
async function found(): Promise<Found> {
  const [row] = await database.admin.query<Found>(`
    select (select count(*)::int from pg_policy where polrelid = 'storage.objects'::regclass) as policies,
      (select count(*)::int from pg_trigger where tgrelid = 'storage.objects'::regclass and not tgisinternal) as triggers,
      array(select id || case when public then ' public' else ' private' end from storage.buckets order by id) as buckets`);
  if (row === undefined) throw new Error("no answer");
  return row;
}

test("the migration prepares the platform's Storage, and its rollback leaves nothing open", async () => {
  await database.asOwner((session) => migrate(session, { directory: paths.migrations }));
  const prepared = { policies: 3, triggers: 2, buckets: ["avatars public", "task-images private"] };
  expect(await found()).toEqual(prepared);

  await database.asOwner((session) => runSqlFile(session, join(paths.supabase, "rollbacks", PICTURES)));
  expect(await found()).toEqual({ policies: 0, triggers: 0, buckets: ["avatars private", "task-images private"] });

  await database.asOwner((session) => runSqlFile(session, join(paths.migrations, PICTURES)));
  expect(await found()).toEqual(prepared);
});
