import { randomUUID } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { newWebhookSecret, signatureHeaders } from "../../supabase/functions/_shared/signatures.ts";
import { fingerprint, fingerprintWithoutKeys } from "../support/catalogue.ts";
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
import { faceOf, LAST_ON_ITS_CONNECTION, type RefusalBody, statusOrCut } from "../support/requests.ts";
import { signSession, useFunctionStack } from "../support/use-function-stack.ts";
import type { Member } from "../support/use-stack.ts";

/** What strangers and rivals try on webhooks in both directions: forged events, and addresses that lead inside. */

// As on a hosted project: nothing on this machine may be called.
const stack = useFunctionStack({ OUTBOUND_LOOPBACK: "" });
const { sql, send } = stack;
let baker: Partner;
let rival: Partner;
let reward: Reward;
let member: Member;
let held: Redeemed;
let secret: string;
let rivalSecret: string;
let inside: Server;
const knocks: string[] = [];
beforeAll(async () => {
  [baker, rival] = [await openPartner(sql), await openPartner(sql)];
  stack.keepSecret(baker.key, rival.key);
  secret = await connect(baker);
  rivalSecret = await connect(rival);
  reward = await offerReward(sql, baker);
  [member] = (await stack.members(1, 1000)) as [Member];
  held = await redeemed(stack, member, reward);
  inside = createServer((request, response) => {
    knocks.push(request.url ?? "");
    response.end("{}");
  });
  await new Promise<void>((resolve) => inside.listen(0, "127.0.0.1", resolve));
});
afterAll(() => {
  inside.closeAllConnections();
  inside.close();
});

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

function call<Body = RefusalBody>(partner: Partner, method: string, path: string, body?: unknown) {
  return send<Body>(`/functions/v1/partner/v1/${path}`, { method, headers: bearer(partner.key), body });
}

async function connect(partner: Partner): Promise<string> {
  const { json } = await call<{ secret: string }>(partner, "PUT", "connection", { url: null });
  stack.keepSecret(json.secret);
  return json.secret;
}

async function changesNothing(attack: () => Promise<void>): Promise<void> {
  const before = await fingerprint(sql);
  await attack();
  expect(await fingerprint(sql)).toEqual(before);
}

describe.each(["deliver-webhooks", "sweep-redemptions"])("%s", (name) => {
  const path = `/functions/v1/${name}`;
  const STRANGERS: readonly [string, () => Promise<Record<string, string>> | Record<string, string>][] = [
    ["nobody", () => ({})],
    ["the publishable key", () => ({ apikey: stack.publishableKey })],
    ["a member", () => ({ apikey: stack.publishableKey, ...bearer(member.token) })],
    ["a partner", () => bearer(baker.key)],
    ["the secret key as token", () => bearer(stack.secretKey)],
    [
      "a service role of one's own making",
      async () => bearer(await signSession("x".repeat(48), { role: "service_role" })),
    ],
    ["a wrong secret key", () => ({ apikey: stack.secretKey.replace(/.$/, (last) => (last === "A" ? "B" : "A")) })],
    ["no key at all, in words", () => ({ apikey: "undefined" })],
    ["an empty key", () => ({ apikey: "" })],
    ["the name of the key", () => ({ apikey: "default" })],
  ];

  test.each(STRANGERS)("%s does not run it", async (_, headersOf) => {
    const headers = await headersOf();
    await changesNothing(async () => {
      const answer = await send(path, { method: "POST", headers });
      expect(faceOf(answer)).toMatchObject({ status: 403, body: { code: "not_permitted" } });
      expect((await send(`${path}?apikey=${stack.secretKey}`, { method: "POST", headers })).status).toBe(403);
    });
  });

  test("the secret key runs it, by POST only", async () => {
    for (const method of ["GET", "PUT", "DELETE"]) {
      expect((await send(path, { method, headers: { apikey: stack.secretKey } })).status).toBe(405);
    }
    expect((await send(path, { method: "POST", headers: { apikey: stack.secretKey } })).status).toBe(200);
  });
});

