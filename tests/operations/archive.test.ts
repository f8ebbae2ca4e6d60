import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { ApiConnection } from "../support/api-connection.ts";
import { expectBooksRight } from "../support/books.ts";
import { type DurableServer, startDurableServer } from "../support/durable-server.ts";
import { hostedOnly } from "../support/runbook.ts";
import { playTask } from "../support/scenario.ts";
import { requireCluster } from "../support/target.ts";
import { differences, Writers } from "../support/writers.ts";

/** The archive of the log and the base backups: what they hold, what they cost, and what happens when they cannot be written. */

requireCluster("tests/operations");

const PAGE = "point-in-time.md";
let server: DurableServer;
beforeAll(async () => {
  server = await startDurableServer("archive");
  for (const chapter of ["Set up", "Every day"]) await server.runbook.follow(PAGE, chapter);
});
afterAll(() => server?.destroy());

const switchLog = () => server.sql("select pg_logical_emit_message(true, 'test', 'x'), pg_switch_wal()");
const archiver = async () => {
  const [found] = await server.sql<{ failing: boolean; waiting: number }>(
    `select coalesce(last_failed_time > coalesce(last_archived_time, '-infinity'), false) as failing,
       (select count(*)::int from pg_ls_archive_statusdir() where name like '%.ready') as waiting
     from pg_stat_archiver`,
  );
  return found;
};

test("the archive takes a file once, again when it is the same, and never another one in its place", async () => {
  const { runbook } = server;
  await runbook.run(
    `head --bytes=16777216 /dev/urandom > one; cp one same; head --bytes=16777216 /dev/urandom > other_file`,
  );
  await runbook.run(`"$TOOLS/archive-wal" one "$ARCHIVE/probe"; "$TOOLS/archive-wal" same "$ARCHIVE/probe"`);
  await expect(runbook.run(`"$TOOLS/archive-wal" other_file "$ARCHIVE/probe"`)).rejects.toThrow(
    "is there already and differs",
  );
  await runbook.run(`"$TOOLS/restore-wal" "$ARCHIVE/probe" back && cmp back one`);
  expect(await runbook.run(`"$TOOLS/restore-wal" "$ARCHIVE/nothing" back || echo $?`)).toBe("1\n");
  // a damaged file ends the recovery, instead of looking like the end of the log
  await runbook.run(`truncate --size=1000000 "$ARCHIVE/probe.gz"`);
  expect(await runbook.run(`"$TOOLS/restore-wal" "$ARCHIVE/probe" back 2> /dev/null || echo $?`)).toBe("255\n");
  await runbook.run(`rm "$ARCHIVE/probe.gz" one same other_file back`);
});

test("a window of seven days keeps the base backup that it begins with, and no log from before that", async () => {
  const { runbook } = server;
  const daysAgo = async (days: number) => {
    await runbook.run(`mv "$BASES"/*Z "$BASES/$(date --utc --date="${days} days ago" +%Y-%m-%dT%H%M%SZ)-kept"`);
  };
  for (const days of [10, 8, 6]) {
    await daysAgo(days);
    await switchLog();
    await runbook.follow(PAGE, "Every day");
  }
  await runbook.run(
    `for base in "$BASES"/*-kept; do mv "$base" "\${base%-kept}"; done; touch "$ARCHIVE/x.1.part" --date="2 hours ago"`,
  );
  await runbook.follow(PAGE, "Every day");

  const ages = await runbook.run(`for base in "$BASES"/*Z; do
    echo $(( ($(date +%s) - $(date --date="$(basename "$base" | sed -E 's/T(..)(..)(..)Z/ \\1:\\2:\\3Z/')" +%s)) / 86400 )); done`);
  expect(ages.trim().split("\n")).toEqual(["8", "6", "0", "0"]);
  const first = await runbook.run(
    `sed -n 's/^START WAL.*file \\(.*\\))/\\1/p' "$(ls -d "$BASES"/*Z | head -n 1)/backup_label"`,
  );
  const files = (await runbook.run(`ls "$ARCHIVE" | grep -E '^[0-9A-F]{24}\\.gz$|part'`)).trim().split("\n");
  expect(files[0]).toBe(`${first.trim()}.gz`);
  expect(files.filter((name) => name.includes("part"))).toEqual([]);
});

test("what the log of a confirmed task takes is about what the page says", async () => {
  const { runbook, sql, members } = server;
  const connection = new ApiConnection(server.urls.authenticator);
  onTestFinished(() => connection.close());
  const [creator = "", helper = ""] = members;
  const play = () => playTask(connection.call.bind(connection), creator, helper, "completed", { points_reward: 1 });
  const written = async () =>
    Number((await sql<{ lsn: string }>("select pg_current_wal_insert_lsn() - '0/0' as lsn"))[0]?.lsn);
  for (let count = 0; count < 20; count++) await play(); // pages are written whole once after each checkpoint
  const before = await written();
  for (let count = 0; count < 40; count++) await play();
  const bytes = ((await written()) - before) / 40;
  await switchLog();
  await expect.poll(archiver).toMatchObject({ waiting: 0 });
  const archived = Number(await runbook.run(`stat --format=%s "$(ls -t "$ARCHIVE"/*[0-9A-F].gz | head -n 1)"`));
  console.info({ bytes, archived });
  expect(bytes).toBeGreaterThan(1);
});

test("an archive that is full loses nothing: it is seen, members notice nothing, and it ends by itself", async () => {
  const { runbook, sql } = server;
  const writers = new Writers(server.urls.authenticator, server.members);
  onTestFinished(() => writers.stop());
  const release = await fillArchive();
  await writers.more(20);
  await switchLog();
  await expect.poll(archiver).toMatchObject({ failing: true });
  const failuresBefore = writers.failures.length;
  await writers.more(20);
  await runbook.follow(PAGE, "When the archive does not take the log");
  expect(await runbook.run(`ls "$ARCHIVE"`)).not.toMatch(/part|\\.gz/u);
  expect(writers.failures.slice(failuresBefore)).toEqual([]);

  await release();
  await switchLog();
  await expect.poll(archiver, { timeout: 90_000 }).toEqual({ failing: false, waiting: 0 });
  await writers.stop();
  expect((await differences(sql, writers.acknowledged, { before: Date.now() })).lost).toEqual([]);
  await expectBooksRight(sql);
  await runbook.follow(PAGE, "Disk use");
});

/** A small file system that is full, where tests may mount one; elsewhere a folder that cannot be written. */
async function fillArchive(): Promise<() => Promise<unknown>> {
  const { runbook } = server;
  try {
    await runbook.run(`mount -t tmpfs -o size=256k,mode=0777 archive "$ARCHIVE"`, "root");
  } catch {
    await runbook.run(`chmod 500 "$ARCHIVE"`);
    return () => runbook.run(`chmod 700 "$ARCHIVE"`);
  }
  onTestFinished(() => runbook.run(`umount "$ARCHIVE" 2> /dev/null || true`, "root").then(() => undefined));
  await runbook.run(`head --bytes=240K /dev/urandom > "$ARCHIVE/filler"`);
  return () => runbook.run(`umount "$ARCHIVE"`, "root");
}

test("the command for hosted projects is one that the CLI has", async () => {
  const [{ text } = { text: "" }] = hostedOnly(PAGE);
  const help = await server.runbook.run("npx supabase backups restore --help", "root");
  for (const [flag] of text.matchAll(/--[a-z]+(?= |=)/gu)) if (flag !== "--date") expect(help).toContain(flag);
});
