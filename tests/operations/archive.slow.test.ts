import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { paths } from "../../dev/base/paths.ts";
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
  await runbook.run(`rm -rf "$BASES"/*Z`);
  const names: string[] = [];
  for (const days of [10, 8, 6]) {
    await switchLog();
    const name = await runbook.run(`date --utc --date="${days} days ago" +%Y-%m-%dT%H%M%SZ`);
    names.push(name.trim());
    await runbook.run(`mkdir "$BASES/${name.trim()}"
      current=$(psql "$ADMIN_URL" -Atc "select pg_walfile_name(pg_current_wal_insert_lsn())")
      echo "START WAL LOCATION: 0/0 (file $current)" > "$BASES/${name.trim()}/backup_label"`);
  }
  await switchLog();
  await runbook.run(`touch "$ARCHIVE/x.1.part" --date="2 hours ago"; touch "$ARCHIVE/x.2.part"`);
  await expect.poll(archiver).toMatchObject({ waiting: 0 });
  await runbook.follow(PAGE, "Every day");

  const kept = (await runbook.run(`ls "$BASES"`)).trim().split("\n");
  expect(kept).toEqual([names[1], names[2], expect.any(String)]);
  const first = await runbook.run(`sed -n 's/^START WAL.*file \\(.*\\))/\\1/p' "$BASES/${kept[0]}/backup_label"`);
  const files = (await runbook.run(`ls "$ARCHIVE" | grep -E '^[0-9A-F]{24}[.]gz$|part'`)).trim().split("\n");
  expect(files[0]).toBe(`${first.trim()}.gz`);
  expect(files.filter((name) => name.includes("part"))).toEqual(["x.2.part"]);
  await runbook.run(`rm -r "$ARCHIVE/x.2.part" "$BASES/${kept[0]}" "$BASES/${kept[1]}"`);
});

test("what the log of a task takes in the archive is about what the page says", async () => {
  const { runbook, sql, members } = server;
  const connection = new ApiConnection(server.urls.authenticator);
  onTestFinished(() => connection.close());
  const [creator = "", helper = ""] = members;
  const playTasks = async (count: number) => {
    for (let number = 0; number < count; number++) {
      await playTask(connection.call.bind(connection), creator, helper, "completed", { points_reward: 1 });
    }
  };
  const position = async () =>
    Number((await sql<{ at: string }>("select pg_current_wal_insert_lsn() - '0/0' as at"))[0]?.at);
  /** Bytes of log that something writes, and of the one file of the archive that it is in. */
  const measure = async (work: () => Promise<unknown>) => {
    await switchLog();
    const before = await position();
    await work();
    const log = (await position()) - before;
    const [{ file } = { file: "" }] = await sql<{ file: string }>("select pg_walfile_name(pg_switch_wal()) as file");
    await expect.poll(archiver).toMatchObject({ waiting: 0 });
    return { log, archived: Number(await runbook.run(`stat --format=%s "$ARCHIVE/${file}.gz"`)) };
  };
  await sql("checkpoint");
  const first = await measure(() => playTasks(40));
  const steady = await measure(() => playTasks(40));
  const idle = await measure(() => sql("select pg_logical_emit_message(true, 'test', 'x')"));
  const kilobytes = {
    idle: idle.archived / 1000,
    first: first.log / 40_000,
    steady: steady.log / 40_000,
    packed: (steady.archived - idle.archived) / 40_000,
  };

  const page = readFileSync(join(paths.root, "docs/operations", PAGE), "utf8");
  const said = (row: string) =>
    [...(page.split(row)[1]?.split("\n")[0] ?? "").matchAll(/(\d+) kB/gu)].map(([, one]) => Number(one));
  const [idleSaid = 0] = said("next to nothing happens");
  const [steadySaid = 0, packedSaid = 0] = said("six commands");
  const [firstSaid = 0] = said("right after a checkpoint");
  const documented = { idle: idleSaid, first: firstSaid, steady: steadySaid, packed: packedSaid };
  for (const [name, value] of Object.entries(documented)) {
    const measured = kilobytes[name as keyof typeof kilobytes];
    expect(measured / value, `${name}: ${measured} kB measured, ${value} kB on the page`).toBeGreaterThan(0.5);
    expect(measured / value, `${name}: ${measured} kB measured, ${value} kB on the page`).toBeLessThan(2);
  }
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
  // it warns when nothing has come for a second
  await expect
    .poll(() => sql("select level from ops.alerts where alert = 'archiving_fails'"), { timeout: 60_000 })
    .toEqual([{ level: "warn" }]);
  await runbook.follow(PAGE, "When the archive does not take the log");
  // nothing half stays; a try may be under way
  await expect.poll(() => runbook.run(`find "$ARCHIVE" -name '*.part'`)).toBe("");
  await runbook.run(`find "$ARCHIVE" -name '*.gz' -exec gzip --test {} +`);
  expect(writers.failures.slice(failuresBefore)).toEqual([]);

  await release();
  await switchLog();
  await expect.poll(archiver, { timeout: 90_000 }).toEqual({ failing: false, waiting: 0 });
  expect(await sql("select level from ops.alerts where alert = 'archiving_fails'")).toEqual([{ level: "ok" }]);
  await writers.stop();
  expect((await differences(sql, writers.acknowledged, { before: Date.now() })).lost).toEqual([]);
  await expectBooksRight(sql);
  await runbook.follow(PAGE, "Disk use");
});

/** A small file system that is full, where tests may mount one; elsewhere a folder that cannot be written. */
async function fillArchive(): Promise<() => Promise<unknown>> {
  const { runbook } = server;
  try {
    await runbook.run(`mount -t tmpfs -o size=8m,mode=0777 archive "$ARCHIVE"`, "root");
  } catch {
    await runbook.run(`chmod 500 "$ARCHIVE"`);
    return () => runbook.run(`chmod 700 "$ARCHIVE"`);
  }
  onTestFinished(async () => {
    await runbook.run(`umount --lazy "$ARCHIVE"`, "root");
  });
  await runbook.run(`head --bytes=8M /dev/zero > "$ARCHIVE/filler" || true`, "root");
  return () => runbook.run(`rm "$ARCHIVE/filler"`, "root");
}

test("the command for hosted projects is one that the CLI has", async () => {
  const [{ text } = { text: "" }] = hostedOnly(PAGE);
  const help = await server.runbook.run("npx supabase backups restore --help", "root");
  for (const [flag] of text.matchAll(/--[a-z]+(?= |=)/gu)) if (flag !== "--date") expect(help).toContain(flag);
});

test("no command of the page was left out", () => {
  // disasters.slow.test.ts follows these
  const elsewhere = [
    "Make a server as it was",
    "Erase again who was erased since",
    "Let it take the place of the old one",
  ];
  server.runbook.expectFollowed(PAGE, elsewhere);
});