describe("events", () => {
  const usedEvent = (redemptionId: string = held.redemption.id) =>
    JSON.stringify({ type: "code.used", timestamp: new Date().toISOString(), data: { redemption_id: redemptionId } });

  interface Event {
    body?: string;
    as?: string;
    with_?: string;
    id?: string;
    at?: Date;
    headers?: Record<string, string>;
  }

  function event({
    body = usedEvent(),
    as = baker.id,
    with_ = secret,
    id = randomUUID(),
    at = new Date(),
    headers = {},
  }: Event = {}) {
    return send<RefusalBody & { outcome?: string }>(`/functions/v1/partner-events/${as}`, {
      method: "POST",
      headers: { ...signatureHeaders([with_], id, at, body), ...headers },
      body,
    });
  }
  const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000);

  const FORGERIES: readonly [string, () => Event][] = [
    ["another secret", () => ({ with_: newWebhookSecret() })],
    ["another partner's secret", () => ({ with_: rivalSecret })],
    ["another partner's name", () => ({ as: rival.id })],
    ["an unknown partner", () => ({ as: randomUUID() })],
    [
      "a body that was changed",
      () => ({ headers: signatureHeaders([secret], "evt", new Date(), `${usedEvent()} `), id: "evt" }),
    ],
    ["the id of another event", () => ({ headers: { "webhook-id": "evt_other" } })],
    [
      "the time of another event",
      () => ({ headers: { "webhook-timestamp": String(Math.floor(Date.now() / 1000) - 60) } }),
    ],
    ["six minutes ago", () => ({ at: minutesAgo(6) })],
    ["six minutes ahead", () => ({ at: minutesAgo(-6) })],
    ["a time that is none", () => ({ headers: { "webhook-timestamp": "now" } })],
    ["no signature", () => ({ headers: { "webhook-signature": "" } })],
    ["a signature of another version", () => ({ headers: { "webhook-signature": "v2,AAAA" } })],
    [
      "a hundred wrong signatures",
      () => ({ headers: { "webhook-signature": Array.from({ length: 100 }, () => "v1,AAAA").join(" ") } }),
    ],
    ["the partner's API key", () => ({ with_: newWebhookSecret(), headers: bearer(baker.key) })],
    ["the secret key", () => ({ with_: newWebhookSecret(), headers: { apikey: stack.secretKey } })],
  ];

  test.each(FORGERIES)("%s: refused, like any other, and nothing happens", async (_, forge) => {
    await changesNothing(async () => {
      const unsigned = await event({ with_: newWebhookSecret() });
      const forged = await event(forge());
      expect(faceOf(forged)).toEqual(faceOf(unsigned));
      expect(faceOf(forged)).toMatchObject({ status: 401, body: { code: "signature_invalid" } });
    });
  });

  test("a signature is checked before anything is read: garbage and large bodies tell strangers nothing", async () => {
    await changesNothing(async () => {
      for (const body of ["", "{", "[]", "null", `${"[".repeat(10_000)}`, "\u0000"]) {
        expect([body.slice(0, 9), (await event({ body, with_: rivalSecret })).status]).toEqual([body.slice(0, 9), 401]);
        expect([body.slice(0, 9), (await event({ body })).status]).toEqual([body.slice(0, 9), 400]);
      }
      expect((await event({ headers: { "content-type": "text/plain" } })).status).toBe(415);
      for (const as of ["", "x", "*", `${baker.id}/more`, encodeURIComponent("' or 1=1 --")]) {
        expect([as, (await event({ as })).status]).toEqual([as, 404]);
      }
      expect([413, "cut"]).toContain(
        await statusOrCut(event({ body: " ".repeat(65 * 1024), headers: LAST_ON_ITS_CONNECTION })),
      );
    });
  });

  test("a rival's good signature reaches only the rival's own rows", async () => {
    const before = await fingerprintWithoutKeys(sql);
    const data = [
      ["code.used", { redemption_id: held.redemption.id }],
      ["code.used", { code: held.code }],
      ["code.cancelled", { redemption_id: held.redemption.id }],
      ["code.cancelled", { code: held.code }],
      ["code.issued", { redemption_id: held.redemption.id, code: "RIVAL-CODE-1" }],
    ] as const;
    for (const [type, fields] of data) {
      const body = JSON.stringify({ type, timestamp: new Date().toISOString(), data: fields });
      const foreign = await event({ as: rival.id, with_: rivalSecret, body });
      const nothing = await event({ as: rival.id, with_: rivalSecret, body: usedEvent(randomUUID()) });
      expect([type, faceOf(foreign)]).toEqual([type, faceOf(nothing)]);
      expect(faceOf(foreign)).toMatchObject({ status: 404, body: { code: "redemption_not_found" } });
    }
    expect(await fingerprintWithoutKeys(sql)).toEqual(before);
  });

  test("fields that are not an event's own are refused", async () => {
    await changesNothing(async () => {
      for (const data of [
        {},
        { redemption_id: held.redemption.id, member_id: member.id },
        { redemption_id: held.redemption.id, partner_id: rival.id },
        { redemption_id: held.redemption.id, used_at: "yesterday" },
        { redemption_id: held.redemption.id, till_reference: "x".repeat(65) },
        { redemption_id: held.redemption.id, till_reference: "a\u0000b" },
        { code: 1 },
      ]) {
        const body = JSON.stringify({ type: "code.used", timestamp: new Date().toISOString(), data });
        expect([data, (await event({ body })).status]).toEqual([data, 400]);
      }
      const issued = { redemption_id: held.redemption.id, code: held.code };
      const body = JSON.stringify({ type: "code.issued", timestamp: new Date().toISOString(), data: issued });
      expect((await event({ body })).status).toBe(400);
    });
  });

  test("a replayed event counts once, and a second code is not taken", async () => {
    const own = await redeemed(stack, member, reward);
    const [id, at] = [randomUUID(), new Date()];
    const body = JSON.stringify({
      type: "code.cancelled",
      timestamp: at.toISOString(),
      data: { redemption_id: own.redemption.id },
    });
    const balance = await balanceOf(sql, member.id);
    const answers = await Promise.all(Array.from({ length: 10 }, () => event({ id, at, body })));
    const outcomes = answers.map(({ json }) => json.outcome);
    expect(outcomes.sort()).toEqual(["applied", ...Array.from({ length: 9 }, () => "duplicate")]);
    expect((await event({ body })).json.outcome).toBe("ignored");
    expect(await balanceOf(sql, member.id)).toBe((balance ?? 0) + reward.points_cost);
    expect(await stateOf(sql, own.redemption.id)).toMatchObject({
      status: "cancelled",
      end_reason: "partner_cancelled",
    });

    const issue = JSON.stringify({
      type: "code.issued",
      timestamp: new Date().toISOString(),
      data: { redemption_id: held.redemption.id, code: "SECOND-CODE-1" },
    });
    expect((await event({ body: issue })).json.outcome).toBe("conflict");
    const shown = await send<Redeemed>(`/functions/v1/redeem/${held.redemption.id}`, { headers: bearer(member.token) });
    expect(shown.json.code).toBe(held.code);
  });

  test("a secret that was replaced counts for a day, and no longer", async () => {
    const old = rivalSecret;
    rivalSecret = await connect(rival);
    const body = usedEvent(randomUUID());
    // signed rightly, but about nothing that is theirs
    expect((await event({ as: rival.id, with_: old, body })).status).toBe(404);
    await sql(
      `update private.partner_connections
       set older_secrets = jsonb_set(older_secrets, '{0,replaced_at}', to_jsonb(now() - interval '25 hours'))
       where partner_id = $1`,
      [rival.id],
    );
    expect((await event({ as: rival.id, with_: old, body })).status).toBe(401);
    expect((await event({ as: rival.id, with_: rivalSecret, body })).status).toBe(404);
  });

  test("a partner who is switched off is not heard", async () => {
    await sql("update public.partners set is_active = false where id = $1", [baker.id]);
    await changesNothing(async () => expect((await event()).status).toBe(401));
    await sql("update public.partners set is_active = true where id = $1", [baker.id]);
  });
});

