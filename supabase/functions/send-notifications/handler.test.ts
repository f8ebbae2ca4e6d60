import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { DatabaseUnavailable } from "../_shared/database.ts";
import { Problem } from "../_shared/problem.ts";
import { type Delivery, type DeliveryChannel, type DeliveryResult, type Outcome, SENT } from "./delivery.ts";
import { createHandler, type SendDependencies } from "./handler.ts";
import { MAIL } from "./test-scene.ts";

const post = () => new Request("http://localhost/send-notifications", { method: "POST" });
const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

function deliveries(count: number, channel: DeliveryChannel = "email"): Delivery[] {
  return Array.from({ length: count }, (_, id) => ({ ...MAIL, id, channel, attempt: 1 + (id % 3) }));
}

/** An outbox that leases like the real one: what was claimed does not come again. */
class Outbox {
  readonly recorded: DeliveryResult[] = [];
  readonly claims: unknown[] = [];
  #due: Delivery[];
  failRecording = false;

  constructor(due: readonly Delivery[]) {
    this.#due = [...due];
  }

  get left(): number {
    return this.#due.length;
  }

  add(delivery: Delivery): void {
    this.#due.push(delivery);
  }

  call = async <Result>(command: string, args: Readonly<Record<string, unknown>>): Promise<Result> => {
    await wait(0);
    if (command === "claim_notification_deliveries") {
      this.claims.push(args);
      const { batch, channels } = args as { batch: number; channels: readonly string[] };
      const claimed = this.#due.filter(({ channel }) => channels.includes(channel)).slice(0, batch);
      this.#due = this.#due.filter((due) => !claimed.includes(due));
      return claimed as Result;
    }
    strictEqual(command, "record_notification_deliveries");
    if (this.failRecording) throw new DatabaseUnavailable(`${command} got no answer`);
    const results = args["results"] as DeliveryResult[];
    this.recorded.push(...results);
    const sent = results.filter(({ outcome }) => outcome === "sent").length;
    const retried = results.filter(({ outcome }) => outcome === "retry").length;
    return { sent, retried, dead: results.length - sent - retried } as Result;
  };
}

interface Setup extends Partial<Omit<SendDependencies, "channels" | "database">> {
  email?: ((delivery: Delivery) => Promise<Outcome>) | undefined;
  webPush?: (delivery: Delivery) => Promise<Outcome>;
}

function handlerWith(outbox: Outbox, { email, webPush, ...overrides }: Setup) {
  const lines: string[] = [];
  const closed: string[] = [];
  const open = (name: string, send: (delivery: Delivery) => Promise<Outcome>) => () => ({
    send,
    close: () => void closed.push(name),
  });
  const handler = createHandler({
    authenticate: async () => undefined,
    database: outbox,
    channels: {
      ...(email === undefined ? {} : { email: open("email", email) }),
      ...(webPush === undefined ? {} : { web_push: open("web_push", webPush) }),
    },
    now: () => new Date(),
    log: (level, text, fields) => lines.push(JSON.stringify({ level, text, ...fields })),
    ...overrides,
  });
  return { handler, lines, closed };
}

Deno.test("everything due is sent once and recorded with its attempt", async () => {
  const outbox = new Outbox(deliveries(100));
  const sent: number[] = [];
  const { handler, closed } = handlerWith(outbox, {
    email: async ({ id }) => {
      sent.push(id);
      await wait(1);
      return SENT;
    },
    now: () => new Date(0),
  });
  const response = await handler(post());
  strictEqual(response.status, 200);
  deepStrictEqual(await response.json(), { tried: 100, sent: 100, retried: 0, dead: 0 });
  strictEqual(response.headers.get("cache-control"), "no-store");
  deepStrictEqual(
    sent.sort((one, other) => one - other),
    deliveries(100).map(({ id }) => id),
  );
  deepStrictEqual(
    outbox.recorded.sort((one, other) => one.id - other.id),
    deliveries(100).map(({ id, attempt }) => ({ id, attempt, outcome: "sent", error: null, duration_ms: 0 })),
  );
  deepStrictEqual(closed, ["email"]);
});

Deno.test("a channel that is not set up is not claimed: its deliveries wait", async () => {
  const outbox = new Outbox([...deliveries(3), ...deliveries(2, "web_push")]);
  const { handler } = handlerWith(outbox, { webPush: async () => SENT });
  deepStrictEqual(await (await handler(post())).json(), { tried: 2, sent: 2, retried: 0, dead: 0 });
  strictEqual(outbox.left, 3);
  deepStrictEqual(outbox.claims[0], { batch: 24, channels: ["web_push"], under_way: [] });

  const nothing = new Outbox(deliveries(3));
  deepStrictEqual(await (await handlerWith(nothing, {}).handler(post())).json(), {
    tried: 0,
    sent: 0,
    retried: 0,
    dead: 0,
  });
  deepStrictEqual(nothing.claims, []);
});

Deno.test("every outcome is recorded as what it is, without what cannot be stored", async () => {
  const outcomes: Outcome[] = [
    SENT,
    { outcome: "retry", error: "4.7.1\u0000 come\r\nback" },
    { outcome: "gone", error: "answered 410" },
    { outcome: "rejected", error: `${"😀".repeat(600)}` },
  ];
  const outbox = new Outbox(deliveries(4));
  const { handler } = handlerWith(outbox, { email: async ({ id }) => outcomes[id] ?? SENT });
  deepStrictEqual(await (await handler(post())).json(), { tried: 4, sent: 1, retried: 1, dead: 2 });
  deepStrictEqual(
    outbox.recorded.sort((one, other) => one.id - other.id).map(({ outcome, error }) => ({ outcome, error })),
    [
      SENT,
      { outcome: "retry", error: "4.7.1 come back" },
      { outcome: "gone", error: "answered 410" },
      { outcome: "rejected", error: "😀".repeat(500) },
    ],
  );
});

