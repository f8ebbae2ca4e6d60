import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { generateCode, printCode } from "../_shared/codes.ts";
import { DatabaseRefusal, DatabaseUnavailable } from "../_shared/database.ts";
import { createSealer } from "../_shared/sealing.ts";
import { newWebhookSecret, signatureHeaders } from "../_shared/signatures.ts";
import { type FakeArgs, fakeDatabase } from "../_shared/testing.ts";
import { createHandler } from "./handler.ts";

const PARTNER = "11111111-1111-4111-8111-111111111111";
const STRANGER = "22222222-2222-4222-8222-222222222222";
const REDEMPTION = "33333333-3333-4333-8333-333333333333";
const SECRET = newWebhookSecret();
const OLD_SECRET = newWebhookSecret();
const KEY = "a".repeat(42).concat("A");
const sealer = await createSealer((name) => (name === "SEALING_KEYS" ? `k1:${KEY}` : KEY));

const used = {
  type: "code.used",
  timestamp: "2026-11-21T12:00:00.000Z",
  data: { redemption_id: REDEMPTION, used_at: "2026-11-21T11:59:58Z", till_reference: "till 3/42" },
};

interface Sent {
  body?: unknown;
  /** The body as text, where it is not the JSON of `body`. */
  raw?: string;
  secret?: string;
  eventId?: string;
  at?: Date;
  partnerId?: string;
  headers?: Record<string, string>;
}

