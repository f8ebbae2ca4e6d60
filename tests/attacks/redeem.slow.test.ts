import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { fingerprint, readCatalogue } from "../support/catalogue.ts";
import { forgeriesWithout, uselessTokensOf } from "../support/forgeries.ts";
import { balanceOf } from "../support/read.ts";
import {
  offerReward,
  openPartner,
  type Partner,
  type Redeemed,
  type Reward,
  redeemed,
  stateOf,
} from "../support/redemptions.ts";
import { faceOf, LAST_ON_ITS_CONNECTION, type SentRequest, statusOrCut } from "../support/requests.ts";
import { codeIn } from "../support/rest.ts";
import { signSession, useFunctionStack } from "../support/use-function-stack.ts";
import type { Member } from "../support/use-stack.ts";

/** What strangers, neighbours and clever members try on the function `redeem` and on the tables behind it. */

const REDEEM = "/functions/v1/redeem";
const EVIL = "https://evil.example";
const ROUTES = [
  ["redeem", "POST", () => REDEEM],
  ["read", "GET", () => `${REDEEM}/${held.redemption.id}`],
  ["return", "POST", () => `${REDEEM}/${held.redemption.id}/return`],
] as const;

const stack = useFunctionStack();
const { sql, send } = stack;
let partner: Partner;
let reward: Reward;
let poolReward: Reward;
let victim: Member;
let attacker: Member;
let held: Redeemed;
beforeAll(async () => {
  partner = await openPartner(sql);
  stack.keepSecret(partner.key);
  reward = await offerReward(sql, partner, { return_days: 30 });
  poolReward = await offerReward(sql, partner, { code_source: "pool" });
  [victim, attacker] = (await stack.members(2, 100)) as [Member, Member];
  held = await redeemed(stack, victim, reward);
});

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const wish = (overrides: object = {}) => ({
  reward_id: reward.id,
  expected_points: reward.points_cost,
  idempotency_key: randomUUID(),
  ...overrides,
});
const inOneHour = () => Math.floor(Date.now() / 1000) + 3600;
const claimsOfVictim = () => ({ sub: victim.id, role: "authenticated", aud: "authenticated", exp: inOneHour() });
const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");

/** Runs an attack and proves that it changed nothing at all. */
async function changesNothing(attack: () => Promise<void>): Promise<void> {
  const before = await fingerprint(sql);
  await attack();
  expect(await fingerprint(sql)).toEqual(before);
}

