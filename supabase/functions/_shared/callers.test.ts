import { rejects, strictEqual } from "node:assert/strict";
import { Buffer } from "node:buffer";
import { type CryptoKey, exportJWK, generateKeyPair, SignJWT } from "jose";
import { type CallerKeys, requireMember, requireSecretKey } from "./callers.ts";
import { KeysUnavailable, Problem } from "./problem.ts";

const MEMBER = "11111111-1111-4111-8111-111111111111";
const SECRET = "a shared secret of this project, 32 bytes or more";
const OTHER_SECRET = "a shared secret of another project, just as long";
const keys: CallerKeys = {
  url: "http://localhost:54321",
  publishableKeys: { default: "sb_publishable_x" },
  secretKeys: { default: "sb_secret_x", cron: "sb_secret_y" },
  jwks: { keys: [{ kty: "oct", alg: "HS256", kid: "local", k: btoa(SECRET).replace(/=+$/u, "") }] },
};

interface TokenParts {
  claims?: Record<string, unknown>;
  secret?: string;
  expires?: string;
  header?: Record<string, string>;
}

function token({ claims = {}, secret = SECRET, expires = "1h", header = {} }: TokenParts = {}): Promise<string> {
  return new SignJWT({ sub: MEMBER, role: "authenticated", aud: "authenticated", ...claims })
    .setProtectedHeader({ alg: "HS256", kid: "local", ...header })
    .setExpirationTime(expires)
    .sign(new TextEncoder().encode(secret));
}

const request = (headers: Record<string, string>) => new Request("http://localhost/redeem", { headers });
const withToken = async (parts?: TokenParts) => request({ authorization: `Bearer ${await token(parts)}` });
const isProblem = (code: string) => (error: unknown) => error instanceof Problem && error.code === code;

Deno.test("a member is who the token says", async () => {
  strictEqual(await requireMember(await withToken(), keys), MEMBER);
  const both = request({ authorization: `Bearer ${await token()}`, apikey: "sb_publishable_x" });
  strictEqual(await requireMember(both, keys), MEMBER);
});

Deno.test("nobody else is a member", async () => {
  const unsigned = `${btoa('{"alg":"none","kid":"local"}')}.${btoa(JSON.stringify({ sub: MEMBER }))}.`;
  const strangers: [string, Request][] = [
    ["no token", request({})],
    ["publishable key", request({ apikey: "sb_publishable_x" })],
    ["publishable key as token", request({ authorization: "Bearer sb_publishable_x" })],
    ["secret key", request({ apikey: "sb_secret_x" })],
    ["secret key as token", request({ authorization: "Bearer sb_secret_x" })],
    ["another project's token", await withToken({ secret: OTHER_SECRET })],
    ["a key we do not have", await withToken({ header: { kid: "other" } })],
    ["expired", await withToken({ expires: "-1s" })],
    ["not signed", request({ authorization: `Bearer ${unsigned.replaceAll("=", "")}` })],
    ["garbage", request({ authorization: "Bearer x.y.z" })],
    ["another scheme", request({ authorization: `Basic ${await token()}` })],
    ["service role", await withToken({ claims: { role: "service_role" } })],
    ["anonymous role", await withToken({ claims: { role: "anon" } })],
    ["no role", await withToken({ claims: { role: undefined } })],
    ["a token for another API", await withToken({ claims: { aud: "another-api" } })],
    ["a token for nobody", await withToken({ claims: { aud: undefined } })],
    ["no subject", await withToken({ claims: { sub: undefined } })],
    ["a subject that is no id", await withToken({ claims: { sub: "1" } })],
  ];
  for (const [who, stranger] of strangers) {
    await rejects(requireMember(stranger, keys), isProblem("not_signed_in"), who);
  }
});

Deno.test("a project without keys is a fault of ours, not of the caller", async () => {
  await rejects(requireMember(await withToken(), { ...keys, jwks: { keys: [] } }), isProblem("not_signed_in"));
  await rejects(
    requireSecretKey(request({ apikey: "sb_secret_x" }), { ...keys, secretKeys: {} }),
    (error) => error instanceof Error && !(error instanceof Problem),
  );
});

Deno.test("every secret key of the project lets in, nothing else does", async () => {
  await requireSecretKey(request({ apikey: "sb_secret_x" }), keys);
  await requireSecretKey(request({ apikey: "sb_secret_y" }), keys);
  for (const stranger of [
    request({}),
    request({ apikey: "sb_publishable_x" }),
    request({ apikey: "sb_secret_" }),
    request({ authorization: "Bearer sb_secret_x" }),
    await withToken(),
    await withToken({ claims: { role: "service_role" } }),
  ]) {
    await rejects(requireSecretKey(stranger, keys), isProblem("not_permitted"));
  }
});

