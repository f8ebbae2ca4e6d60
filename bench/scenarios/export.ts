import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { SUPERUSER } from "../../dev/stack/database/roles.ts";
import { findPrograms } from "../../ops/backup/programs.ts";
import { connect } from "../../ops/core/connection.ts";
import { inForeignKeyOrder } from "../../ops/core/foreign-keys.ts";
import { quoted, tablesOfTheCommunity } from "../../ops/export/scope.ts";
import { COUNTING, takeExport } from "../../ops/export/take-export.ts";
import { importExport } from "../../ops/import-community/import-export.ts";
import { openExport } from "../../ops/import-community/read-export.ts";
import type { ScenarioResult } from "../result.ts";
import type { Bench } from "../scenario.ts";

/** npm run export and import beside bare COPY of the same tables by psql. Once each: they write everything there is. */
export async function exportAndImport({ cluster, databases, sizes, progress }: Bench): Promise<ScenarioResult> {
  const { name } = await databases.get("product", sizes.large);
  const [ours, bare] = [await databases.empty("import_ours"), await databases.empty("import_bare")];
  const folder = await mkdtemp(join(tmpdir(), "neighbourhood-bench-export-"));
  const seconds: Record<string, number> = {};
  let megabytes = 0;
  const timed = (what: string, work: (mark: (part: string) => void) => Promise<unknown>) =>
    progress.step(what, async () => {
      const started = performance.now();
      let part = { name: what, since: started };
      const end = () => {
        seconds[part.name] = (performance.now() - part.since) / 1000;
      };
      await work((next) => {
        end();
        part = { name: next, since: performance.now() };
      });
      end();
    });
  const source = await connect({ url: cluster.url(SUPERUSER, name) });
  const target = await connect({ url: cluster.url(SUPERUSER, ours) });
  try {
    const tables = (await tablesOfTheCommunity(source)).filter(({ isOurs }) => isOurs);
    const psql = join(findPrograms(source.version).directory, "psql");
    const copyAll = async (database: string, first: string, direction: "from" | "to") => {
      const copies = inForeignKeyOrder(tables).flatMap((table) =>
        tables
          .filter((one) => one.name === table)
          .map(({ columns }, index) => [table, quoted(columns), join(folder, `${table}${index}`)])
          .map(([of, which, file]) => `\\copy ${of} (${which}) ${direction} '${file}' (format csv, header)`),
      );
      const script = join(folder, "script.sql");
      await writeFile(script, ["begin;", first, ...copies, "commit;"].join("\n"));
      const args = ["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", `--file=${script}`];
      await promisify(execFile)(psql, [...args, cluster.url(SUPERUSER, database)], { cwd: "/" });
    };
    await timed("bare copy to", () => copyAll(name, "", "to"));
    await timed("export", (mark) =>
      takeExport(source, join(folder, "export"), {
        onProgress: (what) => {
          if (what === COUNTING) mark("export: counts and audits");
        },
      }),
    );
    // without triggers and foreign keys, as only a superuser may
    const empty = `set session_replication_role = replica; truncate ${tables.map((table) => table.name).join(", ")};`;
    await timed("bare copy from", () => copyAll(bare, empty, "from"));
    const opened = await openExport(join(folder, "export"));
    await timed("import: checksums", (mark) =>
      importExport(target, opened, {
        onStep: (title) => {
          if (title.startsWith("reading")) mark("import");
          if (title.startsWith("verifying")) mark("import: counts and audits");
        },
      }),
    );
    megabytes = opened.bytes / 1e6;
  } finally {
    await source.close();
    await target.close();
    await rm(folder, { recursive: true, force: true });
  }
  const of = (what: string) => seconds[what] ?? Number.NaN;
  const ratio = (words: string, value: number, atMost?: number): ScenarioResult["checks"][number] => ({
    name: words,
    value,
    unit: "times",
    ...(atMost === undefined ? {} : { target: { atMost } }),
  });
  return {
    scenario: "export",
    checks: [
      ratio(
        "export, before it counts, takes this many times as long as bare COPY",
        of("export") / of("bare copy to"),
        1.5,
      ),
      ratio("its counts and audits as bare COPY", of("export: counts and audits") / of("bare copy to")),
      ratio("import, before it verifies, as bare COPY without foreign keys", of("import") / of("bare copy from"), 3),
      ratio("its counts and audits as bare COPY", of("import: counts and audits") / of("bare copy from")),
    ],
    measurements: Object.entries(seconds).map(([what, value]) => ({
      name: what,
      perSecond: [1 / value],
      facts: { seconds: value, megabytes },
    })),
    plans: [],
  };
}
