import { randomUUID } from "node:crypto";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { generateCode } from "../../supabase/functions/_shared/codes.ts";
import {
  PARTNER_SCOPES,
  type PartnerScope,
  SANDBOX_SCOPES,
} from "../../supabase/functions/_shared/contracts/words-and-limits.ts";
import type { Route } from "../../supabase/functions/partner/route.ts";
import { ROUTES, type RouteName } from "../../supabase/functions/partner/routes.ts";
import { fingerprintWithoutKeys } from "../support/catalogue.ts";
import { communityMonth } from "../support/community-month.ts";
import {
  offerReward,
  openPartner,
  type Partner,
  type Redeemed,
  type Reward,
  redeemed,
  sandboxKey,
  stateOf,
} from "../support/redemptions.ts";
import {
  type Answer,
  faceOf,
  LAST_ON_ITS_CONNECTION,
  type RefusalBody,
  type SentRequest,
  statusOrCut,
} from "../support/requests.ts";
import { useFunctionStack } from "../support/use-function-stack.ts";
import type { Member } from "../support/use-stack.ts";

/** What strangers and a rival try on the API of partners. Routes come from the API's own table: none can be forgotten. */

const API = "/functions/v1/partner";
const MONTH = communityMonth();

/** What a route is aimed at. */
interface Target {
  rewardId: string;
  poolId: string;
  redemptionId: string;
  code: string;
  endpointId: string;
  messageId: string;
  keyId: string;
}

const stack = useFunctionStack();
const { sql, send } = stack;
let baker: Partner;
let rival: Partner;
let reward: Reward;
let pool: Reward;
let member: Member;
let held: Redeemed;
let own: Target;
// after each test the settings are the defaults again
beforeEach(() => sql("update private.settings set wrong_code_limit = 1000"));
beforeAll(async () => {
  [baker, rival] = [await openPartner(sql), await openPartner(sql)];
  stack.keepSecret(baker.key, rival.key);
  reward = await offerReward(sql, baker);
  pool = await offerReward(sql, baker, { code_source: "pool" });
  await call(baker.key, "/v1/connection", { method: "PUT", body: { url: null } });
  const endpoint = await call<{ id: string; secret: string }>(baker.key, "/v1/webhook-endpoints", {
    method: "POST",
    body: { url: "http://127.0.0.1:9/hooks", event_types: ["redemption.created", "redemption.used"] },
  });
  stack.keepSecret(endpoint.json.secret);
  [member] = (await stack.members(1, 1000)) as [Member];
  held = await redeemed(stack, member, reward);
  const [message] = await sql<{ id: string }>("select id::text from private.webhook_messages limit 1");
  own = {
    rewardId: reward.id,
    poolId: pool.id,
    redemptionId: held.redemption.id,
    code: held.code,
    endpointId: endpoint.json.id,
    messageId: message?.id ?? "",
    keyId: (await keyWith(baker, ["redemptions:use"])).id,
  };
});

const bearer = (key: string) => ({ authorization: `Bearer ${key}` });

function call<Body = RefusalBody>(key: string, path: string, request: SentRequest = {}): Promise<Answer<Body>> {
  return send<Body>(`${API}${path}`, { ...request, headers: { ...bearer(key), ...request.headers } });
}

/** A request to a route, with a body that is right. */
function requestTo(name: RouteName, target: Target = own): [path: string, request: SentRequest] {
  const { method, path: template, bodyExample }: Route = ROUTES[name];
  const ids: Partial<Record<RouteName, string>> = {
    addCodes: target.poolId,
    listCodes: target.poolId,
    withdrawCodes: target.poolId,
    cancelRedemption: target.redemptionId,
    rotateWebhookSecret: target.endpointId,
    deleteWebhookEndpoint: target.endpointId,
    replayWebhookMessage: target.messageId,
    testWebhookEndpoint: target.endpointId,
    rotateApiKey: target.keyId,
    revokeApiKey: target.keyId,
  };
  const path = template.replace("{id}", ids[name] ?? target.rewardId).replace("{month}", MONTH);
  const codes: Partial<Record<RouteName, object>> = {
    verifyCode: { code: target.code },
    useCode: { code: target.code, till_reference: "till-1" },
  };
  const body = codes[name] ?? bodyExample;
  return [path, { method: method.toUpperCase(), ...(body === undefined ? {} : { body }) }];
}

