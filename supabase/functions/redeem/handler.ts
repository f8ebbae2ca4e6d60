/**
 * Points become a code: a member redeems a reward, looks at the code again, or gives it back unused.
 *
 * The database decides about price, points, stock and limits in one transaction. Only where a partner makes the code
 * something happens outside of it: the points are reserved, the partner is asked, and what it said is recorded. Whatever
 * goes wrong between these steps, the redemption stays pending, and `sweep-redemptions` brings it to an end.
 *
 * @module
 */
import { type Context, Hono } from "hono";
import { renderSVG } from "uqr";
import { checkedInput, readJson } from "../_shared/body.ts";
import { generateCode, printCode } from "../_shared/codes.ts";
import { redeemInput, redemptionRef } from "../_shared/contracts/redemptions.ts";
import type { Database } from "../_shared/database.ts";
import type { Log } from "../_shared/log.ts";
import type { AskPartner, PartnerRequest, RedemptionRow, SealedRedemption } from "../_shared/partner-codes.ts";
import { reasonOf } from "../_shared/problem.ts";
import type { Sealer } from "../_shared/sealing.ts";
import { type Handler, type ShellEnv, serve } from "../_shared/serve.ts";

/** What the handler needs from outside. */
export interface RedeemDependencies {
  /** The id of the member who sent the request; rejects with `not_signed_in`. */
  authenticate: (request: Request) => Promise<string>;
  database: Database;
  sealer: Sealer;
  /** Must come back before the member loses patience, with or without a code. */
  askPartner: AskPartner;
  log: Log;
}

/** The database's answer to a wish to redeem. */
interface BegunRedemption extends SealedRedemption {
  /** Null where nobody is to be asked. */
  readonly request: PartnerRequest | null;
}

/** A redemption request is a few hundred bytes. */
const MAX_BODY_BYTES = 4 * 1024;
/** A code that was given back or ended must not be shown at a till by mistake. */
const STATUSES_WITH_CODE: readonly RedemptionRow["status"][] = ["active", "used"];
/** Quiet zone and error correction that cheap scanners and scratched screens need. */
const QR_OPTIONS = { ecc: "M", border: 4 } as const;

/** Makes the handler of `POST /redeem`, `GET /redeem/{id}` and `POST /redeem/{id}/return`. */
export function createHandler(dependencies: RedeemDependencies): Handler {
  const { authenticate: caller, database, sealer, log } = dependencies;

  /** Names a redemption of the caller. */
  const refOf = (context: Context<ShellEnv<string>>) => ({
    member_id: context.get("caller"),
    ...checkedInput(redemptionRef, { redemption_id: context.req.param("id") }),
  });

  const routes = new Hono<ShellEnv<string>>()
    .post("/", async ({ req, get }) => {
      const input = checkedInput(redeemInput, await readJson(req.raw, { maxBytes: MAX_BODY_BYTES }));
      const redeemed = await redeem({ ...input, member_id: get("caller") }, dependencies);
      return answer(statusOf(redeemed.redemption), redeemed, sealer);
    })
    .get("/:id", async (context) => answer(200, await database.call("read_redemption", refOf(context)), sealer))
    .post("/:id/return", async (context) => {
      const { redemption }: SealedRedemption = await database.call("return_redemption", refOf(context));
      return answer(200, { redemption, code_ciphertext: null }, sealer);
    });
  return serve("redeem", routes, { caller, log });
}

async function redeem(
  wish: { member_id: string; reward_id: string; expected_points: number; idempotency_key: string },
  dependencies: RedeemDependencies,
): Promise<SealedRedemption> {
  const { database, sealer, log } = dependencies;
  // Made for every request, needed or not: so a generated code and its payment are one transaction.
  const code = generateCode();
  const begun: BegunRedemption = await database.call("begin_redemption", {
    ...wish,
    code_hash: await sealer.codeHash(code),
    code_ciphertext: await sealer.seal("code", code),
  });
  if (begun.request === null) return begun;
  // From here on the points are reserved, so a mishap is no error: the member holds a pending redemption.
  try {
    const { redemption, codeCiphertext } = await dependencies.askPartner(begun.request);
    if (redemption.status !== "active" || codeCiphertext !== null) {
      return { redemption, code_ciphertext: codeCiphertext };
    }
    // The code came by another way while the partner was asked.
    return await database.call("read_redemption", { member_id: wish.member_id, redemption_id: redemption.id });
  } catch (error) {
    const { redemption_id } = begun.request;
    log("error", "partner could not be asked", { redemption_id, reason: reasonOf(error) });
    return begun;
  }
}

function statusOf({ status }: RedemptionRow): number {
  if (status === "pending") return 202;
  return status === "failed" ? 200 : 201;
}

/** The contract `redeemAnswer`. */
async function answer(
  status: number,
  { redemption, code_ciphertext }: SealedRedemption,
  sealer: Sealer,
): Promise<Response> {
  const isShown = code_ciphertext !== null && STATUSES_WITH_CODE.includes(redemption.status);
  const code = isShown ? printCode(await sealer.open("code", code_ciphertext)) : null;
  return Response.json({ redemption, code, qr: code === null ? null : renderSVG(code, QR_OPTIONS) }, { status });
}
