import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { paths } from "../../dev/base/paths.ts";
import { type Changes, changesBetween } from "../../dev/schemas/changes.ts";
import { roomsOfMigrations } from "../../dev/schemas/migration.ts";
import { type Room, readRooms } from "../../dev/schemas/rooms.ts";
import {
  type DatabaseFactory,
  type PreparedDatabase,
  startDatabaseFactory,
} from "../../dev/stack/database/database-factory.ts";
import { requireCluster } from "../support/target.ts";

requireCluster("tests/migrations");

let factory: DatabaseFactory;
beforeAll(async () => {
  factory = await startDatabaseFactory();
});
afterAll(() => factory.destroy());

/** What all samples begin with. */
const BASE = `
  create schema private;
  alter default privileges revoke execute on functions from public;
  alter default privileges in schema public revoke all on tables from anon, authenticated, service_role;
  alter default privileges in schema public revoke all on functions from anon, authenticated, service_role;
  create table public.cats (id int primary key, name text, check (id < 1000));
  comment on table public.cats is 'Cats.';
  comment on column public.cats.name is 'What it is called.';
  grant select on public.cats to anon, authenticated;
  alter table public.cats enable row level security;
  create function private.limit_of(kind text) returns int language sql immutable set search_path = '' return 3;
  comment on function private.limit_of(text) is 'A limit.';
  grant execute on function private.limit_of(text) to anon, authenticated;
  create function private.keep() returns trigger language plpgsql as $$ begin return new; end $$;
  create trigger cats_are_kept before insert on public.cats for each row execute function private.keep();
  create policy cats_are_readable on public.cats for select to anon using (id < private.limit_of('cats'));
  create view public.named_cats with (security_invoker = true) as select id, name from public.cats where name <> '';
  comment on view public.named_cats is 'Cats with a name.';
  comment on column public.named_cats.name is 'Never empty.';
  grant select on public.named_cats to anon;
  create function public.first_cat() returns public.named_cats language sql stable
    as $$ select * from public.named_cats order by id limit 1 $$;
  grant execute on function public.first_cat() to anon;
  create index cats_by_name on public.cats (name);
  create procedure private.let_read(relation regclass, roles text) language plpgsql as $$ begin
    execute format('grant select (name) on %s to %s', relation, roles); end $$;
  comment on procedure private.let_read(regclass, text) is 'Grants.';
  grant execute on procedure private.let_read(regclass, text) to anon;
  call private.let_read('public.named_cats', 'service_role');
  call private.let_read('public.cats', 'service_role');
  create table public.found_cats (rank int, like public.cats including comments);
  create table public.best_cats (like public.found_cats including comments);
  create table public.plain_cats (like public.cats);
  create table public.other_cats (like public.cats including comments);
  comment on column public.other_cats.name is 'Its own.';
`;

interface Sample {
  readonly what: string;
  /** Texts of the base and what stands in their place. */
  readonly edits: readonly (readonly [string, string])[];
  /** What more stands at the end. */
  readonly added?: string;
}

const IN_PLACE: Sample[] = [
  { what: "the body of a function", edits: [["return 3", "return 4"]] },
  { what: "the body of a trigger's function", edits: [["begin return new", "begin new.id := 1; return new"]] },
  { what: "the name of an argument", edits: [["limit_of(kind text)", "limit_of(what text)"]] },
  {
    what: "an argument more, with a default",
    edits: [
      ["(kind text)", "(kind text, plus int default 1)"],
      ["limit_of(text)", "limit_of(text, int)"],
    ],
  },
  { what: "another type of result", edits: [["returns int", "returns bigint"]] },
  { what: "a default taken away", edits: [["(kind text)", "(kind text default '')"]] },
  { what: "the comment of a function", edits: [["A limit.", "Another''s limit."]] },
  { what: "no comment any more", edits: [["comment on function private.limit_of(text) is 'A limit.';", ""]] },
  { what: "the comment of a column", edits: [["What it is called.", "Its name."]] },
  {
    what: "no comment of a column any more",
    edits: [["comment on column public.cats.name is 'What it is called.';", ""]],
  },
  {
    what: "a right more",
    edits: [["select on public.cats to anon,", "select, insert (id) on public.cats to anon, service_role,"]],
  },
  {
    what: "a right less",
    edits: [
      ["to anon, authenticated;\n  create function private.keep", "to authenticated;\n  create function private.keep"],
    ],
  },
  { what: "no rights any more", edits: [["grant select on public.named_cats to anon;", ""]] },
  {
    what: "rights on a procedure",
    edits: [["let_read(regclass, text) to anon", "let_read(regclass, text) to authenticated"]],
  },
  {
    what: "the name of a procedure's argument",
    edits: [
      ["roles text)", "readers text)"],
      ["relation, roles)", "relation, readers)"],
    ],
  },
  { what: "a policy", edits: [["using (id <", "using (id <="]] },
  {
    what: "no policy any more",
    edits: [
      ["create policy cats_are_readable on public.cats for select to anon using (id < private.limit_of('cats'));", ""],
    ],
  },
  { what: "a trigger", edits: [["before insert on public.cats", "before insert or update on public.cats"]] },
  { what: "the name of a trigger", edits: [["cats_are_kept", "cats_stay"]] },
  { what: "a view with rows of it as a result", edits: [["as select id, name from", "as select name, id from"]] },
  { what: "an index", edits: [["on public.cats (name)", "on public.cats (name, id)"]] },
  {
    what: "no function any more",
    edits: [
      [
        "create function public.first_cat() returns public.named_cats language sql stable\n    as $$ select * from public.named_cats order by id limit 1 $$;\n  grant execute on function public.first_cat() to anon;",
        "",
      ],
    ],
  },
  {
    what: "another order, other line breaks and comments",
    edits: [["returns int language sql", "returns int\n -- a comment\n language sql"]],
  },
];