/** Every route that needs a key. */
const guarded = (Object.keys(ROUTES) as RouteName[]).filter((name) => (ROUTES[name] as Route).scope !== undefined);

async function keyWith(
  partner: Partner,
  scopes: readonly string[],
  expiresAt: string | null = null,
): Promise<{ id: string; key: string }> {
  const [made] = await sql<{ key_id: string; key: string }>(
    "select key_id, key from ops.create_partner_key($1, 'Attack', string_to_array($2, ','), $3::timestamptz)",
    [partner.id, scopes.join(","), expiresAt],
  );
  if (!made) throw new Error("there is no key");
  stack.keepSecret(made.key);
  return { id: made.key_id, key: made.key };
}

/** Runs an attack and proves that it changed nothing but the notes about keys. */
async function changesNothing(attack: () => Promise<void>): Promise<void> {
  const before = await fingerprintWithoutKeys(sql);
  await attack();
  expect(await fingerprintWithoutKeys(sql)).toEqual(before);
}

test("the table of routes is known, and the honest partner gets in", async () => {
  expect(guarded.length).toBeGreaterThanOrEqual(18);
  expect((await call(baker.key, "/v1/me")).status).toBe(200);
  expect((await call(baker.key, "/v1/redemptions/verify", { method: "POST", body: { code: held.code } })).status).toBe(
    200,
  );
});

describe("without a good key", () => {
  const STRANGERS: readonly [string, () => Record<string, string>][] = [
    ["nothing", () => ({})],
    ["an empty key", () => ({ authorization: "Bearer " })],
    ["an unknown key", () => bearer(`nhp_${"0".repeat(64)}`)],
    ["the hash of a key", () => bearer(`nhp_${baker.keyHash.slice(2)}`)],
    ["a key in capitals", () => bearer(baker.key.toUpperCase())],
    ["a key with more behind it", () => bearer(`${baker.key}0`)],
    ["half a key", () => bearer(baker.key.slice(0, -1))],
    ["SQL", () => bearer(`nhp_' or 1=1 --`)],
    ["another scheme", () => ({ authorization: `Basic ${baker.key}` })],
    ["a key in the header apikey", () => ({ apikey: baker.key })],
    ["a key in a cookie", () => ({ cookie: `key=${baker.key}` })],
    ["the publishable key", () => ({ apikey: stack.publishableKey, ...bearer(stack.publishableKey) })],
    ["the secret key", () => ({ apikey: stack.secretKey, ...bearer(stack.secretKey) })],
    ["a member's token", () => ({ apikey: stack.publishableKey, ...bearer(member.token) })],
  ];

  test.each(STRANGERS)("%s opens no route", async (_, headersOf) => {
    const headers = headersOf();
    await changesNothing(async () => {
      for (const name of guarded) {
        const [path, request] = requestTo(name);
        const answer = await send(`${API}${path}`, { ...request, headers });
        expect([name, answer.status, answer.json.code]).toEqual([name, 401, "api_key_invalid"]);
        expect(answer.headers.get("www-authenticate")).toMatch(/^Bearer /);
      }
    });
  });

  test("a key in the address opens nothing, and two keys are none", async () => {
    expect((await send(`${API}/v1/me?apikey=${baker.key}&key=${baker.key}`)).status).toBe(401);
    const both = `Bearer ${baker.key}, Bearer ${rival.key}`;
    expect((await send(`${API}/v1/me`, { headers: { authorization: both } })).status).toBe(401);
  });

  test("a revoked, an expired and a rotated key are as good as unknown, from that moment on", async () => {
    const revoked = await keyWith(baker, PARTNER_SCOPES);
    const expired = await keyWith(baker, PARTNER_SCOPES, "2020-01-01T00:00:00Z");
    const rotated = await keyWith(baker, PARTNER_SCOPES);
    expect((await call(revoked.key, "/v1/me")).status).toBe(200);
    expect((await call(rotated.key, "/v1/me")).status).toBe(200);
    await sql("select ops.revoke_partner_key($1)", [revoked.id]);
    const [next] = await sql<{ key: string }>("select key from ops.rotate_partner_key($1, '0 seconds')", [rotated.id]);
    stack.keepSecret(next?.key ?? "");
    await changesNothing(async () => {
      for (const { key } of [revoked, expired, rotated]) {
        for (const name of guarded) {
          const [path, request] = requestTo(name);
          expect([name, faceOf(await call(key, path, request))]).toMatchObject([
            name,
            { status: 401, body: { code: "api_key_invalid" } },
          ]);
        }
      }
    });
    expect((await call(next?.key ?? "", "/v1/me")).status).toBe(200);
  });

  test("a partner who is switched off does nothing", async () => {
    await sql("update public.partners set is_active = false where id = $1", [baker.id]);
    try {
      await changesNothing(async () => {
        for (const name of guarded) {
          const [path, request] = requestTo(name);
          expect([name, faceOf(await call(baker.key, path, request))]).toMatchObject([
            name,
            { status: 403, body: { code: "partner_inactive" } },
          ]);
        }
      });
    } finally {
      await sql("update public.partners set is_active = true where id = $1", [baker.id]);
    }
  });
});

