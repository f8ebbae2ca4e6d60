import { afterEach, describe, expect, it, test } from "vitest";
import {
  ApiError,
  createNeighbourhoodClient,
  type NeighbourhoodClient,
  type Notification,
  type WatchOptions,
  watchNotifications,
} from "../../src/client/index.ts";
import { soon } from "../support/soon.ts";
import { FakeRealtime } from "./support/fake-realtime.ts";
import { fakeRest, json, MY_ID, noConnection, raised, type SeenRequest } from "./support/fake-rest.ts";

const P256DH = `B${"a".repeat(86)}`;
const AUTH = "b".repeat(22);
const SUBSCRIPTION = { endpoint: "https://push.example.com/abc", keys: { p256dh: P256DH, auth: AUTH } };

const notification = (id: number): Notification => ({
  id,
  type: "offer_received",
  title_de: `Titel ${id}`,
  title_en: `Title ${id}`,
  body_de: "Text",
  body_en: "Text",
  task_id: null,
  redemption_id: null,
  offer_id: null,
  actor_id: null,
  created_at: "2026-11-21T12:00:00Z",
  read_at: null,
});

describe("commands", () => {
  test.each<[string, (client: NeighbourhoodClient) => Promise<unknown>, object | undefined]>([
    ["list_notifications", ({ notifications }) => notifications.listPage(), { page_size: 20 }],
    [
      "list_notifications",
      ({ notifications }) => notifications.listPage({ only_unread: true, page_size: 500, after: "7" }),
      { page_size: 100, after: 7, only_unread: true },
    ],
    ["count_unread_notifications", ({ notifications }) => notifications.countUnread(), {}],
    ["list_notification_addresses", ({ notifications }) => notifications.addresses(), {}],
    ["mark_notifications_read", ({ notifications }) => notifications.markRead(), {}],
    ["mark_notifications_read", ({ notifications }) => notifications.markRead([3, 4]), { ids: [3, 4] }],
    [
      "set_notification_preference",
      ({ notifications }) => notifications.setPreference({ type: "task_started", channel: "email", is_enabled: null }),
      { type: "task_started", channel: "email", is_enabled: null },
    ],
    [
      "update_notification_settings",
      ({ notifications }) =>
        notifications.updateSettings({
          quiet_from: "22:00",
          quiet_until: "07:00:00",
          remove_quiet_hours: false,
          digest: "weekly",
          is_email_enabled: true,
          is_web_push_enabled: false,
        }),
      {
        quiet_from: "22:00",
        quiet_until: "07:00:00",
        remove_quiet_hours: false,
        digest: "weekly",
        is_email_enabled: true,
        is_web_push_enabled: false,
      },
    ],
    ["update_notification_settings", ({ notifications }) => notifications.updateSettings({}), {}],
    [
      "save_push_subscription",
      // as a browser writes it, with what else it says
      ({ notifications }) => notifications.savePushSubscription({ ...SUBSCRIPTION, expirationTime: null } as object),
      { endpoint: SUBSCRIPTION.endpoint, p256dh: P256DH, auth: AUTH },
    ],
    [
      "delete_push_subscription",
      ({ notifications }) => notifications.deletePushSubscription(SUBSCRIPTION.endpoint),
      { endpoint: SUBSCRIPTION.endpoint },
    ],
  ])("%s is called with exactly what was given (%#)", async (name, call, body) => {
    const { client, requests } = fakeRest(() => json([]));
    await call(client);
    expect(requests.map(({ method, path, body: sent }) => [method, path, sent])).toEqual([
      [/^(list|count)_/u.test(name) ? "GET" : "POST", `rpc/${name}`, body],
    ]);
  });

  test.each<[string, (client: NeighbourhoodClient) => Promise<unknown>]>([
    ["cursor_invalid", ({ notifications }) => notifications.listPage({ after: "7; drop" })],
    ["validation_failed", ({ notifications }) => notifications.markRead([0])],
    [
      "channel_invalid",
      ({ notifications }) => notifications.setPreference({ type: "x", channel: "sms" as "email", is_enabled: true }),
    ],
    [
      "notification_type_not_found",
      ({ notifications }) => notifications.setPreference({ type: "", channel: "email", is_enabled: true }),
    ],
    [
      "quiet_hours_invalid",
      ({ notifications }) => notifications.updateSettings({ quiet_from: "24:00", quiet_until: "06:00" }),
    ],
    ["digest_invalid", ({ notifications }) => notifications.updateSettings({ digest: "daily" as "weekly" })],
    ["push_subscription_invalid", ({ notifications }) => notifications.savePushSubscription({})],
    [
      "push_subscription_invalid",
      ({ notifications }) =>
        notifications.savePushSubscription({ ...SUBSCRIPTION, endpoint: "http://push.example.com/a" }),
    ],
    [
      "push_subscription_invalid",
      ({ notifications }) =>
        notifications.savePushSubscription({ ...SUBSCRIPTION, keys: { p256dh: "AA", auth: AUTH } }),
    ],
  ])("%s is found before anything is sent (%#)", async (code, call) => {
    const { client, requests } = fakeRest(() => json({}));
    await expect(call(client)).rejects.toMatchObject({ code });
    expect(requests).toEqual([]);
  });

  it("goes through the whole inbox", async () => {
    const { client, requests } = fakeRest(({ body }) => {
      const { after = 6, page_size: size } = body as { after?: number; page_size: number };
      return json(Array.from({ length: Math.min(size, after - 1) }, (_, index) => notification(after - 1 - index)));
    });
    const ids: number[] = [];
    for await (const { id } of client.notifications.list({ page_size: 2 })) ids.push(id);
    expect(ids).toEqual([5, 4, 3, 2, 1]);
    expect(requests.length).toBe(3);
  });

  it("knows the settings of a member who never changed any", async () => {
    const { client } = fakeRest(() => json([]));
    expect(await client.notifications.settings()).toEqual({
      quiet_from: null,
      quiet_until: null,
      digest: "none",
      is_email_enabled: true,
      is_web_push_enabled: true,
    });
  });
});