describe("addresses that lead inside", () => {
  const port = () => (inside.address() as AddressInfo).port;
  const HOSTILE: readonly string[] = [
    "http://8.8.8.8/hook",
    "http://127.0.0.1:PORT/",
    "https://127.0.0.1:PORT/",
    "https://localhost:PORT/",
    "https://LOCALHOST.:PORT/",
    "https://127.1/",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://0177.0.0.1/",
    "https://0.0.0.0/",
    "https://[::1]/",
    "https://[::]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:7f00:1]/",
    "https://[64:ff9b::7f00:1]/",
    "https://[2002:7f00:1::]/",
    "https://[fe80::1]/",
    "https://[fd00::1]/",
    "https://10.0.0.1/",
    "https://172.16.0.1/",
    "https://192.168.1.1/",
    "https://100.64.0.1/",
    "https://198.18.0.1/",
    "https://224.0.0.1/",
    "https://255.255.255.255/",
    "http://169.254.169.254/latest/meta-data/",
    "https://169.254.169.254/latest/meta-data/",
    "https://[fd00:ec2::254]/",
    "https://168.63.129.16/",
    "https://metadata.google.internal/",
    "https://database.local/",
    "https://intranet/",
    "https://user:password@example.com/",
    "https://user@example.com/",
    "https://example.com@127.0.0.1/",
    "https://8.8.8.8:22/",
    "https://8.8.8.8/#fragment",
    "https:\\\\127.0.0.1\\",
    "https://exa mple.com/",
    "https://8.8.8.8/\r\nHost: inside",
    "file:///etc/passwd",
    "gopher://127.0.0.1:6379/_FLUSHALL",
    "ftp://8.8.8.8/",
    "javascript:alert(1)",
    "//8.8.8.8/",
    "8.8.8.8",
    "https://",
    "",
    `https://8.8.8.8/${"x".repeat(2000)}`,
  ];

  // PORT stands for the one behind which something listens on this machine
  test.each(HOSTILE.map((address) => [JSON.stringify(address.slice(0, 60)), address] as const))(
    "%s is not registered",
    async (_, address) => {
      const before = await fingerprintWithoutKeys(sql);
      const url = address.replace("PORT", String(port()));
      for (const answer of [
        await call(baker, "POST", "webhook-endpoints", { url, event_types: ["redemption.used"] }),
        await call(baker, "PUT", "connection", { url }),
      ]) {
        expect([answer.status, answer.json.code]).toEqual([400, "webhook_url_invalid"]);
        expect(answer.text).not.toMatch(/whsec_/);
      }
      expect(await fingerprintWithoutKeys(sql)).toEqual(before);
      expect(knocks).toEqual([]);
    },
  );

  test("one that got in another way is not called: checked again when the connection is made", async () => {
    // A name that was public when it was registered and now leads inside comes to the same.
    const url = `http://127.0.0.1:${port()}/inside`;
    await sql(
      `insert into private.webhook_endpoints (partner_id, url, event_types, secret)
       select $1, $2, private.webhook_event_types(), secret from private.partner_connections where partner_id = $1`,
      [baker.id, url],
    );
    await sql("update private.partner_connections set url = $2 where partner_id = $1", [baker.id, url]);
    await redeemed(stack, member, reward);
    const own = await offerReward(sql, baker, { code_source: "partner_api" });
    const pending = await send<Redeemed>("/functions/v1/redeem", {
      method: "POST",
      headers: bearer(member.token),
      body: { reward_id: own.id, expected_points: own.points_cost, idempotency_key: randomUUID() },
    });
    expect([pending.status, pending.json.redemption.status, pending.json.code]).toEqual([202, "pending", null]);
    const delivered = await send<object>("/functions/v1/deliver-webhooks", {
      method: "POST",
      headers: { apikey: stack.secretKey },
    });
    expect([delivered.status, delivered.json]).toEqual([200, expect.objectContaining({ delivered: 0, retried: 1 })]);
    await sql("update private.partner_requests set next_attempt_at = now()");
    const swept = await send<object>("/functions/v1/sweep-redemptions", {
      method: "POST",
      headers: { apikey: stack.secretKey },
    });
    expect([swept.status, swept.json]).toEqual([200, expect.objectContaining({ asked: 1, waiting: 1 })]);

    expect(knocks).toEqual([]);
    const [message] = await sql("select status, last_status, last_error from private.webhook_messages");
    expect(message).toEqual({ status: "pending", last_status: null, last_error: "the address is not public" });
    const [request] = await sql("select last_error from private.partner_requests");
    expect(request).toEqual({ last_error: "the address is not public" });
  });
});

test("after all of this the code is as it was, and the books are right", async () => {
  expect(await stateOf(sql, held.redemption.id)).toMatchObject({
    status: "active",
    bookings: ["redemption -10"],
    codes: 1,
  });
  expect(await sql("select * from ops.audit_books()")).toEqual([]);
  expect(stack.leaks()).toEqual([]);
});
