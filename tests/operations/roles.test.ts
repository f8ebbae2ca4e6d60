import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connect, type Database } from "../../ops/core/connection.ts";
import { startTestCluster, type TestCluster } from "../support/cluster.ts";
import { type PgBouncer, startPgBouncer } from "../support/pgbouncer.ts";
import { requireCluster } from "../support/target.ts";

// As the roles that really log in, directly and through a pooler: a role's settings count from its own login only.

requireCluster("tests/operations");

let server: TestCluster;
let pooler: PgBouncer;
const urls: Record<"app_read" | "app_service", string> = { app_read: "", app_service: "" };
beforeAll(async () => {
  server = await startTestCluster({ name: "roles" });
  const { password } = new URL(server.urls.owner);
  for (const role of ["app_read", "app_service"] as const) urls[role] = server.cluster.url(role);
  await expect(connect({ url: urls.app_read }), "nobody gets in before the operator sets a password").rejects.toThrow(
    /does not take this user and password/u,
  );
  // the owner is no superuser, as on a hosted project
  const owner = await connect({ url: server.urls.owner });
  for (const role of Object.keys(urls)) {
    await owner.query(`alter role ${role} password '${decodeURIComponent(password)}'`);
  }
  await owner.close();
  pooler = await startPgBouncer(Object.values(urls));
});
afterAll(async () => {
  await pooler?.stop();
  await server?.destroy();
});

describe.each(["directly", "through a pooler"])("%s", (way) => {
  const as = async <Result>(
    role: keyof typeof urls,
    work: (database: Database) => Promise<Result>,
  ): Promise<Result> => {
    const database = await connect({ url: way === "directly" ? urls[role] : pooler.through(urls[role]) });
    try {
      return await work(database);
    } finally {
      await database.close();
    }
  };
  const setting = (name: string) => async (database: Database) => {
    const [row] = await database.query<{ value: string }>("select current_setting($1) as value", [name]);
    return row?.value;
  };

  it("app_read reads figures, and writes nothing", async () => {
    await as("app_read", async (database) => {
      expect(await database.query("select current_user::text as me, session_user::text as login")).toEqual([
        { me: "app_read", login: "app_read" },
      ]);
      expect(await database.query("select * from ops.audit_all()")).toEqual([]);
      expect(await database.query("select * from ops.monthly_statistics(1)")).toBeInstanceOf(Array);
      await expect(database.query("select * from public.users")).rejects.toThrow(/permission denied for table users/u);
      await expect(database.query("select ops.run_due_jobs()")).rejects.toThrow(/permission denied for function/u);
    });
  });

  it("app_read is read-only even where it could write, and does not get out of it by asking", async () => {
    await as("app_read", async (database) => {
      await expect(database.query("create temporary table t ()")).rejects.toThrow(
        /read-only transaction|permission denied|takes no writes/u,
      );
      await expect(
        database.transaction(async (session) => {
          await session.query("set transaction read write");
          await session.query("create table public.mine ()");
        }),
      ).rejects.toThrow(/permission denied for schema public/u);
    });
  });

  it("app_read's statements end after 30 seconds, idle transactions after 60", async () => {
    expect(await as("app_read", setting("statement_timeout"))).toBe("30s");
    expect(await as("app_read", setting("idle_in_transaction_session_timeout"))).toBe("1min");
    expect(await as("app_read", setting("default_transaction_read_only"))).toBe("on");
  });

  it("app_service runs the jobs and claims deliveries, and reads no table", async () => {
    await as("app_service", async (database) => {
      expect((await database.query("select * from ops.run_due_jobs(now())")).length).toBeGreaterThan(5);
      expect(await database.query("select public.claim_webhook_messages()")).toHaveLength(1);
      for (const table of ["public.users", "public.tasks", "public.point_accounts"]) {
        await expect(database.query(`select * from ${table}`)).rejects.toThrow(/permission denied for table/u);
      }
      await expect(database.query("table private.webhook_messages")).rejects.toThrow(
        /permission denied for schema private/u,
      );
      await expect(database.query("set role service_role")).rejects.toThrow(/permission denied to set role/u);
    });
    expect(await as("app_service", setting("statement_timeout"))).toBe("5min");
  });
});

it("a statement of app_read really ends", async () => {
  const superuser = await connect({ url: server.urls.superuser });
  await superuser.query("alter role app_read set statement_timeout = '300ms'");
  const database = await connect({ url: urls.app_read });
  await expect(database.query("select pg_sleep(60)")).rejects.toThrow(/took too long: raise .* or the role's own/u);
  await database.close();
  await superuser.query("alter role app_read set statement_timeout = '30s'");
  await superuser.close();
});
