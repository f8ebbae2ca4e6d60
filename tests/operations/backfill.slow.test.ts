import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { openServerSession, type SqlSession } from "../../dev/stack/database/session.ts";
import { startTestCluster, type TestCluster } from "../support/cluster.ts";
import { requireCluster } from "../support/target.ts";

/** `ops.backfill` on a table of two keys, beside others who write. */

requireCluster("tests/operations");

let server: TestCluster;
let owner: SqlSession;
beforeAll(async () => {
  server = await startTestCluster({ name: "backfill" });
  owner = openServerSession(server.urls.owner);
});
afterAll(async () => {
  await owner.close();
  await server.destroy();
});

const ROWS = 5000;
beforeEach(async () => {
  await owner.script(`
    drop table if exists public.plots;
    create table public.plots (street text, number integer, area integer, size text, "Odd "" name" text,
      primary key (street, number));
    insert into public.plots (street, number, area)
    select 'street ' || n % 7, n, n from generate_series(1, ${ROWS}) n;
    delete from private.backfills;`);
});

const SIZE = "case when t.area % 2 = 0 then 'even' else 'odd' end";
const fill = (more = ""): string =>
  `call ops.backfill('public.plots', 'size', $$${SIZE}$$, pause => interval '0'${more})`;
const wrong = (): Promise<object[]> =>
  owner.query(`select street, number from public.plots t where size is distinct from ${SIZE}`);
const progress = async () => (await owner.query("select * from ops.backfills"))[0];

describe("it fills", () => {
  test("every row once, and changes nothing when it is called again", async () => {
    await owner.script(fill(", batch => 700"));
    expect(await wrong()).toEqual([]);
    const versions = () => owner.query("select sum(xmin::text::bigint) as sum from public.plots");
    const before = await versions();
    expect(await progress()).toMatchObject({
      name: "public.plots.size",
      rows_done: ROWS,
      finished_at: expect.any(String),
    });
    await owner.script(fill());
    expect(await versions()).toEqual(before);
    expect(await progress()).toMatchObject({ rows_done: ROWS, finished_at: expect.any(String) });
  });

  test("by a function of the row, in a column with an odd name, where a condition says so", async () => {
    await owner.script(
      "create function private.odd(plot public.plots) returns text language sql as $$ select 'no. ' || plot.number $$",
    );
    await owner.query("call ops.backfill('public.plots', $1, 'private.odd(t)', $2)", [
      'Odd " name',
      't."Odd "" name" is null and t.number > 4000',
    ]);
    await owner.script("drop function private.odd");
    const name = 'public.plots."Odd "" name"';
    expect(await owner.query(`select count(${name}) as filled, min(${name}) as first from public.plots`)).toEqual([
      { filled: 1000, first: "no. 4001" },
    ]);
  });

  test("in transactions of one batch each, and tells how far it is", async () => {
    const before = await owner.query<{ xid: string }>("select pg_current_xact_id()::text as xid");
    await owner.script(fill(", batch => 100"));
    const transactions = await owner.query<{ count: number }>("select count(distinct xmin::text) from public.plots");
    expect(transactions).toEqual([{ count: ROWS / 100 }]);
    expect(before).toHaveLength(1);
  });
});

test("it ends after a while when it is told to, and goes on with the next call", async () => {
  const part = fill(", batch => 100, at_most => interval '0'");
  await owner.script(part);
  expect(await progress()).toMatchObject({ rows_done: 100, finished_at: null });
  await owner.script(part);
  expect(await progress()).toMatchObject({ rows_done: 200, finished_at: null });
  await owner.script(fill());
  expect(await wrong()).toEqual([]);
  expect(await progress()).toMatchObject({ rows_done: ROWS });
});

