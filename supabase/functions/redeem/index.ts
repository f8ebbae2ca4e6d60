import { requireMember } from "../_shared/callers.ts";
import { createDatabase } from "../_shared/database.ts";
import { consoleLog } from "../_shared/log.ts";
import { createOutbound } from "../_shared/outbound.ts";
import { createPartnerCodes } from "../_shared/partner-codes.ts";
import { serviceProject } from "../_shared/project.ts";
import { createSealer } from "../_shared/sealing.ts";
import { createHandler } from "./handler.ts";

/** A member waits at most this long for a partner; then the code comes later. */
const PARTNER_TIMEOUT_MS = 7_500;

const read = (name: string) => Deno.env.get(name);
const database = createDatabase(serviceProject(read));
const sealer = await createSealer(read);

export default {
  fetch: createHandler({
    authenticate: requireMember,
    database,
    sealer,
    askPartner: createPartnerCodes({
      database,
      sealer,
      outbound: createOutbound({ allowLoopback: read("OUTBOUND_LOOPBACK") === "allow" }),
      now: () => new Date(),
      log: consoleLog,
      timeoutMs: PARTNER_TIMEOUT_MS,
    }),
    log: consoleLog,
  }),
};
