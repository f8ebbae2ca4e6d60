import { describe, expect, it } from "vitest";
import { findPostgresBinaries } from "../../dev/stack/database/postgres-binaries.ts";
import { startStack } from "../../dev/stack/start-stack.ts";
import { runBootstrap } from "./support/command.ts";

// The CLI needs a server; without PostgreSQL on this machine there is nothing to agree with.
if (findPostgresBinaries()) {
  describe("the Supabase CLI and the local stack", () => {
    const start = () =>
      startStack({ database: "cluster", dataDir: "memory", port: 0, jobs: false, studio: false, functions: false });

    it("agree on which migrations and seeds are applied", async () => {
      const stack = await start();
      try {
        const push = runBootstrap(["db:push", "--seed"], { DATABASE_URL: stack.databaseUrl });
        expect(await push.exit).toBe(0);
        expect(push.output()).toMatch(/up to date/);

        const reset = runBootstrap(["db:reset", "--yes", "--no-seed"], { DATABASE_URL: stack.superuserUrl });
        expect(await reset.exit).toBe(0);
        expect(await stack.sql("select * from auth.users")).toEqual([]);
        const [row] = await stack.sql<{ count: number }>("select count(*) from supabase_migrations.schema_migrations");
        expect(row?.count).toBeGreaterThan(0);
      } finally {
        await stack.stop();
      }
    });

    it("push to a plain server prepares it and gives everything to a role without superuser rights", async () => {
      const stack = await start();
      try {
        await stack.sql("create database plain");
        const url = new URL(stack.superuserUrl ?? "");
        url.pathname = "/plain";
        const push = runBootstrap(["db:push"], { DATABASE_URL: url.href });
        expect(await push.exit).toBe(0);
        const started = await startStack({
          database: { url: url.href },
          dataDir: "memory",
          port: 0,
          jobs: false,
          studio: false,
          functions: false,
        });
        const owners = await started.sql("select distinct tableowner from pg_tables where schemaname = 'public'");
        expect(owners).toEqual([{ tableowner: "postgres" }]);
        await started.stop();
      } finally {
        await stack.stop();
      }
    });
  });
}
