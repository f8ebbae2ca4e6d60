import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, type JSONWebKeySet, jwtVerify, SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { loadKeys } from "../../dev/stack/keys.ts";
import type { Stack } from "../../dev/stack/start-stack.ts";
import { signToken } from "../support/use-stack.ts";
import { clientOf, request, signUp, startFixtureStack } from "./support/fixture-stack.ts";

let stack: Stack;
let dataDir: string;
const keysOf = (directory: string) => loadKeys(join(directory, "keys.json"));
beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), "nh-gateway-test-"));
  stack = await startFixtureStack({ dataDir });
});
afterAll(async () => {
  await stack.stop();
  rmSync(dataDir, { recursive: true });
});

describe("keys", () => {
  it("refuses a request without a key, also from this machine", async () => {
    const response = await fetch(`${stack.url}/rest/v1/notes`);
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ message: "No API key found in request" });
  });

  it("refuses an unknown key", async () => {
    const { status, body } = await request(stack, "/rest/v1/notes", { headers: { apikey: "sb_publishable_wrong" } });
    expect(status).toBe(401);
    expect(body).toMatchObject({ message: "Invalid API key" });
  });

  it("makes the publishable key anonymous, alone and repeated as bearer token", async () => {
    for (const headers of [{}, { authorization: `Bearer ${stack.publishableKey}` }]) {
      const { body } = await request(stack, "/rest/v1/rpc/who_am_i", { method: "POST", body: "{}", headers });
      expect(body).toEqual({ role: "anon", id: null, auth_role: "anon", jwt_role: "anon" });
    }
  });

  it("makes the secret key service_role", async () => {
    const { data } = await clientOf(stack, stack.secretKey).rpc("who_am_i");
    expect(data).toMatchObject({ role: "service_role", auth_role: "service_role" });
  });
});

describe("access tokens", () => {
  const call = (token: string) =>
    request(stack, "/rest/v1/rpc/who_am_i", {
      method: "POST",
      body: "{}",
      headers: { authorization: `Bearer ${token}` },
    });

  it("makes a signed-in member authenticated, with the claims where policies look for them", async () => {
    const { client, id } = await signUp(stack);
    expect((await client.rpc("who_am_i")).data).toEqual({
      role: "authenticated",
      id,
      auth_role: "authenticated",
      jwt_role: "authenticated",
    });
  });

  it("carries key id, issuer and metadata as on a real project", async () => {
    const { accessToken } = await signUp(stack);
    expect(decodeProtectedHeader(accessToken)).toEqual({
      alg: "ES256",
      typ: "JWT",
      kid: keysOf(dataDir).signingKey.kid,
    });
    expect(decodeJwt(accessToken)).toMatchObject({
      iss: `${stack.url}/auth/v1`,
      role: "authenticated",
      app_metadata: { provider: "email" },
      user_metadata: {},
    });
  });

  it("verifies with what is published, and nothing secret is", async () => {
    const { accessToken, client, id } = await signUp(stack);
    const answer = await fetch(`${stack.url}/auth/v1/.well-known/jwks.json`);
    const keySet = (await answer.json()) as JSONWebKeySet;
    const { d: _, ...publicKey } = keysOf(dataDir).signingKey;
    expect([answer.status, keySet]).toEqual([
      200,
      { keys: [{ ...publicKey, use: "sig", key_ops: ["verify"], ext: true }] },
    ]);
    const { payload } = await jwtVerify(accessToken, createLocalJWKSet(keySet), { audience: "authenticated" });
    expect(payload.sub).toBe(id);

    // supabase-js looks at the signature itself and asks the Auth server nothing but for the keys
    const asked = vi.spyOn(globalThis, "fetch");
    const { data, error } = await client.auth.getClaims();
    expect([data?.claims.sub, error]).toEqual([id, null]);
    expect(asked.mock.calls.map(([url]) => String(url))).toEqual([`${stack.url}/auth/v1/.well-known/jwks.json`]);
    asked.mockRestore();
    const forged = accessToken.replace(/[^.]+$/u, "A".repeat(86));
    expect((await client.auth.getClaims(forged)).error).toMatchObject({ code: "invalid_jwt" });
  });

  it("stay good for the Auth server: the login is read and changed, the session renewed and ended", async () => {
    const { client, id } = await signUp(stack);
    expect((await client.auth.getUser()).data.user?.id).toBe(id);
    expect((await client.auth.updateUser({ data: { colour: "red" } })).error).toBeNull();
    const { data } = await client.auth.refreshSession();
    const token = data.session?.access_token ?? "";
    expect(decodeProtectedHeader(token)).toMatchObject({ alg: "ES256" });
    expect(decodeJwt(token)).toMatchObject({ user_metadata: { colour: "red" } });
    expect((await client.auth.signOut()).error).toBeNull();
  });

  it("answers 401 to everything that is no valid token, never anonymously", async () => {
    const { accessToken } = await signUp(stack);
    const [header, payload] = accessToken.split(".");
    const forged = await new SignJWT({ role: "service_role" })
      .setProtectedHeader({ alg: "HS256" })
      .sign(new TextEncoder().encode("a secret that is not the secret of this stack"));
    const unsigned = `${Buffer.from('{"alg":"none"}').toString("base64url")}.${payload}.`;
    for (const token of ["garbage", "a.b.c", `${header}.${payload}.x`, forged, unsigned, stack.secretKey]) {
      const { status, body } = await call(token);
      expect(status).toBe(401);
      expect(body).toMatchObject({ code: "PGRST301" });
    }
  });

  it("says so when a token has expired", async () => {
    const { jwtSecret, signingKey } = keysOf(dataDir);
    for (const key of [jwtSecret, signingKey]) {
      const expired = await signToken(key, { role: "authenticated", sub: crypto.randomUUID() }, "-1h");
      const { status, body } = await call(expired);
      expect(status).toBe(401);
      expect(body).toMatchObject({ code: "PGRST303", message: "JWT expired" });
    }
  });
});

