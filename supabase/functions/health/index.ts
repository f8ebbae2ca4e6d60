import { callAnonymousRpc, projectEnvironment } from "../_shared/clients.ts";
import { consoleLog } from "../_shared/log.ts";
import { createHandler } from "./handler.ts";

const project = projectEnvironment((name) => Deno.env.get(name));

export default {
  fetch: createHandler({
    readApiVersion: async (signal) => String(await callAnonymousRpc(project, "get_api_version", signal)),
    now: () => new Date(),
    log: consoleLog,
  }),
};
