import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lockData } from "./data-lock.ts";
import { openCluster, THROWAWAY_SETTINGS } from "./database/cluster.ts";
import { IN_MEMORY, openEmbeddedDatabase } from "./database/embedded.ts";
import { isPortFree } from "./database/free-port.ts";
import { migrate } from "./database/migrate.ts";
import { reachableDirectory } from "./database/os-user.ts";
import { openClusterDatabase, openServerDatabase } from "./database/server.ts";
import type { StackDatabase } from "./database/stack-database.ts";
import { DEMO_PARTNERS } from "./demo.ts";
import { createDemoCodeService } from "./demo-code-service.ts";
import { demoConnectionSecret, demoPartnerKey, prepareDemoPartners } from "./demo-partners.ts";
import { functionEnvironment } from "./functions/environment.ts";
import { FunctionHost } from "./functions/host.ts";
import { createGateway } from "./gateway/gateway.ts";
import { Tokens } from "./gateway/tokens.ts";
import { generateKeys, loadKeys, type StackKeys } from "./keys.ts";
import { type Listener, listen, portInUse } from "./listen.ts";
import { Mailbox } from "./mailbox.ts";
import { paths } from "./paths.ts";
import { type ApiServers, startApiServers } from "./rest/servers.ts";
import { startScheduler } from "./scheduler.ts";
import { seed } from "./seed.ts";
import { readSettings } from "./settings.ts";
import { StackError } from "./stack-error.ts";
import { createStudio } from "./studio/studio.ts";

export interface StackOptions {
  /** `embedded` (PGlite), `cluster` (a server of our own from the machine's binaries) or the URL of a server. */
  database?: "embedded" | "cluster" | { url: string };
  /** Where data and keys live; `memory` keeps nothing (a cluster then uses a temporary directory). */
  dataDir?: string;
  /** Port of the gateway; 0 picks a free one. Default: `[api].port` of config.toml. */
  port?: number;
  /** Deletes the data first. */
  fresh?: boolean;
  /** Folder of migrations. */
  migrations?: string;
  /** Folder of functions. */
  functionsRoot?: string;
  /** Run `supabase/seed.sql`. */
  seed?: boolean;
  /** Run the due jobs every minute, and what else pg_cron does on a hosted project. */
  jobs?: boolean;
  studio?: boolean;
  /** Port of Studio; 0 picks a free one. Default: `[studio].port` of config.toml. */
  studioPort?: number;
  functions?: boolean;
  /** Variables of the functions' environment to add or to replace, e.g. a proxy as `SUPABASE_URL`. */
  functionEnvironment?: Readonly<Record<string, string>>;
  /** `postgresql.conf` settings of the cluster. Default: durable with a data directory, fast and unsafe without. */
  clusterSettings?: Readonly<Record<string, string>>;
  /** Port of the cluster; 0 picks a free one. Default: 0. */
  clusterPort?: number;
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
  /** Takes the e-mails that the functions send; none without functions. */
  mailbox: Mailbox | undefined;
  studioUrl: string | undefined;
  /** Connection string of the role that owns the product's objects; none on the embedded database. */
  databaseUrl: string | undefined;
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
  const log = options.log ?? (() => undefined);
  const settings = readSettings();
  const dataDir = options.dataDir ?? paths.local;
  const inMemory = dataDir === IN_MEMORY;
  const port = options.port ?? settings.api.port;
  const studioPort = options.studioPort ?? (options.port === 0 ? 0 : settings.studio.port);
  const withStudio = options.studio ?? true;
  const withSeed = options.seed ?? true;

  const closers: (() => Promise<void> | void)[] = [];
  let keys: StackKeys;
  let database: StackDatabase;
  let servers: ApiServers;
  let functions: FunctionHost | undefined;
  let mailbox: Mailbox | undefined;
  let gateway: Listener;
  let studio: Listener | undefined;
  let tokens: Tokens;
  let hasDemoPartners = false;

  const publicUrl = () => `http://127.0.0.1:${gateway.port}`;
  const callFunction = (name: string, signal: AbortSignal) =>
    functions?.names.includes(name)
      ? fetch(`${publicUrl()}/functions/v1/${name}`, { method: "POST", headers: { apikey: keys.secretKey }, signal })
      : undefined;

  const databaseSteps: StartStep[] = [
    {
      title: "Ports and keys",
      async run() {
        await requirePort(port, PORT_HINT);
        if (withStudio) await requirePort(studioPort, STUDIO_PORT_HINT);
        if (!inMemory) closers.push(lockData(join(dataDir, "stack.lock")));
        keys = inMemory ? generateKeys() : loadKeys(join(dataDir, "keys.json"));
        tokens = new Tokens(keys.jwtSecret);
      },
    },
    {
      title: databaseTitle(options.database),
      async run() {
        database = await openDatabase(options, dataDir, keys);
        closers.push(() => database.close());
      },
    },
    {
      title: "Migrations",
      async run(report) {
        const directory = options.migrations ?? paths.migrations;
        await database.asOwner((session) =>
          migrate(session, { directory, onFile: (file, position, total) => report(`${position}/${total} ${file}`) }),
        );
      },
    },
    {
      title: "Seed data",
      async run() {
        if (!withSeed) return;
        const changed = await database.asOwner((session) => seed(session, settings.seedFiles));
        for (const file of changed) log(`${file} changed since it was applied: run npm start -- --fresh to apply it`);
      },
    },
  ];

