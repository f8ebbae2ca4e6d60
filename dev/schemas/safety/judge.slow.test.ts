import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { freezeMigrations } from "../frozen.ts";
import { judgeMigrations, refuseUnsafeMigrations } from "./judge.ts";

/** A released schema of a room, and releases behind it. */

const FIRST = `create table public.users (id uuid primary key);
create table public.tasks (id uuid primary key, creator_id uuid references public.users, title text, old_title text);
create table private.settings (id boolean primary key);
insert into private.settings values (true);
create view public.open_tasks as select id from public.tasks;
create domain public.word as text check (value in ('a', 'b'));
create type public.status as enum ('open');
create index tasks_by_title on public.tasks (title);
create function public.find(title text, page integer default 1) returns table (id uuid) language sql as 'select null::uuid';
create function private.work() returns void language sql as 'select';
grant select on public.tasks to authenticated;
create table public.found_task (rank integer, like public.tasks);
comment on table public.found_task is 'Row of find. Holds nothing.';
comment on column public.tasks.old_title is 'Deprecated: read title.';
`;
const TIMEOUT = "set local lock_timeout = '500ms';\n";

let supabase: string;
let last = 0;
beforeEach(() => {
  supabase = mkdtempSync(join(tmpdir(), "neighbourhood-safety-"));
  for (const folder of ["migrations", "rollbacks", "schemas/tasks"]) {
    mkdirSync(join(supabase, folder), { recursive: true });
  }
  writeFileSync(join(supabase, "config.toml"), '[db.migrations]\nschema_paths = ["./schemas/tasks/*.sql"]\n');
  writeFileSync(join(supabase, "schemas/tasks/tables.sql"), FIRST);
  last = 0;
  add(FIRST, "drop table public.tasks;");
  freezeMigrations(supabase);
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(supabase, { recursive: true });
});

/** Adds a migration with its rollback; they are called t1, t2, … in what follows. */
function add(sql: string, rollback = `${TIMEOUT}select 1;`): void {
  last += 1;
  for (const [folder, text] of [
    ["migrations", sql],
    ["rollbacks", rollback],
  ] as const) {
    writeFileSync(join(supabase, folder, `2027010100000${last}_tasks_t${last}.sql`), text);
  }
}

/** What is found, `t2:2 rule`. */
async function found(): Promise<string[]> {
  const findings = await judgeMigrations(supabase);
  for (const { why, instead } of findings) expect([why, instead].every((text) => text.length > 3)).toBe(true);
  return findings.map(({ file, line, rule }) => `${/_(t\d+)/u.exec(file)?.[1]}:${line} ${rule}`);
}

