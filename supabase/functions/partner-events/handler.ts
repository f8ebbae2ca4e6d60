/**
 * Takes events from partners' own systems: a code was issued, used or cancelled there. Who sends is proved by the
 * signature over the raw body; what it changes is only ever the sender's own.
 *
 * @module
 */
import { Hono } from "hono";
import { checkedInput, readText } from "../_shared/body.ts";
import { cleanCode, readCode } from "../_shared/codes.ts";
import { rowId } from "../_shared/contracts/fields.ts";
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
import type { Log } from "../_shared/log.ts";
import { Problem } from "../_shared/problem.ts";
import type { Sealer } from "../_shared/sealing.ts";
import { type Handler, type ShellEnv, serve } from "../_shared/serve.ts";
import { newWebhookSecret, verifySignature } from "../_shared/signatures.ts";

/** What the handler needs from outside. */
export interface PartnerEventDependencies {
  database: Database;
  sealer: Sealer;
  log: Log;
}

const MAX_BODY_BYTES = 64 * 1024;
const partnerRef = rowId("route_not_found");

/** Makes the handler of `POST /functions/v1/partner-events/{partnerId}`. */
export function createHandler(dependencies: PartnerEventDependencies): Handler {
  const { sealer, log } = dependencies;
  // Stands in for the secrets of partners who have none, so that they take as long as others to be refused.
  const decoy = sealer.seal("secret", newWebhookSecret());
  decoy.catch(() => undefined);

  const routes = new Hono<ShellEnv>().post("/:partnerId", async ({ req, json }) => {
    const partnerId = checkedInput(partnerRef, req.param("partnerId"));
    const body = await readText(req.raw, ["application/json"], MAX_BODY_BYTES);
    await verify(req.raw.headers, partnerId, body, await decoy, dependencies);
    return json(await take(partnerId, req.header("webhook-id") ?? "", body, dependencies));
  });
  return serve("partner-events", routes, { log });
}

async function take(
  partnerId: string,
  eventId: string,
  body: string,
  { database, sealer, log }: PartnerEventDependencies,
): Promise<PartnerEventAnswer> {
  const { type, timestamp, data } = checkedInput(partnerEvent, parse(body));
  if (eventId.length > MAX_EVENT_ID_LENGTH) throw new Problem("validation_failed", { detail: "webhook-id" });
  // Types of later versions are welcome, so that partners need not know which version runs here.
  if (!isPartnerEventType(type)) return { outcome: "ignored" };

  const fields: PartnerEventData = checkedInput(partnerEventData[type], data);
  const { redemption_id, code, expires_at, used_at, till_reference } = fields;
  const { outcome }: { outcome: PartnerEventOutcome | "not_found" } = await database.call("record_partner_event", {
    partner_id: partnerId,
    event_id: eventId,
    event_type: type,
    occurred_at: timestamp,
    redemption_id: redemption_id ?? null,
    ...(await codeArguments(type, code, sealer)),
    details: { expires_at, used_at, till_reference },
  });
  log("info", "partner event", { partner_id: partnerId, type, outcome });
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
  const connection: { secrets: string[] } | null = await database.call("read_partner_connection", {
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
    code_ciphertext: type === "code.issued" ? await sealer.seal("code", cleanCode(typed)) : null,
  };
}