describe("without being the member", () => {
  const STRANGERS: readonly [string, () => Promise<Record<string, string>> | Record<string, string>][] = [
    ["nothing", () => ({})],
    ["the publishable key", () => ({ apikey: stack.publishableKey })],
    [
      "the publishable key twice, as supabase-js sends it",
      () => ({ apikey: stack.publishableKey, ...bearer(stack.publishableKey) }),
    ],
    ["the secret key as key", () => ({ apikey: stack.secretKey })],
    ["the secret key as token", () => bearer(stack.secretKey)],
    [
      "the secret key twice, from a browser",
      () => ({ apikey: stack.secretKey, ...bearer(stack.secretKey), origin: EVIL }),
    ],
    [
      "the secret key and a wish to be the victim",
      () => ({ apikey: stack.secretKey, "x-user-id": victim.id, "x-forwarded-user": victim.id }),
    ],
    ["a partner's key", () => bearer(partner.key)],
    ["a token of another project", async () => bearer(await signSession("x".repeat(48), claimsOfVictim()))],
    [
      "a token signed with the publishable key",
      async () => bearer(await signSession(stack.publishableKey, claimsOfVictim())),
    ],
    ["an expired token", async () => bearer(await signSession(stack.jwtSecret, claimsOfVictim(), "-1h"))],
    [
      "a token of tomorrow",
      async () => bearer(await signSession(stack.jwtSecret, { ...claimsOfVictim(), nbf: inOneHour() })),
    ],
    ["a token without algorithm", () => bearer(`${part({ alg: "none", kid: "local" })}.${part(claimsOfVictim())}.`)],
    ["a token without signature", () => bearer(`${victim.token.split(".").slice(0, 2).join(".")}.`)],
    [
      "the victim's claims under the attacker's signature",
      () => {
        const [header, , signature] = attacker.token.split(".");
        return bearer(`${header}.${part(claimsOfVictim())}.${signature}`);
      },
    ],
    [
      "the right secret, but a longer hash",
      async () => bearer(await signSession(stack.jwtSecret, claimsOfVictim(), "1h", { alg: "HS512" })),
    ],
    [
      "the right secret, but another key",
      async () => bearer(await signSession(stack.jwtSecret, claimsOfVictim(), "1h", { kid: "other" })),
    ],
    [
      "a token for another API",
      async () => bearer(await signSession(stack.jwtSecret, { ...claimsOfVictim(), aud: "another-api" })),
    ],
    [
      "a token of another issuer",
      async () => bearer(await signSession(stack.jwtSecret, { ...claimsOfVictim(), iss: "https://evil.test/auth/v1" })),
    ],
    ["a token of the service role", async () => bearer(await signSession(stack.jwtSecret, { role: "service_role" }))],
    [
      "a token of the service role with a member",
      async () => bearer(await signSession(stack.jwtSecret, { ...claimsOfVictim(), role: "service_role" })),
    ],
    [
      "a token of the role anon",
      async () => bearer(await signSession(stack.jwtSecret, { ...claimsOfVictim(), role: "anon" })),
    ],
    ["a token without a role", async () => bearer(await signSession(stack.jwtSecret, { sub: victim.id }))],
    ["a token without a member", async () => bearer(await signSession(stack.jwtSecret, { role: "authenticated" }))],
    [
      "a token of a member that is no id",
      async () => bearer(await signSession(stack.jwtSecret, { ...claimsOfVictim(), sub: "' or 1=1 --" })),
    ],
    ["basic authentication", () => ({ authorization: `Basic ${Buffer.from(`${victim.id}:`).toString("base64")}` })],
    ["a token in a cookie", () => ({ cookie: `sb-access-token=${victim.token}` })],
  ];

  test.each(STRANGERS)("%s opens nothing", async (_, headersOf) => opensNothing(await headersOf()));

  test("neither does what is made without the signing key, or signed with it for something else", async () => {
    const { signingKey } = stack;
    const forged = [...forgeriesWithout(signingKey, claimsOfVictim), ...uselessTokensOf(signingKey, claimsOfVictim)];
    for (const [, sign] of forged) await opensNothing(bearer(await sign()));
  });

  async function opensNothing(headers: Record<string, string>): Promise<void> {
    await changesNothing(async () => {
      for (const [name, method, path] of ROUTES) {
        const answer = await send(path(), { method, headers, ...(name === "redeem" ? { body: wish() } : {}) });
        expect([name, answer.status]).toEqual([name, 401]);
        expect(answer.text).not.toContain(held.code);
        expect(answer.headers.get("access-control-allow-credentials")).toBeNull();
      }
    });
  }

  test("a member who does not exist, or no more, redeems nothing and sees nothing", async () => {
    const nobody = await signSession(stack.jwtSecret, { ...claimsOfVictim(), sub: randomUUID() });
    const [leaver] = (await stack.members(1, 100)) as [Member];
    const own = await redeemed(stack, leaver, reward);
    await sql("delete from auth.users where id = $1", [leaver.id]);
    await changesNothing(async () => {
      expect(faceOf(await send(REDEEM, { method: "POST", headers: bearer(nobody), body: wish() }))).toMatchObject({
        status: 401,
        body: { code: "not_signed_in" },
      });
      expect(faceOf(await send(REDEEM, { method: "POST", headers: bearer(leaver.token), body: wish() }))).toMatchObject(
        {
          status: 403,
          body: { code: "user_inactive" },
        },
      );
      for (const token of [nobody, leaver.token]) {
        for (const id of [held.redemption.id, own.redemption.id]) {
          expect((await send(`${REDEEM}/${id}`, { headers: bearer(token) })).status).toBe(404);
          expect((await send(`${REDEEM}/${id}/return`, { method: "POST", headers: bearer(token) })).status).toBe(404);
        }
      }
    });
  });

  test("the honest member gets in, so that the refusals above mean something", async () => {
    const answer = await send<Redeemed>(`${REDEEM}/${held.redemption.id}`, { headers: bearer(victim.token) });
    expect([answer.status, answer.json.code]).toEqual([200, held.code]);
    expect(answer.headers.get("cache-control")).toBe("no-store");
  });
});

