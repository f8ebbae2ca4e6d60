import { deepStrictEqual, match, notStrictEqual, ok, strictEqual } from "node:assert/strict";
import { printCode, readCode } from "../_shared/codes.ts";
import { redeemAnswer } from "../_shared/contracts/redemptions.ts";
import { DatabaseRefusal, DatabaseUnavailable } from "../_shared/database.ts";
import type { AskPartner, PartnerRequest, RedemptionRow } from "../_shared/partner-codes.ts";
import { Problem } from "../_shared/problem.ts";
import { createSealer } from "../_shared/sealing.ts";
import { type FakeArgs, type FakeCommands, fakeDatabase } from "../_shared/testing.ts";
import { createHandler } from "./handler.ts";

const MEMBER = "11111111-1111-4111-8111-111111111111";
const ID = "22222222-2222-4222-8222-222222222222";
const REWARD = "33333333-3333-4333-8333-333333333333";
const KEY = "44444444-4444-4444-8444-444444444444";
const input = { reward_id: REWARD, expected_points: 120, idempotency_key: KEY };

const sealingKey = "A".repeat(43);
const variables: Record<string, string> = { SEALING_KEYS: `k1:${sealingKey}`, CODE_INDEX_KEY: sealingKey };
const sealer = await createSealer((name) => variables[name]);

function redemptionWith(status: RedemptionRow["status"]): RedemptionRow {
  return {
    id: ID,
    reward_id: REWARD,
    partner_id: "55555555-5555-4555-8555-555555555555",
    partner_name: "Café Beispiel",
    title_de: "Kaffee",
    title_en: "Coffee",
    points_spent: 120,
    discount_type: "free_item",
    discount_value: null,
    discount_currency: null,
    status,
    end_reason: null,
    redeemed_at: "2026-11-21T12:00:00+00:00",
    expires_at: "2026-12-21T12:00:00.123456+00:00",
    returnable_until: null,
    used_at: null,
    ended_at: null,
  };
}

const partnerRequest: PartnerRequest = {
  redemption_id: ID,
  url: "https://partner.example/codes",
  secrets: [],
  attempt: 1,
  body: {},
};

interface Setup {
  commands?: FakeCommands;
  authenticate?: () => Promise<string>;
  askPartner?: AskPartner;
}

function handlerWith({ commands = {}, authenticate = async () => MEMBER, askPartner }: Setup) {
  const { database, calls } = fakeDatabase(commands);
  const lines: string[] = [];
  const handler = createHandler({
    authenticate,
    database,
    sealer,
    askPartner: askPartner ?? (() => Promise.reject(new Error("the partner was not expected to be asked"))),
    log: (level, message, fields) => lines.push(JSON.stringify({ level, message, ...fields })),
  });
  return { handler, calls, lines };
}