describe("without the scope", () => {
  test.each(PARTNER_SCOPES)(
    "%s: every route that needs it says so, the others work on",
    async (scope: PartnerScope) => {
      const { key } = await keyWith(
        baker,
        PARTNER_SCOPES.filter((other) => other !== scope),
      );
      const closed = guarded.filter((name) => (ROUTES[name] as Route).scope === scope);
      expect(closed.length).toBeGreaterThan(0);
      await changesNothing(async () => {
        for (const name of closed) {
          const [path, request] = requestTo(name);
          expect([name, faceOf(await call(key, path, request))]).toMatchObject([
            name,
            { status: 403, body: { code: "scope_missing", detail: scope } },
          ]);
        }
        expect((await call(key, "/v1/me")).status).toBe(200);
      });
    },
  );

  test("a till's key sees no lists, no money and no secrets", async () => {
    const { key } = await keyWith(baker, ["redemptions:use"]);
    await changesNothing(async () => {
      for (const name of guarded.filter((route) => !["readPartner", "verifyCode", "useCode"].includes(route))) {
        const [path, request] = requestTo(name);
        expect([name, (await call(key, path, request)).status]).toEqual([name, 403]);
      }
    });
  });

  test("a key makes no key that may do more, or that makes keys in its turn", async () => {
    const { id, key } = await keyWith(baker, ["keys:write", "rewards:read"]);
    const make = (scopes: string[]) => call(key, "/v1/keys", { method: "POST", body: { name: "Till", scopes } });
    const face = async (answer: Promise<Answer<RefusalBody>>) => {
      const { status, json } = await answer;
      return [status, json.code, json.detail];
    };
    expect(await face(make(["redemptions:use", "rewards:write"]))).toEqual([403, "scope_missing", "rewards:write"]);
    expect(await face(make(["keys:write"]))).toEqual([400, "scope_invalid", undefined]);
    expect((await make(["rewards:read", "redemptions:use"])).status).toBe(201);
    const { id: powerful } = await keyWith(baker, PARTNER_SCOPES);
    expect((await call(key, `/v1/keys/${powerful}/rotate`, { method: "POST" })).status).toBe(403);
    const own = await call<{ key: string }>(key, `/v1/keys/${id}/rotate`, { method: "POST" });
    expect(own.status).toBe(201);
    stack.keepSecret(own.json.key);
    expect((await call(own.json.key, "/v1/keys")).status).toBe(200);
    expect((await call(own.json.key, `/v1/keys/${id}`, { method: "DELETE" })).status).toBe(204);
    expect((await call(key, "/v1/me")).status).toBe(401);
  });

  test("nobody gives a key more rights than there are", async () => {
    await expect(keyWith(baker, ["redemptions:use", "everything"])).rejects.toThrow("scope_invalid");
    await expect(keyWith(baker, [])).rejects.toThrow("scope_invalid");
  });
});