describe("as another member", () => {
  const act = (path: string, request: SentRequest = {}) =>
    send(`${REDEEM}/${path}`, { ...request, headers: { ...bearer(attacker.token), ...request.headers } });

  test("a neighbour's redemption looks like one that does not exist", async () => {
    await changesNothing(async () => {
      for (const [suffix, method] of [
        ["", "GET"],
        ["/return", "POST"],
      ] as const) {
        const unknown = await act(`${randomUUID()}${suffix}`, { method });
        const foreign = await act(`${held.redemption.id}${suffix}`, { method });
        expect(faceOf(foreign)).toEqual(faceOf(unknown));
        expect(faceOf(foreign)).toMatchObject({ status: 404, body: { code: "redemption_not_found" } });
        expect(foreign.text).not.toContain(held.code);
      }
    });
  });

  test("an id that is none is answered like an unknown one", async () => {
    await changesNothing(async () => {
      for (const id of [
        "1",
        "null",
        "*",
        "%00",
        "eq.1",
        "00000000-0000-0000-0000-00000000000%27",
        encodeURIComponent("' or 1=1 --"),
        encodeURIComponent("{redemption_id}"),
        "😀",
        "x".repeat(5000),
      ]) {
        for (const [suffix, method] of [
          ["", "GET"],
          ["/return", "POST"],
        ] as const) {
          expect([id, faceOf(await act(`${id}${suffix}`, { method }))]).toMatchObject([
            id,
            { status: 404, body: { code: "redemption_not_found" } },
          ]);
        }
      }
    });
  });

  test("other paths and methods are no way around", async () => {
    await changesNothing(async () => {
      for (const [path, method, status] of [
        [held.redemption.id, "POST", 405],
        [held.redemption.id, "DELETE", 405],
        [held.redemption.id, "PATCH", 405],
        [`${held.redemption.id}/return`, "GET", 405],
        [`${held.redemption.id}/use`, "POST", 404],
        [`${held.redemption.id}/return/now`, "POST", 404],
        [`../partner/v1/redemptions/${held.redemption.id}/cancel`, "POST", 401],
      ] as const) {
        expect([path, method, (await act(path, { method })).status]).toEqual([path, method, status]);
      }
      const override = { "x-http-method-override": "POST", "x-original-url": `/redeem/${held.redemption.id}/return` };
      expect((await act(held.redemption.id, { headers: override })).status).toBe(404);
    });
  });

  test("a neighbour's idempotency key gives one's own redemption, never theirs", async () => {
    const key = randomUUID();
    const body = wish({ idempotency_key: key });
    const theirs = await send<Redeemed>(REDEEM, { method: "POST", headers: bearer(victim.token), body });
    const mine = await send<Redeemed>(REDEEM, { method: "POST", headers: bearer(attacker.token), body });
    stack.keepSecret(theirs.json.code, mine.json.code);
    expect([theirs.status, mine.status]).toEqual([201, 201]);
    expect(mine.json.redemption.id).not.toBe(theirs.json.redemption.id);
    expect(mine.json.code).not.toBe(theirs.json.code);
    expect(await balanceOf(sql, attacker.id)).toBe(90);
  });

  test("the tables show nothing of others, and codes, keys, pools and secrets to nobody", async () => {
    for (const api of [attacker.api, stack.client()]) {
      const { data } = await api.from("redemptions").select("*").eq("user_id", victim.id);
      expect(data ?? []).toEqual([]);
    }
    const own = await victim.api.from("redemptions").select("*").throwOnError();
    expect(JSON.stringify(own.data)).not.toMatch(/ciphertext|code_hash/);
    expect(JSON.stringify(own.data)).not.toContain(held.code);
    for (const schema of ["private", "ops", "auth", "extensions"]) {
      for (const table of [
        "reward_codes",
        "partner_api_keys",
        "webhook_endpoints",
        "partner_connections",
        "partner_requests",
      ]) {
        for (const caller of [{}, bearer(attacker.token)]) {
          const headers = { apikey: stack.publishableKey, "accept-profile": schema, ...caller };
          const answer = await send(`/rest/v1/${table}?select=*`, { headers });
          expect([schema, table, answer.status]).toEqual([schema, table, 406]);
        }
      }
    }
    for (const path of [
      "redemptions?select=*,reward_codes(*)",
      "redemptions?select=*,code_ciphertext",
      "rewards?select=*,reward_codes(*)",
      "partners?select=*,partner_api_keys(*)",
      "partners?select=*,partner_contacts(*)",
      "partners?select=*,partner_connections(*)",
    ]) {
      const headers = { apikey: stack.publishableKey, ...bearer(attacker.token) };
      expect([path, (await send(`/rest/v1/${path}`, { headers })).status]).toEqual([path, 400]);
    }
  });
});

