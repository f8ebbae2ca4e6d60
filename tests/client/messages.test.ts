import { afterEach, describe, expect, it, test } from "vitest";
import { ApiError, type Message, type NeighbourhoodClient, watchMessages } from "../../src/client/index.ts";
import { soon } from "../support/soon.ts";
import { FakeRealtime } from "./support/fake-realtime.ts";
import { fakeRest, json, noConnection, raised, type SeenRequest } from "./support/fake-rest.ts";

const OFFER = "22222222-2222-4222-8222-222222222222";
const KEY = "33333333-3333-4333-8333-333333333333";
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/u;

const message = (id: number, deleted_at: string | null = null): Message => ({
  offer_id: OFFER,
  id,
  sender_id: "44444444-4444-4444-8444-444444444444",
  recipient_id: "55555555-5555-4555-8555-555555555555",
  body: deleted_at === null ? `Message ${id}` : null,
  created_at: "2026-11-21T12:00:00Z",
  deleted_at,
});

test.each<[string, (client: NeighbourhoodClient) => Promise<unknown>, object]>([
  [
    "send_message",
    ({ messages }) => messages.send(OFFER, { body: "Hello" }),
    { offer_id: OFFER, body: "Hello", idempotency_key: expect.stringMatching(UUID) },
  ],
  [
    "send_message",
    ({ messages }) => messages.send(OFFER, { body: "Hello\nyou", idempotency_key: KEY }),
    { offer_id: OFFER, body: "Hello\nyou", idempotency_key: KEY },
  ],
  ["list_messages", ({ messages }) => messages.listPage({ offer_id: OFFER }), { offer_id: OFFER, page_size: 20 }],
  [
    "list_messages",
    ({ messages }) => messages.listPage({ offer_id: OFFER, oldest_first: true, page_size: 500, after: "7" }),
    { offer_id: OFFER, oldest_first: true, page_size: 100, after: 7 },
  ],
  ["list_conversations", ({ messages }) => messages.conversationsPage(), { page_size: 20 }],
  [
    "list_conversations",
    ({ messages }) => messages.conversationsPage({ page_size: 5, after: "9" }),
    { page_size: 5, after: 9 },
  ],
  ["list_conversations", ({ messages }) => messages.conversation(OFFER), { only_offer_id: OFFER }],
  ["mark_conversation_read", ({ messages }) => messages.markRead(OFFER), { offer_id: OFFER }],
  ["mark_conversation_read", ({ messages }) => messages.markRead(OFFER, 12), { offer_id: OFFER, up_to: 12 }],
  ["count_unread_messages", ({ messages }) => messages.countUnread(), {}],
  ["delete_message", ({ messages }) => messages.delete(OFFER, 12), { offer_id: OFFER, message_id: 12 }],
  ["update_message_settings", ({ messages }) => messages.updateSettings({ show_text: true }), { show_text: true }],
])("%s is called with exactly what was given (%#)", async (name, call, body) => {
  const { client, requests } = fakeRest(() => json([]));
  await call(client);
  expect(requests.map(({ method, path, body: sent }) => [method, path, sent])).toEqual([
    [/^(list|count)_/u.test(name) ? "GET" : "POST", `rpc/${name}`, body],
  ]);
});

test.each<[string, (client: NeighbourhoodClient) => Promise<unknown>]>([
  ["offer_not_found", ({ messages }) => messages.send("7", { body: "Hello" })],
  ["text_blank", ({ messages }) => messages.send(OFFER, { body: " \n" })],
  ["text_too_long", ({ messages }) => messages.send(OFFER, { body: "x".repeat(2001) })],
  ["text_has_control_characters", ({ messages }) => messages.send(OFFER, { body: "a\u0007" })],
  ["validation_failed", ({ messages }) => messages.send(OFFER, { body: "Hello", idempotency_key: "7" })],
  ["cursor_invalid", ({ messages }) => messages.listPage({ offer_id: OFFER, after: "7; drop" })],
  ["message_not_found", ({ messages }) => messages.delete(OFFER, 0)],
  ["message_not_found", ({ messages }) => messages.markRead(OFFER, 1.5)],
])("%s is found before anything is sent (%#)", async (code, call) => {
  const { client, requests } = fakeRest(() => json({}));
  await expect(call(client)).rejects.toMatchObject({ code });
  expect(requests).toEqual([]);
});