describe("with the key of another partner", () => {
  const unknown = (): Target => ({
    rewardId: randomUUID(),
    poolId: randomUUID(),
    redemptionId: randomUUID(),
    code: generateCode(),
    endpointId: randomUUID(),
    messageId: "999999999",
    keyId: randomUUID(),
  });
  const withTarget = guarded.filter(
    (name) => ROUTES[name].path.includes("{id}") || ["verifyCode", "useCode"].includes(name),
  );

  test.each(withTarget)("%s: what belongs to others looks unknown, and stays as it is", async (name) => {
    await changesNothing(async () => {
      const foreign = await call(rival.key, ...requestTo(name));
      const nothing = await call(rival.key, ...requestTo(name, unknown()));
      expect(faceOf(foreign)).toEqual(faceOf(nothing));
      expect(foreign.status).toBe(404);
      expect([...foreign.headers.keys()].sort()).toEqual([...nothing.headers.keys()].sort());
    });
  });

  test("lists, settlement and cursors show nothing of others", async () => {
    const theirs = [baker.id, own.rewardId, own.poolId, own.redemptionId, own.endpointId, held.code];
    for (const path of [
      "/v1/me",
      "/v1/rewards",
      "/v1/rewards?after=00000000-0000-0000-0000-000000000000",
      "/v1/redemptions",
      `/v1/redemptions?reward_id=${own.rewardId}`,
      "/v1/redemptions?after=ffffffff-ffff-ffff-ffff-ffffffffffff",
      `/v1/settlements/${MONTH}`,
      "/v1/webhook-endpoints",
      "/v1/webhook-messages",
      `/v1/webhook-messages?after=${Number(own.messageId) + 1}`,
    ]) {
      const answer = await call(rival.key, path);
      expect([path, answer.status]).toEqual([path, 200]);
      for (const secret of theirs) expect([path, answer.text.includes(secret)]).toEqual([path, false]);
    }
    expect((await call<{ items: object[] }>(baker.key, "/v1/redemptions")).json.items).toHaveLength(1);
  });

  test("nobody learns who the member is", async () => {
    for (const path of ["/v1/redemptions", "/v1/webhook-messages", `/v1/settlements/${MONTH}`]) {
      expect((await call(baker.key, path)).text).not.toContain(member.id);
    }
  });

  test("naming somebody else in a body is refused", async () => {
    await changesNothing(async () => {
      const [, create] = requestTo("createReward");
      for (const field of ["partnerId", "partner_id", "id", "created_at", "stock_taken"]) {
        const body = { ...(create.body as object), [field]: baker.id };
        expect(faceOf(await call(rival.key, "/v1/rewards", { method: "POST", body }))).toMatchObject({
          status: 400,
          body: { code: "validation_failed" },
        });
      }
      for (const path of ["verify", "use"]) {
        const body = { code: held.code, till_reference: "t", partner_id: baker.id };
        expect((await call(rival.key, `/v1/redemptions/${path}`, { method: "POST", body })).status).toBe(400);
      }
    });
  });

  test("taking as long for a code of somebody else as for no code", async () => {
    const { key } = await keyWith(rival, ["redemptions:use"]);
    const timed = async (code: string) => {
      const start = performance.now();
      await call(key, "/v1/redemptions/verify", { method: "POST", body: { code } });
      return performance.now() - start;
    };
    const median = (times: number[]) => times.sort((one, other) => one - other)[times.length >> 1] ?? 0;
    const ratio = async () => {
      const [foreign, nothing]: [number[], number[]] = [[], []];
      for (let round = 0; round < 100; round++) {
        // the order changes, so that neither is always the one that warms up the other
        for (const which of round % 2 ? [foreign, nothing] : [nothing, foreign]) {
          which.push(await timed(which === foreign ? held.code : generateCode()));
        }
      }
      const medians = [median(foreign), median(nothing)];
      return Math.max(...medians) / Math.min(...medians);
    };
    const first = await ratio();
    expect(first < 1.5 ? first : await ratio()).toBeLessThan(1.5);
  }, 120_000);
});