describe("what a body may not say", () => {
  const redeem = (body: unknown, headers: Record<string, string> = {}) =>
    send(REDEEM, { method: "POST", headers: { ...bearer(attacker.token), ...headers }, body });
  const raw = (points: string) =>
    `{"reward_id":"${reward.id}","expected_points":${points},"idempotency_key":"${randomUUID()}"}`;

  const FIELDS: readonly [string, () => unknown][] = [
    ["userId", () => victim.id],
    ["memberId", () => victim.id],
    ["member_id", () => victim.id],
    ["user_id", () => victim.id],
    ["points_spent", () => 0],
    ["points_cost", () => 1],
    ["status", () => "used"],
    ["code", () => "NHAA-AAAA-AAAA-AAAA-AAAA"],
    ["codeHash", () => "\\x00"],
    ["redemption_id", () => held.redemption.id],
    ["constructor", () => ({ userId: victim.id })],
  ];
  test.each(FIELDS)("%s", async (field, value) => {
    await changesNothing(async () => {
      expect(faceOf(await redeem(wish({ [field]: value() })))).toMatchObject({
        status: 400,
        body: { code: "validation_failed" },
      });
    });
  });

  test("a prototype of one's own making names nobody else", async () => {
    const before = await balanceOf(sql, victim.id);
    const answer = await redeem(
      `{"__proto__":{"userId":"${victim.id}","memberId":"${victim.id}"},${raw("10").slice(1)}`,
    );
    if (answer.status === 201) stack.keepSecret((answer.json as unknown as Redeemed).code);
    expect([400, 201]).toContain(answer.status);
    expect(await balanceOf(sql, victim.id)).toBe(before);
  });

  test.each(["1", "9", "11", "1000000"])("the price %s: price_changed, with the true one", async (points) => {
    await changesNothing(async () => {
      expect(faceOf(await redeem(raw(points)))).toMatchObject({
        status: 409,
        body: { code: "price_changed", detail: "10" },
      });
    });
  });

  test.each([
    "0",
    "-10",
    "-1e999",
    "1e999",
    '"10"',
    "10.5",
    "10.0000001",
    "null",
    "true",
    "[10]",
    '{"$gt":0}',
    "2147483648",
    "9007199254740993",
    "1000001",
    '""',
    '"NaN"',
  ])("the price %s is no price", async (points) => {
    await changesNothing(async () => {
      expect(faceOf(await redeem(raw(points)))).toMatchObject({ status: 400, body: { code: "validation_failed" } });
    });
  });

  test("the last of two prices counts, and is checked", async () => {
    await changesNothing(async () => {
      expect(faceOf(await redeem(raw('10,"expected_points":1')))).toMatchObject({ body: { code: "price_changed" } });
    });
  });

  test.each([
    [undefined, "idempotency_key_missing"],
    [null, "idempotency_key_missing"],
    ["", "validation_failed"],
    ["again", "validation_failed"],
    [0, "validation_failed"],
    [["a"], "validation_failed"],
  ])("the idempotency key %j: a double tap without a key is refused", async (idempotencyKey, code) => {
    await changesNothing(async () => {
      expect(faceOf(await redeem(wish({ idempotency_key: idempotencyKey })))).toMatchObject({
        status: 400,
        body: { code },
      });
    });
  });

  test.each(["1", "' or 1=1 --", "\u0000", null, {}, []])("the reward %j", async (rewardId) => {
    await changesNothing(async () => {
      expect((await redeem(wish({ reward_id: rewardId }))).status).toBe(404);
    });
  });

  test("a key that was used for something else, and a pool that is empty", async () => {
    const idempotencyKey = randomUUID();
    const first = await redeem(wish({ idempotency_key: idempotencyKey }));
    stack.keepSecret((first.json as unknown as Redeemed).code);
    await changesNothing(async () => {
      for (const other of [{ reward_id: poolReward.id }, { expected_points: 11 }]) {
        expect(faceOf(await redeem(wish({ idempotency_key: idempotencyKey, ...other })))).toMatchObject({
          status: 409,
          body: { code: "idempotency_key_reused" },
        });
      }
      expect(faceOf(await redeem(wish({ reward_id: poolReward.id })))).toMatchObject({
        status: 409,
        body: { code: "reward_sold_out" },
      });
    });
  });

  const BODIES: readonly [string, () => string | Uint8Array, Record<string, string>, number, string][] = [
    ["5 KiB", () => raw("10").padEnd(5 * 1024), {}, 413, "payload_too_large"],
    ["deep JSON", () => "[".repeat(2000), {}, 400, "json_invalid"],
    ["deep objects", () => `${'{"a":'.repeat(300)}1${"}".repeat(300)}`, {}, 400, "json_invalid"],
    ["no JSON", () => "reward_id=1", {}, 400, "json_invalid"],
    ["nothing", () => "", {}, 400, "json_invalid"],
    ["a list", () => "[]", {}, 400, "validation_failed"],
    ["null", () => "null", {}, 400, "validation_failed"],
    [
      "a form",
      () => raw("10"),
      { "content-type": "application/x-www-form-urlencoded" },
      415,
      "content_type_unsupported",
    ],
    [
      "plain text, which needs no preflight",
      () => raw("10"),
      { "content-type": "text/plain" },
      415,
      "content_type_unsupported",
    ],
    [
      "another alphabet",
      () => raw("10"),
      { "content-type": "application/json; charset=utf-16" },
      415,
      "content_type_unsupported",
    ],
    ["compressed", () => raw("10"), { "content-encoding": "gzip" }, 415, "content_type_unsupported"],
    ["no UTF-8", () => new Uint8Array([0x7b, 0xff, 0xfe, 0x7d]), {}, 415, "content_type_unsupported"],
  ];
  test.each(BODIES)("a body of %s", async (_, body, headers, status, code) => {
    await changesNothing(async () => {
      expect(faceOf(await redeem(body(), headers))).toMatchObject({ status, body: { code } });
    });
  });
});