it("sends a message that was interrupted with the same key, and the next with another", async () => {
  let answers = 0;
  const { client, requests } = fakeRest(() => {
    answers += 1;
    return answers <= 3 ? noConnection() : json(message(1));
  });
  await expect(client.messages.send(OFFER, { body: "Hello" })).rejects.toMatchObject({ code: "network_error" });
  await client.messages.send(OFFER, { body: "Hello" });
  await client.messages.send(OFFER, { body: "Hello" });
  const keys = requests.map(({ body }) => (body as { idempotency_key: string }).idempotency_key);
  expect([requests.length, new Set(keys.slice(0, 4)).size, new Set(keys).size]).toEqual([5, 1, 2]);
});

it("tells how long to wait", async () => {
  const { client } = fakeRest(() => raised(429, "conversation_limit_reached", "retry_after=37"));
  const error = await client.messages.send(OFFER, { body: "Hello" }).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: "conversation_limit_reached", status: 429, retryAfter: 37 });
  expect(new ApiError({ code: "text_blank", detail: "body" }).retryAfter).toBeNull();
});

it("knows the settings of a member who never chose", async () => {
  const { client } = fakeRest(() => json([]));
  expect(await client.messages.settings()).toEqual({ show_read_marks: false, show_text: false });
});

it("knows no conversation where nobody has written", async () => {
  const { client } = fakeRest(() => json([]));
  expect(await client.messages.conversation(OFFER)).toBeNull();
});

describe("watching", () => {
  const stops: (() => void)[] = [];
  afterEach(() => {
    for (const stop of stops.splice(0)) stop();
  });

  function watch(realtime: FakeRealtime, items: Message[], pollMs?: number) {
    const told: string[] = [];
    const errors: unknown[] = [];
    const answer = ({ path, body }: SeenRequest): Response => {
      expect(path).toBe("rpc/list_messages");
      const { after = Number.POSITIVE_INFINITY, page_size: size } = body as { after?: number; page_size: number };
      return json(
        items
          .filter(({ id }) => id < after)
          .sort((one, other) => other.id - one.id)
          .slice(0, size),
      );
    };
    const watcher = {
      onNew: ({ id, body }: Message) => told.push(`${id} ${body ?? "deleted"}`),
      onError: (error: unknown) => errors.push(error),
    };
    stops.push(watchMessages(realtime.client("member-token", answer), OFFER, watcher, { pollMs }));
    return { told, errors };
  }

  it("tells at once what is announced on the conversation's private channel, as the database has it", async () => {
    const realtime = new FakeRealtime();
    const items = [message(1), message(2)];
    const { told, errors } = watch(realtime, items);
    await soon(() => expect(realtime.joins).toHaveLength(1));
    expect(realtime.joins).toEqual([{ topic: `conversation:${OFFER}`, isPrivate: true, token: "member-token" }]);
    items.push(message(3));
    realtime.broadcast(`conversation:${OFFER}`, "message", { id: 3, body: "Forged" });
    await soon(() => expect(told).toEqual(["3 Message 3"]));
    // one that was there before, taken back
    items[0] = message(1, "2026-11-21T12:01:00Z");
    realtime.broadcast(`conversation:${OFFER}`, "message", { id: 1 });
    await soon(() => expect(told).toEqual(["3 Message 3", "1 deleted"]));
    expect(errors).toEqual([]);
  });

  it("asks again and again where there is no Realtime", async () => {
    const realtime = new FakeRealtime();
    realtime.reception = "absent";
    const items: Message[] = [];
    const { told } = watch(realtime, items, 10);
    await soon(() => expect(realtime.open).toBe(0));
    await new Promise((resolve) => setTimeout(resolve, 50));
    items.push(message(1));
    await soon(() => expect(told).toEqual(["1 Message 1"]));
    items[0] = message(1, "2026-11-21T12:01:00Z");
    await soon(() => expect(told).toEqual(["1 Message 1", "1 deleted"]));
  });
});