/** A statement behind a lock_timeout that is refused by one rule. */
const BAD: readonly (readonly [rule: string, sql: string])[] = [
  ["volatile-default", "alter table public.tasks add column n bigserial;"],
  ["volatile-default", "alter table public.tasks add column n bigint generated always as identity;"],
  ["adding-field-with-default", "alter table public.tasks add column n uuid default gen_random_uuid();"],
  ["adding-field-with-default", "alter table public.tasks add column n text generated always as (title) stored;"],
  ["validated-at-once", "alter table public.tasks add column n integer check (n > 0);"],
  ["validated-at-once", "alter domain public.word add constraint word_is_known check (value in ('a', 'b', 'c'));"],
  [
    "validated-at-once",
    "alter table public.tasks add constraint c check (title > '') not valid; alter table public.tasks validate constraint c;",
  ],
  ["constraint-missing-not-valid", "alter table public.tasks add constraint c check (title <> '');"],
  ["adding-foreign-key-constraint", "alter table public.tasks add column n uuid references public.users;"],
  ["disallowed-unique-constraint", "alter table public.tasks add constraint c unique (title);"],
  ["not-null-unproved", "alter table public.tasks alter column title set not null;"],
  ["changing-column-type", "alter table public.tasks alter column title type varchar;"],
  ["require-concurrent-index-creation", "create index i on public.tasks (title);"],
  ["require-concurrent-index-deletion", "drop index public.tasks_by_title;"],
  ["exclusive-lock", "lock table public.tasks in share mode;"],
  ["exclusive-lock", "cluster public.tasks using tasks_by_title;"],
  ["exclusive-lock", "reindex table public.tasks;"],
  ["exclusive-lock", "truncate public.tasks;"],
  ["exclusive-lock", "alter table public.tasks set unlogged;"],
  ["exclusive-lock", "refresh materialized view public.counts;"],
  ["big-write", "update public.tasks set title = 'x';"],
  ["big-write", "delete from public.tasks where title is null;"],
  ["unread-block", "do $$ begin perform 1; end $$;"],
  ["transaction-nesting", "commit;"],
  ["removed-too-early", "alter table public.tasks drop column title;"],
  ["removed-too-early", "drop view public.open_tasks;"],
  ["removed-too-early", "drop table public.users;"],
  ["removed-too-early", "drop type public.status;"],
  ["removed-too-early", "drop function public.find(text, integer);"],
  ["removed-too-early", "alter table public.tasks set schema private;"],
  ["removed-too-early", "revoke select on public.tasks from authenticated;"],
  ["removed-too-early", "revoke select (title) on public.tasks from anon;"],
  ["renamed", "alter table public.tasks rename column title to name;"],
  ["renamed", "alter table public.tasks rename to jobs;"],
  ["renamed", "alter function public.find(text, integer) rename to search;"],
  ["renamed", "alter type public.status rename value 'open' to 'free';"],
  ["ambiguous-function", "create function public.find(title text) returns void language sql as 'select';"],
  ["tightened-too-early", "alter table public.tasks add column n integer not null;"],
  ["platform-refuses", "create table auth.notes (id bigint primary key);"],
  ["platform-refuses", "create function storage.f() returns void language sql as 'select';"],
  ["platform-refuses", "create view realtime.v as select 1;"],
  ["platform-refuses", "alter table storage.objects enable row level security;"],
  ["platform-refuses", "drop function auth.uid();"],
  ["platform-refuses", "comment on policy p on storage.objects is 'x';"],
  ["platform-refuses", "alter system set work_mem = '1GB';"],
  ["platform-refuses", "alter database postgres set work_mem = '1GB';"],
  ["platform-refuses", "alter default privileges for role supabase_admin grant select on tables to anon;"],
  ["platform-refuses", "create function private.f() returns void language sql leakproof as 'select';"],
  ["platform-refuses", "alter function private.work() leakproof;"],
  ["platform-refuses", "create extension adminpack;"],
  ["platform-refuses", "alter function private.work() owner to supabase_admin;"],
  ["platform-refuses", "alter table public.tasks owner to supabase_admin;"],
  ["platform-refuses", "insert into cron.job (jobid) values (1);"],
  ["platform-refuses", "delete from storage.objects where name = 'x';"],
];

describe("a statement is refused by its rule", () => {
  test.each(BAD)("%s: %s", async (rule, sql) => {
    add(`${TIMEOUT}${sql}\n`);
    expect(await found()).toContain(`t2:2 ${rule}`);
  });

  test("with file, line, reason and what to write instead", async () => {
    const printed = vi.spyOn(console, "error").mockImplementation(() => undefined);
    add(`${TIMEOUT}\n-- why\nalter table public.tasks\n  alter column title set not null;\n`);
    await expect(refuseUnsafeMigrations(supabase)).rejects.toThrow(
      "1 thing is not safe beside people who work: mend them, or say why not above the statement",
    );
    expect(printed.mock.calls).toEqual([
      [
        "supabase/migrations/20270101000002_tasks_t2.sql:4 not-null-unproved: every row is read while nobody can read or " +
          "write the table. Instead: add constraint … check (title is not null) not valid; validate it in the next file; " +
          "then set not null",
      ],
    ]);
  });
});

describe("a file begins with a short lock_timeout of its transaction", () => {
  test.each([
    "select 1;",
    "set lock_timeout = '500ms';",
    "set local lock_timeout = '2min';",
    "set local lock_timeout = 0;",
    "set local lock_timeout = '3s';",
    "set local statement_timeout = '500ms';",
  ])("not with %s", async (sql) => {
    add(sql, `${sql}\nselect 1;`);
    expect(await found()).toEqual(["t2:1 lock-timeout", "t2:1 lock-timeout"]);
  });

  test.each(["'1s'", "'800 ms'", "900"])("%s is short", async (value) => {
    add(`set local lock_timeout = ${value};`);
    expect(await found()).toEqual([]);
  });
});

describe("an index that is made concurrently", () => {
  const INDEX = "create index concurrently i on public.tasks (title);";
  const DROP = "drop index concurrently if exists public.i;";

  test("is alone in its file, and so is what takes it back", async () => {
    add(INDEX, DROP);
    expect(await found()).toEqual([]);
    add(`${TIMEOUT}${INDEX}`, `${TIMEOUT}${DROP}`);
    expect(await found()).toEqual(["t3:2 concurrently-alone", "t3:2 concurrently-alone"]);
  });

  test("does not pass over the leftover of a failed attempt, and can be taken back twice", async () => {
    add(INDEX.replace("concurrently", "concurrently if not exists"), DROP.replace("if exists ", ""));
    expect(await found()).toEqual(["t2:1 index-if-not-exists", "t2:1 drop-index-if-exists"]);
  });
});

