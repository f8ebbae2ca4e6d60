import { createPublicKey, randomUUID } from "node:crypto";
import { importJWK, type JWK, SignJWT } from "jose";
import { generateKeys, type SigningKey } from "../../dev/stack/keys.ts";
import { signToken } from "./use-stack.ts";

/** Access tokens that only the public half of a signing key, or less, is needed for; none may open anything. */
export function forgeriesWithout(
  { d: _, ...publicKey }: SigningKey,
  claims: () => Record<string, unknown>,
): [string, () => Promise<string>][] {
  const { kid } = publicKey;
  const own = () => ({ ...generateKeys().signingKey, kid });
  const publicPem = createPublicKey({ key: publicKey, format: "jwk" }).export({ format: "pem", type: "spki" });
  const asSecret = (secret: string) => () => signToken(secret, claims(), "1h", { kid });
  return [
    ["the public key as a secret, as it is published", asSecret(JSON.stringify(publicKey))],
    ["the public key as a secret, as PEM", asSecret(String(publicPem))],
    ["the public key as a secret, its coordinates", asSecret(publicKey.x + publicKey.y)],
    ["another key of the same name", () => signToken(own(), claims())],
    ["a key that nobody has heard of", () => signToken({ ...own(), kid: randomUUID() }, claims())],
    ["a key that the token brings along", () => signWithHeader(own(), claims(), "jwk")],
    ["a key that the token says where to find", () => signWithHeader(own(), claims(), "jku")],
    ["a signature of zeros", async () => (await signToken(own(), claims())).replace(/[^.]+$/u, "A".repeat(86))],
  ];
}

/** Access tokens that this key has signed and that open nothing all the same. */
export function uselessTokensOf(
  key: SigningKey,
  claims: () => Record<string, unknown>,
): [string, () => Promise<string>][] {
  const inOneHour = () => Math.floor(Date.now() / 1000) + 3600;
  return [
    ["an expired token", () => signToken(key, claims(), "-1h")],
    ["a token that is not valid yet", () => signToken(key, { ...claims(), nbf: inOneHour() })],
    ["a token under another key's name", () => signToken(key, claims(), "1h", { kid: randomUUID() })],
    ["a token for another API", () => signToken(key, { ...claims(), aud: "another-api" })],
    ["a token of another issuer", () => signToken(key, { ...claims(), iss: "https://evil.test/auth/v1" })],
  ];
}

async function signWithHeader(key: SigningKey, claims: Record<string, unknown>, name: "jwk" | "jku"): Promise<string> {
  const { d: _, ...publicKey }: JWK = key;
  const where = name === "jwk" ? publicKey : "https://evil.test/jwks.json";
  return new SignJWT(claims)
    .setProtectedHeader({ alg: key.alg, typ: "JWT", kid: key.kid, [name]: where })
    .setExpirationTime("1h")
    .sign(await importJWK(key));
}