const NEW_TABLE = `
  create domain public.colour as text check (value <> '');
  create table public.dogs (id int primary key, colour public.colour);
  comment on column public.dogs.colour is 'Colour.';
  insert into public.dogs select id from public.cats;
  alter table public.dogs enable row level security;
  create policy dogs_are_readable on public.dogs for select to anon using (true);
  grant select on public.dogs to anon;
  create index dogs_by_colour on public.dogs (colour);
  create trigger dogs_are_kept before insert on public.dogs for each row execute function private.keep();
  create function private.dog() returns public.dogs language sql as $$ select * from public.dogs $$;
  comment on function private.dog() is 'A dog.';
`;

const NEEDS_NEW: (Sample & { readonly because: string })[] = [
  {
    what: "a column more",
    edits: [["name text,", "name text, age int,"]],
    because: "create table public.cats (id int primary key, name text, age int,",
  },
  {
    what: "no table any more",
    edits: [["create table public.cats", "create table public.dogs"]],
    because: "create table public.cats",
  },
  {
    what: "a constraint more",
    edits: [],
    added: "alter table public.cats add check (id > 0);",
    because: "alter table public.cats add check (id > 0)",
  },
  {
    what: "a row more",
    edits: [],
    added: "insert into public.cats values (1);",
    because: "insert into public.cats values (1)",
  },
  { what: "a block of code", edits: [], added: "do $$ begin null; end $$;", because: "do $$ begin null; end $$" },
  { what: "a call", edits: [], added: "select private.limit_of('');", because: "select private.limit_of('')" },
  {
    what: "default rights",
    edits: [["alter default privileges revoke execute on functions from public;", ""]],
    because: "alter default privileges",
  },
  {
    what: "a right that is taken",
    edits: [],
    added: "revoke all on schema private from anon;",
    because: "revoke all on schema private from anon",
  },
];

const room = (sql: string): Room[] => [{ name: "cats", files: [{ path: "schemas/cats/cats.sql", sql }] }];

function edited({ edits, added = "" }: Sample): string {
  return edits.reduce((text, [old, now]) => replaced(text, old, now), BASE) + added;
}

async function build(name: string, rooms: readonly Room[]): Promise<PreparedDatabase> {
  const database = await factory.create(name);
  for (const { sql } of rooms.flatMap(({ files }) => files)) {
    await database.asOwner((session) => session.script(sql));
  }
  return database;
}

/** Changes the database from one state to the other, in one transaction. */
async function change(database: PreparedDatabase, { script, needsNewDatabase }: Changes): Promise<void> {
  expect(needsNewDatabase).toEqual([]);
  await database.asOwner((session) => session.script(`begin; ${script} commit;`));
}

