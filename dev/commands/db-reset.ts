import type { Address } from "../../ops/core/address.ts";
import { databaseAddress, directAddress } from "../../ops/core/environment.ts";
import { StackError } from "../base/stack-error.ts";
import { openServerDatabase } from "../stack/database/server.ts";
import { resetDatabase } from "../stack/reset-database.ts";
import { planStart, type StackOptions } from "../stack/start-stack.ts";
import { isAgreed } from "./ask.ts";
import { runCommand } from "./command.ts";
import { cliUrl, inspectDatabase, sessionUrl } from "./database-url.ts";
import { runSupabaseCli } from "./supabase-cli.ts";

await runCommand({
  usage: `Usage: npm run db:reset -- [options]

Empties a database, applies all migrations and the seed. With DATABASE_URL it is that database, a hosted project too;
otherwise it is the data of the local stack in .local/, which must not be running.

  --postgres   the local stack's own PostgreSQL instead of the embedded database
  --no-seed    without supabase/seed.sql
  --yes        do not ask before emptying the database of DATABASE_URL
  --help       show this text`,
  options: {
    postgres: { type: "boolean", default: false },
    "no-seed": { type: "boolean", default: false },
    yes: { type: "boolean", default: false },
  },
  async run(values) {
    const address = databaseAddress();
    const withSeed = !values["no-seed"];
    if (address === undefined) {
      await resetLocalData({ database: values.postgres ? "cluster" : "embedded", seed: withSeed });
      console.log("The local data is new. Start with npm start.");
      return;
    }
    await confirm(address, values.yes);
    const { isSupabase } = await inspectDatabase(address.url);
    if (isSupabase) {
      const remote = `--remote=${cliUrl((await sessionUrl()) ?? address.url)}`;
      await runSupabaseCli(["db", "reset", "--yes", ...(withSeed ? [] : ["--no-seed"]), remote], { task: "db:reset" });
    } else {
      await resetServer(address.url, withSeed);
      console.log("The database is new.");
    }
  },
});

async function resetLocalData(options: StackOptions): Promise<void> {
  const plan = planStart({ ...options, fresh: true, port: 0, studio: false, log: console.log });
  try {
    for (const step of plan.databaseSteps) await step.run(() => undefined);
  } finally {
    await plan.abort();
  }
}

async function resetServer(url: string, withSeed: boolean): Promise<void> {
  const database = await openServerDatabase(url, directAddress()?.url);
  try {
    await resetDatabase(database, withSeed);
  } finally {
    await database.close();
  }
}

async function confirm({ name }: Address, yes: boolean): Promise<void> {
  if (yes) return;
  if (!process.stdin.isTTY) {
    throw new StackError(`this empties the database ${name}: add --yes if that is what you want`);
  }
  const isMeant = await isAgreed(`Empty the database ${name}? Everything in it is lost.`);
  if (!isMeant) throw new StackError("nothing was changed");
}
