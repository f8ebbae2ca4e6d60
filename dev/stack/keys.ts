import { createECDH, generateKeyPairSync, randomBytes, randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { z } from "zod";
import { StackError } from "../base/stack-error.ts";

/** A private key on the curve P-256 as a JWK, with the id that tokens name it by. */
const signingKeySchema = z.object({
  kty: z.literal("EC"),
  crv: z.literal("P-256"),
  alg: z.literal("ES256"),
  kid: z.uuid(),
  x: z.string().regex(/^[\w-]{43}$/),
  y: z.string().regex(/^[\w-]{43}$/),
  d: z.string().regex(/^[\w-]{43}$/),
});

const keysSchema = z.object({
  /** What Auth and REST behind the gateway sign and check with. */
  jwtSecret: z.string().min(32),
  /** Signs the access tokens that leave the gateway, as a hosted project's signing key does. */
  signingKey: signingKeySchema,
  publishableKey: z.string().startsWith("sb_publishable_"),
  secretKey: z.string().startsWith("sb_secret_"),
  databasePassword: z.string().min(16),
  /** `SEALING_KEYS` of the functions: what codes and webhook secrets are encrypted with. */
  sealingKeys: z.string().regex(/^[\w-]{1,32}:[\w-]{43}(,[\w-]{1,32}:[\w-]{43})*$/),
  /** `CODE_INDEX_KEY` of the functions: what codes are looked up by. */
  codeIndexKey: z.string().regex(/^[\w-]{43}$/),
  /** `NOTIFICATION_SIGNING_KEY` of the functions: what unsubscribe links are signed with. */
  notificationSigningKey: z.string().regex(/^[\w-]{43}(,[\w-]{43})*$/),
  /** `VAPID_PUBLIC_KEY` and `VAPID_PRIVATE_KEY`: who sends push messages. Browsers subscribe to the public one. */
  vapidKeys: z.object({ publicKey: z.string().regex(/^[\w-]{87}$/), privateKey: z.string().regex(/^[\w-]{43}$/) }),
});

/** The secrets of one local stack. */
export type StackKeys = z.infer<typeof keysSchema>;

/** Signs access tokens; its public half is published. */
export type SigningKey = z.infer<typeof signingKeySchema>;

/** The secrets that functions need besides the platform's. */
export type FunctionKeys = Pick<StackKeys, "sealingKeys" | "codeIndexKey" | "notificationSigningKey" | "vapidKeys">;

/** What older files lack. */
const storedSchema = keysSchema.partial({
  signingKey: true,
  sealingKeys: true,
  codeIndexKey: true,
  notificationSigningKey: true,
  vapidKeys: true,
});

/** Invents a set of keys. */
export function generateKeys(): StackKeys {
  return {
    jwtSecret: random(48),
    signingKey: generateSigningKey(),
    publishableKey: `sb_publishable_${random(24)}`,
    secretKey: `sb_secret_${random(24)}`,
    databasePassword: random(18),
    ...generateFunctionKeys(),
  };
}

/** Invents the keys that functions seal, find and sign with. */
export function generateFunctionKeys(): FunctionKeys {
  return {
    sealingKeys: generateSealingKey(),
    codeIndexKey: random(32),
    notificationSigningKey: random(32),
    vapidKeys: generateVapidKeys(),
  };
}

function generateSigningKey(): SigningKey {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return signingKeySchema.parse({ ...privateKey.export({ format: "jwk" }), alg: "ES256", kid: randomUUID() });
}

/** A pair on the curve P-256, as the push API wants it. */
function generateVapidKeys(): FunctionKeys["vapidKeys"] {
  const pair = createECDH("prime256v1");
  const publicKey = pair.generateKeys("base64url");
  // Leading zeros belong to it, and the curve's library leaves them out.
  return {
    publicKey,
    privateKey: Buffer.from(pair.getPrivateKey("hex").padStart(64, "0"), "hex").toString("base64url"),
  };
}

/** Invents one `id:key` pair of `SEALING_KEYS`. */
export function generateSealingKey(): string {
  return `${randomBytes(4).toString("hex")}:${random(32)}`;
}

/** Reads the keys of this machine, or writes new ones at the first start; only the owner may read the file. */
export function loadKeys(file: string): StackKeys {
  if (!existsSync(file)) return writeKeys(file, generateKeys());
  const stored = storedSchema.safeParse(parseJson(readFileSync(file, "utf8")));
  if (!stored.success) throw new StackError(`${file} is damaged: delete it and run npm start -- --fresh`);
  const complete = keysSchema.safeParse(stored.data);
  return complete.success ? complete.data : writeKeys(file, keysSchema.parse({ ...generateKeys(), ...stored.data }));
}

function writeKeys(file: string, keys: StackKeys): StackKeys {
  mkdirSync(dirname(file), { recursive: true });
  // The rename is atomic: a process that dies while it writes leaves the old keys.
  const unfinished = `${file}.${process.pid}`;
  writeFileSync(unfinished, `${JSON.stringify(keys, null, 2)}\n`, { mode: 0o600 });
  renameSync(unfinished, file);
  return keys;
}

function random(bytes: number): string {
  return randomBytes(bytes).toString("base64url");
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // reported as a damaged file by the caller
  }
}
