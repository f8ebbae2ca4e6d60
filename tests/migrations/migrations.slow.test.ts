import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { paths } from "../../dev/base/paths.ts";
import { runSupabaseCli } from "../../dev/commands/supabase-cli.ts";
import {
  type DatabaseFactory,
  type PreparedDatabase,
  startDatabaseFactory,
} from "../../dev/stack/database/database-factory.ts";
import { migrate, runSqlFile } from "../../dev/stack/database/migrate.ts";
import { openAdmin, type Sql, signUpBySql } from "../support/admin.ts";
import { expectBooksRight } from "../support/books.ts";
import { requireCluster } from "../support/target.ts";

requireCluster("tests/migrations");

const ROLLBACKS = join(paths.supabase, "rollbacks");
const FILES = readdirSync(paths.migrations)
  .filter((file) => file.endsWith(".sql"))
  .toSorted();
const VERSIONS = FILES.map((file) => file.split("_", 1)[0] ?? "");

let factory: DatabaseFactory;
beforeAll(async () => {
  factory = await startDatabaseFactory();
});
afterAll(() => factory.destroy());

function applyAll(database: PreparedDatabase): Promise<string[]> {
  return database.asOwner((session) => migrate(session, { directory: paths.migrations }));
}

/** What an admin does to take a migration back: the file, then its place in the history. */
async function rollBack(database: PreparedDatabase, file: string): Promise<void> {
  const version = file.split("_", 1)[0] ?? "";
  await database.asOwner(async (session) => {
    await runSqlFile(session, join(ROLLBACKS, file));
    await session.query("delete from supabase_migrations.schema_migrations where version = $1", [version]);
    await session.query("delete from local_stack.migration_checksums where version = $1", [version]);
  });
}

async function historyOf(database: PreparedDatabase): Promise<string[]> {
  const rows = await database.asOwner((session) =>
    session.query<{ file: string }>(
      "select version || '_' || name || '.sql' as file from supabase_migrations.schema_migrations order by version",
    ),
  );
  return rows.map((row) => row.file);
}

test("every migration has a rollback of the same name, and no rollback lacks its migration", () => {
  expect(
    readdirSync(ROLLBACKS)
      .filter((file) => file.endsWith(".sql"))
      .toSorted(),
  ).toEqual(FILES);
});

describe("applying", () => {
  test("a second run applies nothing and changes nothing", async () => {
    const database = await factory.create("twice");
    expect(await applyAll(database)).toEqual(FILES);
    const first = database.dump();
    expect(await applyAll(database)).toEqual([]);
    expect(database.dump()).toBe(first);
    expect(await historyOf(database)).toEqual(FILES);
  });

  test("two starts at once do not get in each other's way", async () => {
    const database = await factory.create("race");
    const results = await Promise.allSettled([applyAll(database), applyAll(database)]);
    expect(results.some(({ status }) => status === "fulfilled")).toBe(true);
    await applyAll(database);
    expect(await historyOf(database)).toEqual(FILES);
  });

  test("needs no superuser, and everything belongs to the role that ran it", async () => {
    const database = await factory.create("ownership");
    const before = await ownersOf(database);
    const [role] = await database.asOwner((session) =>
      session.query<{ rolsuper: boolean; rolname: string }>(
        "select rolsuper, rolname from pg_roles where rolname = current_user",
      ),
    );
    expect(role?.rolsuper).toBe(false);
    await applyAll(database);
    const created = (await ownersOf(database)).filter((row) => !before.includes(row));
    expect(created.length).toBeGreaterThan(100);
    expect(created.filter((row) => !row.endsWith(` ${role?.rolname}`))).toEqual([]);
  });

  /** `kind name owner` of everything outside the extensions. */
  async function ownersOf(database: PreparedDatabase): Promise<string[]> {
    const rows = await database.asOwner((session) =>
      session.query<{ row: string }>(`
        select format('%s %s %s', kind, name, owner::regrole) as row from (
          select 'relation' as kind, c.oid::regclass::text as name, c.relowner as owner, c.oid, c.relnamespace as schema from pg_class c
          union all select 'function', p.oid::regprocedure::text, p.proowner, p.oid, p.pronamespace from pg_proc p
          union all select 'type', t.oid::regtype::text, t.typowner, t.oid, t.typnamespace from pg_type t
          union all select 'schema', n.nspname, n.nspowner, n.oid, n.oid from pg_namespace n) objects
        where schema::regnamespace::text in ('public', 'private', 'ops')
          and not exists (select from pg_depend d where d.objid = objects.oid and d.deptype = 'e')`),
    );
    return rows.map(({ row }) => row);
  }
});