describe("with a sandbox key", () => {
  let sandbox: string;
  beforeAll(async () => {
    sandbox = (await sandboxKey(sql, baker)).key;
    stack.keepSecret(sandbox);
  });

  test("no route shows or changes anything real", async () => {
    await changesNothing(async () => {
      for (const name of guarded.filter((route) => !["createTestCode", "createWebhookEndpoint"].includes(route))) {
        const { scope = null }: Route = ROUTES[name];
        const answer = await call(sandbox, ...requestTo(name));
        const isForbidden = scope !== null && !SANDBOX_SCOPES.some((allowed) => allowed === scope);
        const isAimed = !isForbidden && (ROUTES[name].path.includes("{id}") || /^(?:verify|use)Code$/u.test(name));
        expect([name, answer.status]).toEqual([name, isForbidden ? 403 : isAimed ? 404 : 200]);
        for (const real of [own.redemptionId, own.endpointId, held.code]) expect(answer.text).not.toContain(real);
      }
    });
  });

  test("test codes are made by sandbox keys alone, and a till with another key takes them for unknown", async () => {
    const wish = { method: "POST", body: { reward_id: own.rewardId } };
    expect(faceOf(await call(baker.key, "/v1/test-codes", wish))).toMatchObject({
      status: 403,
      body: { code: "sandbox_key_required" },
    });
    const { json, status } = await call<{ code: string; redemption: { id: string } }>(sandbox, "/v1/test-codes", wish);
    expect(status).toBe(201);
    stack.keepSecret(json.code);
    await changesNothing(async () => {
      const test = { ...own, code: json.code, redemptionId: json.redemption.id };
      const unknown = { ...own, code: generateCode(), redemptionId: randomUUID() };
      for (const name of ["verifyCode", "useCode", "cancelRedemption"] as const) {
        expect(faceOf(await call(baker.key, ...requestTo(name, test)))).toEqual(
          faceOf(await call(baker.key, ...requestTo(name, unknown))),
        );
      }
    });
    const use = requestTo("useCode", { ...own, code: json.code });
    expect((await call<{ redemption: object }>(sandbox, ...use)).json).toMatchObject({ redemption: { is_test: true } });
    expect((await call<{ totals: object }>(baker.key, `/v1/settlements/${MONTH}`)).json.totals).toMatchObject({
      redemptions: 0,
    });
  });
});

describe("guessing codes", () => {
  test("is stopped after the limit, right guesses included; other keys go on", async () => {
    const { key } = await keyWith(baker, ["redemptions:use"]);
    await sql("update private.partner_api_keys set wrong_codes = 0"); // what other tests tried counts for the whole partner
    await sql("update private.settings set wrong_code_limit = 20");
    await changesNothing(async () => {
      const verify = (code: string, with_ = key) =>
        call(with_, "/v1/redemptions/verify", { method: "POST", body: { code } });
      for (let guess = 0; guess < 20; guess++) {
        const use = { method: "POST", body: { code: generateCode(), till_reference: "t" } };
        const answer = guess % 2 ? await verify(generateCode()) : await call(key, "/v1/redemptions/use", use);
        expect(faceOf(answer)).toMatchObject({ status: 404, body: { code: "code_not_found" } });
      }
      const use = { method: "POST", body: { code: held.code, till_reference: "t" } };
      for (const answer of [
        await verify(generateCode()),
        await verify(held.code),
        await call(key, "/v1/redemptions/use", use),
      ]) {
        expect(faceOf(answer)).toMatchObject({ status: 429, body: { code: "too_many_wrong_codes" } });
        expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(500);
        expect(Number(answer.headers.get("retry-after"))).toBeLessThanOrEqual(600);
      }
      expect((await verify(held.code, baker.key)).status).toBe(200);
      expect((await verify(held.code, rival.key)).status).toBe(404);
    });
    await sql(
      "update private.partner_api_keys set wrong_codes_since = now() - interval '11 minutes' where wrong_codes > 0",
    );
    expect((await call(key, "/v1/redemptions/verify", { method: "POST", body: { code: held.code } })).status).toBe(200);
  });

  test("in parallel wins nothing: the limit still comes", async () => {
    const { key } = await keyWith(baker, ["redemptions:use"]);
    await sql("update private.settings set wrong_code_limit = 5");
    const guess = () => call(key, "/v1/redemptions/verify", { method: "POST", body: { code: generateCode() } });
    await Promise.all(Array.from({ length: 30 }, guess));
    expect((await guess()).status).toBe(429);
  });

  test("typing errors are told apart and cost nothing", async () => {
    const { key } = await keyWith(baker, ["redemptions:use"]);
    const mistyped = held.code.replace(/.$/, (last) => (last === "2" ? "3" : "2"));
    stack.keepSecret(mistyped);
    for (let guess = 0; guess < 25; guess++) {
      const answer = await call(key, "/v1/redemptions/verify", { method: "POST", body: { code: mistyped } });
      expect(faceOf(answer)).toMatchObject({ status: 400, body: { code: "code_mistyped" } });
    }
    const [used] = await sql(
      "select wrong_codes from private.partner_api_keys where key_hash = sha256($1::text::bytea)",
      [key],
    );
    expect(used).toEqual({ wrong_codes: 0 });
  });
});