  const serverSteps: StartStep[] = [
    {
      title: "REST and Auth",
      async run() {
        servers = await startApiServers(database, settings, keys);
      },
    },
    {
      title: "Functions",
      async run(report) {
        if (options.functions === false) return;
        const mails = await Mailbox.open();
        closers.push(() => mails.close());
        mailbox = mails;
        const surroundings = () => ({
          publicUrl: publicUrl(),
          databaseUrl: database.url,
          appUrl: settings.auth.site_url,
          smtpPort: mails.port,
        });
        const host = new FunctionHost({
          root: options.functionsRoot ?? paths.functions,
          settings,
          tokens,
          environment: () => ({
            ...functionEnvironment(surroundings(), keys, tokens),
            ...options.functionEnvironment,
          }),
          log,
        });
        closers.push(() => host.close());
        await host.cacheDependencies(report);
        host.watchSources();
        functions = host;
      },
    },
    {
      title: "Gateway",
      async run() {
        const demoCodeService = withSeed ? createDemoCodeService(demoConnectionSecret(keys)) : undefined;
        const app = createGateway({ servers, functions, mailbox, demoCodeService, keys, tokens, publicUrl, log });
        gateway = await listen(app, port, PORT_HINT);
        closers.push(() => gateway.close());
      },
    },
    {
      title: "Demo partners",
      async run() {
        if (withSeed) hasDemoPartners = await prepareDemoPartners(database, keys, publicUrl());
      },
    },
    {
      title: "Studio",
      async run() {
        if (!withStudio) return;
        let ownPort = studioPort;
        const app = await createStudio(database, settings, keys, () => ownPort);
        const listener = await listen(app, studioPort, STUDIO_PORT_HINT);
        ownPort = listener.port;
        closers.push(() => listener.close());
        studio = listener;
      },
    },
    {
      title: "Scheduler",
      async run() {
        if (options.jobs === false) return;
        closers.push(startScheduler({ database, log, callFunction }));
      },
    },
  ];

  let running: Promise<void> = Promise.resolve();
  let stopped: Promise<void> | undefined;
  const stop = () => {
    // What a step is just opening can only be closed when it is open.
    stopped ??= running.then(
      () => closeAll(closers),
      () => closeAll(closers),
    );
    return stopped;
  };
  const interruptible = (step: StartStep): StartStep => ({
    title: step.title,
    run(report) {
      if (stopped !== undefined) throw new StackError("the start was interrupted");
      running = step.run(report);
      return running;
    },
  });
  return {
    databaseSteps: databaseSteps.map(interruptible),
    steps: [...databaseSteps, ...serverSteps].map(interruptible),
    abort: stop,
    stack: () => ({
      url: publicUrl(),
      publishableKey: keys.publishableKey,
      secretKey: keys.secretKey,
      sealingKeys: keys.sealingKeys,
      codeIndexKey: keys.codeIndexKey,
      vapidPublicKey: keys.vapidKeys.publicKey,
      mailbox,
      studioUrl: studio && `http://127.0.0.1:${studio.port}`,
      databaseUrl: database.url,
      superuserUrl: database.superuserUrl,
      authenticatorUrl: database.authenticatorUrl,
      functionNames: functions?.names ?? [],
      demoPartnerKey: hasDemoPartners ? demoPartnerKey(keys, DEMO_PARTNERS.bakery) : undefined,
      killFunction: async (name) => (await functions?.kill(name)) ?? false,
      sql: (text, parameters) => database.admin.query(text, parameters),
      database,
      stop,
    }),
  };
}

const PORT_HINT = "start with --port N";
const STUDIO_PORT_HINT = "start with --studio-port N or --no-studio";

async function requirePort(port: number, hint: string): Promise<void> {
  if (port !== 0 && !(await isPortFree(port))) throw portInUse(port, hint);
}

function databaseTitle(database: StackOptions["database"]): string {
  if (database === "cluster") return "PostgreSQL from this machine";
  return typeof database === "object" ? "PostgreSQL at DATABASE_URL" : "PostgreSQL (embedded)";
}

async function openDatabase(options: StackOptions, dataDir: string, keys: StackKeys): Promise<StackDatabase> {
  const { database = "embedded", fresh = false } = options;
  if (typeof database === "object") {
    if (fresh) throw new StackError("--fresh does not empty a DATABASE_URL: use npm run db:reset for that");
    return openServerDatabase(database.url);
  }
  if (database === "cluster") return openOwnCluster(options, dataDir, keys);
  if (dataDir === IN_MEMORY) return openEmbeddedDatabase(IN_MEMORY);
  const directory = join(dataDir, "embedded");
  if (fresh) rmSync(directory, { recursive: true, force: true });
  return openEmbeddedDatabase(directory);
}

async function openOwnCluster(options: StackOptions, dataDir: string, keys: StackKeys): Promise<StackDatabase> {
  const isThrowaway = dataDir === IN_MEMORY;
  const directory = isThrowaway
    ? join(tmpdir(), `nh-cluster-${randomBytes(6).toString("hex")}`)
    : reachableDirectory(join(dataDir, "cluster"));
  const cluster = await openCluster({
    directory,
    fresh: options.fresh ?? false,
    password: keys.databasePassword,
    settings: options.clusterSettings ?? (isThrowaway ? THROWAWAY_SETTINGS : {}),
    ...(options.clusterPort === undefined ? {} : { port: options.clusterPort }),
  });
  const database = await openClusterDatabase(cluster, keys.databasePassword);
  if (!isThrowaway) return database;
  return {
    ...database,
    async close() {
      await database.close();
      await cluster.destroy();
    },
  };
}

/** Closes in the reverse order of opening; one failure does not keep the rest open. */
async function closeAll(closers: (() => Promise<void> | void)[]): Promise<void> {
  const errors: unknown[] = [];
  for (const close of closers.reverse()) {
    try {
      await close();
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) throw new AggregateError(errors, "the stack did not stop cleanly");
}
