import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { paths } from "../../dev/base/paths.ts";
import { expectBooksRight } from "../support/books.ts";
import { type DurableServer, startDurableServer } from "../support/durable-server.ts";
import { requireCluster } from "../support/target.ts";
import { differences, recorded, Writers } from "../support/writers.ts";

/** The page of upgrades, followed while neighbours go on writing: to a new server and back. Both are of one version here. */

requireCluster("tests/operations");

const PAGE = "upgrade.md";
let server: DurableServer;
let writers: Writers;
beforeAll(async () => {
  server = await startDurableServer("upgrade", 2);
  const { variables } = server.runbook;
  const { password } = new URL(server.urls.superuser);
  const asUpgrader = (url: string) => url.replace(/\/\/[^@]+@/u, `//upgrader:${password}@`);
  Object.assign(variables, {
    NEW_BIN: server.cluster.binaries.directory,
    NEW: variables["STANDBY"],
    NEW_LOG: variables["STANDBY_LOG"],
    NEW_PORT: variables["STANDBY_PORT"],
    NEW_URL: variables["STANDBY_URL"],
    ADMIN_PASSWORD: decodeURIComponent(password),
    UPGRADE_PASSWORD: decodeURIComponent(password),
    UPGRADE_URL: asUpgrader(server.urls.superuser),
    NEW_UPGRADE_URL: asUpgrader(variables["STANDBY_URL"] ?? ""),
  });
  writers = new Writers(server.bothUrl, server.members);
});
afterAll(async () => {
  await writers?.stop();
  await server?.destroy();
});

/** The pairs of variables that belong to the one server and to the other. */
const PAIRS = [
  ["ADMIN_URL", "NEW_URL"],
  ["UPGRADE_URL", "NEW_UPGRADE_URL"],
  ["DATA", "NEW"],
] as const;

function exchangeServers(): void {
  const { variables } = server.runbook;
  for (const [one, other] of PAIRS) Object.assign(variables, { [one]: variables[other], [other]: variables[one] });
}

/** Follows the switch while neighbours write, and expects that nothing is lost, and nothing refused for another reason. */
async function switchServers(): Promise<void> {
  await writers.more(30);
  const turned = Date.now();
  await server.runbook.follow(PAGE, "Switch");
  await writers.more(30);
  const refused = writers.failures.filter(({ at, isConnectionLost }) => at >= turned && !isConnectionLost);
  expect(refused.filter(({ code }) => code !== "25006")).toEqual([]);
}

test("a table without identity, and whatever else would be left behind, is named", async () => {
  const { sql } = server;
  const obstacles = readFileSync(join(paths.root, "ops/upgrade/obstacles.sql"), "utf8");
  await sql("create table public.planted (id integer)");
  await sql("create unlogged table private.planted (id integer primary key)");
  await sql("create trigger planted before update on private.planted execute function private.refuse_change()");
  await sql("alter table private.planted enable always trigger planted");
  await sql("select lo_create(0)");
  expect((await sql<{ format: string }>(obstacles)).map(({ format }) => format)).toEqual([
    "1 large objects",
    "private.planted is not in the write-ahead log",
    "public.planted has neither primary key nor replica identity",
    "trigger planted of private.planted does not fire as usual: on a subscriber, too",
  ]);
  await sql("drop table public.planted, private.planted");
  await sql("select lo_unlink(oid) from pg_largeobject_metadata");
});

test("the new server has everything that was answered, once, and clients go on by themselves", async () => {
  const { runbook, otherSql } = server;
  await writers.more(30);
  for (const chapter of ["Before", "Make the new server", "Copy"]) await runbook.follow(PAGE, chapter);
  await expect(otherSql("update public.users set bio = ''")).rejects.toThrow("read-only transaction");
  await switchServers();

  const { lost } = await differences(otherSql, writers.acknowledged, { before: Number.POSITIVE_INFINITY });
  expect(lost).toEqual([]);
  // what triggers wrote has come as rows, and was not written by the new server's triggers once more
  await expect(
    otherSql("select task_id, action from public.task_events group by 1, 2 having count(*) > 1"),
  ).resolves.toEqual([]);
  await expectBooksRight(otherSql);
});

test("and back, with what was written meanwhile", async () => {
  const { runbook, sql, otherSql } = server;
  const known = await recorded(otherSql);
  exchangeServers();
  await switchServers();
  await writers.stop();

  const kept = await recorded(sql);
  expect([...known].filter((command) => !kept.has(command))).toEqual([]);
  expect((await differences(sql, writers.acknowledged, { before: Number.POSITIVE_INFINITY })).lost).toEqual([]);
  await expectBooksRight(sql);

  // the new server follows once more; a row that differs, or a sequence that was left behind, shows
  const same =
    'diff <(psql "$ADMIN_URL" -qAtf "$TOOLS/fingerprint.sql") <(psql "$NEW_URL" -qAtf "$TOOLS/fingerprint.sql")';
  await otherSql("set session_replication_role = replica");
  await otherSql("set default_transaction_read_only = off");
  await otherSql("update public.users set bio = 'Somebody else'");
  await otherSql("select setval('private.point_transaction_ids', 1)");
  const found = await runbook.run(`${same} || true`);
  expect(found).toMatch(/^[<>] public\.users\|/mu);
  expect(found).toMatch(/^[<>] private\|point_transaction_ids\|1$/mu);
  await runbook.follow(PAGE, "End it");
});

test("no command of the page was left out", () => {
  server.runbook.expectFollowed(PAGE);
});
