import { requireSecretKey } from "../_shared/callers.ts";
import { createDatabase } from "../_shared/database.ts";
import { consoleLog } from "../_shared/log.ts";
import { createOutbound } from "../_shared/outbound.ts";
import { secretKeys, serviceProject } from "../_shared/project.ts";
import { openChannels } from "./channels.ts";
import { createHandler } from "./handler.ts";

const read = (name: string) => Deno.env.get(name);
const project = serviceProject(read);

export default {
  fetch: createHandler({
    authenticate: (request) => requireSecretKey(request, { secretKeys: secretKeys(read) }),
    database: createDatabase(project),
    channels: await openChannels(read, {
      projectUrl: project.url,
      outbound: createOutbound({ allowLoopback: read("OUTBOUND_LOOPBACK") === "allow" }),
      log: consoleLog,
    }),
    now: () => new Date(),
    log: consoleLog,
  }),
};
