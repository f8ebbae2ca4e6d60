// Does what is due, again and again, where no pg_cron does it: npm run jobs [-- --once] [--json]

import { StackError } from "../../dev/base/stack-error.ts";
import { runCommand } from "../../dev/commands/command.ts";
import { connect, type Database } from "../core/connection.ts";
import { secondsOf } from "../core/patience.ts";
import { functionCaller } from "./call-function.ts";
import { commands } from "./commands.ts";
import { startFleet } from "./fleet.ts";
import { type JobEvent, runOneTurn, startTurns, type TurnOptions, type Turns } from "./turns.ts";

const HELP = `Usage: npm run jobs -- [options]

Does what is due in the database of DATABASE_URL (or of the running local stack) until it is stopped. As many as you like may run
at the same time; each job is done once. With pg_cron it is needed only for backups.

  --once            does what is due now, then ends: 0 when all went well, 1 otherwise
  --fleet FILE      in all communities of a registry (docs/operations/fleet.md), each once a minute
  --patience SEC    --fleet: how long a community may take for a turn until others come before it (default: 300)
  --json            one JSON object per line
  --help            this text

SUPABASE_URL and SUPABASE_SECRET_KEY: also calls the functions that have work.
BACKUP_STORE: also makes the daily backup at 03:00 UTC.

SIGTERM or SIGINT ends it when what is under way is done, a second one at once.`;

await runCommand({
  usage: HELP,
  options: {
    once: { type: "boolean", default: false },
    fleet: { type: "string" },
    patience: { type: "string", default: "300" },
    json: { type: "boolean", default: false },
  },
  async run({ once, fleet, patience, json }) {
    const log = json === true ? printJson : printText;
    if (fleet !== undefined) {
      const running = startFleet({ file: fleet, patienceSeconds: secondsOf(patience), isOnce: once, log });
      if (once) {
        if (!(await running.ended)) process.exitCode = 1;
      } else {
        await untilStopped(running, log);
      }
      return;
    }
    const callFunction = functionCaller();
    const database = await connect({ writes: true, applicationName: "neighbourhood jobs" });
    try {
      await requireJobs(database);
      if (callFunction === undefined) {
        log({ level: "info", message: "functions are not called: SUPABASE_URL and SUPABASE_SECRET_KEY are not set" });
      }
      const options: TurnOptions = {
        database,
        ...(callFunction === undefined ? {} : { callFunction }),
        commands: commands(),
        log,
      };
      if (once === true) {
        if (!(await runOneTurn(options, new AbortController().signal))) process.exitCode = 1;
      } else {
        await untilStopped(startTurns(options), log);
      }
    } finally {
      await database.close();
    }
  },
});

async function requireJobs(database: Database): Promise<void> {
  const [row] = await database.query<{ can: boolean | null }>(
    "select has_function_privilege(to_regproc('ops.claim_jobs'), 'execute') and has_schema_privilege(to_regnamespace('ops'), 'usage') as can",
  );
  if (row?.can === true) return;
  throw new StackError(
    row?.can === false
      ? `the user of ${database.name} may not run the jobs: connect as the owner or as app_service`
      : `${database.name} has no jobs: migrate it first, npm run db:push`,
  );
}

async function untilStopped(turns: Turns, log: TurnOptions["log"]): Promise<void> {
  log({ level: "info", message: "doing what is due, until it is stopped" });
  await new Promise<void>((resolve) => {
    let signals = 0;
    const stop = () => {
      signals += 1;
      if (signals === 1) resolve();
      else turns.abort();
    };
    process.on("SIGTERM", stop);
    process.on("SIGINT", stop);
  });
  log({ level: "info", message: "stopping" });
  await turns.stop();
}

function printText({ level, community, job, message }: JobEvent): void {
  const about = [community, job].filter((name) => name !== undefined).map((name) => `${name}: `);
  const line = `${new Date().toISOString()} ${about.join("")}${message}`;
  if (level === "error") console.error(line);
  else console.log(line);
}

function printJson(event: JobEvent): void {
  console.log(JSON.stringify({ time: new Date().toISOString(), ...event }));
}
