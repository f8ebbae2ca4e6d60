import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { DatabaseUnavailable } from "../_shared/database.ts";
import type { OutboundRequest, OutboundResult } from "../_shared/outbound.ts";
import { Problem } from "../_shared/problem.ts";
import { newWebhookSecret, verifySignature } from "../_shared/signatures.ts";
import { type AttemptResult, createHandler, type DeliveryDependencies, type WebhookMessage } from "./handler.ts";

const URL_OF_DELIVERY = "http://localhost/deliver-webhooks";
const SECRET = newWebhookSecret();
const deliver = () => new Request(URL_OF_DELIVERY, { method: "POST" });
const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

function answerWith(status: number, body = ""): OutboundResult {
  return { kind: "answered", status, headers: new Headers(), body, isCut: false };
}

function message(id: number, endpoint = "endpoint-1"): WebhookMessage {
  return {
    id,
    webhook_id: `msg_${id}`,
    endpoint_id: endpoint,
    url: `https://${endpoint}.example.com/hook`,
    payload: `{"type":"redemption.used","data":{"number":${id},"note":"schön"}}`,
    secrets: [`sealed:${SECRET}`],
    attempt: 1,
  };
}

/** Shares of an endpoint, as the database keeps them. */
const PER_ENDPOINT = 10;

/** An outbox that leases like the real one: what was claimed does not come again, full and failing endpoints rest. */
class Outbox {
  readonly recorded: AttemptResult[] = [];
  readonly batches: number[] = [];
  readonly claims: { batch: number; under_way: readonly number[] }[] = [];
  readonly #failing = new Set<string>();
  readonly #endpoints = new Map<number, string>();
  #due: WebhookMessage[];
  recordDelayMs = 0;
  failRecording = false;

  constructor(due: readonly WebhookMessage[]) {
    this.#due = [...due];
    for (const { id, endpoint_id } of due) this.#endpoints.set(id, endpoint_id);
  }

  get left(): number {
    return this.#due.length;
  }

  call = async <Result>(command: string, args: Readonly<Record<string, unknown>>): Promise<Result> => {
    await wait(0);
    if (command === "claim_webhook_messages") return this.#claim(args as Outbox["claims"][number]) as Result;
    if (command === "record_webhook_attempts") return (await this.#record(args)) as Result;
    throw new Error(`unexpected ${command}`);
  };

  #claim(args: Outbox["claims"][number]): WebhookMessage[] {
    this.claims.push(args);
    const counts = new Map<string, number>();
    for (const id of args.under_way) {
      const endpoint = this.#endpoints.get(id) ?? "";
      counts.set(endpoint, (counts.get(endpoint) ?? 0) + 1);
    }
    const claimed: WebhookMessage[] = [];
    for (const due of this.#due) {
      const count = counts.get(due.endpoint_id) ?? 0;
      const rests = count === PER_ENDPOINT || this.#failing.has(due.endpoint_id);
      if (rests || claimed.length === args.batch) continue;
      counts.set(due.endpoint_id, count + 1);
      claimed.push(due);
    }
    this.#due = this.#due.filter((due) => !claimed.includes(due));
    return claimed;
  }

  async #record({ results }: Readonly<Record<string, unknown>>): Promise<object> {
    await wait(this.recordDelayMs);
    if (this.failRecording) throw new DatabaseUnavailable("record_webhook_attempts got no answer");
    const attempts = results as AttemptResult[];
    this.batches.push(attempts.length);
    this.recorded.push(...attempts);
    const delivered = attempts.filter(({ error }) => error === null).length;
    for (const { id, error } of attempts) if (error !== null) this.#failing.add(this.#endpoints.get(id) ?? "");
    return { delivered, retried: attempts.length - delivered, dead: 0, disabled: 0 };
  }
}

function handlerWith(
  outbox: Outbox,
  post: (request: OutboundRequest) => Promise<OutboundResult>,
  overrides: Partial<DeliveryDependencies> = {},
) {
  const lines: string[] = [];
  const handler = createHandler({
    authenticate: async () => undefined,
    database: outbox,
    sealer: { open: async (purpose, sealed) => (purpose === "secret" ? sealed.replace(/^sealed:/, "") : "") },
    outbound: { post },
    now: () => new Date(),
    log: (level, text, fields) => lines.push(JSON.stringify({ level, text, ...fields })),
    ...overrides,
  });
  return { handler, lines };
}

Deno.test("a message is sent as stored, signed, with its own id", async () => {
  const sent: OutboundRequest[] = [];
  const outbox = new Outbox([message(7)]);
  const { handler, lines } = handlerWith(outbox, async (request) => {
    sent.push(request);
    return answerWith(204);
  });
  const response = await handler(deliver());

  strictEqual(response.status, 200);
  deepStrictEqual(await response.json(), { sent: 1, delivered: 1, retried: 0, dead: 0, disabled: 0 });
  strictEqual(response.headers.get("cache-control"), "no-store");
  const [request] = sent;
  ok(request);
  strictEqual(request.url, "https://endpoint-1.example.com/hook");
  strictEqual(request.body, message(7).payload);
  strictEqual(request.headers["content-type"], "application/json");
  strictEqual(request.headers["webhook-id"], "msg_7");
  ok(verifySignature([SECRET], new Headers(request.headers), String(request.body)));
  ok(!lines.join("").includes(SECRET));
});