Deno.test("one that breaks is tried again later and stops no other", async () => {
  const outbox = new Outbox(deliveries(10));
  const { handler, lines } = handlerWith(outbox, {
    email: async ({ id }) => {
      if (id === 4) throw new Error("cannot read properties");
      return SENT;
    },
  });
  deepStrictEqual(await (await handler(post())).json(), { tried: 10, sent: 9, retried: 1, dead: 0 });
  match(lines.join("\n"), /"delivery_id":4.*cannot read properties/u);
  strictEqual(outbox.recorded.find(({ id }) => id === 4)?.error, "internal error");
});

Deno.test("a few that hang hold up nobody: the others are sent and recorded meanwhile", async () => {
  const outbox = new Outbox(deliveries(200));
  const hanging = Promise.withResolvers<void>();
  const { handler } = handlerWith(outbox, {
    email: async ({ id }) => {
      if (id < 5) await hanging.promise;
      return SENT;
    },
  });
  const response = handler(post());
  while (outbox.recorded.length < 195) await wait(1);
  hanging.resolve();
  strictEqual((await (await response).json()).sent, 200);
});

Deno.test("never more than 12 e-mails and 24 pushes are under way", async () => {
  const outbox = new Outbox([...deliveries(150), ...deliveries(150, "web_push")]);
  const count = () => {
    let running = 0;
    const most = { under_way: 0 };
    const send = async () => {
      running += 1;
      most.under_way = Math.max(most.under_way, running);
      await wait(1);
      running -= 1;
      return SENT;
    };
    return { most, send };
  };
  const [mails, pushes] = [count(), count()];
  const { handler } = handlerWith(outbox, { email: mails.send, webPush: pushes.send });
  await handler(post());
  deepStrictEqual([mails.most, pushes.most], [{ under_way: 12 }, { under_way: 24 }]);
});

Deno.test("pushes that all hang hold up no e-mail, not even one that falls due meanwhile", async () => {
  const outbox = new Outbox([...deliveries(3), ...deliveries(100, "web_push")]);
  const hanging = Promise.withResolvers<void>();
  const mailed: number[] = [];
  let pushing = 0;
  const { handler } = handlerWith(outbox, {
    email: async ({ id }) => {
      mailed.push(id);
      return SENT;
    },
    webPush: async () => {
      pushing += 1;
      await hanging.promise;
      return { outcome: "retry", error: "no answer in time" };
    },
  });
  const response = handler(post());
  while (pushing < 24 || mailed.length < 3) await wait(1);
  outbox.add({ ...MAIL, id: 1_000 });
  while (!mailed.includes(1_000)) await wait(1);
  strictEqual(pushing, 24);
  hanging.resolve();
  strictEqual((await (await response).json()).sent, 4);
});

Deno.test("the database hears what is under way, and how long each took", async () => {
  const outbox = new Outbox(deliveries(14));
  let seconds = 0;
  const { handler } = handlerWith(outbox, {
    email: async ({ id }) => {
      if (id === 0) await wait(50);
      else seconds += 1;
      return SENT;
    },
    now: () => new Date(seconds * 1_000),
  });
  await handler(post());
  const [first, second] = outbox.claims as { batch: number; under_way: readonly number[] }[];
  deepStrictEqual([first?.batch, first?.under_way], [12, []]);
  deepStrictEqual([second?.batch, second?.under_way], [11, [0]]);
  strictEqual(outbox.recorded.find(({ id }) => id === 0)?.duration_ms, 13_000);
});

Deno.test("after 50 seconds no more is claimed: the next call goes on", async () => {
  let seconds = 0;
  const outbox = new Outbox(deliveries(200));
  const { handler } = handlerWith(outbox, {
    email: async () => {
      seconds += 1;
      return SENT;
    },
    now: () => new Date(seconds * 1_000),
  });
  const { tried } = await (await handler(post())).json();
  ok(tried >= 50 && tried <= 62, String(tried));
  strictEqual(outbox.left, 200 - tried);
});

Deno.test("when nothing can be recorded, no more is sent, and connections end", async () => {
  const outbox = new Outbox(deliveries(200));
  outbox.failRecording = true;
  let sent = 0;
  const { handler, closed } = handlerWith(outbox, {
    email: async () => {
      sent += 1;
      await wait(1);
      return SENT;
    },
  });
  const response = await handler(post());
  strictEqual(response.status, 503);
  strictEqual((await response.json()).code, "service_unavailable");
  ok(sent <= 24, `${sent} were sent`);
  deepStrictEqual(closed, ["email"]);
});

Deno.test("without a secret key nothing happens", async () => {
  const outbox = new Outbox(deliveries(1));
  const { handler } = handlerWith(outbox, {
    email: async () => SENT,
    authenticate: () => Promise.reject(new Problem("not_permitted")),
  });
  const response = await handler(post());
  strictEqual(response.status, 403);
  strictEqual((await response.json()).code, "not_permitted");
  strictEqual(outbox.left, 1);
});

Deno.test("other methods are 405, a preflight is answered", async () => {
  const { handler } = handlerWith(new Outbox([]), {});
  const response = await handler(new Request("http://localhost/send-notifications"));
  strictEqual(response.status, 405);
  strictEqual(response.headers.get("allow"), "POST");
  strictEqual((await handler(new Request("http://localhost/send-notifications", { method: "OPTIONS" }))).status, 204);
});
