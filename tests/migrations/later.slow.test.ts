import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { paths } from "../../dev/base/paths.ts";
import { refuseDifferences } from "../../dev/commands/refuse-differences.ts";
import { runSupabaseCli } from "../../dev/commands/supabase-cli.ts";
import { differencesOf, makeBoth, readDefinitions } from "../../dev/schemas/definitions.ts";
import { draftMigration } from "../../dev/schemas/draft.ts";
import { checkMigrations, freezeMigrations } from "../../dev/schemas/frozen.ts";
import { writeMigration } from "../../dev/schemas/next-migration.ts";
import { type DatabaseFactory, startDatabaseFactory } from "../../dev/stack/database/database-factory.ts";
import { IN_MEMORY, openEmbeddedDatabase } from "../../dev/stack/database/embedded.ts";
import { migrate, runSqlFile } from "../../dev/stack/database/migrate.ts";
import type { SqlSession } from "../../dev/stack/database/session.ts";
import { signUpBySql } from "../support/admin.ts";
import { requireCluster } from "../support/target.ts";

/** The way after 1.0, on a copy of the repository that is frozen as it is. */

requireCluster("tests/migrations");

let factory: DatabaseFactory;
beforeAll(async () => {
  factory = await startDatabaseFactory();
  const database = await factory.create(LIVED_IN);
  await database.asOwner(async (session) => {
    await migrate(session, { directory: paths.migrations });
    await postTask(session);
  });
});
afterAll(() => factory.destroy());

let project: string;
let supabase: string;
let directory: string;

/** Has the frozen migrations, a member and a task. */
const LIVED_IN = "lived_in";
let names = 0;
/** Of a database that no other test has. */
function name(): string {
  names += 1;
  return `later_${names}`;
}
beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), "neighbourhood-later-"));
  supabase = join(project, "supabase");
  directory = join(supabase, "migrations");
  for (const part of ["config.toml", "schemas", "migrations", "rollbacks"]) {
    cpSync(join(paths.supabase, part), join(supabase, part), { recursive: true });
  }
  freezeMigrations(supabase);
});
afterEach(() => rmSync(project, { recursive: true }));

/** Changes a file of the copy, and fails when there is nothing to change. */
function edit(file: string, from: string, to: string): void {
  const path = join(supabase, "schemas", file);
  const sql = readFileSync(path, "utf8");
  expect(sql).toContain(from);
  writeFileSync(path, sql.replace(from, to));
}

function add(file: string, sql: string): void {
  appendFileSync(join(supabase, "schemas", file), `\n${sql}\n`);
}

async function startMigration(room: string, change: string) {
  const { frozen, later } = checkMigrations(supabase);
  const draft = await draftMigration(await makeBoth(factory, [...frozen, ...later], supabase, name()));
  if (draft === undefined) throw new Error("there is no difference");
  const file = writeMigration({ room, change }, draft, supabase);
  const sql = readFileSync(join(directory, file), "utf8");
  const rollback = readFileSync(join(supabase, "rollbacks", file), "utf8");
  return { file, sql, rollback, notes: draft.notes };
}

const compared = (): Promise<void> => refuseDifferences(factory, supabase, name());

/** A member who has posted a task. */
async function postTask(session: SqlSession): Promise<void> {
  const [creator = ""] = await signUpBySql((text, values) => session.query(text, values), 1);
  await session.query("select set_config('request.jwt.claims', json_build_object('sub', $1::text)::text, false)", [
    creator,
  ]);
  await session.query("select public.create_task('Mow', 'The lawn', 'garten', 52.5, 13.4, 10)");
}

const CLOSED_AT = "  closed_at      timestamptz,\n";
const IS_URGENT = "  is_urgent      boolean not null default false,\n";
const COMMENT = "comment on column public.tasks.creator_id is";
const INDEX = "create index tasks_by_category on public.tasks (category);\n";

/** A column with all that belongs to it, a changed function, an index instead of another. */
function addUrgency(): void {
  const file = "tasks/tables.sql";
  edit(file, CLOSED_AT, CLOSED_AT + IS_URGENT);
  edit(
    file,
    COMMENT,
    `comment on column public.tasks.is_urgent is 'Whether it cannot wait.';
grant select (is_urgent) on public.tasks to anon;
create policy urgent_tasks_are_readable on public.tasks for select to anon using (is_urgent and status = 'open');
${COMMENT}`,
  );
  edit(file, INDEX, "create index tasks_by_title on public.tasks (title);\n");
  edit("tasks/work.sql", "'There is no such task.'", "'There is no such task here.'");
}