test("a body of 9 MiB is not even read", async () => {
  await changesNothing(async () => {
    const headers = { ...bearer(attacker.token), ...LAST_ON_ITS_CONNECTION };
    const huge = send(REDEEM, { method: "POST", headers, body: " ".repeat(9 * 1024 * 1024) });
    expect([413, "cut"]).toContain(await statusOrCut(huge));
  });
});

describe("past the functions", () => {
  test.each(["nobody", "a member"])("%s cannot send a command of the functions to the database", async (who) => {
    const { rpcs } = await readCatalogue(sql);
    const closed = await sql<{ name: string }>(
      `select distinct p.proname as name from pg_proc p
       where p.pronamespace = 'public'::regnamespace and has_function_privilege('service_role', p.oid, 'execute')
         and not has_function_privilege('authenticated', p.oid, 'execute')`,
    );
    const names = closed.map(({ name }) => name);
    expect(names).toEqual(
      expect.arrayContaining(["begin_redemption", "read_redemption", "record_partner_code", "use_code", "add_codes"]),
    );
    const caller = who === "nobody" ? {} : bearer(attacker.token);
    const known: Record<string, unknown> = {
      member_id: victim.id,
      reward_id: reward.id,
      redemption_id: held.redemption.id,
      partner_id: partner.id,
      api_key_hash: partner.keyHash,
      expected_points: 10,
      idempotency_key: randomUUID(),
      code_hash: `\\x${"00".repeat(32)}`,
    };
    await changesNothing(async () => {
      for (const { name, args } of rpcs.filter((rpc) => names.includes(rpc.name))) {
        const body = Object.fromEntries(args.map((argument) => [argument.name, known[argument.name] ?? null]));
        const headers = { apikey: stack.publishableKey, ...caller };
        const answer = await send(`/rest/v1/rpc/${name}`, { method: "POST", headers, body });
        const expected = who === "nobody" ? 401 : 403;
        expect([name, answer.status, codeIn(answer)]).toEqual([name, expected, "42501"]);
        for (const profile of ["private", "ops"]) {
          const inside = { ...headers, "content-profile": profile };
          expect((await send(`/rest/v1/rpc/${name}`, { method: "POST", headers: inside, body })).status).toBe(406);
        }
      }
    });
  });

  test("an admin's commands are for nobody on the outside, not even for the secret key", async () => {
    for (const key of [stack.publishableKey, stack.secretKey]) {
      for (const name of ["create_partner_key", "rotate_partner_key", "revoke_partner_key", "adjust_points"]) {
        const body = { partner_id: partner.id, name: "Mine", scopes: ["redemptions:use"] };
        const headers = { apikey: key, "content-profile": "ops" };
        expect((await send(`/rest/v1/rpc/${name}`, { method: "POST", headers, body })).status).toBe(406);
        expect((await send(`/rest/v1/rpc/${name}`, { method: "POST", headers: { apikey: key }, body })).status).toBe(
          404,
        );
      }
    }
  });
});