const GARBAGE = [
  "' or 1=1 --",
  "'; drop table public.redemptions; --",
  "$1",
  "\\x00",
  "\u0000",
  "\ud800",
  "\u202egnp.exe",
  "\u200b\u200b\u200b\u200b",
  "𝕊𝔼ℂℝ𝔼𝕋",
  "<script>alert(1)</script>",
  "../../../etc/passwd",
  "{{7*7}}",
  "=cmd|' /C calc'!A0",
  "%",
  "_____",
  "null",
  "💣".repeat(60),
  "x".repeat(100_000),
];

describe("garbage", () => {
  test("as code is an unknown code and nothing else", async () => {
    const { key } = await keyWith(baker, ["redemptions:use"]);
    await changesNothing(async () => {
      for (const code of [...GARBAGE, "", " ", "\n\t"]) {
        for (const [path, more] of [
          ["verify", {}],
          ["use", { till_reference: "t" }],
        ] as const) {
          const answer = await call(key, `/v1/redemptions/${path}`, { method: "POST", body: { code, ...more } });
          expect([code.slice(0, 40), answer.status, answer.json.code]).toEqual([
            code.slice(0, 40),
            404,
            "code_not_found",
          ]);
          if (code.length > 20) expect(answer.text).not.toContain(code);
        }
      }
      for (const code of [null, 1, true, [], {}, [held.code], { $ne: null }, undefined]) {
        const answer = await call(key, "/v1/redemptions/verify", { method: "POST", body: { code } });
        expect([code, answer.status, answer.json.code]).toEqual([code, 400, "validation_failed"]);
      }
    });
  });

  test("as till reference uses nothing", async () => {
    await changesNothing(async () => {
      const texts = [...GARBAGE, "", " ", "-1", "a b", "ä", "a\n", "x".repeat(65), null, undefined];
      // four honest letters
      for (const till_reference of texts.filter((text) => text !== "null")) {
        const body = { code: held.code, till_reference };
        const answer = await call(baker.key, "/v1/redemptions/use", { method: "POST", body });
        expect([till_reference, answer.status, answer.json.code]).toEqual([
          till_reference,
          400,
          "till_reference_invalid",
        ]);
      }
    });
  });

  test("in filters, cursors, paths and months is refused or finds nothing", async () => {
    await changesNothing(async () => {
      for (const text of GARBAGE.map((garbage) => garbage.slice(0, 200))) {
        const value = encodeURIComponent(text.toWellFormed());
        for (const path of [
          `/v1/redemptions?status=${value}`,
          `/v1/redemptions?reward_id=${value}`,
          `/v1/redemptions?since=${value}`,
          `/v1/redemptions?until=${value}`,
          `/v1/redemptions?after=${value}`,
          `/v1/redemptions?page_size=${value}`,
          `/v1/redemptions?${value}=1`,
          `/v1/rewards?after=${value}`,
          `/v1/webhook-messages?after=${value}`,
          `/v1/webhook-messages?status=${value}`,
          `/v1/settlements/${value}`,
        ]) {
          const { status } = await call(baker.key, path);
          expect([path, status]).toEqual([path, expect.toSatisfy((code: number) => code === 400 || code === 404)]);
        }
      }
      for (const path of [
        "/v1/redemptions?page_size=0",
        "/v1/redemptions?page_size=-1",
        "/v1/redemptions?page_size=101",
        "/v1/redemptions?page_size=1e9",
        "/v1/redemptions?page_size=1&page_size=2",
        "/v1/redemptions?since=2026-02-30T00:00:00Z",
        "/v1/webhook-messages?after=99999999999999999999",
        "/v1/settlements/2026-13",
        "/v1/settlements/2026-00",
        "/v1/settlements/26-01",
        "/v1/settlements/99999-01",
      ]) {
        expect([path, (await call(baker.key, path)).status]).toEqual([path, 400]);
      }
    });
  });

  test("in rewards is refused", async () => {
    const [, { body }] = requestTo("createReward");
    await changesNothing(async () => {
      for (const [changes, code] of [
        [{ title_de: "\u0000\u0000" }, "text_has_control_characters"],
        [{ title_en: "a\u202eb" }, "text_has_control_characters"],
        [{ title_en: " \u200b " }, "text_blank"],
        [{ title_en: "x".repeat(256) }, "text_too_long"],
        [{ points_cost: 0 }, "reward_invalid"],
        [{ points_cost: -5 }, "reward_invalid"],
        [{ points_cost: 1.5 }, "validation_failed"],
        [{ points_cost: "1" }, "validation_failed"],
        [{ discount_type: "percentage", discount_value: 101, discount_currency: null }, "reward_invalid"],
        [{ discount_type: "percentage", discount_value: -1, discount_currency: null }, "reward_invalid"],
        [{ discount_value: 1e300 }, "reward_invalid"],
        [{ discount_currency: "';-" }, "reward_invalid"],
        [{ code_source: "free" }, "validation_failed"],
        [{ code_valid_days: 100_000 }, "reward_invalid"],
        [{ expiry_refund_percent: 1000 }, "reward_invalid"],
        [{ valid_until: "2000-01-01T00:00:00Z" }, "reward_invalid"],
        [{ valid_until: "infinity" }, "validation_failed"],
        [{ is_active: "yes" }, "validation_failed"],
      ] as const) {
        const answer = await call(baker.key, "/v1/rewards", {
          method: "POST",
          body: { ...(body as object), ...changes },
        });
        expect([changes, answer.status, answer.json.code]).toEqual([changes, 400, code]);
      }
      const answer = await call(baker.key, "/v1/rewards", {
        method: "POST",
        body: JSON.stringify(body).replace(/"points_cost":\d+/, '"points_cost":1e999'),
      });
      expect(answer.status).toBe(400);
    });
  });
});

