// Needs --allow-net: push endpoints here are real servers on loopback addresses.
import { deepStrictEqual, match, ok, strictEqual, throws } from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createECDH, randomBytes } from "node:crypto";
import { decrypt } from "http_ece";
import { generateVAPIDKeys } from "web-push";
import { createOutbound } from "../_shared/outbound.ts";
import type { Delivery, Outcome } from "./delivery.ts";
import { createPusher } from "./pusher.ts";
import { MAIL, NOTIFICATION } from "./test-scene.ts";
import { readVapidSettings } from "./vapid.ts";

const vapid = { subject: "mailto:post@example.org", ...generateVAPIDKeys() };

/** What a browser keeps of its subscription. */
const browser = createECDH("prime256v1");
browser.generateKeys();
const auth = randomBytes(16);
const keys = { p256dh: browser.getPublicKey("base64url"), auth: auth.toString("base64url") };

const deliveryTo = (endpoint: string, changes: Partial<Delivery> = {}): Delivery => ({
  ...MAIL,
  channel: "web_push",
  to: null,
  subscription: { endpoint, ...keys },
  ...changes,
});

const send = (delivery: Delivery, allowLoopback = true): Promise<Outcome> =>
  createPusher({ vapid, outbound: createOutbound({ allowLoopback }), app: "https://app.example.org" }).send(delivery);

async function withPushService(handler: Deno.ServeHandler, use: (endpoint: string) => Promise<void>): Promise<void> {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => undefined }, handler);
  try {
    await use(`http://127.0.0.1:${server.addr.port}/push/abc`);
  } finally {
    await server.shutdown();
  }
}

/** What a browser makes of a message. */
function open(body: Uint8Array): Record<string, unknown> {
  const text: Buffer = decrypt(Buffer.from(body), { version: "aes128gcm", privateKey: browser, authSecret: keys.auth });
  return JSON.parse(text.toString());
}

Deno.test("a message can be read by its browser only, and is signed for its push service", async () => {
  let headers = new Headers();
  let body = new Uint8Array();
  await withPushService(
    async (incoming) => {
      headers = new Headers(incoming.headers);
      body = await incoming.bytes();
      return new Response(null, { status: 201 });
    },
    async (endpoint) => {
      deepStrictEqual(await send(deliveryTo(endpoint)), { outcome: "sent", error: null });
      deepStrictEqual(open(body), {
        id: 41,
        type: "offer_received",
        title: NOTIFICATION.title,
        body: NOTIFICATION.body,
        taskId: NOTIFICATION.task_id,
        offerId: NOTIFICATION.offer_id,
        redemptionId: null,
        url: `https://app.example.org/tasks/${NOTIFICATION.task_id}`,
      });
      ok(!new TextDecoder().decode(body).includes("Kim"));
      strictEqual(headers.get("content-encoding"), "aes128gcm");
      strictEqual(headers.get("ttl"), "86400");
      strictEqual(headers.get("topic"), "delivery-7");
      const [, token = "", key] = /^vapid t=([^,]+), k=(.+)$/u.exec(headers.get("authorization") ?? "") ?? [];
      strictEqual(key, vapid.publicKey);
      await verifyVapid(token, new URL(endpoint).origin);
    },
  );
});

/** As a push service does: signed with the key that came along, for this service, by somebody who can be reached. */
async function verifyVapid(token: string, audience: string): Promise<void> {
  const [head = "", payload = "", signature = ""] = token.split(".");
  const point = new Uint8Array(Buffer.from(vapid.publicKey, "base64url"));
  const key = await crypto.subtle.importKey("raw", point, { name: "ECDSA", namedCurve: "P-256" }, false, ["verify"]);
  const bytes = new Uint8Array(Buffer.from(signature, "base64url"));
  const signed = new TextEncoder().encode(`${head}.${payload}`);
  ok(await crypto.subtle.verify({ name: "ECDSA", hash: "SHA-256" }, key, bytes, signed));
  const claims = JSON.parse(Buffer.from(payload, "base64url").toString());
  deepStrictEqual([claims.aud, claims.sub], [audience, vapid.subject]);
  const lasts = claims.exp - Date.now() / 1000;
  ok(lasts > 0 && lasts <= 24 * 60 * 60);
}

