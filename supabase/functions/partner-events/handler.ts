/**
 * Takes events from partners' own systems: a code was issued, used or cancelled there. Who sends is proved by the
 * signature over the raw body; what it changes is only ever the sender's own.
 *
 * @module
 */
import { checkedInput, readText } from "../_shared/body.ts";
import { readCode } from "../_shared/codes.ts";
import {
  isPartnerEventType,
  MAX_EVENT_ID_LENGTH,
  type PartnerEventAnswer,
  type PartnerEventData,
  type PartnerEventOutcome,
  type PartnerEventType,
  partnerEvent,
  partnerEventData,
} from "../_shared/contracts/partner-events.ts";
import type { Database } from "../_shared/database.ts";
import { jsonResponse, methodNotAllowed, preflightResponse, requestIdOf } from "../_shared/http.ts";
import type { Log } from "../_shared/log.ts";
import { Problem, problemResponse } from "../_shared/problem.ts";
import type { Sealer } from "../_shared/sealing.ts";
import { newWebhookSecret, verifySignature } from "../_shared/signatures.ts";

/** What the handler needs from outside. */
export interface PartnerEventDependencies {
  database: Database;
  sealer: Sealer;
  log: Log;
}

const METHODS = ["POST"] as const;
const MAX_BODY_BYTES = 64 * 1024;
const PATH = /\/partner-events\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\/?$/iu;

/** Makes the handler of `POST /functions/v1/partner-events/{partnerId}`. */
export function createHandler(dependencies: PartnerEventDependencies): (request: Request) => Promise<Response> {
  const { sealer, log } = dependencies;
  // Stands in for the secrets of partners who have none, so that they take as long as others to be refused.
  const decoy = sealer.seal("secret", newWebhookSecret());
  decoy.catch(() => undefined);

  return async (request) => {
    if (request.method === "OPTIONS") return preflightResponse(METHODS);
    if (request.method !== "POST") return methodNotAllowed(request.method, METHODS, requestIdOf(request));
    try {
      const answer = await take(request, await decoy, dependencies);
      return jsonResponse(200, answer, { "cache-control": "no-store" });
    } catch (error) {
      return problemResponse(error, requestIdOf(request), log);
    }
  };
}

async function take(
  request: Request,
  decoy: string,
  dependencies: PartnerEventDependencies,
): Promise<PartnerEventAnswer> {
  const partnerId = PATH.exec(new URL(request.url).pathname)?.[1];
  if (partnerId === undefined) throw new Problem("route_not_found", { hint: "POST /partner-events/{partner id}" });
  const body = await readText(request, ["application/json"], MAX_BODY_BYTES);
  await verify(request.headers, partnerId, body, decoy, dependencies);

  const { type, timestamp, data } = checkedInput(partnerEvent, parse(body));
  const eventId = request.headers.get("webhook-id") ?? "";
  if (eventId.length > MAX_EVENT_ID_LENGTH) throw new Problem("validation_failed", { detail: "webhook-id" });
  // Types of later versions are welcome, so that partners need not know which version runs here.
  if (!isPartnerEventType(type)) return { outcome: "ignored" };

  const fields: PartnerEventData = checkedInput(partnerEventData[type], data);
  const { outcome } = await dependencies.database.call<{ outcome: PartnerEventOutcome | "not_found" }>(
    "record_partner_event",
    {
      partner_id: partnerId,
      event_id: eventId,
      event_type: type,
      occurred_at: timestamp,
      redemption_id: fields.redemptionId ?? null,
      ...(await codeArguments(type, fields.code, dependencies.sealer)),
      details: {
        ...(fields.expiresAt === undefined ? {} : { expires_at: fields.expiresAt }),
        ...(fields.usedAt === undefined ? {} : { used_at: fields.usedAt }),
        ...(fields.tillReference === undefined ? {} : { till_reference: fields.tillReference }),
      },
    },
  );
  dependencies.log("info", "partner event", { partnerId, type, outcome });
  if (outcome === "not_found") throw new Problem("redemption_not_found");
  return { outcome };
}

/** A partner that does not exist, has no connection or signed wrongly: all look the same. */
async function verify(
  headers: Headers,
  partnerId: string,
  body: string,
  decoy: string,
  { database, sealer }: PartnerEventDependencies,
): Promise<void> {
  const connection = await database.call<{ secrets: string[] } | null>("read_partner_connection", {
    partner_id: partnerId,
  });
  const sealed = connection?.secrets ?? [decoy];
  const secrets = await Promise.all(sealed.map((secret) => sealer.open("secret", secret)));
  if (verifySignature(secrets, headers, body)) return;
  throw new Problem("signature_invalid", {
    hint: "Sign by Standard Webhooks with the secret of your connection. Clocks may differ by five minutes.",
  });
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw new Problem("json_invalid");
  }
}

async function codeArguments(
  type: PartnerEventType,
  typed: string | undefined,
  sealer: Sealer,
): Promise<{ code_hash: string | null; code_ciphertext: string | null }> {
  if (typed === undefined) return { code_hash: null, code_ciphertext: null };
  const code = readCode(typed);
  if (code.kind === "mistyped") throw new Problem("code_mistyped", { detail: "code" });
  // A partner's new code must not be mistaken for one of ours.
  if (code.kind === "invalid" || (type === "code.issued" && code.kind === "ours")) {
    throw new Problem("validation_failed", { detail: "code" });
  }
  return {
    code_hash: await sealer.codeHash(code.canonical),
    code_ciphertext: type === "code.issued" ? await sealer.seal("code", typed.trim()) : null,
  };
}
