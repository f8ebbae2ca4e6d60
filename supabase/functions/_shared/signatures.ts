/**
 * Signatures of webhooks in both directions, by the Standard Webhooks specification (https://www.standardwebhooks.com):
 * HMAC-SHA256 over id, time and raw body.
 *
 * @module
 */
import { Webhook } from "standardwebhooks";

const SECRET_BYTES = 32;

/** Makes a secret, `whsec_` and 32 random bytes in base64. It is shown once and stored sealed. */
export function newWebhookSecret(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(SECRET_BYTES));
  return `whsec_${btoa(String.fromCharCode(...bytes))}`;
}

/**
 * The three headers that sign a message. While a secret is being rotated there are several secrets and signatures, and
 * the receiver may know any of them.
 *
 * @param messageId stays the same when a message is sent again, so that the receiver can drop repeats.
 * @param at when this attempt is made: receivers refuse what is older than five minutes.
 */
export function signatureHeaders(
  secrets: readonly string[],
  messageId: string,
  at: Date,
  body: string,
): Record<string, string> {
  return {
    "webhook-id": messageId,
    "webhook-timestamp": String(Math.floor(at.getTime() / 1000)),
    "webhook-signature": secrets.map((secret) => new Webhook(secret).sign(messageId, at, body)).join(" "),
  };
}

/**
 * Whether one of the secrets signed this body, at most five minutes ago or ahead. Whatever is in the headers, the
 * answer is yes or no.
 *
 * @param body as it arrived, byte for byte: parsing and writing it again would change it.
 */
export function verifySignature(secrets: readonly string[], headers: Headers, body: string): boolean {
  const received = Object.fromEntries(headers);
  return secrets.some((secret) => {
    try {
      new Webhook(secret).verify(body, received, { jsonParse: false });
      return true;
    } catch {
      return false;
    }
  });
}
