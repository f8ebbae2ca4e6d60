import { randomUUID } from "node:crypto";
import { SignJWT, UnsecuredJWT } from "jose";
import { beforeAll, describe, expect, test } from "vitest";
import { DELETE_LOGIN } from "../support/admin.ts";
import { fingerprint } from "../support/catalogue.ts";
import { forgeriesWithout, uselessTokensOf } from "../support/forgeries.ts";
import { codeIn, type RawRequest, restOf } from "../support/rest.ts";
import { playTask, taskArgs } from "../support/scenario.ts";
import { runningStack } from "../support/target.ts";
import { type Member, rpc, signToken, useStack } from "../support/use-stack.ts";

const stack = useStack();
const { sql, address } = stack;
const rest = restOf(address);
let victim: Member;
beforeAll(async () => {
  [victim] = await stack.members(1);
});

const inOneHour = () => Math.floor(Date.now() / 1000) + 3600;

function claimsOfVictim(): Record<string, unknown> {
  return { sub: victim.id, role: "authenticated", aud: "authenticated", exp: inOneHour() };
}

function part(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

/** Ways to make a token without knowing the secret, or to go on using one. */
const FORGERIES: [string, () => Promise<string> | string][] = [
  ["no algorithm", () => new UnsecuredJWT(claimsOfVictim()).encode()],
  ["no algorithm, in capitals", () => `${part({ alg: "NONE", typ: "JWT" })}.${part(claimsOfVictim())}.`],
  ["no signature", () => `${victim.token.split(".").slice(0, 2).join(".")}.`],
  ["another secret", () => signToken("x".repeat(48), claimsOfVictim())],
  ["the publishable key as secret", () => signToken(address.publishableKey, claimsOfVictim())],
  ["an empty secret", () => signToken("\0".repeat(32), claimsOfVictim())],
  [
    "somebody else's payload under a good signature",
    async () => {
      const [attacker] = await stack.members(1);
      const [header, , signature] = attacker.token.split(".");
      return `${header}.${part(claimsOfVictim())}.${signature}`;
    },
  ],
  [
    "another algorithm in the header",
    () => {
      const [, payload, signature] = victim.token.split(".");
      return `${part({ alg: "RS256", typ: "JWT" })}.${payload}.${signature}`;
    },
  ],
  [
    "a longer hash with the right secret",
    () =>
      new SignJWT(claimsOfVictim())
        .setProtectedHeader({ alg: "HS512" })
        .sign(new TextEncoder().encode(address.jwtSecret)),
  ],
  ["an expired token", () => signToken(address.jwtSecret, claimsOfVictim(), "-1h")],
  ["a token that is not valid yet", () => signToken(address.jwtSecret, { ...claimsOfVictim(), nbf: inOneHour() })],
  ["a service role of one's own making", () => signToken("x".repeat(48), { role: "service_role" })],
  ["the secret key as a token", () => address.secretKey],
  ["words", () => "let-me-in"],
  ["an object", () => "[object Object]"],
];

const WELL_KNOWN_SECRET = "super-secret-jwt-token-with-at-least-32-characters-long";
// the official stack in Docker signs with it, on every developer's machine; everywhere else it opens nothing
if (address.jwtSecret !== WELL_KNOWN_SECRET) {
  FORGERIES.push(["a well-known default secret", () => signToken(WELL_KNOWN_SECRET, claimsOfVictim())]);
}

// of a stack that runs already, only the secret is known
if (typeof address.signingKey !== "string") {
  FORGERIES.push(
    ...forgeriesWithout(address.signingKey, claimsOfVictim),
    ...uselessTokensOf(address.signingKey, claimsOfVictim).map(
      ([name, sign]) => [`${name} of the signing key`, sign] satisfies [string, () => Promise<string>],
    ),
  );
}

// PostgREST of the official stack looks at neither
if (runningStack() === undefined) {
  FORGERIES.push(
    ["a token for somebody else", () => signToken(address.jwtSecret, { ...claimsOfVictim(), aud: "another-api" })],
    ["a token for several others", () => signToken(address.jwtSecret, { ...claimsOfVictim(), aud: ["a", "b"] })],
    ["a token for nobody", () => signToken(address.jwtSecret, { ...claimsOfVictim(), aud: "" })],
    ["another issuer", () => signToken(address.jwtSecret, { ...claimsOfVictim(), iss: "https://evil.test/auth/v1" })],
    ["the issuer without its path", () => signToken(address.jwtSecret, { ...claimsOfVictim(), iss: address.url })],
    ["no issuer's name", () => signToken(address.jwtSecret, { ...claimsOfVictim(), iss: "" })],
  );
}

test.each(FORGERIES)("%s is no way in", async (_, forge) => {
  const token = await forge();
  const before = await fingerprint(sql);
  for (const request of [
    ["point_accounts?select=*", {}],
    ["categories?select=*", {}],
    ["rpc/update_profile", { method: "POST", body: { name: "Forged" } }],
    ["rpc/get_api_version", { method: "POST", body: {} }],
  ] as [string, RawRequest][]) {
    const response = await rest(request[0], { token, ...request[1] });
    expect([request[0], response.status, codeIn(response)]).toEqual([
      request[0],
      401,
      expect.stringMatching(/^PGRST30[13]$/),
    ]);
  }
  const login = await fetch(`${address.url}/auth/v1/user`, {
    headers: { apikey: address.publishableKey, authorization: `Bearer ${token}` },
  });
  expect([401, 403]).toContain(login.status);
  expect(await fingerprint(sql)).toEqual(before);
});

test("an honest token works, so that the refusals above mean something", async () => {
  const response = await rest("point_accounts?select=balance", { token: victim.token });
  expect([response.status, response.text]).toEqual([200, '[{"balance":0}]']);
  const complete = { ...claimsOfVictim(), aud: ["authenticated", "others"], iss: `${address.url}/auth/v1` };
  for (const key of [address.signingKey, address.jwtSecret]) {
    const again = await rest("point_accounts?select=balance", { token: await signToken(key, complete) });
    expect([again.status, again.text]).toEqual([200, '[{"balance":0}]']);
  }
});

describe("tokens that are signed but make no sense", () => {
  test.each([
    ["an unknown member", { sub: randomUUID(), role: "authenticated" }, "401 PT401"],
    ["no member", { role: "authenticated" }, "401 PT401"],
    ["an empty member", { sub: "", role: "authenticated" }, /^(400 22P02|401 PT401)$/],
    ["a member that is no uuid", { sub: "1 or 1=1", role: "authenticated" }, /^(400 22P02|401 PT401)$/],
    ["no role: anonymous", { sub: randomUUID() }, "401 42501"],
  ])("%s", async (_, claims, expected) => {
    const token = await signToken(address.jwtSecret, claims);
    const response = await rest("rpc/update_profile", { token, method: "POST", body: { name: "Nobody" } });
    expect(`${response.status} ${codeIn(response)}`).toEqual(
      typeof expected === "string" ? expected : expect.stringMatching(expected),
    );
  });

  test.each([
    "postgres",
    "supabase_admin",
    "authenticator",
    "supabase_auth_admin",
    "app_read",
    "app_service",
    "pg_read_all_data",
    "nobody; reset role",
    "",
  ])("the role %j opens nothing", async (role) => {
    const token = await signToken(address.jwtSecret, { sub: victim.id, role });
    for (const path of ["point_accounts?select=*", "user_contacts?select=*"]) {
      const response = await rest(path, { token });
      expect([path, response.status]).toEqual([
        path,
        expect.toSatisfy((status: number) => status >= 400 && status < 500),
      ]);
    }
  });
});

describe("API keys", () => {
  test.each([
    ["no key", { apikey: "" }],
    ["a wrong key", { apikey: "sb_publishable_wrong" }],
    ["a wrong secret key", { apikey: "sb_secret_wrong" }],
    ["the database's secret", { apikey: "JWT" }],
  ])("%s: refused before anything is read", async (_, headers) => {
    const apikey = headers.apikey === "JWT" ? address.jwtSecret : headers.apikey;
    const response = await fetch(`${address.url}/rest/v1/categories`, {
      headers: { apikey, authorization: `Bearer ${victim.token}` },
    });
    expect(response.status).toBe(401);
  });

  test("the publishable key is no member", async () => {
    for (const token of [undefined, address.publishableKey]) {
      const response = await rest("users?select=*", token === undefined ? {} : { token });
      expect([response.status, codeIn(response)]).toEqual([401, "42501"]);
      expect((await rest("categories?select=slug", token === undefined ? {} : { token })).status).toBe(200);
    }
  });

  test("the secret key counts as apikey alone, not beside the publishable one", async () => {
    const asKey = await rest("point_accounts?select=user_id&limit=1", { apiKey: address.secretKey });
    expect(asKey.status).toBe(200);
    const asToken = await rest("point_accounts?select=user_id", { token: address.secretKey });
    expect(asToken.status).toBe(401);
  });

  test("the secret key together with a member's token is that member, nothing more", async () => {
    const [other] = await stack.members(1);
    const response = await rest("point_accounts?select=user_id", { apiKey: address.secretKey, token: other.token });
    expect(JSON.parse(response.text)).toEqual([{ user_id: other.id }]);
  });

  test("the secret key cannot act for members", async () => {
    const { task } = await played();
    for (const [command, args] of [
      ["confirm_task", { task_id: task.id }],
      ["cancel_task", { task_id: task.id }],
      ["create_task", taskArgs()],
    ] as const) {
      const response = await rest(`rpc/${command}`, { apiKey: address.secretKey, method: "POST", body: args });
      expect([command, response.status, codeIn(response)]).toEqual([command, 403, "42501"]);
    }
  });

  async function played() {
    const [creator, helper] = await stack.members(2);
    return playTask(stack.call, creator.id, helper.id, "pending_confirmation");
  }
});

describe("making oneself more than a member", () => {
  test("metadata at sign-up or later changes no right", async () => {
    const api = stack.anonymous();
    const evil = {
      role: "service_role",
      is_super_admin: true,
      is_banned: false,
      app_metadata: { role: "service_role" },
    };
    const { data } = await api.auth.signUp({
      email: `${randomUUID()}@example.test`,
      password: "correct horse battery",
      options: { data: evil },
    });
    const token = data.session?.access_token ?? "";
    await fetch(`${address.url}/auth/v1/user`, {
      method: "PUT",
      headers: { apikey: address.publishableKey, authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify({ ...evil, data: evil, aud: "service_role", id: victim.id }),
    });
    const { data: again } = await api.auth.refreshSession();
    for (const accessToken of [token, again.session?.access_token ?? ""]) {
      const claims = JSON.parse(Buffer.from(accessToken.split(".")[1] ?? "", "base64url").toString()) as Record<
        string,
        unknown
      >;
      expect(claims).toMatchObject({ role: "authenticated", sub: data.user?.id });
      expect((await rest("users?select=id&is_active=eq.false", { token: accessToken })).status).toBe(200);
      expect(JSON.parse((await rest("point_accounts?select=user_id", { token: accessToken })).text)).toEqual([
        { user_id: data.user?.id },
      ]);
    }
    const [login] = await sql("select role, aud from auth.users where id = $1", [data.user?.id ?? ""]);
    expect(login).toEqual({ role: "authenticated", aud: "authenticated" });
  });

  test("the admin side of Auth is closed", async () => {
    for (const [path, method] of [
      ["admin/users", "GET"],
      ["admin/users", "POST"],
      [`admin/users/${victim.id}`, "DELETE"],
      ["admin/generate_link", "POST"],
    ] as const) {
      for (const key of [address.publishableKey, address.secretKey]) {
        const response = await fetch(`${address.url}/auth/v1/${path}`, {
          method,
          headers: { apikey: key, authorization: `Bearer ${victim.token}`, "content-type": "application/json" },
          ...(method === "POST"
            ? { body: JSON.stringify({ email: "eve@example.test", password: "correct horse battery" }) }
            : {}),
        });
        expect([path, response.status]).toEqual([path, expect.toSatisfy((status: number) => status >= 400)]);
      }
    }
    expect(await sql("select 1 from auth.users where email = 'eve@example.test'")).toEqual([]);
  });

  test("the token of a deleted account reads on but acts no more", async () => {
    const [leaver] = await stack.members(1);
    await sql(DELETE_LOGIN, [leaver.id]);
    const act = await rest("rpc/create_task", { token: leaver.token, method: "POST", body: taskArgs() });
    expect([act.status, codeIn(act)]).toEqual([403, "PT403"]);
    expect((await rest("user_contacts?select=*", { token: leaver.token })).text).toBe("[]");
    await expect(rpc(leaver, "block_user", { user_id: victim.id })).rejects.toThrow("user_inactive");
  });
});