describe("bodies", () => {
  const withBody = guarded.filter((name) => (ROUTES[name] as Route).body !== undefined);

  test.each(withBody)("%s takes only JSON of its own shape, and not too much of it", async (name) => {
    const [path, { method = "POST", body }] = requestTo(name);
    const { bodyCsv } = ROUTES[name] as Route;
    const text = JSON.stringify(body);
    const unknownField = JSON.stringify({ ...(body as object), member_id: member.id });
    await changesNothing(async () => {
      for (const [what, sent, headers, status, code] of [
        ["unknown field", unknownField, {}, 400, "validation_failed"],
        ["list", `[${text}]`, {}, 400, "validation_failed"],
        ["no JSON", `${text}}`, {}, 400, "json_invalid"],
        ["deep", `${"[".repeat(500)}${"]".repeat(500)}`, {}, 400, "json_invalid"],
        ["plain text", text, { "content-type": "text/plain" }, 415, "content_type_unsupported"],
        ["form", "code=1", { "content-type": "application/x-www-form-urlencoded" }, 415, "content_type_unsupported"],
        ["compressed", text, { "content-encoding": "gzip" }, 415, "content_type_unsupported"],
        ["no UTF-8", new Uint8Array([0x22, 0xff, 0x22]), {}, 415, "content_type_unsupported"],
      ] as const) {
        const answer = await call(baker.key, path, { method, body: sent, headers });
        expect([what, answer.status, answer.json.code]).toEqual([what, status, code]);
      }
      if (bodyCsv === undefined) {
        const csv = await call(baker.key, path, { method, body: "code\nA\n", headers: { "content-type": "text/csv" } });
        expect(csv.status).toBe(415);
      }
      const large = { method, headers: LAST_ON_ITS_CONNECTION, body: `${" ".repeat(1024 * 1024)}${text}` };
      expect([413, "cut"]).toContain(await statusOrCut(call(baker.key, path, large)));
    });
  });

  test("an upload has at most 10,000 lines and none that looks like a code of ours", async () => {
    const [path] = requestTo("addCodes");
    const lines = Array.from({ length: 10_001 }, (_, index) => `LINE-${index}`);
    await changesNothing(async () => {
      const csv = { method: "POST", body: lines.join("\n"), headers: { "content-type": "text/csv" } };
      expect((await call(baker.key, path, csv)).status).toBe(400);
      expect((await call(baker.key, path, { method: "POST", body: { codes: lines } })).status).toBe(400);
      const fakes = { codes: [generateCode(), held.code, "x", "\u0000".repeat(8)] };
      const answer = await call<{ accepted: number }>(baker.key, path, { method: "POST", body: fakes });
      expect([answer.status, answer.json.accepted]).toEqual([200, 0]);
    });
  });
});