describe("rolling back", () => {
  test("each rollback is the exact inverse of its migration, also with data; forward again gives the same schema", async () => {
    const database = await factory.create("roundtrip");
    const dumps = [database.dump()];
    for (const file of FILES) {
      await database.asOwner((session) => runSqlFile(session, join(paths.migrations, file)));
      dumps.push(database.dump());
    }
    await database.asOwner(async (session) => {
      await session.script(
        "create schema supabase_migrations; create table supabase_migrations.schema_migrations (version text primary key)",
      );
      await session.script(
        "create schema local_stack; create table local_stack.migration_checksums (version text primary key)",
      );
    });
    await liveIn(database);

    for (const [index, file] of [...FILES.entries()].toReversed()) {
      await rollBack(database, file);
      expectSameDump(database.dump(), dumps[index] ?? "", `after rolling back ${file}`);
    }
    for (const [index, file] of FILES.entries()) {
      await database.asOwner((session) => runSqlFile(session, join(paths.migrations, file)));
      expectSameDump(database.dump(), dumps[index + 1] ?? "", `after applying ${file} again`);
    }
  });

  test("the newest migration can be taken back and applied again by the stack", async () => {
    const database = await factory.create("newest");
    await applyAll(database);
    const before = database.dump();
    const newest = FILES.at(-1) ?? "";
    await rollBack(database, newest);
    expect(await historyOf(database)).toEqual(FILES.slice(0, -1));
    expect(await applyAll(database)).toEqual([newest]);
    expectSameDump(database.dump(), before, `after ${basename(newest)} again`);
  });

  /** A little life: members, a completed task, points, a redemption that was used, an event that waits, a ban. */
  async function liveIn(database: PreparedDatabase): Promise<void> {
    const admin = openAdmin(database.superuserUrl, 1);
    try {
      const [creator = "", helper = ""] = await signUpBySql(admin.sql, 2);
      const as = (memberId: string) =>
        admin.sql("select set_config('request.jwt.claims', json_build_object('sub', $1::text)::text, false)", [
          memberId,
        ]);
      await as(creator);
      const [task] = await admin.sql<{ id: string }>(
        "select id from public.create_task('Mow', 'The lawn', 'garten', 52.5, 13.4, 10)",
      );
      await as(helper);
      const [offer] = await admin.sql<{ id: string }>("select id from public.offer_help($1)", [task?.id ?? null]);
      await as(creator);
      await admin.sql("select public.accept_offer($1)", [offer?.id ?? null]);
      await as(helper);
      await admin.sql("select public.finish_task($1)", [task?.id ?? null]);
      await as(creator);
      await admin.sql("select public.confirm_task($1)", [task?.id ?? null]);
      await redeem(admin.sql, helper);
      await admin.sql("select ops.ban_user($1, 'Spam')", [creator]);
      await admin.sql("select ops.run_due_jobs(now())");
      await expectBooksRight(admin.sql);
    } finally {
      await admin.close();
    }
  }

  /** The points of the task become a code, which a till uses. */
  async function redeem(sql: Sql, memberId: string): Promise<void> {
    const [partner] = await sql<{ id: string }>("insert into public.partners (name) values ('Bakery') returning id");
    const [reward] = await sql<{ id: string }>(
      `insert into public.rewards (partner_id, title_de, title_en, points_cost, discount_type)
       values ($1, 'Ein Brot', 'A loaf', 10, 'free_item') returning id`,
      [partner?.id ?? null],
    );
    await sql("insert into public.reward_stocks (reward_id, total) values ($1, 5)", [reward?.id ?? null]);
    const [key] = await sql<{ hash: string }>(
      `select '\\x' || encode(sha256(key::bytea), 'hex') as hash
       from ops.create_partner_key($1, 'Till', private.partner_scopes())`,
      [partner?.id ?? null],
    );
    const [hash, code] = [key?.hash ?? null, `\\x${"0".repeat(64)}`];
    await sql("select public.create_webhook_endpoint($1, 'https://hooks.example/', '{redemption.used}', 'sealed')", [
      hash,
    ]);
    await sql("update auth.users set email_confirmed_at = now() where id = $1", [memberId]);
    await sql("select public.begin_redemption($1, $2, 10, gen_random_uuid(), $3, 'sealed')", [
      memberId,
      reward?.id ?? null,
      code,
    ]);
    const [used] = await sql<{ outcome: string }>("select public.use_code($1, $2, 'T1') ->> 'outcome' as outcome", [
      hash,
      code,
    ]);
    expect(used?.outcome).toBe("used");
    expect(await sql("select status from private.webhook_messages")).toEqual([{ status: "pending" }]);
  }

  /** Compares as lists of statements, so that a difference is short to read. */
  function expectSameDump(actual: string, expected: string, when: string): void {
    const lines = (text: string) => text.split("\n").filter((line) => line !== "" && !line.startsWith("--"));
    const [have, want] = [lines(actual), lines(expected)];
    expect({
      when,
      missing: want.filter((line) => !have.includes(line)),
      extra: have.filter((line) => !want.includes(line)),
    }).toEqual({
      when,
      missing: [],
      extra: [],
    });
    expect(actual).toBe(expected);
  }
});

