/**
 * Brings redemptions that wait for a partner's code to an end: asks again, with the same key, until the partner has
 * answered or the database has given up and refunded. Called every minute.
 *
 * @module
 */
import { Hono } from "hono";
import type { Database } from "../_shared/database.ts";
import { drain } from "../_shared/drain.ts";
import type { Log } from "../_shared/log.ts";
import type { AskPartner, PartnerReply, PartnerRequest } from "../_shared/partner-codes.ts";
import { reasonOf } from "../_shared/problem.ts";
import { type Handler, type ShellEnv, serve } from "../_shared/serve.ts";

/** What the handler needs from outside. */
export interface SweepDependencies {
  /** Rejects callers without a secret key. */
  authenticate: (request: Request) => Promise<void>;
  database: Database;
  askPartner: AskPartner;
  now: () => Date;
  log: Log;
}

/** Body of the answer: how many partners were asked, and what became of it. */
export interface SweepReport {
  asked: number;
  attached: number;
  refused: number;
  failed: number;
  waiting: number;
}

/** Partners asked at once. */
const SLOTS = 12;

/** Makes the handler of `POST /functions/v1/sweep-redemptions`. */
export function createHandler(dependencies: SweepDependencies): Handler {
  const routes = new Hono<ShellEnv<void>>().post("/", async ({ json }) => json(await sweep(dependencies)));
  return serve("sweep-redemptions", routes, { caller: dependencies.authenticate, log: dependencies.log });
}

async function sweep(dependencies: SweepDependencies): Promise<SweepReport> {
  const { database, now } = dependencies;
  const counts = { attached: 0, refused: 0, failed: 0, waiting: 0 };
  const requests = {
    slots: SLOTS,
    key: "redemption_id",
    claim: (batch: number, under_way: readonly string[]): Promise<PartnerRequest[]> =>
      database.call("claim_partner_requests", { batch, under_way }),
    attempt: async (request: PartnerRequest) => {
      counts[await askOne(request, dependencies)] += 1;
    },
  } as const;
  return { asked: await drain([requests], { now }), ...counts };
}

async function askOne(
  request: PartnerRequest,
  { askPartner, log }: SweepDependencies,
): Promise<PartnerReply["outcome"]> {
  try {
    return (await askPartner(request)).outcome;
  } catch (error) {
    // Its lease ends, and then it is asked again.
    log("error", "partner could not be asked", { redemption_id: request.redemption_id, reason: reasonOf(error) });
    return "waiting";
  }
}