/** Two signing keys, as a project has them while it changes from one to the other, beside its older secret. */
async function signingKeys() {
  const pairs = await Promise.all([generateKeyPair("ES256"), generateKeyPair("ES256")]);
  const named = pairs.map(({ privateKey, publicKey }, index) => ({ privateKey, publicKey, kid: `key-${index}` }));
  const published = named.map(async ({ publicKey, kid }) => ({ ...(await exportJWK(publicKey)), alg: "ES256", kid }));
  return { named, jwks: { keys: [...(await Promise.all(published)), ...jwksOf(keys)] } };
}

const jwksOf = ({ jwks }: CallerKeys) => (jwks && "keys" in jwks ? jwks.keys : []);

interface Signing {
  key: CryptoKey | Uint8Array;
  kid: string;
  alg?: string;
  claims?: Record<string, unknown>;
  expires?: string;
}

async function signedBy({ key, kid, alg = "ES256", claims = {}, expires = "1h" }: Signing): Promise<Request> {
  const jwt = new SignJWT({ sub: MEMBER, role: "authenticated", aud: "authenticated", ...claims });
  const signed = await jwt.setProtectedHeader({ alg, kid }).setExpirationTime(expires).sign(key);
  return request({ authorization: `Bearer ${signed}` });
}

Deno.test("a member may come with any signing key that is published, and with nothing else", async () => {
  const { named, jwks } = await signingKeys();
  const withKeys = { ...keys, jwks };
  for (const { privateKey: key, kid } of named) {
    strictEqual(await requireMember(await signedBy({ key, kid }), withKeys), MEMBER);
  }
  strictEqual(await requireMember(await withToken(), withKeys), MEMBER);

  const [{ privateKey: key, publicKey, kid }, other] = named as [(typeof named)[0], (typeof named)[0]];
  const { x = "", y = "" } = await exportJWK(publicKey);
  const raw = new Uint8Array([4, ...Buffer.from(x, "base64url"), ...Buffer.from(y, "base64url")]); // as in RFC 5480
  const published = new TextEncoder().encode(JSON.stringify(jwks.keys[0]));
  const good = (await signedBy({ key, kid })).headers.get("authorization") ?? "";
  const strangers: [string, Request][] = [
    ["a key we do not have", await signedBy({ key, kid: "other" })],
    ["one key under the other's name", await signedBy({ key, kid: other.kid })],
    ["the public key as a secret", await signedBy({ key: raw, kid, alg: "HS256" })],
    ["the published key as a secret", await signedBy({ key: published, kid, alg: "HS256" })],
    ["the public key as the project's secret", await signedBy({ key: raw, kid: "local", alg: "HS256" })],
    ["expired", await signedBy({ key, kid, expires: "-1s" })],
    ["a token for another API", await signedBy({ key, kid, claims: { aud: "another-api" } })],
    ["a signature of zeros", request({ authorization: good.replace(/[^.]+$/u, "A".repeat(86)) })],
    ["service role", await signedBy({ key, kid, claims: { role: "service_role" } })],
  ];
  for (const [who, stranger] of strangers) {
    await rejects(requireMember(stranger, withKeys), isProblem("not_signed_in"), who);
  }
  await rejects(
    requireMember(await signedBy({ key, kid }), { ...keys, jwks: { keys: jwks.keys.slice(1) } }),
    isProblem("not_signed_in"),
    "a key that was revoked",
  );
});

/** A server of keys on this machine; what it answers can change. */
function serveKeys(answer: () => Response) {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => undefined }, answer);
  const { port } = server.addr;
  return { jwks: new URL(`http://127.0.0.1:${port}/auth/v1/.well-known/jwks.json`), stop: () => server.shutdown() };
}

Deno.test("keys that are fetched are kept, and keys that cannot be are no fault of the caller", async () => {
  const { named, jwks } = await signingKeys();
  const [{ privateKey: key, kid }] = named as [(typeof named)[0]];
  const isUnavailable = (error: unknown) => error instanceof KeysUnavailable;
  for (const answer of [() => new Response("down", { status: 503 }), () => new Response("<html>")]) {
    const ill = serveKeys(answer);
    await rejects(requireMember(await signedBy({ key, kid }), { ...keys, jwks: ill.jwks }), isUnavailable);
    await ill.stop();
    // nobody listens there any more
    await rejects(requireMember(await signedBy({ key, kid }), { ...keys, jwks: ill.jwks }), isUnavailable);
  }

  let isDown = true;
  const server = serveKeys(() => (isDown ? new Response("", { status: 500 }) : Response.json(jwks)));
  const remote = { ...keys, jwks: server.jwks };
  await rejects(requireMember(await signedBy({ key, kid }), remote), isUnavailable);
  isDown = false;
  strictEqual(await requireMember(await signedBy({ key, kid }), remote), MEMBER, "as soon as the keys are there again");
  isDown = true;
  strictEqual(await requireMember(await signedBy({ key, kid }), remote), MEMBER, "kept");
  await rejects(requireMember(await signedBy({ key, kid: "other" }), remote), isProblem("not_signed_in"));
  await server.stop();
});
