import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { differencesOf, readDefinitions } from "../../dev/schemas/definitions.ts";
import {
  type DatabaseFactory,
  type PreparedDatabase,
  startDatabaseFactory,
} from "../../dev/stack/database/database-factory.ts";
import { IN_MEMORY, openEmbeddedDatabase } from "../../dev/stack/database/embedded.ts";
import { readMigrations } from "../../dev/stack/database/history.ts";
import { migrate } from "../../dev/stack/database/migrate.ts";
import { openServerSession, type SqlSession } from "../../dev/stack/database/session.ts";
import { openDoor } from "../../dev/stack/door/door.ts";
import { signUpBySql } from "../support/admin.ts";
import { ProjectCopy } from "../support/project-copy.ts";
import { requireCluster } from "../support/target.ts";

/** `npm run db:rollback` on databases that have migrations after the frozen ones. */

requireCluster("tests/operations");

const LIVED_IN = "lived_in";
let project: ProjectCopy;
let factory: DatabaseFactory;
beforeAll(async () => {
  project = new ProjectCopy("rollback");
  factory = await startDatabaseFactory();
  const database = await factory.create(LIVED_IN);
  await database.asOwner(async (session) => {
    await migrate(session, { directory: project.migrations });
    await signUpBySql((text, values) => session.query(text, values), 2);
  });
});
afterAll(async () => {
  await factory.destroy();
  project.destroy();
});

let names = 0;
let database: PreparedDatabase;
beforeEach(async () => {
  names += 1;
  database = await factory.create(`rolled_${names}`, LIVED_IN);
});
afterEach(() => project.clear());

const push = () => database.asOwner((session) => migrate(session, { directory: project.migrations }));
const rollback = (...args: string[]) => project.run("ops/rollback/main.ts", args, database.ownerUrl);
const owner = <Result>(work: (session: SqlSession) => Promise<Result>) => database.asOwner(work);
const history = async (): Promise<unknown[]> =>
  owner((session) =>
    session.query("select version from supabase_migrations.schema_migrations where version like '2030%'"),
  );
const refused = (message: string | RegExp) => ({
  code: 1,
  output: typeof message === "string" ? expect.stringContaining(message) : expect.stringMatching(message),
});

/** One that deletes nothing while its table is empty, and one that takes a column with it. */
const TABLE = ["create table public.plots (id integer primary key);", "drop table public.plots;"] as const;
const COLUMN = [
  "alter table public.users add column nickname text, add column colour text not null default 'red';",
  "alter table public.users drop column nickname, drop column colour;",
] as const;

describe("the last migrations", () => {
  test("are taken back with their lines in the history, and nothing is changed by --dry-run", async () => {
    const before = await readDefinitions(database);
    const files = [project.add(...TABLE), project.add(...COLUMN)];
    await push();
    const after = await readDefinitions(database);
    const dry = await rollback("--steps", "2", "--dry-run");
    expect(dry).toEqual({
      code: 0,
      output: `${files[1]} would be taken back\n${files[0]} would be taken back\n`,
    });
    expect(differencesOf(await readDefinitions(database), after)).toEqual([]);
    expect(await history()).toHaveLength(2);

    expect(await rollback("--steps", "1")).toMatchObject({
      code: 0,
      output: expect.stringContaining(`${files[1]} is taken back`),
    });
    expect(await history()).toEqual([{ version: files[0]?.slice(0, 14) }]);
    expect(await rollback("--steps", "1", "--json")).toMatchObject({ code: 0 });
    expect(await history()).toEqual([]);
    expect(differencesOf(await readDefinitions(database), before)).toEqual([]);
    expect(await push()).toEqual(files);
    expect(differencesOf(await readDefinitions(database), after)).toEqual([]);
  });

  test("are all of them, when that is what was asked for", async () => {
    const count = readMigrations(project.migrations).length;
    const dump = join(project.root, "all.dump");
    writeFileSync(dump, "PGDMP and so on");
    expect(await rollback("--steps", String(count), "--force", "--backup", dump)).toMatchObject({
      code: 0,
      output: expect.stringContaining(`${count} migrations were taken back`),
    });
    expect(await rollback("--steps", "1")).toEqual(refused("there is nothing to take back"));
    expect(await push()).toHaveLength(count);
  });

  test("are taken back on the embedded database, too", async () => {
    const file = project.add(...TABLE);
    const embedded = await openEmbeddedDatabase(IN_MEMORY);
    try {
      await embedded.asOwner((session) => migrate(session, { directory: project.migrations }));
      const door = await openDoor(embedded, { port: 0, password: "secret" });
      expect(await project.run("ops/rollback/main.ts", ["--steps", "1"], door.url)).toMatchObject({ code: 0 });
      await door.close();
      await embedded.asOwner(async (session) => {
        expect(await session.query("select to_regclass('public.plots') as plots")).toEqual([{ plots: null }]);
        expect(await migrate(session, { directory: project.migrations })).toEqual([file]);
      });
    } finally {
      await embedded.close();
    }
  });
});

