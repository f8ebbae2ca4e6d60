import { deepStrictEqual, match, notStrictEqual, ok, strictEqual } from "node:assert/strict";
import { newWebhookSecret, signatureHeaders, verifySignature } from "./signatures.ts";

const BODY = '{"type":"code.used","data":{"note":"schön"}}';
const MINUTE = 60_000;

function signed(secrets: readonly string[], at = new Date(), body = BODY): Headers {
  return new Headers(signatureHeaders(secrets, "msg_1", at, body));
}

Deno.test("a new secret has 32 random bytes", () => {
  const secret = newWebhookSecret();
  match(secret, /^whsec_[A-Za-z0-9+/]{43}=$/);
  notStrictEqual(secret, newWebhookSecret());
});

Deno.test("the signature is the one of the specification", () => {
  // Computed with openssl: HMAC-SHA256 of "msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.{"test": 2432232314}"
  deepStrictEqual(
    signatureHeaders(
      ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
      "msg_p5jXN8AQM9LWM0D4loKWxJek",
      new Date(1_614_265_330_999),
      '{"test": 2432232314}',
    ),
    {
      "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
      "webhook-timestamp": "1614265330",
      "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    },
  );
});

Deno.test("what was signed is accepted, a changed body, id, time or secret is not", () => {
  const secret = newWebhookSecret();
  const headers = signed([secret]);
  ok(verifySignature([secret], headers, BODY));

  ok(!verifySignature([secret], headers, BODY.replace("schön", "schon")));
  ok(!verifySignature([secret], headers, `${BODY} `));
  ok(!verifySignature([newWebhookSecret()], headers, BODY));
  ok(!verifySignature([], headers, BODY));
  for (const [name, value] of [
    ["webhook-id", "msg_2"],
    ["webhook-timestamp", String(Math.floor(Date.now() / 1000) - 1)],
  ] as const) {
    const forged = new Headers(headers);
    forged.set(name, value);
    ok(!verifySignature([secret], forged, BODY), name);
  }
});

Deno.test("a clock may be wrong by almost five minutes, not by more", () => {
  const secret = newWebhookSecret();
  for (const offset of [-4.9 * MINUTE, 4.9 * MINUTE]) {
    ok(verifySignature([secret], signed([secret], new Date(Date.now() + offset)), BODY), String(offset));
  }
  for (const offset of [-5.1 * MINUTE, 5.1 * MINUTE, -525_600 * MINUTE]) {
    ok(!verifySignature([secret], signed([secret], new Date(Date.now() + offset)), BODY), String(offset));
  }
});

Deno.test("while a secret is rotated, either side may be the first to know the new one", () => {
  const [old, next] = [newWebhookSecret(), newWebhookSecret()];
  const both = signed([next, old]);
  strictEqual(both.get("webhook-signature")?.split(" ").length, 2);
  ok(verifySignature([old], both, BODY));
  ok(verifySignature([next], both, BODY));
  ok(verifySignature([next, old], signed([old]), BODY));
  ok(!verifySignature([newWebhookSecret()], both, BODY));
});

Deno.test("garbage is refused without an error", () => {
  const secret = newWebhookSecret();
  const good = Object.fromEntries(signed([secret]));
  for (const [name, value] of [
    ["webhook-signature", ""],
    ["webhook-signature", "v1"],
    ["webhook-signature", "v1,"],
    ["webhook-signature", "v1a,AAAA"],
    ["webhook-signature", ", , v1,%%% v1,, v2,x"],
    ["webhook-signature", good["webhook-signature"]?.replace("v1,", "v2,") ?? ""],
    ["webhook-signature", "x".repeat(60_000)],
    ["webhook-timestamp", "soon"],
    ["webhook-timestamp", "NaN"],
    ["webhook-timestamp", "-1"],
    ["webhook-timestamp", "1e400"],
    ["webhook-timestamp", "9".repeat(400)],
    ["webhook-id", ""],
  ] as const) {
    ok(!verifySignature([secret], new Headers({ ...good, [name]: value }), BODY), `${name}: ${value.slice(0, 40)}`);
  }
  for (const missing of Object.keys(good)) {
    const headers = new Headers(good);
    headers.delete(missing);
    ok(!verifySignature([secret], headers, BODY), `without ${missing}`);
  }
  for (const broken of ["", "whsec_", "whsec_%%%", "not base64 !"]) {
    ok(!verifySignature([broken], new Headers(good), BODY), broken);
    ok(verifySignature([broken, secret], new Headers(good), BODY), `a broken secret beside a good one: ${broken}`);
  }
});
