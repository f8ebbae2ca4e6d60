import { cpSync } from "node:fs";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { paths } from "../../dev/base/paths.ts";
import { openCluster, THROWAWAY_SETTINGS } from "../../dev/stack/database/cluster.ts";
import { reachableDirectory } from "../../dev/stack/database/os-user.ts";
import { findPostgresBinaries } from "../../dev/stack/database/postgres-binaries.ts";
import { SUPERUSER } from "../../dev/stack/database/roles.ts";
import { openServerSession } from "../../dev/stack/database/session.ts";
import type { StackOptions } from "../../dev/stack/start-stack.ts";
import { signUp, startFixtureStack } from "./support/fixture-stack.ts";
import { temporaryDirectory } from "./support/temporary-directory.ts";

/** Every right that somebody was given: on objects, by default privileges, by membership, and settings of roles. */
const RIGHTS = `
  select format('%s %s', (pg_identify_object(kind, oid, 0)).identity, acl) as granted
  from (
    select 'pg_class'::regclass as kind, oid, relacl as acl from pg_class
    union all select 'pg_proc'::regclass, oid, proacl from pg_proc
    union all select 'pg_type'::regclass, oid, typacl from pg_type
    union all select 'pg_namespace'::regclass, oid, nspacl from pg_namespace
    union all select 'pg_database'::regclass, oid, datacl from pg_database) objects
  where acl is not null
  union all
  select format('column %s %s', (pg_identify_object('pg_class'::regclass, attrelid, attnum)).identity, attacl)
  from pg_attribute where attacl is not null
  union all
  select format('%s owns %s', nspowner::regrole, nspname) from pg_namespace
  union all
  select format('default of %s in %s for %s: %s', defaclrole::regrole, defaclnamespace::regnamespace, defaclobjtype,
    defaclacl) from pg_default_acl
  union all
  select format('%s in %s %s', member::regrole, roleid::regrole, admin_option) from pg_auth_members
  union all
  select format('%s has %s', setrole::regrole, setconfig) from pg_db_role_setting
  order by 1`;

type Database = NonNullable<StackOptions["database"]>;

/** The databases of a start that keep their data. */
const PLACES: [string, (directory: string) => Promise<Database>][] = [
  ["the embedded database", async () => "embedded"],
];
if (findPostgresBinaries()) {
  PLACES.push(["a cluster of its own", async () => "cluster"], ["a DATABASE_URL", plainServer]);
}

/** A server as people install it: its superuser is called postgres. */
async function plainServer(directory: string): Promise<Database> {
  const cluster = await openCluster({
    directory: reachableDirectory(join(directory, "server")),
    password: "a-password",
    settings: THROWAWAY_SETTINGS,
  });
  onTestFinished(() => cluster.destroy());
  await cluster.start();
  const admin = openServerSession(cluster.url(SUPERUSER));
  await admin.script("create role postgres superuser login password 'a-password'");
  await admin.close();
  return { url: cluster.url() };
}

it.each(PLACES)("a second start changes no right: %s", async (_, place) => {
  const dataDir = temporaryDirectory();
  const database = await place(dataDir);
  const start = () =>
    startFixtureStack({ database, dataDir, migrations: paths.migrations, studio: true, studioPort: 0 });

  const first = await start();
  await signUp(first);
  const rights = await first.sql(RIGHTS);
  await first.stop();

  const second = await start();
  const again = await second.sql(RIGHTS);
  expect(again).toEqual(rights);
  expect(again.length).toBeGreaterThan(500);
  await second.database.asOwner((session) =>
    session.script("create table public.planted (id integer); create function public.plant() returns int return 1"),
  );
  expect(
    await second.sql(`
      select rolname,
        has_table_privilege(oid, 'public.planted', 'select, insert, update, delete, truncate, references, trigger')
          as table, has_function_privilege(oid, 'public.plant()', 'execute') as function
      from pg_roles where rolname in ('anon', 'authenticated', 'service_role') order by 1`),
  ).toEqual(["anon", "authenticated", "service_role"].map((rolname) => ({ rolname, table: false, function: false })));
  if (second.authenticatorUrl !== undefined) {
    const login = openServerSession(second.authenticatorUrl);
    expect(await login.query("show idle_in_transaction_session_timeout")).toEqual([
      { idle_in_transaction_session_timeout: "30s" },
    ]);
    await login.close();
  }
  await second.stop();
});

it("the folder of a stopped stack, copied, is a backup of the embedded database", async () => {
  const dataDir = temporaryDirectory();
  const first = await startFixtureStack({ database: "embedded", dataDir });
  await signUp(first);
  const logins = "select id, email, encrypted_password from auth.users";
  const before = await first.sql(logins);
  await first.stop();
  const copy = join(temporaryDirectory(), "copy");
  cpSync(dataDir, copy, { recursive: true });

  const second = await startFixtureStack({ database: "embedded", dataDir: copy });
  expect(await second.sql(logins)).toEqual(before);
  expect(before).toHaveLength(1);
  await second.stop();
});