describe("what the gateway does not pass on", () => {
  it.each([
    ["/_system/config", 404, "not_found"],
    ["/_system/introspect", 404, "not_found"],
    ["/", 404, "not_found"],
    ["/auth/v1/admin/users", 501, "not_part_of_the_local_stack"],
    ["/realtime/v1/websocket", 501, "not_part_of_the_local_stack"],
    ["/graphql/v1/x", 501, "not_part_of_the_local_stack"],
    ["/functions/v1/anything", 501, "not_part_of_the_local_stack"],
  ])("%s", async (path, status, code) => {
    const answer = await request(stack, path, { headers: { apikey: stack.secretKey } });
    expect(answer.status).toBe(status);
    expect(answer.body).toMatchObject({ code });
  });

  it("schemas other than public", async () => {
    const { status, body } = await request(stack, "/rest/v1/users", { headers: { "accept-profile": "auth" } });
    expect(status).toBe(406);
    expect(body).toMatchObject({ code: "PGRST106" });
  });

  it("bodies of more than 10 MiB", async () => {
    const { status } = await request(stack, "/rest/v1/notes", { method: "POST", body: "x".repeat(11 * 1024 * 1024) });
    expect(status).toBe(413);
  });
});

describe("pages of any origin", () => {
  it("may ask first and read the answer", async () => {
    const preflight = await fetch(`${stack.url}/rest/v1/notes`, {
      method: "OPTIONS",
      headers: {
        origin: "https://app.example.test",
        "access-control-request-method": "PATCH",
        "access-control-request-headers": "apikey,x-own",
      },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get("access-control-allow-headers")).toBe("apikey,x-own");
    expect(preflight.headers.get("access-control-allow-methods")).toContain("PATCH");

    const { headers } = await request(stack, "/rest/v1/notes", { headers: { origin: "https://app.example.test" } });
    expect(headers.get("access-control-allow-origin")).toBe("*");
    expect(headers.get("access-control-expose-headers")).toContain("Content-Range");
  });
});