Deno.test("while a secret is rotated there are two signatures", async () => {
  const next = newWebhookSecret();
  const outbox = new Outbox([{ ...message(1), secrets: [`sealed:${next}`, `sealed:${SECRET}`] }]);
  const sent: OutboundRequest[] = [];
  const { handler } = handlerWith(outbox, async (request) => {
    sent.push(request);
    return answerWith(200);
  });
  await handler(deliver());
  const [request] = sent;
  ok(request);
  for (const secret of [next, SECRET])
    ok(verifySignature([secret], new Headers(request.headers), String(request.body)));
});

Deno.test("every outcome is recorded as what it is", async () => {
  const outcomes: Record<string, OutboundResult> = {
    "endpoint-1": answerWith(200, " fine\n"),
    "endpoint-2": answerWith(410, "gone"),
    "endpoint-3": answerWith(302),
    "endpoint-4": { kind: "not_sent", reason: "connection refused" },
    "endpoint-5": { kind: "unknown", reason: "no answer in time" },
    "endpoint-6": { ...answerWith(200, "x".repeat(2_000)), isCut: true } as OutboundResult,
  };
  const outbox = new Outbox(Object.keys(outcomes).map((endpoint, index) => message(index + 1, endpoint)));
  const { handler } = handlerWith(
    outbox,
    async ({ url }) => outcomes[new URL(url).hostname.split(".")[0] ?? ""] ?? answerWith(500),
    { now: () => new Date(1_000) },
  );
  deepStrictEqual(await (await handler(deliver())).json(), { sent: 6, delivered: 2, retried: 4, dead: 0, disabled: 0 });
  deepStrictEqual(
    outbox.recorded.sort((one, other) => one.id - other.id),
    [
      { id: 1, duration_ms: 0, response_status: 200, error: null, response_excerpt: "fine" },
      { id: 2, duration_ms: 0, response_status: 410, error: "answered 410", response_excerpt: "gone" },
      { id: 3, duration_ms: 0, response_status: 302, error: "answered 302", response_excerpt: null },
      { id: 4, duration_ms: 0, response_status: null, error: "connection refused", response_excerpt: null },
      { id: 5, duration_ms: 0, response_status: null, error: "no answer in time", response_excerpt: null },
      { id: 6, duration_ms: 0, response_status: 200, error: null, response_excerpt: "x".repeat(500) },
    ],
  );
});

Deno.test("an excerpt holds nothing that the database cannot store", async () => {
  const outbox = new Outbox([message(1), message(2, "endpoint-2")]);
  const bodies = ["a\u0000b\r\n\u001bc", `${"x".repeat(499)}${"😀".repeat(600)}`];
  const { handler } = handlerWith(outbox, async () => answerWith(200, bodies.shift() ?? ""));
  await handler(deliver());
  const [first, second] = outbox.recorded.sort((one, other) => one.id - other.id);
  strictEqual(first?.response_excerpt, "a b c");
  strictEqual(second?.response_excerpt, `${"x".repeat(499)}😀`);
});

Deno.test("a hanging endpoint holds up nobody: the others are delivered and recorded meanwhile", async () => {
  const healthy = Array.from({ length: 1_000 }, (_, index) => message(index + 1, `endpoint-${index % 5}`));
  const dead = Array.from({ length: 200 }, (_, index) => message(10_000 + index, "dead"));
  const outbox = new Outbox([...dead, ...healthy]);
  const hanging = Promise.withResolvers<void>();
  let toDead = 0;
  const { handler } = handlerWith(outbox, async ({ url }) => {
    if (!url.includes("dead")) return answerWith(200);
    toDead += 1;
    await hanging.promise;
    return { kind: "unknown", reason: "no answer in time" };
  });
  const response = handler(deliver());
  while (outbox.recorded.length < 1_000) await wait(1);
  strictEqual(toDead, 10);
  ok(outbox.recorded.every(({ error }) => error === null));

  hanging.resolve();
  deepStrictEqual(await (await response).json(), { sent: 1_010, delivered: 1_000, retried: 10, dead: 0, disabled: 0 });
  // After it failed it rests: the database gave out no more of its messages.
  strictEqual(outbox.left, 190);
});

