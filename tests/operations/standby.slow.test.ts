import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { connect } from "../../ops/core/connection.ts";
import { expectBooksRight } from "../support/books.ts";
import { type DurableServer, startDurableServer } from "../support/durable-server.ts";
import { requireCluster } from "../support/target.ts";
import { differences, pause, recorded, Writers } from "../support/writers.ts";

/** The page of the standby, followed while neighbours go on writing: it takes over, and the old server comes back behind it. */

requireCluster("tests/operations");

const PAGE = "standby.md";
let server: DurableServer;
let writers: Writers;
beforeAll(async () => {
  server = await startDurableServer("standby");
  await server.runbook.follow("point-in-time.md", "Set up");
  await server.runbook.follow(PAGE, "Set up");
  writers = new Writers(server.bothUrl, server.members);
});
afterAll(async () => {
  await writers?.stop();
  await server?.destroy();
});

/** The longest time in which nobody got an answer, from a moment on. */
function silenceSince(moment: number): number {
  const answers = [moment, ...writers.acknowledged.map(({ answeredAt }) => answeredAt).filter((at) => at >= moment)];
  return Math.max(...answers.sort((a, b) => a - b).map((at, index) => (answers[index + 1] ?? at) - at));
}

/** The codes that clients got, of connections that broke and of everything else. */
function failuresSince(moment: number): { broken: string[]; refused: string[] } {
  const codes = (isLost: boolean) => [
    ...new Set(
      writers.failures.filter((one) => one.at >= moment && one.isConnectionLost === isLost).map(({ code }) => code),
    ),
  ];
  return { broken: codes(true), refused: codes(false) };
}

test("without waiting for the standby, only what had not been sent is lost, and clients go on by themselves", async () => {
  const { runbook, otherSql } = server;
  await writers.more(60);
  await runbook.run(
    `until [ "$(psql "$ADMIN_URL" -Atc "select flush_lsn >= sent_lsn from pg_stat_replication")" = t ]; do sleep 0.1; done`,
  );
  const safe = Date.now();
  await pause(1000); // what was answered until then has long been sent
  await otherSql("alter system set primary_conninfo = ''"); // the line breaks
  await otherSql("select pg_reload_conf()");
  await runbook.run(
    `until [ -z "$(psql "$STANDBY_URL" -Atc "select pid from pg_stat_wal_receiver")" ]; do sleep 0.1; done`,
  );
  const cut = Date.now();
  await writers.more(40);

  const struck = Date.now();
  await runbook.run(`pg_ctl stop --pgdata="$DATA" --mode=immediate --wait --silent`);
  await runbook.follow(PAGE, "Promote it");
  await writers.more(60);

  const before = writers.acknowledged.filter(({ answeredAt }) => answeredAt < struck);
  const { lost, tooMuch } = await differences(otherSql, before, { before: safe, after: cut });
  expect({ lost, tooMuch }).toEqual({ lost: [], tooMuch: [] });
  expect(silenceSince(struck)).toBeLessThan(60_000);
  const { broken, refused } = failuresSince(struck);
  expect(broken.length).toBeGreaterThan(0);
  expect(refused.filter((code) => code !== "25006")).toEqual([]); // asked the standby before it was promoted
  await expectBooksRight(otherSql);
});

test("the old server comes back behind the new one, without what only it had", async () => {
  const { runbook, sql, otherSql } = server;
  await runbook.follow(PAGE, "The old one comes back");
  await writers.more(30);
  const [{ lsn } = { lsn: "" }] = await otherSql<{ lsn: string }>("select pg_current_wal_lsn()::text as lsn");
  await expect
    .poll(() => sql("select pg_last_wal_replay_lsn() >= $1::pg_lsn as is_there", [lsn]))
    .toEqual([{ is_there: true }]);

  // and an operator's command that is sent to it says so
  const database = await connect({ url: runbook.variables["ADMIN_URL"] ?? "" });
  onTestFinished(() => database.close());
  expect(database.isStandby).toBe(true);
  await expect(database.query("update public.users set bio = ''")).rejects.toThrow(
    "takes no writes here: it is a standby",
  );
  await expectBooksRight(sql);
});

test("waiting for the standby, nothing that was answered is lost", async () => {
  const { runbook, sql, otherSql } = server;
  const { ADMIN_URL = "", STANDBY_URL = "", DATA = "", STANDBY = "" } = runbook.variables;
  // the servers have changed places
  Object.assign(runbook.variables, { ADMIN_URL: STANDBY_URL, STANDBY_URL: ADMIN_URL, DATA: STANDBY, STANDBY: DATA });
  await runbook.follow(PAGE, "Lose nothing at all");
  const known = await recorded(otherSql);
  const turned = Date.now();
  await writers.more(60);

  const struck = Date.now();
  await runbook.run(`pg_ctl stop --pgdata="$DATA" --mode=immediate --wait --silent`);
  await runbook.follow(PAGE, "Promote it");
  await writers.more(40);
  await writers.stop();

  const kept = await recorded(sql);
  expect([...known].filter((command) => !kept.has(command))).toEqual([]);
  const since = writers.acknowledged.filter(({ sentAt }) => sentAt > turned);
  expect((await differences(sql, since, { before: Number.POSITIVE_INFINITY })).lost).toEqual([]);
  expect(silenceSince(struck)).toBeLessThan(60_000);
  await expectBooksRight(sql);
});

test("no command of the page was left out", () => {
  server.runbook.expectFollowed(PAGE);
});