describe("data", () => {
  test("are named and kept, until a backup is there and --force says so", async () => {
    project.add(...TABLE);
    project.add(...COLUMN);
    await push();
    await owner((session) =>
      session.script(
        "insert into public.plots values (1), (2), (3); update public.users set nickname = 'x' where id = (select id from public.users limit 1)",
      ),
    );
    const losses = "column public.users.nickname (1 row), table public.plots (3 rows)";
    expect(await rollback("--steps", "2")).toEqual(
      refused(`nothing was taken back, because data would be lost: ${losses}.`),
    );
    expect(await rollback("--steps", "2", "--dry-run")).toMatchObject({
      code: 0,
      output: expect.stringContaining("lost would be table public.plots (3 rows)"),
    });
    expect(await rollback("--steps", "2", "--force")).toEqual(refused("--force needs a backup of the last hour"));
    expect(await rollback("--steps", "2", "--force", "--backup", "none")).toEqual(refused("there is no backup none"));
    const backUp = (name: string, age: string) =>
      owner((session) =>
        session.script(`insert into private.backups (taken_at, finished_at, store, name, bytes, kind, is_verified)
          values (now() - interval '${age}', now() - interval '${age}', '/backups', '${name}', 1, 'manual', true)`),
      );
    await backUp("old", "2 hours");
    expect(await rollback("--steps", "2", "--force")).toEqual(refused("--force needs a backup of the last hour"));
    expect(await history()).toHaveLength(2);
    await backUp("new", "1 minute");
    expect(await rollback("--steps", "2", "--force")).toMatchObject({ code: 0 });
    expect(await history()).toEqual([]);
  });

  test.each([
    ["a block of code", "do $$ begin delete from public.users; end $$;", "rows of public.users"],
    ["a cascade", "drop schema private cascade; create schema private;", "private."],
  ])("that %s deletes unsaid are seen before the commit", async (_, sql, what) => {
    project.add("select 1;", sql.replace("delete from public.users", "update public.users set bio = 'x'"));
    await push();
    const outcome = await rollback("--steps", "1");
    expect(outcome).toEqual(refused(what));
    expect(outcome).toEqual(refused("which its statements do not say"));
    expect(await owner((session) => session.query("select count(*) from public.users where bio is null"))).toEqual([
      { count: 2 },
    ]);
    expect(await history()).toHaveLength(1);
  });

  test("that the migration itself brought go without a word", async () => {
    project.add(
      "insert into public.categories (slug, name_de, name_en) values ('moon', 'Mond', 'Moon');",
      "delete from public.categories where slug = 'moon';",
    );
    await push();
    expect(await rollback("--steps", "1")).toMatchObject({ code: 0 });
  });
});