Deno.test("never more than 64 are under way", async () => {
  const endpointOf = (index: number) => `endpoint-${Math.floor(index / 50)}`;
  const outbox = new Outbox(Array.from({ length: 500 }, (_, index) => message(index + 1, endpointOf(index))));
  const running = new Map<string, number>();
  let most = 0;
  let mostOfOne = 0;
  const { handler } = handlerWith(outbox, async ({ url }) => {
    running.set(url, (running.get(url) ?? 0) + 1);
    most = Math.max(
      most,
      [...running.values()].reduce((sum, count) => sum + count, 0),
    );
    mostOfOne = Math.max(mostOfOne, running.get(url) ?? 0);
    await wait(2);
    running.set(url, (running.get(url) ?? 0) - 1);
    return answerWith(200);
  });
  strictEqual((await (await handler(deliver())).json()).delivered, 500);
  strictEqual(most, 64);
  // The outbox's share: what it is told of is right.
  ok(mostOfOne <= PER_ENDPOINT, String(mostOfOne));
});

Deno.test("each message is recorded once, and those that end together are recorded together", async () => {
  const outbox = new Outbox(Array.from({ length: 300 }, (_, index) => message(index + 1, `endpoint-${index % 6}`)));
  outbox.recordDelayMs = 5;
  const { handler } = handlerWith(outbox, async () => answerWith(200));
  await handler(deliver());
  strictEqual(new Set(outbox.recorded.map(({ id }) => id)).size, 300);
  strictEqual(outbox.recorded.length, 300);
  ok(outbox.batches.length < 100, `${outbox.batches.length} batches`);
});

Deno.test("after 50 seconds no more is claimed: the next call goes on", async () => {
  let seconds = 0;
  const outbox = new Outbox(Array.from({ length: 100 }, (_, index) => message(index + 1)));
  const { handler } = handlerWith(
    outbox,
    async () => {
      seconds += 1;
      return answerWith(200);
    },
    { now: () => new Date(seconds * 1_000) },
  );
  strictEqual((await (await handler(deliver())).json()).sent, 50);
  strictEqual(outbox.left, 50);
});

Deno.test("a secret that does not open is our fault: no attempt is recorded, the others are sent", async () => {
  const outbox = new Outbox([message(1), { ...message(2, "endpoint-2"), secrets: ["broken"] }]);
  const { handler, lines } = handlerWith(outbox, async () => answerWith(200), {
    sealer: {
      open: async (_purpose, sealed) => {
        if (sealed === "broken") throw new Error('no sealing key "k9"');
        return SECRET;
      },
    },
  });
  deepStrictEqual(await (await handler(deliver())).json(), { sent: 2, delivered: 1, retried: 0, dead: 0, disabled: 0 });
  deepStrictEqual(
    outbox.recorded.map(({ id }) => id),
    [1],
  );
  match(lines.join("\n"), /"message_id":2.*k9/u);
});

Deno.test("when nothing can be recorded, no more is sent", async () => {
  const outbox = new Outbox(Array.from({ length: 1_000 }, (_, index) => message(index + 1)));
  outbox.failRecording = true;
  let sent = 0;
  const { handler } = handlerWith(outbox, async () => {
    sent += 1;
    await wait(1);
    return answerWith(200);
  });
  const response = await handler(deliver());
  strictEqual(response.status, 503);
  strictEqual((await response.json()).code, "service_unavailable");
  ok(sent <= 50, `${sent} were sent`);
});

Deno.test("when no more can be claimed, what is under way is recorded first", async () => {
  const outbox = new Outbox([message(1)]);
  let claims = 0;
  const { handler } = handlerWith(outbox, async () => answerWith(200), {
    database: {
      call: (command, args) => {
        if (command === "claim_webhook_messages") claims += 1;
        return claims > 1 && command === "claim_webhook_messages"
          ? Promise.reject(new DatabaseUnavailable("claim_webhook_messages got no answer"))
          : outbox.call(command, args);
      },
    },
  });
  strictEqual((await handler(deliver())).status, 503);
  strictEqual(outbox.recorded.length, 1);
});

Deno.test("an empty outbox is asked once, and nothing is logged", async () => {
  const outbox = new Outbox([]);
  const { handler, lines } = handlerWith(outbox, async () => answerWith(200));
  deepStrictEqual(await (await handler(deliver())).json(), { sent: 0, delivered: 0, retried: 0, dead: 0, disabled: 0 });
  deepStrictEqual(outbox.claims, [{ batch: 64, under_way: [] }]);
  deepStrictEqual(lines, []);
});

Deno.test("without a secret key nothing happens", async () => {
  const outbox = new Outbox([message(1)]);
  const { handler } = handlerWith(outbox, async () => answerWith(200), {
    authenticate: () => Promise.reject(new Problem("not_permitted")),
  });
  const response = await handler(deliver());
  strictEqual(response.status, 403);
  strictEqual((await response.json()).code, "not_permitted");
  strictEqual(outbox.left, 1);
});

Deno.test("other methods are 405, a preflight is answered", async () => {
  const { handler } = handlerWith(new Outbox([]), async () => answerWith(200));
  const response = await handler(new Request(URL_OF_DELIVERY));
  strictEqual(response.status, 405);
  strictEqual(response.headers.get("allow"), "POST");
  strictEqual((await handler(new Request(URL_OF_DELIVERY, { method: "OPTIONS" }))).status, 204);
});
