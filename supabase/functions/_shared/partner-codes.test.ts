import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { DatabaseUnavailable } from "./database.ts";
import type { OutboundRequest, OutboundResult } from "./outbound.ts";
import { createPartnerCodes, type PartnerRequest } from "./partner-codes.ts";
import { createSealer } from "./sealing.ts";
import { newWebhookSecret, verifySignature } from "./signatures.ts";
import { type FakeArgs, fakeDatabase } from "./testing.ts";

const key = "A".repeat(43);
const variables: Record<string, string> = { SEALING_KEYS: `k1:${key}`, CODE_INDEX_KEY: key };
const sealer = await createSealer((name) => variables[name]);
const secret = newWebhookSecret();
const now = new Date();
const ID = "22222222-2222-4222-8222-222222222222";

const request: PartnerRequest = {
  redemption_id: ID,
  url: "https://partner.example/codes",
  secrets: [await sealer.seal("secret", secret)],
  attempt: 2,
  body: { redemption_id: ID, points_spent: 120, title_de: "Kaffee", expires_at: null },
};

interface Setup {
  result?: OutboundResult;
  /** What recording a code answers. */
  outcome?: string;
  status?: string;
  now?: Date;
  recording?: Error;
}

/** Asks once and tells everything that was sent, recorded and logged. */
async function ask(setup: Setup, asked: PartnerRequest = request) {
  const sent: OutboundRequest[] = [];
  const record = ({ code_ciphertext = null }: FakeArgs) => {
    if (setup.recording) throw setup.recording;
    const redemption = { id: ID, status: setup.status ?? "pending" };
    return { outcome: setup.outcome ?? "attached", redemption, code_ciphertext };
  };
  const { database, calls } = fakeDatabase({
    record_partner_code: record,
    record_partner_refusal: record,
    record_partner_failure: record,
  });
  const lines: string[] = [];
  const askPartner = createPartnerCodes({
    sealer,
    outbound: {
      check: () => Promise.resolve(undefined),
      post: (outgoing) => {
        sent.push(outgoing);
        return Promise.resolve(setup.result ?? answered(200, { code: "summer-25" }));
      },
    },
    database,
    now: () => setup.now ?? now,
    log: (level, message, fields) => lines.push(JSON.stringify({ level, message, ...fields })),
    timeoutMs: 7_000,
  });
  const reply = await askPartner(asked);
  return { reply, sent, calls, log: lines.join("\n") };
}

function answered(status: number, body: unknown, headers: Record<string, string> = {}, isCut = false): OutboundResult {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return { kind: "answered", status, headers: new Headers(headers), body: text, isCut };
}

Deno.test("the partner gets a signed question with the redemption as key, and nothing about the member", async () => {
  const { sent } = await ask({});
  const [question] = sent;
  ok(question);
  strictEqual(question.url, request.url);
  strictEqual(question.timeoutMs, 7_000);
  strictEqual(question.headers["idempotency-key"], ID);
  strictEqual(question.headers["webhook-id"], ID);
  strictEqual(question.headers["content-type"], "application/json");
  ok(verifySignature([secret], new Headers(question.headers), String(question.body)));
  deepStrictEqual(JSON.parse(String(question.body)), {
    type: "code.requested",
    timestamp: now.toISOString(),
    data: { redemption_id: ID, points_spent: 120, title_de: "Kaffee", expires_at: null },
  });
});

Deno.test("a code is sealed as the partner wrote it, and found however it is typed", async () => {
  const tomorrow = new Date(now.getTime() + 86_400_000).toISOString();
  const { reply, calls, log } = await ask({
    result: answered(201, { code: " summer-25 ", expires_at: tomorrow }),
    status: "active",
  });
  strictEqual(reply.outcome, "attached");
  strictEqual(reply.redemption.status, "active");
  strictEqual(calls.length, 1);
  const { command, args } = calls[0] ?? { command: "", args: {} };
  strictEqual(command, "record_partner_code");
  strictEqual(args["redemption_id"], ID);
  strictEqual(args["code_hash"], await sealer.codeHash("SUMMER25"));
  strictEqual(args["code_expires_at"], tomorrow);
  strictEqual(await sealer.open("code", String(args["code_ciphertext"])), "summer-25");
  strictEqual(reply.codeCiphertext, args["code_ciphertext"]);
  ok(!/summer|whsec/iu.test(log));
});

Deno.test("an end of validity that is over or unreadable is left out", async () => {
  for (const expiresAt of [now.toISOString(), "2020-01-01T00:00:00Z", "tomorrow", 1_900_000_000, {}, null]) {
    const { calls } = await ask({ result: answered(200, { code: "summer-25", expires_at: expiresAt }) });
    strictEqual(calls[0]?.args["code_expires_at"], null);
  }
});

Deno.test("what the database makes of a code", async () => {
  for (const [outcome, expected] of [
    ["attached", "attached"],
    ["repeated", "attached"],
    ["conflict", "attached"],
    ["ended", "failed"],
    ["duplicate", "failed"],
  ] as const) {
    strictEqual((await ask({ outcome })).reply.outcome, expected);
  }
});

