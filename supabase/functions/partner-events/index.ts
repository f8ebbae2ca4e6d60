import { createDatabase } from "../_shared/database.ts";
import { consoleLog } from "../_shared/log.ts";
import { serviceProject } from "../_shared/project.ts";
import { createSealer } from "../_shared/sealing.ts";
import { createHandler } from "./handler.ts";

const read = (name: string) => Deno.env.get(name);

export default {
  fetch: createHandler({
    database: createDatabase(serviceProject(read)),
    sealer: await createSealer(read),
    log: consoleLog,
  }),
};
