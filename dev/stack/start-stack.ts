import type { AppState } from "./app/build.ts";
import type { StackDatabase } from "./database/stack-database.ts";
import { DEMO_PARTNERS } from "./demo.ts";
import { demoPartnerKey } from "./demo-partners.ts";
import type { Mailbox } from "./mailbox.ts";
import { databaseSteps } from "./start/database-steps.ts";
import { serverSteps } from "./start/server-steps.ts";
import { Start } from "./start/start.ts";

export interface StackOptions {
  /** `embedded` (PGlite), `cluster` (a server of our own from the machine's binaries) or the URL of a server, and its own where that is a pooler's. */
  database?: "embedded" | "cluster" | { url: string; directUrl?: string };
  /** Where data and keys live; `memory` keeps nothing (a cluster then uses a temporary directory). */
  dataDir?: string;
  /** Port of the gateway; 0 picks free ones for everything. Default: `[api].port` of config.toml. */
  port?: number;
  /** Deletes the data first. */
  fresh?: boolean;
  /** Folder `supabase/` of the project. Default: this repository's. */
  supabase?: string;
  /** Folder of migrations, if it is another one. */
  migrations?: string;
  /**
   * The database is a copy (the embedded one in memory) of one that has the migrations: tests start seconds sooner with it.
   * An `adapted` embedded one may be an older copy, changed in place.
   */
  copyMigrated?: "exact" | "adapted";
  /** Folder of functions, if it is another one. */
  functionsRoot?: string;
  /** Follow `schemas/` while it runs: what can change in place does, and migrations are written. */
  reload?: boolean;
  /** Run `supabase/seed.sql`. */
  seed?: boolean;
  /** Run the due jobs every minute, and what else pg_cron does on a hosted project. */
  jobs?: boolean;
  studio?: boolean;
  /** Port of Studio; 0 picks a free one. Default: as far from the gateway's as in config.toml. */
  studioPort?: number;
  /** Build and serve the app of `examples/web`. Default: no. */
  app?: boolean;
  /** Port of the app; 0 picks a free one. Default: that of `site_url` in config.toml, moved as far as the gateway's. */
  appPort?: number;
  functions?: boolean;
  /** Variables of the functions' environment to add or to replace, e.g. a proxy as `SUPABASE_URL`. */
  functionEnvironment?: Readonly<Record<string, string>>;
  /** `postgresql.conf` settings of the cluster. Default: durable with a data directory, fast and unsafe without. */
  clusterSettings?: Readonly<Record<string, string>>;
  /** Port of the database, embedded or a cluster; 0 picks a free one. Default: as far from the gateway's as in config.toml. */
  databasePort?: number;
  /** Gets one line per event worth telling. Default: silence. */
  log?: (line: string) => void;
}

/** A running stack. */
export interface Stack {
  /** Address for `createClient(url, publishableKey)`. */
  url: string;
  publishableKey: string;
  secretKey: string;
  /** `SEALING_KEYS` of the functions: with it a test opens and makes sealed codes and secrets. */
  sealingKeys: string;
  /** `CODE_INDEX_KEY` of the functions. */
  codeIndexKey: string;
  /** `VAPID_PUBLIC_KEY` of the functions: what browsers subscribe to. */
  vapidPublicKey: string;
  /** Takes the e-mails that functions and Auth send. */
  mailbox: Mailbox;
  studioUrl: string | undefined;
  appUrl: string | undefined;
  /** Waits for the app, built or not. */
  appBuilt: Promise<AppState> | undefined;
  /** Connection string of the role that owns the product's objects. */
  databaseUrl: string;
  /** Only on a cluster of our own. */
  superuserUrl: string | undefined;
  /** Only on a cluster of our own: the login role of the API. */
  authenticatorUrl: string | undefined;
  functionNames: string[];
  /** API key of the demo bakery, for trying the function `partner`; only with demo data. */
  demoPartnerKey: string | undefined;
  /**
   * Ends a function's process by force, as a crash would, and waits until it is gone; the next request starts it again.
   * Tells whether there was a process.
   */
  killFunction(name: string): Promise<boolean>;
  /** Runs one statement with full rights, on either database. */
  sql<Row extends object = Record<string, unknown>>(text: string, parameters?: readonly unknown[]): Promise<Row[]>;
  database: StackDatabase;
  /** Stops everything; safe to call twice. */
  stop(): Promise<void>;
}

/** One step of a start, for showing progress. */
export interface StartStep {
  title: string;
  run(report: (detail: string) => void): Promise<void>;
}

/** A start that has been planned: run the steps in order, then take the stack. */
export interface PlannedStart {
  /** Brings the database up: started, prepared, migrated, seeded. */
  databaseSteps: StartStep[];
  /** Everything; the database comes first. */
  steps: StartStep[];
  stack(): Stack;
  /** Undoes what the steps so far have started. */
  abort(): Promise<void>;
}

/**
 * Starts the local stack.
 *
 * @throws StackError with one line that says what to do.
 * @example
 * const stack = await startStack({ dataDir: "memory", port: 0 });
 * const supabase = createClient(stack.url, stack.publishableKey);
 * await stack.stop();
 */
export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const plan = planStart(options);
  try {
    for (const step of plan.steps) await step.run(() => undefined);
    return plan.stack();
  } catch (error) {
    await plan.abort();
    throw error;
  }
}

/** Plans a start without doing anything yet. */
export function planStart(options: StackOptions = {}): PlannedStart {
  const start = new Start(options);
  const forDatabase = databaseSteps(start).map((step) => start.interruptible(step));
  const forServers = serverSteps(start).map((step) => start.interruptible(step));
  return {
    databaseSteps: forDatabase,
    steps: [...forDatabase, ...forServers],
    abort: start.stop,
    stack: () => stackOf(start),
  };
}

function stackOf({ parts, publicUrl, appUrl, databaseUrl, stop }: Start): Stack {
  const { keys, database, functions, mailbox, studio, appBuild, hasDemoPartners } = parts;
  return {
    url: publicUrl,
    publishableKey: keys.publishableKey,
    secretKey: keys.secretKey,
    sealingKeys: keys.sealingKeys,
    codeIndexKey: keys.codeIndexKey,
    vapidPublicKey: keys.vapidKeys.publicKey,
    mailbox,
    appUrl,
    appBuilt: appBuild?.done,
    studioUrl: studio && `http://127.0.0.1:${studio.port}`,
    databaseUrl,
    superuserUrl: database.superuserUrl,
    authenticatorUrl: database.authenticatorUrl,
    get functionNames() {
      return functions?.names ?? [];
    },
    demoPartnerKey: hasDemoPartners ? demoPartnerKey(keys, DEMO_PARTNERS.bakery) : undefined,
    killFunction: async (name) => (await functions?.kill(name)) ?? false,
    sql: (text, parameters) => database.admin.query(text, parameters),
    database,
    stop,
  };
}
