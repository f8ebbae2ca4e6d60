import { createDatabase } from "../_shared/database.ts";
import { consoleLog } from "../_shared/log.ts";
import { anonymousProject, serviceProject } from "../_shared/project.ts";
import { createHandler, type Readiness } from "./handler.ts";
import { NEWEST_MIGRATION } from "./migration.ts";

const read = (name: string) => Deno.env.get(name);
const database = createDatabase(anonymousProject(read));
const service = createDatabase(serviceProject(read));

export default {
  fetch: createHandler({
    readApiVersion: (signal) => database.call("get_api_version", {}, { signal }),
    readReadiness: (signal) => service.call<"read_readiness", Readiness>("read_readiness", {}, { signal }),
    newestMigration: NEWEST_MIGRATION,
    unusedQueues: [...(read("SMTP_HOST") ? [] : ["email"]), ...(read("VAPID_SUBJECT") ? [] : ["web_push"])],
    now: () => new Date(),
    log: consoleLog,
  }),
};
