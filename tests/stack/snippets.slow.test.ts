import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import postgres from "postgres";
import { afterAll, beforeAll, expect, it } from "vitest";
import { paths } from "../../dev/base/paths.ts";
import { findPostgresBinaries } from "../../dev/stack/database/postgres-binaries.ts";
import { type Stack, startStack } from "../../dev/stack/start-stack.ts";
import { runBootstrap } from "./support/command.ts";

const folder = join(paths.supabase, "snippets");
const snippets = readdirSync(folder);

let stack: Stack;
let sql: postgres.Sql;

beforeAll(async () => {
  stack = await startStack({ dataDir: "memory", port: 0, jobs: false, studio: false, functions: false });
  sql = postgres(stack.databaseUrl, { max: 1, onnotice: () => undefined });
});
afterAll(async () => {
  await sql.end();
  await stack.stop();
});

/** Rows in the demo neighbourhood as it is after the seed. */
const FOUND: Readonly<Record<string, number>> = {
  add_partner: 1,
  adjust_points: 1,
  ban_member: 1,
  change_settings: 1,
  find_member: 1,
  task_story: 7,
  unban_member: 1,
};

it.each(snippets)("the snippet %s runs at the embedded database's port as it is", async (file) => {
  await sql.unsafe("begin").simple();
  try {
    const results: unknown = await sql.unsafe(readFileSync(join(folder, file), "utf8")).simple();
    const last = Array.isArray(results) && Array.isArray(results.at(-1)) ? results.at(-1) : results;
    expect(last).toHaveProperty("columns");
    const wanted = FOUND[file.replace(/\.sql$/, "")];
    if (wanted !== undefined) expect(last).toHaveLength(wanted);
  } finally {
    await sql.unsafe("rollback").simple();
  }
});

it("the commands for a DATABASE_URL run at the embedded database's port", async () => {
  const env = { DATABASE_URL: stack.databaseUrl };
  const reset = runBootstrap(["db:reset", "--yes", "--no-seed"], env);
  expect(await reset.exit).toBe(0);
  expect(await stack.sql("select * from auth.users")).toEqual([]);
  const push = runBootstrap(["db:push", "--seed"], env);
  expect(await push.exit).toBe(0);
  expect(push.output()).toContain("seed.sql");
  expect(await stack.sql("select email from auth.users where email = 'anna@example.test'")).toHaveLength(1);
  const types = runBootstrap(["db:types", "--check"], env);
  expect(await types.exit).toBe(0);
  const lint = runBootstrap(["db:lint"], env);
  expect(await lint.exit).toBe(1);
  expect(lint.output()).toMatch(/^✖ db:lint needs plpgsql_check, which this database does not have .*\n$/);
});

if (findPostgresBinaries()) {
  it("the embedded database and a server give the same types", async () => {
    const types = runBootstrap(["db:types", "--check", "--postgres"]);
    expect(await types.exit).toBe(0);
  });
}