/** An inbox that answers `list_notifications` as the database does. */
class Inbox {
  readonly requests: SeenRequest[] = [];
  items: Notification[];
  failure: (() => Response) | undefined;

  constructor(...ids: number[]) {
    this.items = ids.map(notification);
  }

  add(...ids: number[]): void {
    this.items = [...this.items, ...ids.map(notification)];
  }

  answer = (request: SeenRequest): Response => {
    if (request.path === "point_accounts") return json({ user_id: MY_ID });
    this.requests.push(request);
    if (this.failure) return this.failure();
    const { after = Number.POSITIVE_INFINITY, page_size: size } = request.body as { after?: number; page_size: number };
    const page = this.items.filter(({ id }) => id < after).sort((one, other) => other.id - one.id);
    return json(page.slice(0, size));
  };
}

describe("watching", () => {
  const stops: (() => void)[] = [];
  afterEach(() => {
    for (const stop of stops.splice(0)) stop();
  });

  function watch(realtime: FakeRealtime, inbox: Inbox, options: WatchOptions = {}) {
    const told: number[] = [];
    const errors: unknown[] = [];
    const supabase = realtime.client("member-token", inbox.answer);
    const stop = watchNotifications(
      supabase,
      { onNew: ({ id }) => told.push(id), onError: (error) => errors.push(error) },
      options,
    );
    stops.push(stop);
    return { told, errors, stop };
  }

  it("tells at once what Realtime announces on the member's private channel", async () => {
    const realtime = new FakeRealtime();
    const inbox = new Inbox(1, 2);
    const { told, errors, stop } = watch(realtime, inbox);
    await soon(() => expect(realtime.joins).toHaveLength(1));
    expect(realtime.joins).toEqual([{ topic: `user:${MY_ID}`, isPrivate: true, token: "member-token" }]);

    inbox.add(3, 4);
    realtime.broadcast(`user:${MY_ID}`, "notification", { id: 4, type: "offer_received" });
    await soon(() => expect(told).toEqual([3, 4]));
    // visible only now, although its number is smaller
    inbox.items = [notification(6)].concat(inbox.items);
    realtime.broadcast(`user:${MY_ID}`, "notification", { id: 6, type: "offer_received" });
    await soon(() => expect(told).toEqual([3, 4, 6]));
    inbox.add(5);
    realtime.broadcast(`user:${MY_ID}`, "notification", { id: 5, type: "offer_received" });
    await soon(() => expect(told).toEqual([3, 4, 6, 5]));

    stop();
    await soon(() => expect(realtime.left).toEqual([`user:${MY_ID}`]));
    expect(errors).toEqual([]);
  });

  it("tells everything when a lot came together", async () => {
    const realtime = new FakeRealtime();
    const inbox = new Inbox(1);
    const { told } = watch(realtime, inbox);
    await soon(() => expect(realtime.joins).toHaveLength(1));
    const many = Array.from({ length: 120 }, (_, index) => index + 2);
    inbox.add(...many);
    realtime.broadcast(`user:${MY_ID}`, "notification", { id: 121, type: "offer_received" });
    await soon(() => expect(told).toEqual(many));
  });

  it.each(["refused", "absent"] as const)("asks again and again where Realtime is %s", async (reception) => {
    const realtime = new FakeRealtime();
    realtime.reception = reception;
    const inbox = new Inbox();
    const { told, errors } = watch(realtime, inbox, { pollMs: 10 });
    await soon(() => expect(inbox.requests.length).toBeGreaterThan(2));
    inbox.add(1);
    await soon(() => expect(told).toEqual([1]));
    inbox.add(2);
    await soon(() => expect(told).toEqual([1, 2]));
    expect(errors).toEqual([]);
  });

  it("goes on by asking when the connection to Realtime breaks", async () => {
    const realtime = new FakeRealtime();
    const inbox = new Inbox();
    const { told } = watch(realtime, inbox, { pollMs: 10 });
    await soon(() => expect(realtime.joins).toHaveLength(1));
    realtime.reception = "absent";
    realtime.cut();
    inbox.add(1);
    await soon(() => expect(told).toEqual([1]));
  });

  it("waits through a lost connection, and ends when the member is signed out", async () => {
    const realtime = new FakeRealtime();
    realtime.reception = "absent";
    const inbox = new Inbox();
    const { told, errors } = watch(realtime, inbox, { pollMs: 10 });
    await soon(() => expect(inbox.requests.length).toBeGreaterThan(1));
    inbox.failure = noConnection;
    const before = inbox.requests.length;
    await soon(() => expect(inbox.requests.length).toBeGreaterThan(before + 1));
    inbox.failure = undefined;
    inbox.add(1);
    await soon(() => expect(told).toEqual([1]));

    inbox.failure = () => raised(401, "not_signed_in");
    await soon(() => expect(errors).toHaveLength(1));
    expect(errors[0]).toMatchObject({ code: "not_signed_in" });
    expect(errors[0]).toBeInstanceOf(ApiError);
    const after = inbox.requests.length;
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(inbox.requests.length).toBe(after);
  });

  it.each(["the function", "the signal"])("ends with %s: nothing is asked or told any more", async (by) => {
    const realtime = new FakeRealtime();
    realtime.reception = "absent";
    const inbox = new Inbox();
    const controller = new AbortController();
    const { told, errors, stop } = watch(realtime, inbox, { pollMs: 10, signal: controller.signal });
    await soon(() => expect(inbox.requests.length).toBeGreaterThan(1));
    if (by === "the function") stop();
    else controller.abort();
    inbox.add(1);
    const after = inbox.requests.length;
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect({ told, errors, requests: inbox.requests.length }).toEqual({ told: [], errors: [], requests: after });
  });

  it("tells an app whose own code fails", async () => {
    const realtime = new FakeRealtime();
    const inbox = new Inbox();
    const supabase = realtime.client("member-token", inbox.answer);
    const errors: unknown[] = [];
    const failure = new Error("no such element");
    stops.push(
      createNeighbourhoodClient(supabase).notifications.watch({
        onNew: () => {
          throw failure;
        },
        onError: (error) => errors.push(error),
      }),
    );
    await soon(() => expect(realtime.joins).toHaveLength(1));
    inbox.add(1);
    realtime.broadcast(`user:${MY_ID}`, "notification", { id: 1, type: "offer_received" });
    await soon(() => expect(errors).toEqual([failure]));
  });
});
