import { requireSecretKey } from "../_shared/callers.ts";
import { createDatabase } from "../_shared/database.ts";
import { consoleLog } from "../_shared/log.ts";
import { createOutbound } from "../_shared/outbound.ts";
import { createPartnerCodes } from "../_shared/partner-codes.ts";
import { secretKeys, serviceProject } from "../_shared/project.ts";
import { createSealer } from "../_shared/sealing.ts";
import { createHandler } from "./handler.ts";

const read = (name: string) => Deno.env.get(name);
const database = createDatabase(serviceProject(read));
const now = () => new Date();

export default {
  fetch: createHandler({
    authenticate: (request) => requireSecretKey(request, { secretKeys: secretKeys(read) }),
    database,
    askPartner: createPartnerCodes({
      database,
      sealer: await createSealer(read),
      outbound: createOutbound({ allowLoopback: read("OUTBOUND_LOOPBACK") === "allow" }),
      now,
      log: consoleLog,
    }),
    now,
    log: consoleLog,
  }),
};