describe("what changes in place becomes the same as what is built anew, and back again", () => {
  let database: PreparedDatabase;
  let original: string;
  beforeAll(async () => {
    database = await build("changing", room(BASE));
    original = database.dump();
  });

  test.each(IN_PLACE.map((sample, index) => ({ ...sample, index })))("$what", async ({ index, ...sample }) => {
    const [before, after] = [room(BASE), room(edited(sample))];
    await change(database, await changesBetween(before, after));
    expect(database.dump()).toBe((await build(`anew_${index}`, after)).dump());
    await change(database, await changesBetween(after, before));
    expect(database.dump()).toBe(original);
  });

  test("a table with everything of it, and what uses it", async () => {
    const [before, after] = [room(BASE), room(BASE + NEW_TABLE)];
    await change(database, await changesBetween(before, after));
    expect(database.dump()).toBe((await build("anew_with_table", after)).dump());
    const { needsNewDatabase } = await changesBetween(after, before);
    expect(needsNewDatabase.join("\n")).toContain("schemas/cats/cats.sql: create table public.dogs");
  });
});

describe("what needs a new database", () => {
  test.each(NEEDS_NEW)("$what", async ({ because, ...sample }) => {
    const { needsNewDatabase } = await changesBetween(room(BASE), room(edited(sample)));
    expect(needsNewDatabase.join("\n")).toContain(`schemas/cats/cats.sql: ${because}`);
  });

  test("a function that a constraint depends on cannot be created again", async () => {
    const base = `${BASE} alter table public.cats add check (id < private.limit_of('cats'));`;
    const { needsNewDatabase } = await changesBetween(room(base), room(base.replace("returns int", "returns bigint")));
    expect(needsNewDatabase).toEqual([
      "schemas/cats/cats.sql: alter table public.cats add check (id < private.limit_of('cats'))",
    ]);
  });
});

test.each([
  ["return 3", "return 4", false],
  ["using (id <", "using (id <=", false],
  ["A limit.", "A number.", false],
  ["language sql immutable", "language sql volatile", true],
  ["limit_of(kind text)", "limit_of(what text)", true],
  ["limit_of(kind text)", "limit_of(kind text default '')", true],
  ["select id, name from", "select name, id from", true],
])("whether callers see it: %s → %s", async (old, now, expected) => {
  const { changesSignatures } = await changesBetween(room(BASE), room(replaced(BASE, old, now)));
  expect(changesSignatures).toBe(expected);
});

test("the same schemas need nothing, and neither does what the migrations were written from", async () => {
  const migrations = readdirSync(paths.migrations)
    .toSorted()
    .map((file) => ({ file, sql: readFileSync(join(paths.migrations, file), "utf8") }));
  const nothing = { script: "", steps: [], summary: [], changesSignatures: false, needsNewDatabase: [] };
  expect(await changesBetween(readRooms(), readRooms())).toEqual(nothing);
  expect(await changesBetween(roomsOfMigrations(migrations), readRooms())).toEqual(nothing);
});

/** Texts of the product's schemas, and what stands in their place: one change of each kind. */
const EDITS: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  "schemas/tasks/words_and_limits.sql": [["return 1000;", "return 1500;"]],
  "schemas/tasks/categories.sql": [
    ["create function private.category_subtree(category text)", "create function private.category_subtree(root text)"],
    ["category_subtree.category", "category_subtree.root"],
    ["after insert or update on public.categories", "after insert or update of parent_slug on public.categories"],
    ["to anon, authenticated using (true)", "to authenticated using (is_active)"],
    ["German name.", "Name in German."],
  ],
  "schemas/tasks/books.sql": [["e.account, e.amount, p", "e.amount, e.account, p"]],
  "schemas/ratings/admin.sql": [["to service_role, app_read", "to service_role"]],
  "schemas/foundation/version.sql": [
    ["returns text", "returns varchar"],
    ["to anon, authenticated, service_role", "to authenticated, service_role"],
  ],
  "schemas/users/sign_up.sql": [
    ["create function private.member_name(auth_user jsonb)", "create function private.member_name(the_user jsonb)"],
    ["auth_user", "the_user"],
  ],
};

test("the product's database changes in place to what is built anew", async () => {
  const before = readRooms();
  const after = before.map(({ name, files }) => ({
    name,
    files: files.map(({ path, sql }) => ({
      path,
      sql: (EDITS[path] ?? []).reduce((text, [old, now]) => replaced(text, old, now), sql),
    })),
  }));
  const database = await build("product", before);
  const changes = await changesBetween(before, after);
  await change(database, changes);
  expect(database.dump()).toBe((await build("product_anew", after)).dump());
  expect(new Set(changes.steps.map(({ path }) => path))).toEqual(new Set(Object.keys(EDITS)));
});

function replaced(text: string, old: string, now: string): string {
  expect(text).toContain(old);
  return text.replaceAll(old, () => now);
}
