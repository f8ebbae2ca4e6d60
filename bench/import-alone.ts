import { join } from "node:path";
import { connect } from "../ops/core/connection.ts";
import { readMap } from "../ops/import/map.ts";
import { openProblemFile } from "../ops/import/problems.ts";
import { runImport } from "../ops/import/run-import.ts";
import { copySqlite, openSqlite } from "../ops/import/sqlite-source.ts";
import { totals, verify } from "../ops/import/verify.ts";
import { stopwatch } from "./stopwatch.ts";

/** What an import took: seconds of each part, and at most so many bytes of memory. */
export interface ImportCost {
  readonly seconds: Readonly<Record<string, number>>;
  readonly memory: number;
}

// a process of its own, as the command is: its memory is nobody else's
const [url = "", folder = ""] = process.argv.slice(2);
const { seconds, timed } = stopwatch();

const database = await connect({ url });
const map = readMap(undefined);
const before = await totals(database, map.source);
const source = await timed("copy of the file", async () => openSqlite(await copySqlite(join(folder, "old.db")), map));
const problems = openProblemFile(join(folder, "problems.csv"));
const result = await timed("import", () =>
  runImport(database, source, map, problems, { isDryRun: false, batch: 2000, onProgress: () => undefined }),
);
await problems.close();
source.close();
const { differences } = await timed("verification", () => verify(database, map.source, before, result));
await database.close();
// the generated tasks have no words to search for
const own = differences.filter((difference) => !difference.startsWith("audit_search"));
if (own.length > 0) throw new Error(own.join("; "));
const cost: ImportCost = { seconds, memory: process.resourceUsage().maxRSS * 1024 };
process.stdout.write(JSON.stringify(cost));
