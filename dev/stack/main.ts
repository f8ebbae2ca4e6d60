import { resolve } from "node:path";
import { Listr } from "listr2";
import { databaseAddress, directAddress } from "../../ops/core/environment.ts";
import { fail, portOf, runCommand } from "../commands/command.ts";
import { describeStack } from "./describe-stack.ts";
import { type PlannedStart, planStart, type StackOptions } from "./start-stack.ts";

const USAGE = `Usage: npm start -- [options]

Starts the local stack: the app, database, REST, Auth, edge functions, Studio and the scheduler.

  --postgres        use PostgreSQL: DATABASE_URL when set, otherwise a server of its own
                    from this machine's binaries (default: the embedded database)
  --fresh           delete the data first
  --data-dir DIR    where data and keys are kept (default: .local)
  --port N          port of the API; the others move with it, 0 picks free ones (default: supabase/config.toml)
  --db-port N       port of the database for psql and other tools
  --studio-port N   port of Studio
  --app-port N      port of the app
  --no-app          without the app
  --no-studio       without Studio
  --no-seed         without the demo neighbourhood; with --fresh where it is already there
  --no-jobs         without the jobs that run every minute
  --no-reload       without following supabase/schemas
  --quiet           print only the summary and problems
  --help            show this text

Ctrl-C stops everything; a second Ctrl-C does not wait.`;

/** Two signals this close together are one Ctrl-C that npm passed on a second time. */
const SAME_SIGNAL_MS = 1000;

const NARROWEST_TERMINAL = 40;

await runCommand({
  usage: USAGE,
  options: {
    postgres: { type: "boolean", default: false },
    fresh: { type: "boolean", default: false },
    "data-dir": { type: "string" },
    port: { type: "string" },
    "db-port": { type: "string" },
    "studio-port": { type: "string" },
    "app-port": { type: "string" },
    "no-app": { type: "boolean", default: false },
    "no-studio": { type: "boolean", default: false },
    "no-seed": { type: "boolean", default: false },
    "no-jobs": { type: "boolean", default: false },
    "no-reload": { type: "boolean", default: false },
    quiet: { type: "boolean", default: false },
  },
  async run(flags) {
    const plan = planStart({
      fresh: flags.fresh,
      studio: !flags["no-studio"],
      app: !flags["no-app"],
      seed: !flags["no-seed"],
      jobs: !flags["no-jobs"],
      reload: !flags["no-reload"],
      log: (line) => console.log(line),
      ...(flags["data-dir"] === undefined ? {} : { dataDir: resolve(flags["data-dir"]) }),
      ...portOption("port", "--port", flags.port),
      ...portOption("databasePort", "--db-port", flags["db-port"]),
      ...portOption("studioPort", "--studio-port", flags["studio-port"]),
      ...portOption("appPort", "--app-port", flags["app-port"]),
      database: chosenDatabase(flags.postgres),
    });
    const isStopping = stopOnSignal(plan.abort);
    try {
      await showProgress(plan, flags.quiet);
    } catch (error) {
      // After Ctrl-C a half-done step fails for that reason alone; the handler ends the process.
      if (isStopping()) return;
      await plan.abort();
      throw error;
    }
    console.log(await describeStack(plan.stack()));
  },
});

type PortOption = "port" | "databasePort" | "studioPort" | "appPort";

function portOption(option: PortOption, flag: string, text: string | undefined): Pick<StackOptions, PortOption> {
  return text === undefined ? {} : { [option]: portOf(flag, text, USAGE) };
}

function chosenDatabase(isServer: boolean): NonNullable<StackOptions["database"]> {
  if (!isServer) return "embedded";
  const address = databaseAddress();
  if (address === undefined) return "cluster";
  return { url: address.url, directUrl: directAddress()?.url ?? address.url };
}

async function showProgress(plan: PlannedStart, isQuiet: boolean): Promise<void> {
  // Without a terminal that can redraw lines (CI, a log file) one line per step is enough.
  if (isQuiet || !process.stdout.isTTY || process.stdout.columns < NARROWEST_TERMINAL) {
    for (const step of plan.steps) {
      if (!isQuiet) console.log(`• ${step.title}`);
      await step.run(() => undefined);
    }
    return;
  }
  const tasks = new Listr(
    plan.steps.map((step) => ({
      title: step.title,
      task: (_context: unknown, task: { output: string }) =>
        step.run((detail) => {
          task.output = detail;
        }),
    })),
    { rendererOptions: { showErrorMessage: false }, registerSignalListeners: false },
  );
  await tasks.run();
}

/** Stops the stack on the first signal and the process on the second; tells whether the first has come. */
function stopOnSignal(stop: () => Promise<void>): () => boolean {
  let firstSignal: number | undefined;
  const onSignal = () => {
    if (firstSignal === undefined) {
      firstSignal = Date.now();
      console.log("\nStopping …");
      stop().then(() => process.exit(0), fail);
    } else if (Date.now() - firstSignal > SAME_SIGNAL_MS) {
      process.exit(1);
    }
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, onSignal);
  // npm or the terminal went away without a signal
  process.on("disconnect", onSignal);
  return () => firstSignal !== undefined;
}
