import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { DELETE_LOGIN, openAdmin, type Sql, signUpBySql } from "../support/admin.ts";
import { expectBooksRight } from "../support/books.ts";
import { type DurableServer, startDurableServer } from "../support/durable-server.ts";
import { requireCluster } from "../support/target.ts";
import { differences, pause, recorded, Writers } from "../support/writers.ts";

/** The pages of the three disasters, followed on a real server while neighbours go on writing. */

requireCluster("tests/operations");

let server: DurableServer;
beforeAll(async () => {
  server = await startDurableServer("disasters");
  for (const chapter of ["Set up", "Every day"]) await server.runbook.follow("point-in-time.md", chapter);
});
afterAll(() => server?.destroy());

function startWriters(): Writers {
  const writers = new Writers(server.urls.authenticator, server.members);
  onTestFinished(() => writers.stop());
  return writers;
}

/** A moment between two commands, as the pages want it. */
async function nameMoment(): Promise<number> {
  await pause(5);
  const at = Date.now();
  server.runbook.variables["MOMENT"] = new Date(at).toISOString().replace("T", " ").replace("Z", "+00");
  await pause(5);
  return at;
}

/** Mends all members' names while a command holds one member and then wants the others, as accepting an offer does. */
async function besideCommand(mend: () => Promise<void>): Promise<void> {
  const { sql: command, close } = openAdmin(server.urls.superuser, 1);
  onTestFinished(close);
  await command("begin");
  await command("select from public.users order by id desc limit 1 for no key update");
  const mended = mend();
  const left = "select from public.users where name = 'Neighbour'";
  await expect.poll(async () => (await server.sql(left)).length, { timeout: 60_000 }).toBe(1);
  await command("select from public.users order by id for no key update");
  await command("commit");
  await mended;
}

/**
 * A mistake that hits every row; nobody else touches the table meanwhile. Without triggers, which would go on to what a
 * command holds that waits for the table.
 */
const toAll = (table: string, statement: string) =>
  `do $$ begin set local session_replication_role = replica; lock table ${table}; ${statement}; end $$`;

const isSignedUp = async (sql: Sql, id: string) =>
  (await sql("select from auth.users where id = $1", [id])).length === 1;

test("a wrong migration: back to just before it, with every command answered until then and none after", async () => {
  const { runbook, sql, otherSql } = server;
  const [leaver = ""] = await signUpBySql(sql, 1);
  const writers = startWriters();
  await writers.more(60);
  const at = await nameMoment();
  await sql("alter table public.rewards drop column description_de cascade");
  await sql(toAll("public.tasks", "update public.tasks set title = 'Title'"));
  await sql(DELETE_LOGIN, [leaver]);
  await writers.more(30);

  await runbook.follow("disaster-wrong-migration.md", "Stop what writes");
  await runbook.follow("disaster-wrong-migration.md", "Which second");
  await runbook.follow("point-in-time.md", "Make a server as it was");
  await runbook.follow("disaster-wrong-migration.md", "Go back to before it");
  expect(await isSignedUp(otherSql, leaver)).toBe(true);
  await runbook.follow("point-in-time.md", "Erase again who was erased since");
  expect(await isSignedUp(otherSql, leaver)).toBe(false);

  const found = await differences(otherSql, writers.acknowledged, { before: at, after: at });
  expect(found).toEqual({ lost: [], tooMuch: [] });
  expect(writers.acknowledged.filter(({ sentAt }) => sentAt > at).length).toBeGreaterThan(20);
  await expect(otherSql("select description_de from public.rewards")).resolves.toEqual([]);
  await expect(otherSql("select from public.tasks where title = 'Title'")).resolves.toEqual([]);
  await expectBooksRight(otherSql);

  await runbook.follow("point-in-time.md", "Let it take the place of the old one");
  await writers.more(30); // by themselves: it has the same address
  await writers.stop();
  await expectBooksRight(sql);
});