const BASE = "http://localhost/redeem";
const post = (body: unknown, headers: Record<string, string> = {}) =>
  new Request(BASE, {
    method: "POST",
    headers: { "content-type": "application/json", "x-request-id": "request-1", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });

const generated = {
  begin_redemption: ({ code_ciphertext }: FakeArgs) => ({
    redemption: redemptionWith("active"),
    code_ciphertext,
    request: null,
  }),
};

async function expectProblem(response: Response, status: number, code: string): Promise<Record<string, unknown>> {
  const body = await response.json();
  deepStrictEqual([response.status, body.code], [status, code]);
  ok(body.message.length > 0 && body.request_id.length > 0);
  return body;
}

Deno.test("a generated code is sealed, paid and shown with its QR picture", async () => {
  const { handler, calls, lines } = handlerWith({ commands: generated });
  const response = await handler(post(input));

  strictEqual(response.status, 201);
  strictEqual(response.headers.get("cache-control"), "no-store");
  strictEqual(response.headers.get("access-control-allow-origin"), "*");
  const body = redeemAnswer.parse(await response.json());
  const read = readCode(body.code ?? "");
  ok(read.kind === "ours");
  strictEqual(body.code, printCode(read.canonical));
  match(body.qr ?? "", /^<svg [^>]*>.*<\/svg>$/su);
  strictEqual(body.redemption.points_spent, 120);

  const [{ command, args } = { command: "", args: {} }] = calls;
  strictEqual(command, "begin_redemption");
  strictEqual(args["code_hash"], await sealer.codeHash(read.canonical));
  strictEqual(await sealer.open("code", String(args["code_ciphertext"])), read.canonical);
  deepStrictEqual(lines, []);
});

Deno.test("member, reward, price and key go to the database; the price is only what was expected", async () => {
  const { handler, calls } = handlerWith({ commands: generated });
  await handler(post({ ...input, expected_points: 1 }));
  const { code_hash, code_ciphertext, ...args } = calls[0]?.args ?? {};
  ok(code_hash && code_ciphertext);
  deepStrictEqual(args, { member_id: MEMBER, reward_id: REWARD, expected_points: 1, idempotency_key: KEY });
});

Deno.test("a repeated request gets the stored code, not a new one", async () => {
  const stored = await sealer.seal("code", "summer-25");
  const commands = {
    begin_redemption: () => ({ redemption: redemptionWith("active"), code_ciphertext: stored, request: null }),
  };
  const { handler, calls } = handlerWith({ commands });
  for (const response of [await handler(post(input)), await handler(post(input))]) {
    strictEqual(response.status, 201);
    strictEqual((await response.json()).code, "summer-25");
  }
  notStrictEqual(calls[0]?.args["code_hash"], calls[1]?.args["code_hash"]);
});

Deno.test("a partner's code comes with the same answer when the partner is quick", async () => {
  const codeCiphertext = await sealer.seal("code", "summer-25");
  const { handler } = handlerWith({
    commands: {
      begin_redemption: () => ({
        redemption: redemptionWith("pending"),
        code_ciphertext: null,
        request: partnerRequest,
      }),
    },
    askPartner: async (asked) => {
      deepStrictEqual(asked, partnerRequest);
      return { outcome: "attached", redemption: redemptionWith("active"), codeCiphertext };
    },
  });
  const response = await handler(post(input));
  strictEqual(response.status, 201);
  strictEqual((await response.json()).code, "summer-25");
});

const pending = {
  begin_redemption: () => ({ redemption: redemptionWith("pending"), code_ciphertext: null, request: partnerRequest }),
};

Deno.test("while the partner has not answered, the redemption is pending", async () => {
  const { handler } = handlerWith({
    commands: pending,
    askPartner: async () => ({ outcome: "waiting", redemption: redemptionWith("pending"), codeCiphertext: null }),
  });
  const response = await handler(post(input));
  strictEqual(response.status, 202);
  const body = redeemAnswer.parse(await response.json());
  deepStrictEqual([body.redemption.status, body.code, body.qr], ["pending", null, null]);
});

Deno.test("a repeated request while the partner is being asked asks nobody", async () => {
  const { handler } = handlerWith({
    commands: {
      begin_redemption: () => ({ redemption: redemptionWith("pending"), code_ciphertext: null, request: null }),
    },
  });
  strictEqual((await handler(post(input))).status, 202);
});

Deno.test("when the partner refuses, the redemption has failed and nothing is lost", async () => {
  const { handler } = handlerWith({
    commands: pending,
    askPartner: async () => ({ outcome: "refused", redemption: redemptionWith("failed"), codeCiphertext: null }),
  });
  const response = await handler(post(input));
  strictEqual(response.status, 200);
  const body = await response.json();
  deepStrictEqual([body.redemption.status, body.code, body.qr], ["failed", null, null]);
});

Deno.test("when asking breaks after the points were reserved, the member holds a pending redemption", async () => {
  const { handler, lines } = handlerWith({
    commands: pending,
    askPartner: () => Promise.reject(new DatabaseUnavailable("record_partner_code got no answer")),
  });
  strictEqual((await handler(post(input))).status, 202);
  strictEqual(lines.length, 1);
  match(lines[0] ?? "", /record_partner_code got no answer/u);
});

Deno.test("a code that came by another way meanwhile is shown", async () => {
  const code_ciphertext = await sealer.seal("code", "summer-25");
  const { handler, calls } = handlerWith({
    commands: { ...pending, read_redemption: () => ({ redemption: redemptionWith("active"), code_ciphertext }) },
    askPartner: async () => ({ outcome: "waiting", redemption: redemptionWith("active"), codeCiphertext: null }),
  });
  const response = await handler(post(input));
  strictEqual(response.status, 201);
  strictEqual((await response.json()).code, "summer-25");
  deepStrictEqual(calls[1], { command: "read_redemption", args: { member_id: MEMBER, redemption_id: ID } });
});

Deno.test("GET shows a redemption and its code again", async () => {
  const code_ciphertext = await sealer.seal("code", "summer-25");
  const { handler, calls } = handlerWith({
    commands: { read_redemption: () => ({ redemption: redemptionWith("active"), code_ciphertext }) },
  });
  const response = await handler(new Request(`${BASE}/${ID}`));
  strictEqual(response.status, 200);
  strictEqual(response.headers.get("cache-control"), "no-store");
  strictEqual(redeemAnswer.parse(await response.json()).code, "summer-25");
  deepStrictEqual(calls, [{ command: "read_redemption", args: { member_id: MEMBER, redemption_id: ID } }]);
});

Deno.test("a code is shown while it counts and after it was used, then no more", async () => {
  const code_ciphertext = await sealer.seal("code", "summer-25");
  for (const [status, code] of [
    ["active", "summer-25"],
    ["used", "summer-25"],
    ["expired", null],
    ["cancelled", null],
    ["failed", null],
  ] as const) {
    const { handler } = handlerWith({
      commands: { read_redemption: () => ({ redemption: redemptionWith(status), code_ciphertext }) },
    });
    const body = redeemAnswer.parse(await (await handler(new Request(`${BASE}/${ID}`))).json());
    deepStrictEqual([body.code, body.qr === null], [code, code === null]);
  }
});

Deno.test("a code can be given back", async () => {
  const { handler, calls } = handlerWith({
    commands: { return_redemption: () => ({ redemption: redemptionWith("cancelled") }) },
  });
  const response = await handler(new Request(`${BASE}/${ID}/return`, { method: "POST" }));
  strictEqual(response.status, 200);
  const body = redeemAnswer.parse(await response.json());
  deepStrictEqual([body.redemption.status, body.code, body.qr], ["cancelled", null, null]);
  deepStrictEqual(calls, [{ command: "return_redemption", args: { member_id: MEMBER, redemption_id: ID } }]);
});

Deno.test("what the database refuses is passed on", async () => {
  for (const [slug, status] of [
    ["not_signed_in", 401],
    ["user_inactive", 403],
    ["user_banned", 403],
    ["email_not_verified", 403],
    ["reward_not_found", 404],
    ["reward_inactive", 409],
    ["reward_not_started", 409],
    ["reward_ended", 409],
    ["reward_limit_reached", 409],
    ["reward_sold_out", 409],
    ["insufficient_points", 402],
    ["idempotency_key_reused", 409],
  ] as const) {
    const commands = {
      begin_redemption: () => {
        throw new DatabaseRefusal(slug, status);
      },
    };
    await expectProblem(await handlerWith({ commands }).handler(post(input)), status, slug);
  }
  const commands = {
    begin_redemption: () => {
      throw new DatabaseRefusal("price_changed", 409, "150");
    },
    read_redemption: () => {
      throw new DatabaseRefusal("redemption_not_found", 404);
    },
    return_redemption: () => {
      throw new DatabaseRefusal("redemption_not_returnable", 409);
    },
  };
  const { handler } = handlerWith({ commands });
  strictEqual((await expectProblem(await handler(post(input)), 409, "price_changed"))["detail"], "150");
  await expectProblem(await handler(new Request(`${BASE}/${ID}`)), 404, "redemption_not_found");
  await expectProblem(
    await handler(new Request(`${BASE}/${ID}/return`, { method: "POST" })),
    409,
    "redemption_not_returnable",
  );
});

Deno.test("without a member nothing is read and nothing is asked", async () => {
  const { handler, calls } = handlerWith({
    authenticate: () => Promise.reject(new Problem("not_signed_in")),
  });
  await expectProblem(await handler(post("no JSON")), 401, "not_signed_in");
  await expectProblem(await handler(new Request(`${BASE}/${ID}`)), 401, "not_signed_in");
  await expectProblem(await handler(new Request(`${BASE}/${ID}/return`, { method: "POST" })), 401, "not_signed_in");
  deepStrictEqual(calls, []);
});

Deno.test("a body that is not exactly what it should be is refused before the database hears of it", async () => {
  const { handler, calls } = handlerWith({ commands: generated });
  const { idempotency_key: _key, ...withoutKey } = input;
  for (const [body, status, code, detail] of [
    [withoutKey, 400, "idempotency_key_missing", "idempotency_key"],
    [{ ...input, idempotency_key: null }, 400, "idempotency_key_missing", "idempotency_key"],
    [{ ...input, idempotency_key: "tap" }, 400, "validation_failed", "idempotency_key"],
    [{ ...input, user_id: MEMBER }, 400, "validation_failed", "user_id"],
    [{ ...input, member_id: MEMBER }, 400, "validation_failed", "member_id"],
    [{ ...input, expected_points: -120 }, 400, "validation_failed", "expected_points"],
    [{ ...input, expected_points: 0.5 }, 400, "validation_failed", "expected_points"],
    [{ ...input, expected_points: "120" }, 400, "validation_failed", "expected_points"],
    [{ ...input, reward_id: "1" }, 404, "reward_not_found", "reward_id"],
    [[input], 400, "validation_failed", undefined],
    ["{", 400, "json_invalid", undefined],
  ] as const) {
    strictEqual((await expectProblem(await handler(post(body)), status, code))["detail"], detail);
  }
  await expectProblem(await handler(post(JSON.stringify(input) + " ".repeat(5_000))), 413, "payload_too_large");
  await expectProblem(await handler(post(input, { "content-type": "text/plain" })), 415, "content_type_unsupported");
  deepStrictEqual(calls, []);
});

Deno.test("an id that cannot exist is not found", async () => {
  const { handler, calls } = handlerWith({});
  await expectProblem(await handler(new Request(`${BASE}/1`)), 404, "redemption_not_found");
  await expectProblem(await handler(new Request(`${BASE}/1/return`, { method: "POST" })), 404, "redemption_not_found");
  deepStrictEqual(calls, []);
});

Deno.test("other methods are 405 and say which one is right, other addresses are 404", async () => {
  const { handler } = handlerWith({});
  for (const [path, method, allow] of [
    ["", "GET", "POST"],
    ["/", "DELETE", "POST"],
    [`/${ID}`, "POST", "GET, HEAD"],
    [`/${ID}/return`, "GET", "POST"],
  ] as const) {
    const response = await handler(new Request(`${BASE}${path}`, { method }));
    await expectProblem(response, 405, "method_not_allowed");
    strictEqual(response.headers.get("allow"), allow);
  }
  for (const path of [`/${ID}/use`, `/${ID}/return/now`, `/${ID}//`]) {
    await expectProblem(await handler(new Request(`${BASE}${path}`)), 404, "route_not_found");
  }
});

Deno.test("a browser's preflight is answered without a token", async () => {
  const { handler } = handlerWith({ authenticate: () => Promise.reject(new Problem("not_signed_in")) });
  const response = await handler(new Request(BASE, { method: "OPTIONS", headers: { origin: "https://app.example" } }));
  strictEqual(response.status, 204);
  strictEqual(response.headers.get("access-control-allow-origin"), "*");
  strictEqual(response.headers.get("access-control-allow-methods"), "POST");
  match(response.headers.get("access-control-allow-headers") ?? "", /authorization/u);
});

Deno.test("a database that is away is 503, a mistake of ours 500; neither tells more", async () => {
  for (const [error, status, code] of [
    [new DatabaseUnavailable("begin_redemption got no answer"), 503, "service_unavailable"],
    [new Error("begin_redemption answered 404 PGRST202"), 500, "internal_error"],
  ] as const) {
    const { handler, lines } = handlerWith({
      commands: {
        begin_redemption: () => {
          throw error;
        },
      },
    });
    const body = await expectProblem(await handler(post(input)), status, code);
    ok(!JSON.stringify(body).includes("begin_redemption"));
    strictEqual(body["request_id"], "request-1");
    match(lines.join(), /begin_redemption/u);
  }
});

Deno.test("codes and tokens are in no log line, whatever happens", async () => {
  const code_ciphertext = await sealer.seal("secret", "NH2345");
  const { handler, lines } = handlerWith({
    commands: { read_redemption: () => ({ redemption: redemptionWith("active"), code_ciphertext }) },
  });
  const request = new Request(`${BASE}/${ID}`, { headers: { authorization: "Bearer token-of-a-member" } });
  await expectProblem(await handler(request), 500, "internal_error");
  ok(lines.length > 0);
  ok(!lines.join().includes(code_ciphertext) && !/NH2345|token-of-a-member/u.test(lines.join()));
});
