import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { readCode } from "../_shared/codes.ts";
import type { ErrorSlug } from "../_shared/contracts/errors.ts";
import {
  answersOf,
  assertError,
  assertErrorCode,
  code,
  codeHash,
  ID,
  KEY_HASH,
  NOON,
  redemptionRow,
  refusal,
  sealer,
  send,
  usedRow,
  VISITS,
  visit,
} from "./test-scene.ts";

Deno.test("a code is found however it is typed", async () => {
  const own = "bread 1\u2013A";
  const texts = [code, code.toLowerCase(), ` ${code.replace(/.{4}(?=.)/gu, "$&-")} `, code.split("").join(" ")];
  for (const text of texts) {
    const { asked } = await send(
      "POST",
      "/v1/redemptions/verify",
      { body: { code: text } },
      { answers: answersOf("verifyCode") },
    );
    strictEqual(asked[0]?.args["code_hash"], codeHash);
  }
  const { asked } = await send(
    "POST",
    "/v1/redemptions/verify",
    { body: { code: own } },
    { answers: answersOf("verifyCode") },
  );
  strictEqual(asked[0]?.args["code_hash"], await sealer.codeHash("BREAD1A"));
});

Deno.test("a test code is made here and shown once; the database knows its hash", async () => {
  const { body, asked } = await visit("createTestCode");
  match(body.code, /^NH..-(?:.{4}-){3}.{4}$/u);
  const { canonical } = readCode(body.code) as { canonical: string };
  deepStrictEqual(asked[0]?.args, {
    api_key_hash: KEY_HASH,
    reward_id: ID,
    valid_minutes: 1440,
    code_hash: await sealer.codeHash(canonical),
  });
  ok(body.code !== (await visit("createTestCode")).body.code);
  for (const valid_minutes of [0, 1441, 1.5, "60", null]) {
    assertErrorCode(await visit("createTestCode", { body: { reward_id: ID, valid_minutes } }), "validation_failed");
  }
});

Deno.test("a typing error and what is no code are told without asking the database", async () => {
  const last = code.at(-1) === "2" ? "3" : "2";
  for (const path of ["/v1/redemptions/verify", "/v1/redemptions/use"]) {
    const more = path.endsWith("use") ? { till_reference: "t1" } : {};
    const mistyped = await send("POST", path, { body: { code: code.slice(0, -1) + last, ...more } });
    assertError(mistyped, "code_mistyped");
    for (const text of ["", "abc", "x".repeat(101), "a\u0000bcd"]) {
      const invalid = await send("POST", path, { body: { code: text, ...more } });
      assertError(invalid, "code_not_found");
      deepStrictEqual(invalid.asked, []);
    }
    deepStrictEqual(mistyped.asked, []);
  }
});

Deno.test("what the database says about a code becomes its status", async () => {
  const used = { used_at: NOON, till_reference: "till-1/7" };
  const outcomes: [string, object | null, ErrorSlug, Record<string, unknown>][] = [
    ["not_found", null, "code_not_found", {}],
    ["expired", redemptionRow, "code_expired", {}],
    ["cancelled", redemptionRow, "code_cancelled", {}],
    ["already_used", usedRow, "already_used", { detail: used }],
  ];
  for (const [outcome, row, slug, more] of outcomes) {
    const answer = { outcome, is_repeat: false, redemption: row };
    assertError(await visit("useCode", {}, { answers: { use_code: answer } }), slug, more);
    const verified = { outcome: outcome === "already_used" ? "used" : outcome, redemption: row };
    assertError(await visit("verifyCode", {}, { answers: { verify_code: verified } }), slug, more);
  }
});

Deno.test("the same till may repeat a use", async () => {
  const answer = { outcome: "used", is_repeat: true, redemption: usedRow };
  const { status, body } = await visit("useCode", {}, { answers: { use_code: answer } });
  deepStrictEqual([status, body.is_repeat], [200, true]);
  for (const till_reference of [undefined, "", "-1", "x".repeat(65), "till 1", "=1"]) {
    const result = await send("POST", "/v1/redemptions/use", { body: { code, till_reference } });
    assertError(result, "till_reference_invalid", { detail: "till_reference" });
  }
});

Deno.test("a key that guesses has to wait", async () => {
  for (const name of ["verifyCode", "useCode"] as const) {
    const command = VISITS[name].command ?? "";
    const result = await visit(name, {}, { answers: { [command]: refusal("too_many_wrong_codes", "417") } });
    assertError(result, "too_many_wrong_codes", { detail: "417" });
    strictEqual(result.headers.get("retry-after"), "417");
  }
});

Deno.test("a cancellation needs no reason, and no body", async () => {
  const path = `/v1/redemptions/${ID}/cancel`;
  for (const body of [undefined, {}]) {
    const { status, asked } = await send("POST", path, { body }, { answers: answersOf("cancelRedemption") });
    deepStrictEqual([status, asked[0]?.args["reason"]], [200, null]);
  }
  const long = await send("POST", path, { body: { reason: "x".repeat(1001) } });
  assertError(long, "text_too_long", { detail: "reason" });
});
