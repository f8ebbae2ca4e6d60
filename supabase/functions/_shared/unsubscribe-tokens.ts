/**
 * What an unsubscribe link proves: that we wrote it for this member. It names the member and what to switch off, signed
 * with HMAC-SHA256, and never expires: whoever finds an old e-mail must still get out.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { z } from "zod";

const target = z.strictObject({
  /** The member. */
  userId: z.guid(),
  channel: z.literal("email"),
  /** One type of notifications, or null for the whole channel. */
  type: z
    .string()
    .regex(/^[a-z_]{1,64}$/u)
    .nullable(),
});

/** What a link switches off. */
export type UnsubscribeTarget = z.infer<typeof target>;

/** Writes and reads the tokens in unsubscribe links. */
export interface UnsubscribeTokens {
  /** `<target>.<signature>`, both as base64url. */
  sign(target: UnsubscribeTarget): Promise<string>;
  /** Undefined when we did not sign it, whatever it is. */
  read(token: string): Promise<UnsubscribeTarget | undefined>;
}

const BASE64URL_KEY = /^[A-Za-z0-9_-]{43}$/u;
const TOKEN = /^([A-Za-z0-9_-]{1,400})\.([A-Za-z0-9_-]{43})$/u;
/** Signed along, so that a signature of the same key for something else does not count here. */
const PURPOSE = "unsubscribe.";

/**
 * Reads `NOTIFICATION_SIGNING_KEY`: one key or several, separated by commas, of which the first signs and all count, so
 * that a key can be replaced. Every key is 32 bytes as base64url.
 *
 * @param get reads one variable, e.g. `Deno.env.get`.
 * @throws Error when the variable is missing or malformed.
 */
export async function createUnsubscribeTokens(get: (name: string) => string | undefined): Promise<UnsubscribeTokens> {
  const texts = (get("NOTIFICATION_SIGNING_KEY") ?? "").split(",").map((text) => text.trim());
  if (texts[0] === "") throw new Error("NOTIFICATION_SIGNING_KEY is not set");
  if (!texts.every((text) => BASE64URL_KEY.test(text))) {
    throw new Error("NOTIFICATION_SIGNING_KEY must hold keys of 32 bytes as base64url");
  }
  const keys = await Promise.all(texts.map(importKey));
  const [newest] = keys;
  if (newest === undefined) throw new Error("NOTIFICATION_SIGNING_KEY is not set");

  return {
    async sign(what) {
      const payload = Buffer.from(JSON.stringify(target.parse(what))).toString("base64url");
      const signature = await crypto.subtle.sign("HMAC", newest, signedBytes(payload));
      return `${payload}.${Buffer.from(signature).toString("base64url")}`;
    },
    async read(token) {
      const [, payload = "", signature = ""] = TOKEN.exec(token) ?? [];
      const bytes = new Uint8Array(Buffer.from(signature, "base64url"));
      const verified = await Promise.all(
        keys.map((key) => crypto.subtle.verify("HMAC", key, bytes, signedBytes(payload))),
      );
      if (!verified.includes(true)) return undefined;
      return target.parse(JSON.parse(Buffer.from(payload, "base64url").toString()));
    },
  };
}

function importKey(text: string) {
  const bytes = new Uint8Array(Buffer.from(text, "base64url"));
  return crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, ["sign", "verify"]);
}

function signedBytes(payload: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`${PURPOSE}${payload}`);
}
