import { paths } from "../../base/paths.ts";
import { createDemoCodeService } from "../demo-code-service.ts";
import { demoConnectionSecret, prepareDemoPartners } from "../demo-partners.ts";
import { functionEnvironment } from "../functions/environment.ts";
import { FunctionHost } from "../functions/host.ts";
import { createGateway } from "../gateway/gateway.ts";
import { listen } from "../listen.ts";
import { Mailbox } from "../mailbox.ts";
import { AuthMails } from "../rest/auth-mails.ts";
import { startApiServers } from "../rest/servers.ts";
import { startScheduler } from "../scheduler.ts";
import type { StartStep } from "../start-stack.ts";
import { createStudio } from "../studio/studio.ts";
import { PORT_HINT, STUDIO_PORT_HINT } from "./ports.ts";
import type { Start } from "./start.ts";

/** Starts everything that stands before the database. */
export function serverSteps(start: Start): StartStep[] {
  return [
    { title: "REST and Auth", run: () => startApi(start) },
    { title: "Functions", run: (report) => startFunctions(start, report) },
    { title: "Gateway", run: () => startGateway(start) },
    { title: "Demo partners", run: () => introduceDemoPartners(start) },
    { title: "Studio", run: () => startStudio(start) },
    { title: "Scheduler", run: () => startJobs(start) },
  ];
}

async function startApi(start: Start): Promise<void> {
  const { parts, settings } = start;
  const mailbox = await Mailbox.open();
  start.onStop(() => mailbox.close());
  parts.mailbox = mailbox;
  const mails = new AuthMails(mailbox, settings.auth.site_url, () => start.publicUrl);
  parts.servers = await startApiServers(parts.database, settings, parts.keys, mails);
}

async function startFunctions(start: Start, report: (detail: string) => void): Promise<void> {
  const { options, parts, settings, log } = start;
  if (options.functions === false) return;
  const { keys, tokens, database, mailbox } = parts;
  const surroundings = () => ({
    publicUrl: start.publicUrl,
    databaseUrl: database.url,
    appUrl: settings.auth.site_url,
    smtpPort: mailbox.port,
  });
  const host = new FunctionHost({
    root: options.functionsRoot ?? paths.functions,
    settings,
    tokens,
    environment: () => ({ ...functionEnvironment(surroundings(), keys, tokens), ...options.functionEnvironment }),
    log,
  });
  start.onStop(() => host.close());
  await host.cacheDependencies(report);
  host.watchSources();
  parts.functions = host;
}

async function startGateway(start: Start): Promise<void> {
  const { options, parts, log } = start;
  const { servers, functions, mailbox, keys, tokens } = parts;
  const demoCodeService = options.seed === false ? undefined : createDemoCodeService(demoConnectionSecret(keys));
  const app = createGateway({ servers, functions, mailbox, demoCodeService, keys, tokens, log });
  const gateway = await listen(app, start.port, PORT_HINT);
  start.onStop(() => gateway.close());
  parts.gateway = gateway;
}

async function introduceDemoPartners({ options, parts, publicUrl }: Start): Promise<void> {
  if (options.seed === false) return;
  parts.hasDemoPartners = await prepareDemoPartners(parts.database, parts.keys, publicUrl);
}

async function startStudio(start: Start): Promise<void> {
  const { options, parts, settings } = start;
  if (options.studio === false) return;
  let ownPort = start.studioPort;
  const app = await createStudio(parts.database, settings, parts.keys, () => ownPort);
  const studio = await listen(app, start.studioPort, STUDIO_PORT_HINT);
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