describe("interrupted", () => {
  test("it goes on where it was, after a crash of the server too", async () => {
    await owner.script(
      "create or replace function private.slow(text) returns text language sql volatile as 'select $1 from pg_sleep(0.002)'",
    );
    const slow = `call ops.backfill('public.plots', 'size', $$private.slow(${SIZE})$$, batch => 50, pause => interval '0')`;
    const running = openServerSession(server.urls.owner);
    const call = running.script(slow).catch((error: unknown) => error);
    await expect
      .poll(async () => (await progress())?.["rows_done"], { timeout: 60_000, interval: 20 })
      .toBeGreaterThan(400);
    await owner.close();
    await server.cluster.stop("immediate");
    expect(await call).toBeInstanceOf(Error);
    await running.close();
    await server.cluster.start();
    owner = openServerSession(server.urls.owner);

    const before = await progress();
    const filled = await owner.query(
      "select street, number, xmin::text from public.plots where size is not null order by 1, 2",
    );
    expect(before).toMatchObject({ rows_done: filled.length, finished_at: null });
    await owner.script(slow);
    expect(await wrong()).toEqual([]);
    expect(await progress()).toMatchObject({ rows_done: ROWS });
    expect(
      (await owner.query("select street, number, xmin::text from public.plots order by 1, 2")).filter((row) =>
        filled.some((one) => JSON.stringify(one) === JSON.stringify(row)),
      ),
    ).toHaveLength(filled.length);
  });

  test("it is refused while another works on it, and goes on when that one was ended", async () => {
    const running = openServerSession(server.urls.owner);
    const call = running
      .script(fill(", batch => 1").replace("interval '0'", "interval '50 ms'"))
      .catch((error: unknown) => error);
    await expect
      .poll(async () => (await progress())?.["rows_done"], { timeout: 60_000, interval: 20 })
      .toBeGreaterThan(0);
    await expect(owner.script(fill())).rejects.toThrow("backfill_under_way");
    await owner.query("select pg_cancel_backend((runner ->> 'pid')::integer) from private.backfills");
    expect(await call).toBeInstanceOf(Error);
    await owner.script(fill());
    expect(await wrong()).toEqual([]);
    await running.close();
  });
});

describe("beside others", () => {
  test("it waits for nobody: what is locked comes later, with what was written meanwhile", async () => {
    const other = openServerSession(server.urls.owner);
    await other.script("begin; update public.plots set area = area + 1 where number in (1, 2500)");
    const call = owner.script(fill(", batch => 500"));
    const watcher = openServerSession(server.urls.owner);
    await expect
      .poll(async () => (await watcher.query("select rows_done from ops.backfills"))[0]?.["rows_done"], {
        timeout: 60_000,
      })
      .toBe(ROWS - 2);
    await wait(300);
    await other.script("insert into public.plots (street, number, area) values ('a', 0, 0); commit");
    await call;
    expect(await wrong()).toEqual([]);
    expect(await progress()).toMatchObject({ rows_done: ROWS + 1 });
    await Promise.all([other.close(), watcher.close()]);
  });

  test("it tries again when the table itself is locked", async () => {
    const other = openServerSession(server.urls.owner);
    await other.script("begin; lock table public.plots in share row exclusive mode");
    const call = owner.script(fill());
    await wait(700);
    await other.script("commit");
    await call;
    expect(await wrong()).toEqual([]);
    await other.close();
  });
});

describe("it refuses", () => {
  test.each([
    ["public.nothing", "size", "null", "is no table of public or private"],
    ["plots", "size", "null", "is no table of public or private"],
    ["auth.users", "email", "null", "is no table of public or private"],
    ["ops.backfills", "name", "null", "is no table of public or private"],
    ["public.plots; drop table public.plots", "size", "null", /invalid name syntax|is no table/u],
    ["public.plots", "nothing", "null", "has no column nothing"],
    ["public.plots", "ctid", "null", "has no column ctid"],
    ["public.plots", 'size" = null; --', "null", "has no column"],
    ["public.plots", "size", "'a'), (true) from public.plots; drop table public.plots; select ('b'", "multi-query"],
    ["public.plots", "size", "no_such(t)", "does not exist"],
  ])("%s, %s, %s: %s", async (relation, column, value, message) => {
    const failed = await owner.query("call ops.backfill($1, $2, $3)", [relation, column, value]).then(
      () => undefined,
      (error: { message: string; detail?: string }) => `${error.message} ${error.detail}`,
    );
    expect(failed).toMatch(message);
    expect(await owner.query("select count(*) as rows from public.plots")).toEqual([{ rows: ROWS }]);
    expect(await progress()).toBeUndefined();
  });

  test("a batch of nothing or of too much", async () => {
    for (const more of [", batch => 0", ", batch => 10001", ", batch => null"]) {
      await expect(owner.script(fill(more))).rejects.toThrow("backfill_refused");
    }
  });

  test("a value that leaves its condition true, instead of going on for ever", async () => {
    await expect(
      owner.script("call ops.backfill('public.plots', 'size', 'nullif(t.street, $$street 3$$)')"),
    ).rejects.toThrow("backfill_incomplete");
    expect(await progress()).toMatchObject({ finished_at: null });
  });

  test("a transaction around it", async () => {
    await owner.script("begin");
    await expect(owner.script(fill())).rejects.toThrow("invalid transaction termination");
    await owner.script("rollback");
    expect(await progress()).toBeUndefined();
  });

  test("everybody but the owner", async () => {
    for (const role of ["anon", "authenticated", "service_role"]) {
      await owner.script(`set role ${role}`);
      await expect(owner.script(fill())).rejects.toThrow(/permission denied/u);
      await owner.script("reset role");
    }
  });
});
