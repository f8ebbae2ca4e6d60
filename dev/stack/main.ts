import { parseArgs } from "node:util";
import { Listr } from "listr2";
import { isPortFree } from "./database/free-port.ts";
import { describeStack } from "./describe-stack.ts";
import { readSettings } from "./settings.ts";
import { messageOf, StackError } from "./stack-error.ts";
import { planStart, type StackOptions } from "./start-stack.ts";

const USAGE = `Usage: npm start -- [options]

Starts the local stack: database, REST, Auth, edge functions, Studio and the scheduler.

  --postgres     use PostgreSQL: DATABASE_URL when set, otherwise a server of its own
                 from this machine's binaries (default: the embedded database)
  --fresh        delete the data first
  --port N       port of the API (default: [api].port of supabase/config.toml)
  --no-studio    without Studio
  --no-seed      without the demo neighbourhood
  --no-jobs      without the jobs that run every minute
  --quiet        print only the summary and problems
  --help         show this text

Data and keys are kept in .local/; Ctrl-C stops everything.`;

/** Two signals this close together are one Ctrl-C that npm passed on a second time. */
const SAME_SIGNAL_MS = 1000;

async function main(): Promise<void> {
  const flags = parseFlags();
  const plan = planStart({ ...(await stackOptions(flags)), log: (line) => console.log(line) });
  stopOnSignal(plan.abort);

  const tasks = new Listr(
    plan.steps.map((step) => ({
      title: step.title,
      task: (_context: unknown, task: { output: string }) =>
        step.run((detail) => {
          task.output = detail;
        }),
    })),
    {
      renderer: flags.quiet ? "silent" : "default",
      fallbackRenderer: flags.quiet ? "silent" : "simple",
      rendererOptions: { showErrorMessage: false, collapseErrors: false },
      registerSignalListeners: false,
    },
  );
  try {
    await tasks.run();
  } catch (error) {
    await plan.abort();
    throw error;
  }
  console.log(await describeStack(plan.stack()));
}

interface Flags {
  postgres: boolean;
  fresh: boolean;
  port: number | undefined;
  studio: boolean;
  seed: boolean;
  jobs: boolean;
  quiet: boolean;
}

function parseFlags(): Flags {
  const { values } = parseArgs({
    options: {
      postgres: { type: "boolean", default: false },
      fresh: { type: "boolean", default: false },
      port: { type: "string" },
      "no-studio": { type: "boolean", default: false },
      "no-seed": { type: "boolean", default: false },
      "no-jobs": { type: "boolean", default: false },
      quiet: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    process.exit(0);
  }
  return {
    postgres: values.postgres,
    fresh: values.fresh,
    port: values.port === undefined ? undefined : portNumber(values.port),
    studio: !values["no-studio"],
    seed: !values["no-seed"],
    jobs: !values["no-jobs"],
    quiet: values.quiet,
  };
}

function portNumber(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new TypeError(`--port ${text} is not a port number`);
  return port;
}

async function stackOptions(flags: Flags): Promise<StackOptions> {
  const { fresh, studio, seed, jobs, port } = flags;
  const common = { fresh, studio, seed, jobs, ...(port === undefined ? {} : { port }) };
  if (!flags.postgres) return { ...common, database: "embedded" };
  const url = process.env["DATABASE_URL"];
  if (url !== undefined && url !== "") return { ...common, database: { url } };
  const preferred = readSettings().db.port;
  return { ...common, database: "cluster", clusterPort: (await isPortFree(preferred)) ? preferred : 0 };
}

function stopOnSignal(stop: () => Promise<void>): void {
  let firstSignal: number | undefined;
  const onSignal = () => {
    if (firstSignal === undefined) {
      firstSignal = Date.now();
      console.log("\nStopping …");
      stop().then(
        () => process.exit(0),
        (error: unknown) => fail(error),
      );
    } else if (Date.now() - firstSignal > SAME_SIGNAL_MS) {
      process.exit(1);
    }
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, onSignal);
  // npm or the terminal went away without a signal
  process.on("disconnect", onSignal);
}

function fail(error: unknown): never {
  if (error instanceof TypeError && ("code" in error || error.message.startsWith("--port"))) {
    console.error(`${error.message}\n\n${USAGE}`);
    process.exit(2);
  }
  // A StackError says what to do; anything else is a defect whose place matters.
  if (error instanceof StackError) console.error(`✖ ${error.message}`);
  else console.error(error instanceof Error ? error.stack : messageOf(error));
  process.exit(1);
}

main().catch(fail);
