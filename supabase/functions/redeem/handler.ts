/**
 * Points become a code: a member redeems a reward, looks at the code again, or gives it back unused.
 *
 * The database decides about price, points, stock and limits in one transaction. Only where a partner makes the code
 * something happens outside of it: the points are reserved, the partner is asked, and what it said is recorded. Whatever
 * goes wrong between these steps, the redemption stays pending, and `sweep-redemptions` brings it to an end.
 *
 * @module
 */
import { renderSVG } from "uqr";
import { checkedInput, readJson } from "../_shared/body.ts";
import { generateCode, printCode } from "../_shared/codes.ts";
import { type RedeemAnswer, redeemInput, redemptionRef } from "../_shared/contracts/redemptions.ts";
import type { Database } from "../_shared/database.ts";
import { jsonResponse, methodNotAllowed, preflightResponse, requestIdOf } from "../_shared/http.ts";
import { camelKeys } from "../_shared/keys.ts";
import type { Log } from "../_shared/log.ts";
import type { AskPartner, PartnerRequest, RedemptionRow } from "../_shared/partner-codes.ts";
import { Problem, problemResponse, reasonOf } from "../_shared/problem.ts";
import type { Sealer } from "../_shared/sealing.ts";

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

/** A redemption with its code, as the database keeps it. */
interface SealedRedemption {
  redemption: RedemptionRow;
  code_ciphertext: string | null;
}

interface Route {
  method: "GET" | "POST";
  answer: (request: Request, memberId: string) => Promise<Response>;
}

/** A redemption request is a few hundred bytes. */
const MAX_BODY_BYTES = 4 * 1024;
/** A code that was given back or ended must not be shown at a till by mistake. */
const STATUSES_WITH_CODE: readonly RedemptionRow["status"][] = ["active", "used"];
/** Quiet zone and error correction that cheap scanners and scratched screens need. */
const QR_OPTIONS = { ecc: "M", border: 4 } as const;

/** Makes the handler of `POST /redeem`, `GET /redeem/{id}` and `POST /redeem/{id}/return`. */
export function createHandler(dependencies: RedeemDependencies): (request: Request) => Promise<Response> {
  return async (request) => {
    const requestId = requestIdOf(request);
    try {
      const route = findRoute(new URL(request.url).pathname, dependencies);
      if (route === undefined) throw new Problem("route_not_found");
      if (request.method === "OPTIONS") return preflightResponse([route.method]);
      if (request.method !== route.method) return methodNotAllowed(request.method, [route.method], requestId);
      return await route.answer(request, await dependencies.authenticate(request));
    } catch (error) {
      return problemResponse(error, requestId, dependencies.log);
    }
  };
}

function findRoute(path: string, dependencies: RedeemDependencies): Route | undefined {
  const [, , redemptionId, action, ...rest] = path.replace(/\/$/u, "").split("/");
  if (rest.length > 0) return undefined;
  if (redemptionId === undefined) {
    return { method: "POST", answer: (request, memberId) => redeem(request, memberId, dependencies) };
  }
  if (action === undefined) {
    return { method: "GET", answer: (_request, memberId) => readRedemption(redemptionId, memberId, dependencies) };
  }
  if (action !== "return") return undefined;
  return { method: "POST", answer: (_request, memberId) => returnRedemption(redemptionId, memberId, dependencies) };
}

async function redeem(request: Request, memberId: string, dependencies: RedeemDependencies): Promise<Response> {
  const { database, sealer } = dependencies;
  const input = checkedInput(redeemInput, await readJson(request, { maxBytes: MAX_BODY_BYTES }));
  // Made for every request, needed or not: so a generated code and its payment are one transaction.
  const code = generateCode();
  const begun = await database.call<SealedRedemption & { request: PartnerRequest | null }>("begin_redemption", {
    member_id: memberId,
    reward_id: input.rewardId,
    expected_points: input.expectedPoints,
    idempotency_key: input.idempotencyKey,
    code_hash: await sealer.codeHash(code),
    code_ciphertext: await sealer.seal("code", code),
  });
  const redeemed = begun.request === null ? begun : await askPartner(begun, begun.request, memberId, dependencies);
  return answer(statusOf(redeemed.redemption), redeemed, sealer);
}

/** From here on the points are reserved, so a mishap is no error: the member holds a pending redemption. */
async function askPartner(
  begun: SealedRedemption,
  request: PartnerRequest,
  memberId: string,
  dependencies: RedeemDependencies,
): Promise<SealedRedemption> {
  try {
    const { redemption, codeCiphertext } = await dependencies.askPartner(request);
    if (redemption.status !== "active" || codeCiphertext !== null) {
      return { redemption, code_ciphertext: codeCiphertext };
    }
    // The code came by another way while the partner was asked.
    return await findRedemption(redemption.id, memberId, dependencies);
  } catch (error) {
    dependencies.log("error", "partner could not be asked", {
      redemptionId: request.redemption_id,
      reason: reasonOf(error),
    });
    return begun;
  }
}

function statusOf({ status }: RedemptionRow): number {
  if (status === "pending") return 202;
  return status === "failed" ? 200 : 201;
}

async function readRedemption(id: string, memberId: string, dependencies: RedeemDependencies): Promise<Response> {
  const { redemptionId } = checkedInput(redemptionRef, { redemptionId: id });
  return answer(200, await findRedemption(redemptionId, memberId, dependencies), dependencies.sealer);
}

function findRedemption(
  redemptionId: string,
  memberId: string,
  { database }: RedeemDependencies,
): Promise<SealedRedemption> {
  return database.call("read_redemption", { member_id: memberId, redemption_id: redemptionId });
}

async function returnRedemption(
  id: string,
  memberId: string,
  { database, sealer }: RedeemDependencies,
): Promise<Response> {
  const { redemptionId } = checkedInput(redemptionRef, { redemptionId: id });
  const { redemption } = await database.call<{ redemption: RedemptionRow }>("return_redemption", {
    member_id: memberId,
    redemption_id: redemptionId,
  });
  return answer(200, { redemption, code_ciphertext: null }, sealer);
}

async function answer(
  status: number,
  { redemption, code_ciphertext }: SealedRedemption,
  sealer: Sealer,
): Promise<Response> {
  const isShown = code_ciphertext !== null && STATUSES_WITH_CODE.includes(redemption.status);
  const code = isShown ? printCode(await sealer.open("code", code_ciphertext)) : null;
  const body: RedeemAnswer = {
    redemption: camelKeys(redemption) as RedeemAnswer["redemption"],
    code,
    qr: code === null ? null : renderSVG(code, QR_OPTIONS),
  };
  return jsonResponse(status, body, { "cache-control": "no-store" });
}