describe("a removal", () => {
  test("may follow a release that said Deprecated", async () => {
    add(`${TIMEOUT}alter table public.tasks drop column old_title;`);
    add(`${TIMEOUT}comment on column public.tasks.title is 'Deprecated: read name.';`);
    add(`${TIMEOUT}alter table public.tasks drop column title;`);
    expect(await found()).toEqual(["t4:2 removed-too-early"]);
    rmSync(join(supabase, "migrations/20270101000004_tasks_t4.sql"));
    rmSync(join(supabase, "rollbacks/20270101000004_tasks_t4.sql"));
    freezeMigrations(supabase);
    last = 3;
    add(`${TIMEOUT}alter table public.tasks drop column title;`);
    expect(await found()).toEqual([]);
  });

  test("of what the release itself has added is nobody's loss", async () => {
    add(`${TIMEOUT}create table public.extra (id bigint primary key);`);
    add(`${TIMEOUT}drop table public.extra;`);
    expect(await found()).toEqual([]);
  });

  test("is none where a function is made again for all who call it", async () => {
    const again = (args: string): string =>
      `${TIMEOUT}drop function public.find(text, integer);
create function public.find(${args}) returns table (id uuid) language sql as 'select null::uuid';`;
    add(again("title text, page integer default 1, near text default null"));
    expect(await found()).toEqual([]);
    add(again("title text, page integer default 1, near text"));
    add(again("title text, page integer"));
    add(again("words text, page integer default 1"));
    expect(await found()).toEqual([3, 4, 5].map((file) => `t${file}:2 removed-too-early`));
  });
});

test("a good release in three phases passes", async () => {
  add(`${TIMEOUT}alter table public.tasks add column effort integer;
create function private.set_effort() returns trigger language plpgsql set search_path = '' as 'begin return new; end';
create trigger tasks_have_effort before insert on public.tasks for each row execute function private.set_effort();
revoke all (effort) on public.tasks from anon;
grant select (effort) on public.tasks to authenticated;
alter table private.settings add column effort integer not null default 3 check (effort > 0);
create table public.marks (id bigint generated always as identity primary key, task_id uuid references public.tasks);
create index marks_by_task on public.marks (task_id);`);
  expect(await found()).toEqual([]);
  add(`${TIMEOUT}alter table public.tasks add constraint effort_is_known check (effort is not null) not valid;`);
  expect(await found()).toEqual(["t3:2 tightened-too-early"]);

  for (const folder of ["migrations", "rollbacks"]) rmSync(join(supabase, folder, "20270101000003_tasks_t3.sql"));
  freezeMigrations(supabase);
  last = 2;
  add(`${TIMEOUT}alter table public.tasks add constraint effort_is_known check (effort is not null) not valid;`);
  add(`${TIMEOUT}alter table public.tasks validate constraint effort_is_known;
alter table public.tasks alter column effort set not null, drop constraint effort_is_known;
alter table public.found_task alter column title set not null;`);
  add(
    "create index concurrently tasks_by_effort on public.tasks (effort);",
    "drop index concurrently if exists public.tasks_by_effort;",
  );
  expect(await found()).toEqual([]);
});

describe("an exception", () => {
  const UPDATE = "update public.tasks set title = 'x';";

  test("is a comment with a reason above the statement", async () => {
    add(`${TIMEOUT}-- Titles are new.\n-- allow big-write: written before anybody has a task\n${UPDATE}`);
    add(
      `${TIMEOUT}-- allow require-concurrent-index-creation: nobody works at night\ncreate index i on public.tasks (id);`,
    );
    expect(await found()).toEqual([]);
  });

  test("says why, and excuses what is there", async () => {
    add(`${TIMEOUT}-- allow big-write:\n${UPDATE}`);
    add(`${TIMEOUT}-- allow big-write: it is not big, by far\nselect 1;`);
    add(`${TIMEOUT}-- squawk-ignore changing-column-type\nalter table public.tasks alter column title type varchar;`);
    expect(await found()).toEqual(["t2:2 exception", "t3:2 exception", "t4:2 exception"]);
  });
});

test("the first migrations run on an empty database and are not judged", async () => {
  rmSync(join(supabase, "migrations.sha256"));
  add("update public.tasks set title = 'x';");
  expect(await found()).toEqual([]);
});