Deno.test("a definite refusal is recorded at once", async () => {
  for (const status of [400, 401, 403, 404, 409, 410, 422]) {
    const { reply, calls } = await ask({ result: answered(status, "no"), status: "failed" });
    strictEqual(reply.outcome, "refused");
    strictEqual(reply.codeCiphertext, null);
    deepStrictEqual(calls, [
      { command: "record_partner_refusal", args: { redemption_id: ID, reason: `partner answered ${status}` } },
    ]);
  }
});

Deno.test("every other status is a failure that is tried again", async () => {
  for (const status of [100, 202, 204, 301, 302, 307, 402, 405, 408, 418, 425, 429, 500, 502, 503, 504, 599]) {
    const { reply, calls } = await ask({ result: answered(status, { code: "summer-25" }) });
    strictEqual(reply.outcome, "waiting");
    deepStrictEqual(calls, [
      {
        command: "record_partner_failure",
        args: { redemption_id: ID, error: `partner answered ${status}`, retry_after_seconds: null, duration_ms: 0 },
      },
    ]);
  }
});

Deno.test("an answer without a usable code is a failure: the partner may have made one", async () => {
  for (const body of [
    "",
    "<html>",
    "null",
    "[]",
    '"summer-25"',
    '{"code":"summer',
    {},
    { code: null },
    { code: 12345678 },
    { code: "abc" },
    { code: "x".repeat(101) },
    { code: `a${" ".repeat(100)}bcd` },
    { code: "ab\u0000cd" },
    { code: "ab\ncd" },
    { code: "NH22-2222-2222-2222-2222" }, // looks like one of ours and is right
    { code: "NH22-2222-2222-2222-2223" }, // looks like one of ours
  ]) {
    const { reply, calls } = await ask({ result: answered(200, body) });
    strictEqual(reply.outcome, "waiting");
    strictEqual(calls[0]?.command, "record_partner_failure");
    strictEqual(calls[0].args["error"], "partner answered 200 without a usable code");
  }
});

Deno.test("a longer answer than allowed is a failure, even if it begins with a code", async () => {
  const { calls } = await ask({ result: answered(200, { code: "summer-25" }, {}, true) });
  strictEqual(calls[0]?.command, "record_partner_failure");
});

Deno.test("no answer, for whatever reason, is a failure", async () => {
  for (const kind of ["not_sent", "unknown"] as const) {
    const { reply, calls } = await ask({ result: { kind, reason: "timeout" } });
    strictEqual(reply.outcome, "waiting");
    deepStrictEqual(calls[0]?.args, { redemption_id: ID, error: "timeout", retry_after_seconds: null, duration_ms: 0 });
  }
});

Deno.test("Retry-After is obeyed, as seconds and as a date, within a day", async () => {
  const at = new Date("2026-11-21T12:00:00.000Z");
  for (const [header, seconds] of [
    ["120", 120],
    ["0", 0],
    ["999999999", 86_400],
    ["Sat, 21 Nov 2026 12:01:30 GMT", 90],
    ["Sat, 21 Nov 2026 11:00:00 GMT", 0],
    ["-5", null],
    ["1.5", null],
    ["soon", null],
  ] as const) {
    const { calls } = await ask({ result: answered(429, "", { "retry-after": header }), now: at });
    strictEqual(calls[0]?.args["retry_after_seconds"], seconds, header);
  }
});

Deno.test("a failure after the deadline is the end", async () => {
  const { reply } = await ask({ result: answered(500, ""), status: "failed" });
  strictEqual(reply.outcome, "failed");
});

Deno.test("nothing is sent when the secret does not open", async () => {
  const { reply, sent, calls } = await ask({}, { ...request, secrets: [`k9${String(request.secrets[0]).slice(2)}`] });
  strictEqual(reply.outcome, "waiting");
  strictEqual(sent.length, 0);
  deepStrictEqual(calls[0]?.args, {
    redemption_id: ID,
    error: 'no sealing key "k9"',
    retry_after_seconds: null,
    duration_ms: 0,
  });
});

Deno.test("a partner that sends its codes by itself is not asked", async () => {
  const { reply, sent, calls, log } = await ask({}, { ...request, url: null });
  strictEqual(reply.outcome, "waiting");
  strictEqual(sent.length, 0);
  deepStrictEqual(calls[0]?.args, {
    redemption_id: ID,
    error: "partner sends codes by itself",
    retry_after_seconds: null,
    duration_ms: null,
  });
  strictEqual(log, "");
});

Deno.test("two secrets make two signatures", async () => {
  const other = newWebhookSecret();
  const secrets = [...request.secrets, await sealer.seal("secret", other)];
  const { sent } = await ask({}, { ...request, secrets });
  for (const known of [secret, other]) {
    ok(verifySignature([known], new Headers(sent[0]?.headers), String(sent[0]?.body)));
  }
});

Deno.test("when the database does not take the answer, the caller hears it", async () => {
  await rejects(ask({ recording: new DatabaseUnavailable("no answer") }), DatabaseUnavailable);
});
