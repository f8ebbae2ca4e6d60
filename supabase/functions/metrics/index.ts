import { requireSecretKey } from "../_shared/callers.ts";
import { createDatabase } from "../_shared/database.ts";
import { consoleLog } from "../_shared/log.ts";
import { secretKeys, serviceProject } from "../_shared/project.ts";
import { createHandler } from "./handler.ts";

const read = (name: string) => Deno.env.get(name);

export default {
  fetch: createHandler({
    authenticate: (request) => requireSecretKey(request, { secretKeys: secretKeys(read) }),
    database: createDatabase(serviceProject(read)),
    log: consoleLog,
  }),
};