describe("from a browser", () => {
  const EVIL = { origin: "https://evil.example" };

  test("no answer lets a page of another origin read it", async () => {
    const preflight = {
      ...EVIL,
      "access-control-request-method": "POST",
      "access-control-request-headers": "authorization",
    };
    for (const name of Object.keys(ROUTES) as RouteName[]) {
      const [path, request] = requestTo(name);
      for (const answer of [
        await send(`${API}${path}`, { method: "OPTIONS", headers: preflight }),
        await send(`${API}${path}`, { ...request, headers: EVIL }),
        ...(request.method === "GET" ? [await call(baker.key, path, { headers: EVIL })] : []),
      ]) {
        const granted = [...answer.headers.keys()].filter((header) => header.startsWith("access-control-"));
        expect([name, granted]).toEqual([name, []]);
        expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
        expect(answer.headers.get("cache-control")).toBe("no-store");
      }
    }
  });
});

test("when things break inside, the answer says nothing and the log names no code or key", async () => {
  const lines = stack.log.length;
  await sql("alter function public.verify_code(text, text) rename to gone");
  try {
    const answer = await call(baker.key, "/v1/redemptions/verify", { method: "POST", body: { code: held.code } });
    expect(faceOf(answer)).toMatchObject({ status: 500, body: { code: "internal_error" } });
    expect(answer.text).not.toMatch(/verify_code|PGRST|gone/);
  } finally {
    await sql("alter function public.gone(text, text) rename to verify_code");
  }
  expect(stack.log.slice(lines).join("\n")).toContain("request failed");
  expect(stack.leaks()).toEqual([]);
});

test("after all of this the code is still good, and used once", async () => {
  expect(await stateOf(sql, held.redemption.id)).toMatchObject({
    status: "active",
    bookings: ["redemption -10"],
    codes: 1,
  });
  const [path, use] = requestTo("useCode");
  expect((await call<{ is_repeat: boolean }>(baker.key, path, use)).json).toMatchObject({ is_repeat: false });
  expect((await call(rival.key, path, use)).status).toBe(404);
  expect(await stateOf(sql, held.redemption.id)).toMatchObject({ status: "used", till_reference: "till-1" });
  expect(await sql("select * from ops.audit_books()")).toEqual([]);
});