/** A domain that allows more, and one of every other kind of object. */
function addMarks(): void {
  edit("tasks/words_and_limits.sql", "'withdrawn'));", "'withdrawn', 'late'));");
  add(
    "operations/schedule.sql",
    `create type ops.colour as enum ('red', 'green');
create sequence ops.numbers;
create table ops.marks (id bigint generated always as identity primary key, task_id uuid references public.tasks (id),
  colour ops.colour not null default 'red', constraint id_is_positive check (id > 0));
alter table ops.marks enable row level security;
grant select on ops.marks to app_read;
create view ops.red_marks with (security_invoker = true) as select m.id, m.task_id from ops.marks m where m.colour = 'red';
comment on view ops.red_marks is 'Marks that are red.';
create materialized view ops.mark_count as select count(*) as count from ops.marks;
create function ops.paint() returns trigger language plpgsql set search_path = '' as $$
begin
  new.colour := 'green';
  return new;
end $$;
create trigger marks_are_painted before insert on ops.marks for each row execute function ops.paint();`,
  );
}

test("changes of every kind become a migration, which a database in use takes and gives back", {
  timeout: 300_000,
}, async () => {
  addUrgency();
  addMarks();
  await expect(compared()).rejects.toThrow(
    /^the schemas and the migrations differ \(.*: no migration says .*, and \d+ more\): npm run db:migration -- <room> <change>$/u,
  );
  const { file, sql, rollback, notes } = await startMigration("tasks", "add_urgency");
  expect(notes).toEqual([]);
  expect(sql).not.toContain("DELETES");
  expect(rollback).toContain("-- DELETES what is in it: alter table public.tasks drop column is_urgent\n");
  await compared();

  const database = await factory.create(name(), LIVED_IN);
  const pushed = await factory.create(name(), LIVED_IN);
  const before = await readDefinitions(database);
  await database.asOwner(async (session) => {
    expect(await migrate(session, { directory })).toEqual([file]);
    expect(await session.query("select title, is_urgent from public.tasks")).toEqual([
      { title: "Mow", is_urgent: false },
    ]);
  });
  const after = await readDefinitions(database);
  expect(differencesOf(before, after).map(({ name }) => name)).toContain(
    "POLICY public.tasks urgent_tasks_are_readable",
  );
  await database.asOwner(async (session) => {
    await runSqlFile(session, join(supabase, "rollbacks", file));
    await session.query("delete from supabase_migrations.schema_migrations where version = $1", [file.slice(0, 14)]);
  });
  expect(differencesOf(await readDefinitions(database), before)).toEqual([]);
  await database.asOwner(async (session) => {
    expect(await migrate(session, { directory })).toEqual([file]);
  });
  expect(differencesOf(await readDefinitions(database), after)).toEqual([]);

  await runSupabaseCli(["db", "push", "--yes", `--remote=${pushed.ownerUrl}`], {
    capture: true,
    task: "push",
    project,
  });
  expect(differencesOf(await readDefinitions(pushed), after)).toEqual([]);
});

test("what the difference cannot do is said, and left as comments", { timeout: 300_000 }, async () => {
  edit(
    "notifications/types.sql",
    "values\n",
    "values\n  ('task_praised', 'The helper.', true, 'Lob', 'Praise', 'Danke!', 'Thank you!'),\n",
  );
  edit("tasks/tables.sql", CLOSED_AT, IS_URGENT + CLOSED_AT);
  edit("tasks/settings.sql", "add column open_task_limit ", "add column open_tasks ");
  edit("tasks/settings.sql", "(open_task_limit ", "(open_tasks ");
  edit("tasks/settings.sql", "private.settings.open_task_limit ", "private.settings.open_tasks ");
  add(
    "users/sign_up.sql",
    `create function private.greet() returns trigger language plpgsql set search_path = '' as 'begin return new; end';
create trigger member_is_greeted after insert on auth.users for each row execute function private.greet();`,
  );
  const { file, sql, rollback, notes } = await startMigration("users", "greet");
  expect(notes).toEqual([
    "alter table private.settings drop column open_task_limit DELETES what is in it: if it was renamed, write alter … rename instead",
    expect.stringMatching(/^the migration does not do everything: \d+ more stand there as comments$/u),
    expect.stringMatching(
      /^the rollback does not run as it was found, .*: the rollback, line \d+: .*must be owner of/u,
    ),
  ]);
  expect(sql).toContain("-- DELETES what is in it: alter table private.settings drop column open_task_limit\n");
  expect(sql).toMatch(/^CREATE TRIGGER member_is_greeted/mu);
  expect(sql).toMatch(
    /\n-- Still to be written.*:\n(?:-- .*\n)*-- \+ ROW of public\.notification_types: .*task_praised/u,
  );
  expect(rollback).toContain("-- Here, too, is to be written what the migration needs.");
  expect(rollback).toMatch(/^-- DROP TRIGGER "member_is_greeted"/mu);
  expect(rollback).not.toMatch(/^(?!set local lock_timeout)[^-\n]/mu);

  const renamed = sql
    .replace(/ALTER TABLE "private"."settings"\s+DROP COLUMN "open_task_limit";/u, "")
    .replace(
      /ALTER TABLE "private"."settings"\s+ADD COLUMN "open_tasks"[^;]*;/u,
      "alter table private.settings rename column open_task_limit to open_tasks;",
    );
  writeFileSync(
    join(directory, file),
    `${renamed}insert into public.notification_types (type, told_when, email_default, title_de, title_en, body_de, body_en) values
      ('task_praised', 'The helper.', true, 'Lob', 'Praise', 'Danke!', 'Thank you!');`,
  );
  await expect(compared()).rejects.toThrow("the same in another order, a later column stands last in the schemas, too");
  edit("tasks/tables.sql", IS_URGENT + CLOSED_AT, CLOSED_AT + IS_URGENT);
  await compared();
});

