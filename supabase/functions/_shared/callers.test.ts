import { rejects, strictEqual } from "node:assert/strict";
import { SignJWT } from "jose";
import { type CallerKeys, requireMember, requireSecretKey } from "./callers.ts";
import { Problem } from "./problem.ts";

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
