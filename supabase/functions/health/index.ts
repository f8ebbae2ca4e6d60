import { createDatabase } from "../_shared/database.ts";
import { consoleLog } from "../_shared/log.ts";
import { anonymousProject } from "../_shared/project.ts";
import { createHandler } from "./handler.ts";

const database = createDatabase(anonymousProject((name) => Deno.env.get(name)));

export default {
  fetch: createHandler({
    readApiVersion: (signal) => database.call("get_api_version", {}, { signal }),
    now: () => new Date(),
    log: consoleLog,
  }),
};