describe("from a page of another origin", () => {
  test("a preflight is answered, without credentials", async () => {
    const headers = {
      origin: EVIL,
      "access-control-request-method": "POST",
      "access-control-request-headers": "authorization,content-type",
    };
    const answer = await send(REDEEM, { method: "OPTIONS", headers });
    expect(answer.status).toBe(204);
    expect(answer.headers.get("access-control-allow-origin")).toBe("*");
    expect(answer.headers.get("access-control-allow-methods")).toBe("POST");
    expect(answer.headers.get("access-control-allow-headers")).toContain("authorization");
    expect(answer.headers.get("access-control-allow-credentials")).toBeNull();
  });

  test("an answer never follows the origin, and needs the token like everywhere", async () => {
    for (const headers of [{}, bearer(attacker.token), bearer(victim.token)]) {
      const answer = await send(`${REDEEM}/${held.redemption.id}`, { headers: { origin: EVIL, ...headers } });
      expect(answer.headers.get("access-control-allow-credentials")).toBeNull();
      expect([null, "*"]).toContain(answer.headers.get("access-control-allow-origin"));
    }
  });
});

test("when things break inside, the answer says nothing and the log names no code, token or key", async () => {
  const lines = stack.log.length;
  await sql("alter function public.begin_redemption(uuid, uuid, integer, uuid, text, text) rename to gone");
  try {
    const answer = await send(REDEEM, { method: "POST", headers: bearer(attacker.token), body: wish() });
    expect(faceOf(answer)).toMatchObject({ status: 500, body: { code: "internal_error" } });
    expect(answer.text).not.toMatch(/begin_redemption|PGRST|gone/);
  } finally {
    await sql("alter function public.gone(uuid, uuid, integer, uuid, text, text) rename to begin_redemption");
  }
  expect(stack.log.slice(lines).join("\n")).toContain("request failed");
  expect(stack.leaks()).toEqual([]);
});

test("after all of this the victim still holds the code, paid once", async () => {
  expect(await stateOf(sql, held.redemption.id)).toMatchObject({
    status: "active",
    bookings: ["redemption -10"],
    codes: 1,
  });
  expect(await sql("select * from ops.audit_books()")).toEqual([]);
});