describe("it refuses in one line", () => {
  test("a rollback that fails, of which nothing remains; those before it were taken back", async () => {
    const [first = "", second = ""] = [
      project.add(
        "create table public.plots (id integer);",
        "alter table public.plots rename to other;\ndrop table public.missing;",
      ),
      project.add("select 1;", "select 1;"),
    ];
    await push();
    const outcome = await rollback("--steps", "2");
    expect(outcome).toEqual(
      refused(`supabase/rollbacks/${first}, line 2: table "missing" does not exist (taken back before it: ${second})`),
    );
    expect(outcome.output).not.toMatch(/^\s+at /mu);
    expect(await history()).toEqual([{ version: first.slice(0, 14) }]);
    expect(await owner((session) => session.query("select to_regclass('public.plots')::text as name"))).toEqual([
      { name: "plots" },
    ]);
  });

  test("a database that is newer than the files, or has others, or a gap", async () => {
    const file = project.add(...TABLE);
    await push();
    const note = (sql: string) => owner((session) => session.script(sql));
    await note("insert into supabase_migrations.schema_migrations (version) values ('20990101000000')");
    expect(await rollback("--steps", "1")).toEqual(refused("the database is newer than these files"));
    await note(
      "update supabase_migrations.schema_migrations set version = '20290101000000' where version = '20990101000000'",
    );
    expect(await rollback("--steps", "1")).toEqual(
      refused("the migration 20290101000000, of which there is no file here"),
    );
    await note(
      "delete from supabase_migrations.schema_migrations where version in ('20290101000000', '20261121000300')",
    );
    expect(await rollback("--steps", "1")).toEqual(refused("the database lacks 20261121000300"));
    expect(await history()).toEqual([{ version: file.slice(0, 14) }]);
  });

  test("more steps than there are, none, and no number", async () => {
    expect(await rollback("--steps", "999")).toEqual(refused("--steps 999 is more than that"));
    for (const args of [[], ["--steps", "0"], ["--steps", "all"], ["--steps"]]) {
      expect(await rollback(...args)).toMatchObject({ code: 2 });
    }
  });

  test("to wait long for those who use a table", async () => {
    project.add(...COLUMN);
    await push();
    const other = openServerSession(database.ownerUrl);
    await other.script("begin; select from public.users");
    expect(await rollback("--steps", "1", "--patience", "0")).toEqual(refused(/lock timeout.*run it again/u));
    expect(await history()).toHaveLength(1);
    const patient = rollback("--steps", "1");
    await somebodyGivesUp();
    await other.script("commit");
    expect(await patient).toMatchObject({ code: 0, output: expect.stringContaining("gave up and tries again") });
    await other.close();
  });

  test("an address where nobody answers", async () => {
    const outcome = await project.run(
      "ops/rollback/main.ts",
      ["--steps", "1"],
      "postgresql://postgres:x@127.0.0.1:1/postgres",
    );
    expect(outcome).toEqual(refused("nothing listens at"));
  });
});

/** Somebody waits for a lock, and does so no longer. */
async function somebodyGivesUp(): Promise<void> {
  const waiting = () =>
    owner((session) => session.query("select from pg_stat_activity where wait_event_type = 'Lock'"));
  const patience = { timeout: 60_000, interval: 50 };
  await expect.poll(waiting, patience).toHaveLength(1);
  await expect.poll(waiting, patience).toEqual([]);
}

test("db:push lets others pass, and tries again", async () => {
  project.add(`set local lock_timeout = '500ms';\n${COLUMN[0]}`, COLUMN[1]);
  const other = openServerSession(database.ownerUrl);
  await other.script("begin; select from public.users");
  const once = await project.run("dev/commands/db-push.ts", ["--patience", "0"], database.ownerUrl);
  expect(once).toEqual(refused("lock timeout"));
  expect(await history()).toEqual([]);
  const push = project.run("dev/commands/db-push.ts", [], database.ownerUrl);
  await somebodyGivesUp();
  await other.script("commit");
  expect(await push).toMatchObject({ code: 0, output: expect.stringContaining("gave up and tries again") });
  expect(await history()).toHaveLength(1);
  await other.close();
});

describe("an index that is made concurrently", () => {
  test("is dropped outside a transaction, and a second time when the history was not written", async () => {
    const file = project.add(
      "create index concurrently users_by_bio on public.users (bio);",
      "drop index concurrently if exists public.users_by_bio;",
    );
    await push();
    await owner((session) => session.script("drop index public.users_by_bio"));
    expect(await rollback("--steps", "1")).toMatchObject({ code: 0 });
    expect(await push()).toEqual([file]);
    expect(await rollback("--steps", "1")).toMatchObject({ code: 0 });
    expect(await owner((session) => session.query("select to_regclass('public.users_by_bio') as name"))).toEqual([
      { name: null },
    ]);
  });

  test("is named when it was left invalid", async () => {
    project.add(
      "create unique index concurrently users_by_locale on public.users ((length(bio)));",
      "drop index concurrently if exists public.users_by_locale;",
    );
    await owner((session) => session.script("update public.users set bio = 'same'"));
    await expect(push()).rejects.toThrow("could not create unique index");
    const named =
      "the index public.users_by_locale is invalid, left by a create or drop index concurrently that failed";
    expect(await rollback("--steps", "1", "--dry-run")).toMatchObject({
      code: 0,
      output: expect.stringContaining(named),
    });
  });
});
