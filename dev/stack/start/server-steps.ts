import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AppConfig } from "../../../examples/web/config-file.ts";
import { leaveAddress } from "../addresses.ts";
import { buildApp, reasonIn } from "../app/build.ts";
import { createAppServer } from "../app/server.ts";
import { IN_MEMORY } from "../database/embedded.ts";
import { createDemoCodeService } from "../demo-code-service.ts";
import { demoConnectionSecret, prepareDemoPartners } from "../demo-partners.ts";
import { openDoor } from "../door/door.ts";
import { functionEnvironment } from "../functions/environment.ts";
import { FunctionHost } from "../functions/host.ts";
import { createGateway } from "../gateway/gateway.ts";
import { listen } from "../listen.ts";
import { Mailbox } from "../mailbox.ts";
import { startReloading } from "../reload/reload.ts";
import { AuthMails } from "../rest/auth-mails.ts";
import { startApiServers } from "../rest/servers.ts";
import { startScheduler } from "../scheduler.ts";
import type { StartStep } from "../start-stack.ts";
import { createStudio } from "../studio/studio.ts";
import type { Start } from "./start.ts";

/** Starts everything that stands before the database. */
export function serverSteps(start: Start): StartStep[] {
  return [
    { title: "App", run: () => serveApp(start) },
    { title: "Database port", run: () => openDatabasePort(start) },
    { title: "REST, Auth and Storage", run: () => startApi(start) },
    { title: "Functions", run: (report) => startFunctions(start, report) },
    { title: "Gateway", run: () => startGateway(start) },
    { title: "Demo partners", run: () => introduceDemoPartners(start) },
    { title: "Studio", run: () => startStudio(start) },
    { title: "Scheduler", run: () => startJobs(start) },
    { title: "Reloading", run: () => startReloading(start) },
  ];
}

/** First, because its address stands in e-mails; what it is built of takes its time beside the other steps. */
async function serveApp(start: Start): Promise<void> {
  const { options, parts, ports, log } = start;
  if (options.app !== true) return;
  let ownPort = ports.app;
  const build = buildApp();
  start.onStop(() => build.stop());
  parts.appBuild = build;
  const app = createAppServer({ state: () => build.state, config: () => appConfig(start), port: () => ownPort });
  parts.app = await listen(app, ownPort, "app");
  ownPort = parts.app.port;
  start.onStop(() => parts.app?.close());
  void build.done.then((state) => {
    if (state.kind === "failed")
      log(`✖ the app could not be built, and the rest runs without it: ${reasonIn(state.output)}`);
  });
}

/** What the app reads when it opens; undefined as long as there is no gateway to name. */
function appConfig(start: Start): AppConfig | undefined {
  const { keys, gateway } = start.parts;
  return (
    gateway && {
      supabase_url: start.publicUrl,
      publishable_key: keys.publishableKey,
      vapid_public_key: keys.vapidKeys.publicKey,
      map_style: process.env["VITE_MAP_STYLE"] ?? "",
    }
  );
}

async function openDatabasePort(start: Start): Promise<void> {
  const { parts, ports, dataDir, log } = start;
  if (parts.database.kind === "embedded") {
    const password = parts.keys.databasePassword;
    const door = await openDoor(parts.database, { port: ports.database, password, log });
    start.onStop(() => door.close());
    parts.door = door;
  }
  if (start.ownsDatabase && dataDir !== IN_MEMORY) start.onStop(leaveAddress(dataDir, "database", start.databaseUrl));
}

async function startApi(start: Start): Promise<void> {
  const { parts, settings } = start;
  const mailbox = await Mailbox.open();
  start.onStop(() => mailbox.close());
  parts.mailbox = mailbox;
  const mails = new AuthMails(mailbox, settings.auth.site_url, () => start.publicUrl);
  parts.servers = await startApiServers(parts.database, settings, parts.keys, mails, fileFolder(start));
}

/** Where Storage keeps files; of a stack in memory they go with it. */
function fileFolder(start: Start): string {
  if (start.dataDir !== IN_MEMORY) return start.storageFolder;
  const folder = mkdtempSync(join(tmpdir(), "neighbourhood-storage-"));
  start.onStop(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function startFunctions(start: Start, report: (detail: string) => void): Promise<void> {
  const { options, parts, settings, log } = start;
  if (options.functions === false) return;
  const { keys, tokens, mailbox } = parts;
  const surroundings = () => ({
    publicUrl: start.publicUrl,
    databaseUrl: start.databaseUrl,
    appUrl: settings.auth.site_url,
    smtpPort: mailbox.port,
  });
  const host = new FunctionHost({
    root: options.functionsRoot ?? join(start.supabase, "functions"),
    configToml: join(start.supabase, "config.toml"),
    tokens,
    environment: () => ({ ...functionEnvironment(surroundings(), keys, tokens), ...options.functionEnvironment }),
    log,
  });
  start.onStop(() => host.close());
  await host.cacheDependencies(report);
  await host.watchSources();
  parts.functions = host;
}

async function startGateway(start: Start): Promise<void> {
  const { options, parts, log } = start;
  const { servers, functions, mailbox, keys, tokens } = parts;
  const demoCodeService = options.seed === false ? undefined : createDemoCodeService(demoConnectionSecret(keys));
  const app = createGateway({ servers, functions, mailbox, demoCodeService, keys, tokens, log });
  const gateway = await listen(app, start.ports.api, "api");
  start.onStop(() => gateway.close());
  parts.gateway = gateway;
  if (start.dataDir !== IN_MEMORY) start.onStop(leaveAddress(start.dataDir, "api", start.publicUrl));
}

async function introduceDemoPartners({ options, parts, publicUrl }: Start): Promise<void> {
  if (options.seed === false) return;
  parts.hasDemoPartners = await prepareDemoPartners(parts.database, parts.keys, publicUrl);
}

async function startStudio(start: Start): Promise<void> {
  const { options, parts, settings } = start;
  if (options.studio === false) return;
  let ownPort = start.ports.studio;
  const { app, refresh } = await createStudio(parts.database, settings, parts.keys, () => ownPort);
  parts.refreshStudio = refresh;
  const studio = await listen(app, start.ports.studio, "studio");
  ownPort = studio.port;
  start.onStop(() => studio.close());
  parts.studio = studio;
}

async function startJobs(start: Start): Promise<void> {
  const { options, parts, log } = start;
  if (options.jobs === false) return;
  const { functions, keys, database } = parts;
  const callFunction = (name: string, signal: AbortSignal) =>
    functions?.names.includes(name)
      ? fetch(`${start.publicUrl}/functions/v1/${name}`, {
          method: "POST",
          headers: { apikey: keys.secretKey },
          signal,
        })
      : undefined;
  start.onStop(startScheduler({ database, log, callFunction }));
}
