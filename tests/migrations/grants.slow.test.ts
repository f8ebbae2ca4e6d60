import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { paths } from "../../dev/base/paths.ts";
import {
  type DatabaseFactory,
  type PreparedDatabase,
  startDatabaseFactory,
} from "../../dev/stack/database/database-factory.ts";
import { migrate } from "../../dev/stack/database/migrate.ts";
import type { SqlSession } from "../../dev/stack/database/session.ts";
import { requireCluster } from "../support/target.ts";

requireCluster("tests/migrations");

let factory: DatabaseFactory;
beforeAll(async () => {
  factory = await startDatabaseFactory();
});
afterAll(() => factory.destroy());

/** What hosted projects grant on objects that a migration creates in `public`, by when the project was created. */
const GRANT_MODES = {
  before_2026: "",
  since_2026: `
    alter default privileges in schema public revoke all on tables from anon, authenticated, service_role;
    alter default privileges in schema public revoke all on sequences from anon, authenticated, service_role;
    alter default privileges in schema public revoke all on functions from anon, authenticated, service_role;
    alter default privileges in schema public grant truncate, references, trigger on tables to anon, authenticated;`,
} as const;

/** What a later migration creates when it forgets that things have to be protected. */
const PLANT = ["public", "private", "ops"]
  .map(
    (schema) => `
      create table ${schema}.planted (id integer generated always as identity);
      create view ${schema}.planted_view as select 1 as one;
      create materialized view ${schema}.planted_copy as select 1 as one;
      create sequence ${schema}.planted_numbers;
      create function ${schema}.planted() returns integer language sql as 'select 1';
      create procedure ${schema}.planted_work() language sql as 'select 1';`,
  )
  .join("\n");

/** `role right object` for everything planted that somebody but the owner may reach. */
async function reachable(session: SqlSession): Promise<string[]> {
  const rows = await session.query<{ row: string }>(`
    select distinct format('%s %s %s', case a.grantee when 0 then 'everybody' else a.grantee::regrole::text end,
      a.privilege_type, o.name) as row
    from (
      select c.relnamespace as schema, c.relname as name, c.relowner as owner,
        coalesce(c.relacl, acldefault(case c.relkind when 'S' then 's' else 'r' end::"char", c.relowner)) as acl
      from pg_class c
      union all
      select p.pronamespace, p.proname, p.proowner, coalesce(p.proacl, acldefault('f', p.proowner)) from pg_proc p) o
    cross join lateral aclexplode(o.acl) a
    where o.schema::regnamespace::text in ('public', 'private', 'ops') and o.name like 'planted%'
      and a.grantee <> o.owner
    order by 1`);
  return rows.map(({ row }) => row);
}

async function prepared(mode: keyof typeof GRANT_MODES, name: string): Promise<PreparedDatabase> {
  const database = await factory.create(`${mode}_${name}`);
  await database.asOwner((session) => session.script(GRANT_MODES[mode]));
  return database;
}

describe.each(Object.keys(GRANT_MODES) as (keyof typeof GRANT_MODES)[])("in projects created %s", (mode) => {
  test("what a later migration creates starts private", async () => {
    const database = await prepared(mode, "migrated");
    const open = await database.asOwner(async (session) => {
      await migrate(session, { directory: paths.migrations });
      await session.script(PLANT);
      return reachable(session);
    });
    expect(open).toEqual([]);
  });

  test("without the migrations it would not", async () => {
    const database = await prepared(mode, "bare");
    const open = await database.asOwner(async (session) => {
      await session.script(`create schema private; create schema ops; ${PLANT}`);
      return reachable(session);
    });
    expect(open).toContain("everybody EXECUTE planted");
    expect(open).toContain("anon TRUNCATE planted");
    expect(open.includes("anon SELECT planted")).toBe(mode === "before_2026");
    expect(open.includes("service_role USAGE planted_numbers")).toBe(mode === "before_2026");
  });
});

test("both kinds of projects end up with the same rights", async () => {
  const [older, newer] = [await prepared("before_2026", "dumped"), await prepared("since_2026", "dumped")];
  for (const database of [older, newer]) {
    await database.asOwner((session) => migrate(session, { directory: paths.migrations }));
  }
  expect(newer.dump()).toBe(older.dump());
});