test("an edited one that is frozen is not applied, and --fresh is not the way", async () => {
  const database = await factory.create(name(), LIVED_IN);
  appendFileSync(join(directory, "20261121000700_tasks.sql"), "-- edited\n");
  await database.asOwner(async (session) => {
    await expect(migrate(session, { directory })).rejects.toThrow(
      "supabase/migrations/20261121000700_tasks.sql is frozen and was edited: git restore it",
    );
  });
});

describe("an index that is made concurrently", () => {
  const CONCURRENT = "create index concurrently tasks_by_title on public.tasks (title);";
  const write = (sql: string) => {
    const file = writeMigration(
      { room: "tasks", change: "find_titles" },
      { sql: "", rollback: "", notes: [] },
      supabase,
    );
    appendFileSync(join(directory, file), sql);
    return file;
  };
  const isValid = "select indisvalid from pg_index where indexrelid = to_regclass('public.tasks_by_title')";

  test("is made outside a transaction, on both databases and by the CLI, beside what is there", async () => {
    const [server, pushed] = [await factory.create(name(), LIVED_IN), await factory.create(name(), LIVED_IN)];
    const embedded = await openEmbeddedDatabase(IN_MEMORY);
    try {
      await embedded.asOwner(async (session) => {
        await migrate(session, { directory });
        await postTask(session);
      });
      const file = write(CONCURRENT);
      for (const database of [server, embedded]) {
        await database.asOwner(async (session) => {
          expect(await migrate(session, { directory })).toEqual([file]);
          expect(await session.query(isValid)).toEqual([{ indisvalid: true }]);
          expect(await session.query("select title from public.tasks")).toEqual([{ title: "Mow" }]);
        });
      }
      const push = ["db", "push", "--yes", `--remote=${pushed.ownerUrl}`];
      await runSupabaseCli(push, { capture: true, task: "push", project });
      await pushed.asOwner(async (session) => {
        expect(await session.query(isValid)).toEqual([{ indisvalid: true }]);
        expect(await migrate(session, { directory })).toEqual([]);
      });
    } finally {
      await embedded.close();
    }
  });

  test("stands alone in its file, and what failed is tried again after it was dropped", async () => {
    const database = await factory.create(name(), LIVED_IN);
    const file = write(`set local lock_timeout = '3s';\n${CONCURRENT}`);
    await database.asOwner(async (session) => {
      await expect(migrate(session, { directory })).rejects.toThrow(
        /find_titles\.sql, line 7: what works concurrently stands alone in a file of its own/u,
      );
      writeFileSync(join(directory, file), CONCURRENT.replace("create index", "create unique index"));
      await postTask(session);
      await expect(migrate(session, { directory })).rejects.toThrow(/could not create unique index .*drop the index/u);
      expect(await session.query(isValid)).toEqual([{ indisvalid: false }]);
      writeFileSync(join(directory, file), CONCURRENT);
      await expect(migrate(session, { directory })).rejects.toThrow(/already exists: drop the index if it is there/u);
      await session.script("drop index public.tasks_by_title");
      expect(await migrate(session, { directory })).toEqual([file]);
    });
  });
});
