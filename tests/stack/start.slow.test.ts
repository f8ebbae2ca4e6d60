import { writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { databases } from "./support/databases.ts";
import { clientOf, signUp, startFixtureStack } from "./support/fixture-stack.ts";
import { temporaryDirectory } from "./support/temporary-directory.ts";

/** A folder with one migration that works and one with the given text. */
function migrationsWith(second: string): string {
  const directory = temporaryDirectory();
  writeFileSync(join(directory, "0001_first.sql"), "create table public.first (id int primary key);\n");
  writeFileSync(join(directory, "0002_second.sql"), second);
  return directory;
}

describe.each(databases)("starting on the %s database", (database) => {
  it("keeps data and keys for the next start, until it starts fresh", async () => {
    const dataDir = temporaryDirectory();
    const first = await startFixtureStack({ database, dataDir });
    const { client, id } = await signUp(first);
    await client.from("notes").insert({ author_id: id, text: "kept" });
    const { data } = await client.auth.getUser();
    await first.stop();

    const second = await startFixtureStack({ database, dataDir });
    expect(second.publishableKey).toBe(first.publishableKey);
    const again = clientOf(second);
    await again.auth.signInWithPassword({ email: data.user?.email ?? "", password: "a-long-password" });
    expect((await again.from("notes").select("text")).data).toEqual([{ text: "kept" }]);
    await second.stop();

    const fresh = await startFixtureStack({ database, dataDir, fresh: true });
    expect(await fresh.sql("select * from auth.users")).toEqual([]);
    await fresh.stop();
  });

  it("names file and line of a broken migration and keeps nothing of it", async () => {
    const dataDir = temporaryDirectory();
    const broken = migrationsWith("create table public.second (id int);\n\n-- ä\nselect no_such_function();\n");
    await expect(startFixtureStack({ database, dataDir, migrations: broken })).rejects.toThrow(
      /^0002_second\.sql, line 4: function no_such_function\(\) does not exist/,
    );

    const mended = migrationsWith("create table public.second (id int);\n");
    const stack = await startFixtureStack({ database, dataDir, migrations: mended });
    expect(await stack.sql("select version, name from supabase_migrations.schema_migrations order by 1")).toEqual([
      { version: "0001", name: "first" },
      { version: "0002", name: "second" },
    ]);
    await stack.stop();
  });
});

it("refuses data that another stack uses, and takes over from one that died", async () => {
  const dataDir = temporaryDirectory();
  const running = await startFixtureStack({ dataDir });
  await expect(startFixtureStack({ dataDir })).rejects.toThrow(/another stack \(process \d+\) already uses/);
  await running.stop();

  writeFileSync(join(dataDir, "stack.lock"), "999999999");
  await (await startFixtureStack({ dataDir })).stop();
});

it("notices a migration that was edited after it had been applied", async () => {
  const dataDir = temporaryDirectory();
  const migrations = migrationsWith("select 1;\n");
  await (await startFixtureStack({ dataDir, migrations })).stop();
  writeFileSync(join(migrations, "0002_second.sql"), "select 2;\n");
  await expect(startFixtureStack({ dataDir, migrations })).rejects.toThrow(
    "migration 0002_second.sql changed since it was applied: start with --fresh, or npm run db:reset for a DATABASE_URL",
  );
});

it("says which line of a migration is no SQL", async () => {
  const migrations = migrationsWith("select 1;\nselect 2;\nselekt 3;\n");
  await expect(startFixtureStack({ migrations })).rejects.toThrow(/0002_second\.sql is not valid SQL: line 3/);
});

it("says so when a migration's name has no version", async () => {
  const migrations = migrationsWith("select 1;\n");
  writeFileSync(join(migrations, "unnumbered.sql"), "select 1;");
  await expect(startFixtureStack({ migrations })).rejects.toThrow("unnumbered.sql must be named <version>_<name>.sql");
});

it("names a port that is in use and leaves nothing behind", async () => {
  const occupant = createServer().listen(0, "127.0.0.1");
  onTestFinished(() => void occupant.close());
  await new Promise((resolve) => occupant.once("listening", resolve));
  const address = occupant.address();
  const port = typeof address === "object" && address ? address.port : 0;

  const dataDir = temporaryDirectory();
  const message = `port ${port} is in use: stop what listens there, or start with`;
  await expect(startFixtureStack({ dataDir, port })).rejects.toThrow(`${message} --port N`);
  await expect(startFixtureStack({ dataDir, studio: true, studioPort: port })).rejects.toThrow(
    `${message} --studio-port`,
  );
  await expect(startFixtureStack({ dataDir, databasePort: port })).rejects.toThrow(`${message} --db-port N`);
  await (await startFixtureStack({ dataDir })).stop();
});

it("runs the seed once and says when it changed later", async () => {
  const { seed } = await import("../../dev/stack/seed.ts");
  const stack = await startFixtureStack();
  const file = join(temporaryDirectory(), "seed.sql");
  writeFileSync(file, "create table public.seeded (id int); insert into public.seeded values (1);");
  const run = () => stack.database.asOwner((session) => seed(session, [file]));
  expect(await run()).toEqual([]);
  expect(await run()).toEqual([]);
  writeFileSync(file, "select 1;");
  expect(await run()).toHaveLength(1);
  expect(await stack.sql("select id from public.seeded")).toEqual([{ id: 1 }]);
  await stack.stop();
});