Deno.test("every answer of a push service is understood", async () => {
  for (const [status, outcome] of [
    [200, "sent"],
    [201, "sent"],
    [202, "sent"],
    [301, "retry"],
    [400, "rejected"],
    [401, "denied"],
    [403, "denied"],
    [404, "gone"],
    [410, "gone"],
    [413, "rejected"],
    [429, "retry"],
    [500, "retry"],
    [503, "retry"],
  ] as const) {
    await withPushService(
      () => new Response(status === 201 ? null : "some reason", { status }),
      async (endpoint) => {
        const result = await send(deliveryTo(endpoint));
        strictEqual(result.outcome, outcome, String(status));
        strictEqual(result.error, outcome === "sent" ? null : `the push service answered ${status}`);
      },
    );
  }
});

Deno.test("a browser that subscribed to another key is refused, whatever the status", async () => {
  for (const [status, body] of [
    [400, '{"reason":"VapidPkHashMismatch"}'],
    [
      403,
      "the VAPID credentials in the authorization header do not correspond to the credentials used to create the subscriptions.",
    ],
    [401, '{"code":401,"errno":109,"error":"Unauthorized","message":"VAPID public key mismatch"}'],
  ] as const) {
    await withPushService(
      () => new Response(body, { status }),
      async (endpoint) => {
        const error = `the push service answered ${status}: subscribed to another key`;
        deepStrictEqual(await send(deliveryTo(endpoint)), { outcome: "refused", error });
      },
    );
  }
});

Deno.test("a service that cannot be reached is tried again later", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  listener.close();
  strictEqual((await send(deliveryTo(`http://127.0.0.1:${port}/`))).outcome, "retry");
});

Deno.test("a subscription leads nowhere inside", async () => {
  let called = 0;
  await withPushService(
    () => {
      called += 1;
      return new Response();
    },
    async (endpoint) => {
      for (const inner of [
        endpoint,
        "https://169.254.169.254/latest",
        "https://localhost/",
        "http://push.example.com/",
      ]) {
        strictEqual((await send(deliveryTo(inner), false)).outcome, "retry", inner);
      }
    },
  );
  strictEqual(called, 0);
});

Deno.test("keys that nobody can encrypt for end the subscription", async () => {
  for (const broken of [
    { p256dh: "AAAA", auth: keys.auth },
    { p256dh: Buffer.alloc(65, 4).toString("base64url"), auth: keys.auth },
    { p256dh: keys.p256dh, auth: "AA" },
    { p256dh: "", auth: "" },
  ]) {
    const delivery = deliveryTo("", { subscription: { endpoint: "https://push.example.com/", ...broken } });
    strictEqual((await send(delivery)).outcome, "gone", JSON.stringify(broken));
  }
  strictEqual((await send(deliveryTo("", { subscription: null }))).outcome, "gone");
  strictEqual((await send(deliveryTo("https://push.example.com/", { notifications: [] }))).outcome, "rejected");
});

Deno.test("a long text is cut to what every push service takes", async () => {
  for (const text of ["😀".repeat(2_000), "\u0001".repeat(2_000), '"\\'.repeat(2_000)]) {
    await withPushService(
      async (incoming) => {
        const body = await incoming.bytes();
        const { title } = open(body) as { title: string };
        return new Response(null, { status: body.byteLength <= 4_096 && title.endsWith("…") ? 201 : 413 });
      },
      async (endpoint) => {
        const notification = { ...NOTIFICATION, title: text, body: text };
        strictEqual((await send(deliveryTo(endpoint, { notifications: [notification] }))).outcome, "sent");
      },
    );
  }
});

Deno.test("the settings are read, and what is wrong with them is told", () => {
  const good = {
    VAPID_SUBJECT: vapid.subject,
    VAPID_PUBLIC_KEY: vapid.publicKey,
    VAPID_PRIVATE_KEY: vapid.privateKey,
  };
  const read = (variables: Record<string, string>) => readVapidSettings((name) => variables[name]);
  strictEqual(read({}), undefined);
  deepStrictEqual(read(good), vapid);
  for (const wrong of [
    { VAPID_PRIVATE_KEY: "" },
    { VAPID_SUBJECT: "" },
    { VAPID_SUBJECT: "post" },
    { VAPID_PUBLIC_KEY: "short" },
    { VAPID_PRIVATE_KEY: "short" },
  ]) {
    throws(() => read({ ...good, ...wrong }), /vapid/iu, JSON.stringify(wrong));
  }
  match(vapid.publicKey, /^B/u);
});
