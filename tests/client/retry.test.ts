import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { NeighbourhoodClient } from "../../src/client/index.ts";
import { RETRY_DELAYS_MS } from "../../src/client/request.ts";
import { type Answer, fakeRest, json, noConnection, raised, type SeenRequest, sequence } from "./support/fake-rest.ts";

const ID = "22222222-2222-4222-8222-222222222222";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Starts a call, lets all waiting time pass, and tells how it ended and how many requests it took. */
async function run(
  answer: Answer,
  call: (client: NeighbourhoodClient) => Promise<unknown>,
): Promise<{ outcome: unknown; requests: number }> {
  const { client, requests } = fakeRest(answer);
  const outcome = call(client).catch((error: unknown) => error);
  await vi.runAllTimersAsync();
  return { outcome: await outcome, requests: requests.length };
}

const idempotent: [string, (client: NeighbourhoodClient) => Promise<unknown>][] = [
  ["offerHelp", (client) => client.tasks.offerHelp(ID)],
  ["renewOffer", (client) => client.tasks.renewOffer(ID)],
  ["withdrawOffer", (client) => client.tasks.withdrawOffer(ID)],
  ["declineOffer", (client) => client.tasks.declineOffer(ID)],
  ["acceptOffer", (client) => client.tasks.acceptOffer(ID)],
  ["start", (client) => client.tasks.start(ID)],
  ["finish", (client) => client.tasks.finish(ID)],
  ["confirm", (client) => client.tasks.confirm(ID)],
  ["rejectCompletion", (client) => client.tasks.rejectCompletion(ID, { reason: "not yet" })],
  ["release", (client) => client.tasks.release(ID)],
  ["replaceHelper", (client) => client.tasks.replaceHelper(ID, { reason: "nobody came" })],
  ["contestNoShow", (client) => client.users.contestNoShow(7, { statement: "I rang" })],
  ["cancel", (client) => client.tasks.cancel(ID)],
  ["rate", (client) => client.ratings.rate(ID, { score: 5 })],
  ["updateProfile", (client) => client.users.updateProfile({ name: "Kim" })],
  ["updateContact", (client) => client.users.updateContact({ address: "" })],
  ["block", (client) => client.users.block(ID)],
  ["nearbyPage", (client) => client.tasks.nearbyPage({ latitude: 1, longitude: 1 })],
];

describe("commands that may be repeated", () => {
  test.each(idempotent)("%s comes through after two broken connections", async (_name, call) => {
    const { outcome, requests } = await run(
      sequence(noConnection, noConnection, () => json({ id: ID })),
      call,
    );
    expect(outcome).toEqual(expect.objectContaining(_name === "nearbyPage" ? {} : { id: ID }));
    expect(requests).toBe(3);
  });

  test("unblock comes through as well", async () => {
    const { outcome, requests } = await run(
      sequence(noConnection, () => new Response(null, { status: 204 })),
      (client) => client.users.unblock(ID),
    );
    expect(outcome).toBeUndefined();
    expect(requests).toBe(2);
  });

  test("confirm gives up after the third attempt", async () => {
    const { outcome, requests } = await run(noConnection, (client) => client.tasks.confirm(ID));
    expect(outcome).toMatchObject({ code: "network_error" });
    expect(requests).toBe(RETRY_DELAYS_MS.length + 1);
  });

  test("confirm is repeated when the server lost its database", async () => {
    const lost = (): Response =>
      json({ code: "57P01", message: "terminating connection", details: null, hint: null }, 500);
    const { outcome, requests } = await run(
      sequence(lost, () => json({ id: ID, status: "completed" })),
      (client) => client.tasks.confirm(ID),
    );
    expect(outcome).toMatchObject({ status: "completed" });
    expect(requests).toBe(2);
  });

  test("confirm is not repeated when the database has answered", async () => {
    const { outcome, requests } = await run(
      () => raised(409, "task_not_pending_confirmation"),
      (client) => client.tasks.confirm(ID),
    );
    expect(outcome).toMatchObject({ code: "task_not_pending_confirmation" });
    expect(requests).toBe(1);
  });

  test("an abort ends the waiting at once", async () => {
    const { client, requests } = fakeRest(noConnection);
    const controller = new AbortController();
    const outcome = client.tasks.confirm(ID, { signal: controller.signal }).catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(1);
    expect(requests.length).toBe(1);
    controller.abort(new Error("left the page"));
    expect(await outcome).toMatchObject({ code: "request_aborted", cause: new Error("left the page") });
    expect(vi.getTimerCount()).toBe(0);
    expect(requests.length).toBe(1);
  });
});

const task = { title: "abc", description: "d", category: "garten", latitude: 1, longitude: 1, points_reward: 1 };

describe("posting a task", () => {
  const keyOf = ({ body }: SeenRequest): unknown => Reflect.get(Object(body), "idempotency_key");

  test("is repeated with the same key", async () => {
    const { client, requests } = fakeRest(sequence(noConnection, () => json({ id: ID })));
    const posted = client.tasks.create(task);
    await vi.runAllTimersAsync();
    expect(await posted).toMatchObject({ id: ID });
    expect(requests).toHaveLength(2);
    expect(new Set(requests.map(keyOf)).size).toBe(1);
  });

  test("twice at once means one task; again after the answer, another", async () => {
    const { client, requests } = fakeRest(() => json({ id: ID }));
    await Promise.all([client.tasks.create(task), client.tasks.create(task)]);
    await client.tasks.create({ ...task, title: "abcd" });
    await client.tasks.create(task);
    const [first, second, other, later] = requests.map(keyOf);
    expect(second).toBe(first);
    expect(new Set([first, other, later]).size).toBe(3);
  });

  test("again after a connection that broke means the same task, with a key of the app's own that one", async () => {
    const { client, requests } = fakeRest(noConnection);
    for (const input of [task, task, { ...task, idempotency_key: ID }]) {
      const outcome = client.tasks.create(input).catch((error: unknown) => error);
      await vi.runAllTimersAsync();
      expect(await outcome).toMatchObject({ code: "network_error" });
    }
    const keys = requests.map(keyOf);
    expect(new Set(keys.slice(0, -RETRY_DELAYS_MS.length - 1)).size).toBe(1);
    expect(keys.at(-1)).toBe(ID);
  });
});

describe("commands that must not be repeated", () => {
  test.each<[string, (client: NeighbourhoodClient) => Promise<unknown>]>([
    ["update", (client) => client.tasks.update(ID, { title: "abcd" })],
  ])("%s is sent once", async (_name, call) => {
    const { outcome, requests } = await run(noConnection, call);
    expect(outcome).toMatchObject({ code: "network_error" });
    expect(requests).toBe(1);
  });
});

describe("an aborted call", () => {
  test("is not even started when the signal has ended before", async () => {
    const { client, requests } = fakeRest(() => json([]));
    await expect(client.tasks.categories({ signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: "request_aborted",
    });
    expect(requests).toEqual([]);
  });

  test("ends while the answer is awaited", async () => {
    const controller = new AbortController();
    const { client } = fakeRest(
      () =>
        new Promise((_resolve, reject) => {
          controller.signal.addEventListener("abort", () => reject(controller.signal.reason));
        }),
    );
    const outcome = client.tasks.confirm(ID, { signal: controller.signal }).catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(1);
    controller.abort();
    expect(await outcome).toMatchObject({ code: "request_aborted", isRetryable: false });
  });
});
