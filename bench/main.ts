import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { paths } from "../dev/base/paths.ts";
import { runCommand, wrongUsage } from "../dev/commands/command.ts";
import { openCluster } from "../dev/stack/database/cluster.ts";
import { reachableDirectory } from "../dev/stack/database/os-user.ts";
import { SUPERUSER } from "../dev/stack/database/roles.ts";
import { openDatabases, withSession } from "./databases.ts";
import { describeMachine } from "./machine.ts";
import { openProgress } from "./progress.ts";
import { summary, writeRun } from "./report.ts";
import { isReached, type ScenarioResult } from "./result.ts";
import type { Scenario } from "./scenario.ts";
import { additions } from "./scenarios/additions.ts";
import { backup } from "./scenarios/backup.ts";
import { confirm } from "./scenarios/confirm.ts";
import { doctor } from "./scenarios/doctor.ts";
import { exportAndImport } from "./scenarios/export.ts";
import { imports } from "./scenarios/import.ts";
import { readLists } from "./scenarios/lists.ts";
import { mail } from "./scenarios/mail.ts";
import { map } from "./scenarios/map.ts";
import { messages } from "./scenarios/messages.ts";
import { metrics } from "./scenarios/metrics.ts";
import { nearby } from "./scenarios/nearby.ts";
import { outbox } from "./scenarios/outbox.ts";
import { pools } from "./scenarios/pools.ts";
import { recommendations } from "./scenarios/recommendations.ts";
import { redeem } from "./scenarios/redeem.ts";
import { search } from "./scenarios/search.ts";
import { size } from "./scenarios/size.ts";
import { statistics } from "./scenarios/statistics.ts";
import { storage } from "./scenarios/storage.ts";
import { till } from "./scenarios/till.ts";
import { FULL, HUGE, HUGE_QUICK, QUICK, type Sizes } from "./sizes.ts";

/** The server's settings: a durable server (fsync and full_page_writes stay on) without background work in between. */
const SERVER_SETTINGS = {
  shared_buffers: "4GB",
  max_wal_size: "32GB",
  checkpoint_timeout: "1d",
  autovacuum: "off",
  jit: "off",
  max_connections: "2200", // for pools, which connects 2,000 clients without a pooler
};

/** Reading first: confirmations, redemptions and ratings change the tables that are read. */
const scenarios: Readonly<Record<string, Scenario>> = {
  nearby,
  map,
  pools,
  storage,
  backup,
  import: imports,
  export: exportAndImport,
  metrics,
  lists: readLists,
  doctor,
  confirm,
  redeem,
  till,
  outbox,
  mail,
  messages,
  statistics,
  search,
  recommendations,
  additions,
};

/** Whose data is larger than that of all others. */
const hugeScenarios: Readonly<Record<string, Scenario>> = { size };

const usage = `Usage: npm run bench -- [options]

Measures database and functions against their targets on a server of its own from this machine's PostgreSQL programs
(the system's server is never touched) and writes the tables to bench/results/, every round and the query plans to
.cache/bench/. The full run takes about 45 minutes, 20 GB of disk and a machine that does nothing else. What is compared
with what: docs/performance.md.

  --quick            little data and short rounds: tries the benchmark itself, its ratios mean nothing
  --huge             10 million tasks, 50 million ledger rows and 2 million members instead, against a tenth of them: reads,
                     commands and jobs. About 30 minutes and 60 GB of disk
  --only <scenario>  one of ${Object.keys(scenarios).join(", ")}; may be repeated
  --output <dir>     where the tables go (default bench/results; with --quick .cache/bench)
  --data <dir>       where the server keeps its files while it runs (default .local/bench); emptied before and after
  --port <number>    the server's port (default: a free one)
  --help             show this text

Exit code 0: every target was reached, 1: one was missed or the run failed. With --quick missed targets do not count.`;

await runCommand({
  usage,
  options: {
    quick: { type: "boolean" },
    huge: { type: "boolean" },
    only: { type: "string", multiple: true },
    output: { type: "string" },
    data: { type: "string" },
    port: { type: "string" },
  },
  async run({ quick = false, huge = false, only, output, data, port }) {
    const chosen = huge ? hugeScenarios : scenarios;
    const names = only ?? Object.keys(chosen);
    const unknown = names.find((name) => !(name in chosen));
    if (unknown !== undefined) wrongUsage(`there is no scenario ${unknown}`, usage);
    if (port !== undefined && !/^[1-9]\d{0,4}$/.test(port)) wrongUsage(`${port} is no port`, usage);

    const startedAt = new Date();
    const sizes = sizesOf(quick, huge);
    const progress = openProgress();
    const password = randomBytes(16).toString("hex");
    // a directory of our own in the given one, because it is deleted
    const directory =
      data === undefined ? reachableDirectory(join(paths.local, "bench")) : join(resolve(data), "bench-cluster");
    const resultDirectory =
      output === undefined ? join(paths.root, quick ? ".cache/bench" : "bench/results") : resolve(output);
    const options = {
      directory,
      password,
      // the log of so much data would need the disk that the data needs
      settings: { ...SERVER_SETTINGS, ...(huge ? { max_wal_size: "8GB" } : {}) },
      ...(port === undefined ? {} : { port: Number(port) }),
    };
    // what a run that was killed left behind
    if (existsSync(directory)) await (await openCluster(options)).destroy();
    const cluster = await openCluster(options);
    const forget = onInterrupt(() => cluster.destroy());
    try {
      await cluster.start();
      const databases = openDatabases(cluster, password, progress);
      const machine = await withSession(cluster.url(SUPERUSER), ({ query }) => describeMachine(query));
      const results: ScenarioResult[] = [];
      let files: string[] = [];
      for (const [name, scenario] of Object.entries(chosen)) {
        if (!names.includes(name)) continue;
        results.push(await scenario({ cluster, databases, sizes, progress }));
        const minutes = Math.round((Date.now() - startedAt.getTime()) / 60_000);
        // after each, so that a run which is stopped leaves what it has measured
        files = writeRun({ startedAt, minutes, machine, sizes, scenarios: results }, resultDirectory);
      }
      await databases.close();
      console.log(`${summary(results)}\n\n${files.join("\n")}`);
      if (!quick && !results.every(({ checks }) => checks.every(isReached))) process.exitCode = 1;
    } finally {
      forget();
      await cluster.destroy();
    }
  },
});

function sizesOf(quick: boolean, huge: boolean): Sizes {
  if (huge) return quick ? HUGE_QUICK : HUGE;
  return quick ? QUICK : FULL;
}

/** Runs the clean-up before Ctrl-C or a kill ends the process; call the result when it is no longer needed. */
function onInterrupt(cleanUp: () => Promise<void>): () => void {
  const end = (signal: NodeJS.Signals) => {
    cleanUp().then(
      () => process.exit(signal === "SIGINT" ? 130 : 143),
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
  };
  process.once("SIGINT", end).once("SIGTERM", end);
  return () => process.off("SIGINT", end).off("SIGTERM", end);
}
