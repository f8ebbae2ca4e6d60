import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SUPERUSER } from "../../dev/stack/database/roles.ts";
import { folderStore } from "../../ops/backup/folder-store.ts";
import { findPrograms, runToEnd } from "../../ops/backup/programs.ts";
import { takeBackup } from "../../ops/backup/take-backup.ts";
import { connect } from "../../ops/core/connection.ts";
import { restore } from "../../ops/restore/run-restore.ts";
import { withSession } from "../databases.ts";
import type { ScenarioResult } from "../result.ts";
import type { Bench } from "../scenario.ts";
import { median } from "../statistics.ts";

const ROUNDS = 3;
const MOST = 1.15;

/** ops:backup and ops:restore beside pg_dump and pg_restore alone, in turn, on the same data. */
export async function backup({ cluster, databases, sizes, progress }: Bench): Promise<ScenarioResult> {
  const { name } = await databases.get("product", sizes.large);
  const url = cluster.url(SUPERUSER, name);
  const folder = await mkdtemp(join(tmpdir(), "neighbourhood-bench-backup-"));
  const seconds: Record<string, number[]> = {
    pg_dump: [],
    "pg_dump --compress=1": [],
    "ops:backup": [],
    pg_restore: [],
    "ops:restore": [],
    verification: [],
  };
  const note = (what: string, milliseconds: number) => seconds[what]?.push(milliseconds / 1000);
  const timed = async <Result>(what: string, work: () => Promise<Result>): Promise<Result> => {
    const started = performance.now();
    const result = await work();
    note(what, performance.now() - started);
    return result;
  };
  const source = await connect({ url, direct: true });
  const programs = findPrograms(source.version);
  try {
    for (let round = 1; round <= ROUNDS; round += 1) {
      await progress.step(`backing up and restoring, round ${round}`, async () => {
        const file = join(folder, `bare-${round}.dump`);
        const dump = (...options: string[]) =>
          runToEnd(programs, "pg_dump", ["--format=custom", `--file=${file}`, ...options], { url });
        await timed("pg_dump --compress=1", () => dump("--compress=1"));
        await timed("pg_dump", () => dump());
        const store = folderStore(join(folder, `store-${round}`));
        const manifest = await timed("ops:backup", () => takeBackup(source, store, { kind: "manual" }));
        await intoEmpty(`bare_${round}`, async (target) => {
          const list = await runToEnd(programs, "pg_restore", ["--list", file]);
          const chosen = join(folder, "list");
          await writeFile(chosen, list.replaceAll(/^.* SCHEMA - public .*$/gmu, ""));
          await timed("pg_restore", () =>
            runToEnd(programs, "pg_restore", ["--single-transaction", `--use-list=${chosen}`, file], { url: target }),
          );
        });
        await intoEmpty(`ours_${round}`, async (target) => {
          const database = await connect({ url: target, direct: true });
          let verifying = 0;
          const started = performance.now();
          const onStep = (title: string) => {
            if (title === "verifying") verifying = performance.now();
          };
          await restore(database, store, manifest, { onStep });
          note("ops:restore", verifying - started);
          note("verification", performance.now() - verifying);
          await database.close();
        });
      });
    }
  } finally {
    await source.close();
    await rm(folder, { recursive: true, force: true });
  }
  const of = (what: string) => median(seconds[what] ?? []);
  return {
    scenario: "backup",
    checks: [
      ratio("ops:backup takes this many times as long as pg_dump", of("ops:backup") / of("pg_dump"), MOST),
      ratio("ops:backup as pg_dump --compress=1, as it calls it", of("ops:backup") / of("pg_dump --compress=1")),
      ratio("ops:restore, before it verifies, as pg_restore", of("ops:restore") / of("pg_restore"), MOST),
      ratio("its verification as pg_restore", of("verification") / of("pg_restore")),
    ],
    measurements: Object.entries(seconds).map(([what, values]) => ({
      name: what,
      perSecond: values.map((value) => 1 / value),
      facts: { "median seconds": of(what) },
    })),
    plans: [],
  };

  async function intoEmpty(database: string, work: (url: string) => Promise<void>): Promise<void> {
    await withSession(cluster.url(SUPERUSER), (root) => root.script(`create database ${database} template template0`));
    await work(cluster.url(SUPERUSER, database));
    await withSession(cluster.url(SUPERUSER), (root) => root.script(`drop database ${database} with (force)`));
  }
}

function ratio(name: string, value: number, atMost?: number): ScenarioResult["checks"][number] {
  return { name, value, unit: "times", ...(atMost === undefined ? {} : { target: { atMost } }) };
}