describe("the Supabase CLI and the stack", () => {
  function cli(...args: string[]): Promise<string> {
    return runSupabaseCli(args, { capture: true, task: args.join(" ") });
  }

  /** The CLI's view: which versions lie in the repository, which the database has. */
  async function listed({ ownerUrl }: PreparedDatabase): Promise<{ local: string[]; remote: string[] }> {
    const output = await cli("migration", "list", "--output-format", "json", `--remote=${ownerUrl}`);
    const { migrations } = JSON.parse(output) as { migrations: { local: string; remote: string }[] };
    return { local: migrations.map(({ local }) => local), remote: migrations.map(({ remote }) => remote) };
  }

  test("what the CLI applied is no news to the stack, and the schema is the same", async () => {
    const [byCli, byStack] = [await factory.create("by_cli"), await factory.create("by_stack")];
    expect(await listed(byCli)).toEqual({ local: VERSIONS, remote: VERSIONS.map(() => "") });
    await cli("db", "push", "--yes", `--remote=${byCli.ownerUrl}`);
    expect(await listed(byCli)).toEqual({ local: VERSIONS, remote: VERSIONS });
    await applyAll(byStack);
    expect(await applyAll(byCli)).toEqual([]);
    expect(await historyOf(byCli)).toEqual(FILES);
    expect(byCli.dump()).toBe(byStack.dump());
  });

  test("what the stack applied is no news to the CLI", async () => {
    const database = await factory.create("then_cli");
    await applyAll(database);
    const before = database.dump();
    await cli("db", "push", "--yes", `--remote=${database.ownerUrl}`);
    expect(database.dump()).toBe(before);
    expect(await historyOf(database)).toEqual(FILES);
    expect(await listed(database)).toEqual({ local: VERSIONS, remote: VERSIONS });
  });
});
