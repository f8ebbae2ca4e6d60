import { createDatabase } from "../_shared/database.ts";
import { consoleLog } from "../_shared/log.ts";
import { createOutbound } from "../_shared/outbound.ts";
import { serviceProject } from "../_shared/project.ts";
import { createSealer } from "../_shared/sealing.ts";
import { createHandler } from "./handler.ts";

const read = (name: string): string | undefined => Deno.env.get(name);
const project = serviceProject(read);

export default {
  fetch: createHandler({
    database: createDatabase(project),
    sealer: await createSealer(read),
    outbound: createOutbound({ allowLoopback: read("OUTBOUND_LOOPBACK") === "allow" }),
    serverUrl: `${project.url}/functions/v1/partner`,
    log: consoleLog,
  }),
};
