import { createHmac } from "node:crypto";
import { verifySignature } from "../../supabase/functions/_shared/signatures.ts";
import { json } from "./gateway/json.ts";

/** Where the gateway serves the demo partner's own code system. */
export const DEMO_CODES_PATH = "/demo-partner/codes";

/**
 * The code system of the demo partner that has one: checks the signature and gives one code for each idempotency key,
 * however often it is asked.
 */
export function createDemoCodeService(secret: string): (request: Request) => Promise<Response> {
  return async (request) => {
    if (!verifySignature([secret], request.headers, await request.text())) {
      return json(401, { error: "the signature is wrong" });
    }
    const idempotencyKey = request.headers.get("idempotency-key");
    if (idempotencyKey === null) return json(400, { error: "the header idempotency-key is missing" });
    return json(201, { code: codeFor(secret, idempotencyKey) });
  };
}

/** Calculated, so nothing has to be kept: the same key gives the same code after a restart, too. */
function codeFor(secret: string, idempotencyKey: string): string {
  const digits = createHmac("sha256", secret).update(idempotencyKey).digest("hex").slice(0, 16).toUpperCase();
  return `BAD-${digits.replace(/.{4}(?=.)/g, "$&-")}`;
}