test("a dropped table, deleted rows and wrong values: copied back, while neighbours write and lose nothing", async () => {
  const { runbook, sql, members } = server;
  await sql(
    `insert into public.preferences (user_id, category, rating) select id, 'garten', 5 from unnest($1::uuid[]) id`,
    [members],
  );
  const names = await sql("select id, name from public.users order by id");
  const writers = startWriters();
  await writers.more(20);
  const places = await sql<{ task_id: string }>("select task_id from private.task_locations");
  await nameMoment();
  await sql("drop table public.preferences cascade");
  await sql(toAll("private.task_locations", "delete from private.task_locations"));
  await sql(toAll("public.users", "update public.users set name = 'Neighbour'"));
  await writers.more(20);

  await runbook.follow("point-in-time.md", "Make a server as it was");
  Object.assign(runbook.variables, { TABLE: "public.preferences", ROWS: "private.task_locations", KEY: "task_id" });
  await runbook.follow("disaster-data-corruption.md", "A dropped table");
  await runbook.follow("disaster-data-corruption.md", "Deleted rows");
  Object.assign(runbook.variables, {
    ROWS: "public.users",
    KEY: "id",
    COLUMN: "name",
    WRONG: "t.name = 'Neighbour'",
  });
  await besideCommand(() => runbook.follow("disaster-data-corruption.md", "Wrong values"));
  await runbook.follow("disaster-data-corruption.md", "Afterwards");
  await writers.stop();

  expect((await differences(sql, writers.acknowledged, { before: Date.now() })).lost).toEqual([]);
  expect(await sql("select id, name from public.users order by id")).toEqual(names);
  expect(await sql("select count(*)::int from public.preferences")).toEqual([{ count: members.length }]);
  const kept = new Set(
    (await sql<{ task_id: string }>("select task_id from private.task_locations")).map((row) => row.task_id),
  );
  expect(places.filter(({ task_id }) => !kept.has(task_id))).toEqual([]);
  await expectBooksRight(sql);
});

test("damaged files are found", async () => {
  const { runbook, sql } = server;
  await runbook.follow("disaster-data-corruption.md", "See how far it goes");

  const [{ file } = { file: "" }] = await sql<{ file: string }>(
    "select pg_relation_filepath('public.preferences') as file",
  );
  await sql("checkpoint");
  await runbook.run(`
    pg_ctl stop --pgdata="$DATA" --mode=fast --wait --silent
    cp "$DATA/${file}" "$TOOLS/whole"
    head --bytes=8192 /dev/urandom | dd of="$DATA/${file}" conv=notrunc status=none
    pg_ctl start --pgdata="$DATA" --log="$LOG" --wait --silent`);
  await expect(runbook.follow("disaster-data-corruption.md", "See how far it goes")).rejects.toThrow(
    "invalid page in block 0",
  );
  await runbook.run(`
    pg_ctl stop --pgdata="$DATA" --mode=immediate --wait --silent
    cp "$TOOLS/whole" "$DATA/${file}"
    pg_ctl start --pgdata="$DATA" --log="$LOG" --wait --silent`);
});

test("complete loss: everything that had reached the archive comes back, on a new server", async () => {
  const { runbook, sql } = server;
  const writers = startWriters();
  await writers.more(40);
  const at = Date.now();
  await runbook.run(`
    current=$(psql "$ADMIN_URL" -Atc "select pg_walfile_name(pg_switch_wal())")
    until [[ ! "$(psql "$ADMIN_URL" -Atc "select last_archived_wal from pg_stat_archiver")" < "$current" ]]; do sleep 0.2; done`);
  await writers.more(20);
  await runbook.run(`pg_ctl stop --pgdata="$DATA" --mode=immediate --wait --silent; rm -rf "$DATA"`);

  await runbook.follow("disaster-complete-loss.md", "From base backup and archive");
  await runbook.follow("point-in-time.md", "Let it take the place of the old one");
  await writers.more(20);
  await writers.stop();
  const known = await recorded(sql);
  expect(known.size).toBeGreaterThan(100);
  expect((await differences(sql, writers.acknowledged, { before: at })).lost).toEqual([]);
  await expectBooksRight(sql);
});

test("complete loss with a dump alone: as it was when it was taken", async () => {
  const { runbook, sql } = server;
  await runbook.run(`DATABASE_DIRECT_URL="$ADMIN_URL" npm run --silent ops:backup -- --store "$STORE"`, "repository");
  const taken = await recorded(sql);
  await sql("create database restored");
  await runbook.follow("disaster-complete-loss.md", "From a dump");

  const { sql: restoredSql, close } = openAdmin(runbook.variables["RESTORE_URL"] ?? "", 1);
  onTestFinished(close);
  expect(await recorded(restoredSql)).toEqual(taken);
  await expectBooksRight(restoredSql);
});

test("no command of the pages was left out", () => {
  for (const page of ["disaster-wrong-migration.md", "disaster-data-corruption.md", "disaster-complete-loss.md"]) {
    server.runbook.expectFollowed(page);
  }
});