function event({ body = used, raw = JSON.stringify(body), headers = {}, ...sent }: Sent = {}): Request {
  const { secret = SECRET, eventId = "evt_1", at = new Date(), partnerId = PARTNER } = sent;
  return new Request(`http://localhost/partner-events/${partnerId}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...signatureHeaders([secret], eventId, at, raw), ...headers },
    body: raw,
  });
}

async function setup(record: () => Promise<unknown> = async () => ({ outcome: "applied" })) {
  const recorded: FakeArgs[] = [];
  const opened: string[] = [];
  const lines: string[] = [];
  const secrets = await Promise.all([SECRET, OLD_SECRET].map((secret) => sealer.seal("secret", secret)));
  const handler = createHandler({
    database: fakeDatabase({
      read_partner_connection: ({ partner_id }) => (partner_id === PARTNER ? { secrets } : null),
      record_partner_event: (args) => {
        recorded.push(args);
        return record();
      },
    }).database,
    sealer: {
      ...sealer,
      open: (purpose, sealed) => {
        opened.push(purpose);
        return sealer.open(purpose, sealed);
      },
    },
    log: (level, message, fields) => lines.push(JSON.stringify({ level, message, ...fields })),
  });
  return { handler, recorded, opened, lines };
}

Deno.test("a used code is recorded with its id, time and till", async () => {
  const { handler, recorded } = await setup();
  const response = await handler(event());
  strictEqual(response.status, 200);
  deepStrictEqual(await response.json(), { outcome: "applied" });
  strictEqual(response.headers.get("cache-control"), "no-store");
  deepStrictEqual(recorded, [
    {
      partner_id: PARTNER,
      event_id: "evt_1",
      event_type: "code.used",
      occurred_at: "2026-11-21T12:00:00.000Z",
      redemption_id: REDEMPTION,
      code_hash: null,
      code_ciphertext: null,
      details: { used_at: "2026-11-21T11:59:58Z", till_reference: "till 3/42" },
    },
  ]);
});

Deno.test("an issued code is stored sealed and found by its hash, and not logged", async () => {
  const { handler, recorded, lines } = await setup();
  const data = { redemption_id: REDEMPTION, code: " spring-2026-xy ", expires_at: "2027-01-01T00:00:00+01:00" };
  const response = await handler(event({ body: { ...used, type: "code.issued", data } }));
  strictEqual(response.status, 200);
  const [args] = recorded;
  ok(args);
  strictEqual(args["code_hash"], await sealer.codeHash("SPRING2026XY"));
  strictEqual(await sealer.open("code", String(args["code_ciphertext"])), "spring-2026-xy");
  deepStrictEqual(args["details"], { expires_at: "2027-01-01T00:00:00+01:00" });
  ok(!/spring/iu.test(`${JSON.stringify(recorded)}${lines.join("")}`));
});

Deno.test("a cancelled code can be named by the code alone, ours or theirs, and is not stored again", async () => {
  const { handler, recorded } = await setup();
  const ours = generateCode();
  for (const code of [printCode(ours).toLowerCase(), "their own-1"]) {
    const body = { ...used, type: "code.cancelled", data: { code, reason: "closed" } };
    strictEqual((await handler(event({ body }))).status, 200);
  }
  deepStrictEqual(
    recorded.map((args) => [args["redemption_id"], args["code_hash"], args["code_ciphertext"], args["details"]]),
    [
      [null, await sealer.codeHash(ours), null, {}],
      [null, await sealer.codeHash("THEIROWN1"), null, {}],
    ],
  );
});

Deno.test("an event about nothing we know is 404, so that its sender repeats it", async () => {
  const { handler } = await setup(async () => ({ outcome: "not_found" }));
  const response = await handler(event());
  deepStrictEqual([response.status, (await response.json()).code], [404, "redemption_not_found"]);
});

Deno.test("every outcome is 200, so that nobody sends again what will not change", async () => {
  for (const outcome of ["applied", "duplicate", "ignored", "conflict"]) {
    const { handler } = await setup(async () => ({ outcome, internal: "not told" }));
    const response = await handler(event());
    strictEqual(response.status, 200);
    deepStrictEqual(await response.json(), { outcome });
  }
});

Deno.test("the secret before counts while it is rotated", async () => {
  const { handler } = await setup();
  strictEqual((await handler(event({ secret: OLD_SECRET }))).status, 200);
});

Deno.test("whatever is wrong with sender or signature looks the same and takes the same steps", async () => {
  const answers: string[] = [];
  const minutes = (count: number) => new Date(Date.now() + count * 60_000);
  const good = event();
  const cases: Record<string, Request> = {
    "unknown partner": event({ partnerId: STRANGER }),
    "wrong secret": event({ secret: newWebhookSecret() }),
    "too old": event({ at: minutes(-6) }),
    "too new": event({ at: minutes(6) }),
    "another id": event({ headers: { "webhook-id": "evt_2" } }),
    "no signature": event({ headers: { "webhook-signature": "" } }),
    garbage: event({ headers: { "webhook-signature": "v1,%%% , v9" } }),
    "changed body": new Request(good.url, { method: "POST", headers: good.headers, body: `${await good.text()} ` }),
  };
  for (const [name, request] of Object.entries(cases)) {
    const { handler, recorded, opened } = await setup();
    request.headers.set("x-request-id", "request-1");
    const response = await handler(request);
    strictEqual(response.status, 401, name);
    answers.push(await response.text());
    deepStrictEqual(recorded, [], name);
    ok(opened.length > 0, name);
  }
  strictEqual(new Set(answers).size, 1);
  strictEqual(JSON.parse(answers[0] ?? "").code, "signature_invalid");
});

Deno.test("types of later versions are ignored, whatever they carry", async () => {
  const { handler, recorded } = await setup();
  const response = await handler(event({ body: { ...used, type: "code.gifted", data: { to: [1] }, version: 2 } }));
  strictEqual(response.status, 200);
  deepStrictEqual(await response.json(), { outcome: "ignored" });
  deepStrictEqual(recorded, []);
});

Deno.test("what is signed but makes no sense is refused with the field", async () => {
  const mistyped = generateCode().replace(/.$/u, (last) => (last === "2" ? "3" : "2"));
  const issued = { ...used, type: "code.issued" };
  const cases: readonly (readonly [body: unknown, code: string, detail: string])[] = [
    [{ ...used, type: 1 }, "validation_failed", "type"],
    [{ ...used, timestamp: "yesterday" }, "validation_failed", "timestamp"],
    [{ ...used, timestamp: "2026-11-21T12:00:00" }, "validation_failed", "timestamp"],
    [{ ...used, data: [] }, "validation_failed", "data"],
    [{ ...used, data: {} }, "validation_failed", "redemption_id"],
    [{ ...used, data: { redemption_id: "17" } }, "redemption_not_found", "redemption_id"],
    [{ ...used, data: { ...used.data, member_id: REDEMPTION } }, "validation_failed", "member_id"],
    [{ ...used, data: { ...used.data, used_at: "now" } }, "validation_failed", "used_at"],
    [{ ...used, data: { ...used.data, till_reference: "x".repeat(65) } }, "text_too_long", "till_reference"],
    [
      { ...used, data: { ...used.data, till_reference: "till\u0000" } },
      "text_has_control_characters",
      "till_reference",
    ],
    [{ ...used, data: { code: mistyped } }, "code_mistyped", "code"],
    [{ ...used, data: { code: "abc" } }, "validation_failed", "code"],
    [{ ...issued, data: { redemption_id: REDEMPTION } }, "text_blank", "code"],
    [{ ...issued, data: { code: "SPRING-1" } }, "redemption_not_found", "redemption_id"],
    [{ ...issued, data: { redemption_id: REDEMPTION, code: generateCode() } }, "validation_failed", "code"],
    [{ ...issued, data: { redemption_id: REDEMPTION, code: "x".repeat(101) } }, "text_too_long", "code"],
  ];
  for (const [body, code, detail] of cases) {
    const { handler, recorded } = await setup();
    const response = await handler(event({ body }));
    const answer = await response.json();
    ok(response.status === 400 || response.status === 404, JSON.stringify(body));
    deepStrictEqual([answer.code, answer.detail], [code, detail], JSON.stringify(body));
    deepStrictEqual(recorded, []);
  }
});

Deno.test("what is signed but is no JSON object, or has a boundless id, is refused", async () => {
  const { handler, recorded } = await setup();
  const broken = await handler(event({ raw: "{" }));
  deepStrictEqual([broken.status, (await broken.json()).code], [400, "json_invalid"]);
  const list = await handler(event({ raw: "[]" }));
  deepStrictEqual([list.status, (await list.json()).code], [400, "validation_failed"]);
  const longId = await handler(event({ eventId: "e".repeat(256) }));
  deepStrictEqual([longId.status, (await longId.json()).detail], [400, "webhook-id"]);
  deepStrictEqual(recorded, []);
});

Deno.test("size and type are checked before anything is read or asked", async () => {
  const { handler, opened } = await setup();
  const large = await handler(event({ raw: JSON.stringify({ ...used, filler: "x".repeat(64 * 1024) }) }));
  deepStrictEqual([large.status, (await large.json()).code], [413, "payload_too_large"]);
  const form = await handler(event({ headers: { "content-type": "application/x-www-form-urlencoded" } }));
  deepStrictEqual([form.status, (await form.json()).code], [415, "content_type_unsupported"]);
  deepStrictEqual(opened, []);
});

Deno.test("only the one address exists", async () => {
  const { handler } = await setup();
  for (const path of ["", "/", "/17", `/${PARTNER}/more`, `/${PARTNER}%00`]) {
    const response = await handler(new Request(`http://localhost/partner-events${path}`, { method: "POST" }));
    deepStrictEqual([response.status, (await response.json()).code], [404, "route_not_found"], path);
  }
  const address = `http://localhost/partner-events/${PARTNER}`;
  const read = await handler(new Request(address));
  strictEqual(read.status, 405);
  strictEqual(read.headers.get("allow"), "POST");
  strictEqual((await handler(new Request(address, { method: "OPTIONS" }))).status, 204);
});

Deno.test("a database that says no or is away answers as everywhere", async () => {
  const refused = await (await setup(() => Promise.reject(new DatabaseRefusal("redemption_not_found", 404)))).handler(
    event(),
  );
  deepStrictEqual([refused.status, (await refused.json()).code], [404, "redemption_not_found"]);
  const away = await (
    await setup(() => Promise.reject(new DatabaseUnavailable("record_partner_event got no answer")))
  ).handler(event());
  strictEqual(away.status, 503);
  ok(!(await away.text()).includes("record_partner_event"));
});
