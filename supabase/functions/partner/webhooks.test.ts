import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { assertError, assertErrorCode, endpointRow, NOON, partnerRow, sealer, VISITS, visit } from "./test-scene.ts";

Deno.test("a new secret is shown once and stored sealed", async () => {
  for (const name of ["connectPartner", "createWebhookEndpoint", "rotateWebhookSecret"] as const) {
    const first = await visit(name);
    const second = await visit(name);
    match(first.body.secret, /^whsec_[A-Za-z0-9+/]{43}=$/u);
    ok(first.body.secret !== second.body.secret);
    const { args = {} } = first.asked.at(-1) ?? {};
    strictEqual(await sealer.open("secret", String(args["secret_ciphertext"])), first.body.secret);
    ok(!JSON.stringify(args).includes(first.body.secret));
  }
  const { secret: _secret, ...created } = (await visit("createWebhookEndpoint")).body;
  deepStrictEqual(created, endpointRow);
});

Deno.test("an address that must not be called is refused with the reason", async () => {
  for (const name of ["connectPartner", "createWebhookEndpoint"] as const) {
    const reason = "not a public address";
    const result = await visit(name, {}, { reason });
    assertError(result, "webhook_url_invalid", { detail: reason });
    deepStrictEqual(
      result.asked.map(({ command }) => command),
      ["read_partner"],
    );
    for (const url of [undefined, "", 7, `https://bakery.example/${"x".repeat(2000)}`]) {
      const body = { ...(VISITS[name].body as object), url };
      assertError(await visit(name, { body }), "webhook_url_invalid", { detail: "url" });
    }
  }
  for (const event_types of [undefined, [], "redemption.used", ["redemption.lost"]]) {
    const body = { url: "https://bakery.example", event_types };
    assertErrorCode(await visit("createWebhookEndpoint", { body }), "event_type_invalid");
  }
});

Deno.test("a partner that only sends events has no address", async () => {
  const answers = { read_partner: partnerRow, connect_partner: { url: null, updated_at: NOON } };
  const { status, body, asked } = await visit("connectPartner", { body: { url: null } }, { answers, reason: "asked" });
  deepStrictEqual([status, body.url, asked[1]?.args["url"]], [200, null, null]);
  match(body.secret, /^whsec_/u);
});
