import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { soon } from "../support/soon.ts";
import { fakeRest, fakeRestSignedIn, json } from "./support/fake-rest.ts";

const ID = "22222222-2222-4222-8222-222222222222";

// What supabase-js does without, and React Native's engine does not have.
beforeEach(() => {
  vi.stubGlobal("crypto", undefined);
  vi.spyOn(AbortSignal, "any").mockImplementation(missing);
  vi.spyOn(AbortSignal, "timeout").mockImplementation(missing);
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

function missing(): never {
  throw new TypeError("undefined is not a function");
}

test("commands and reads work and end with their signal", async () => {
  const { client } = fakeRest(() => json({ id: ID }));
  const controller = new AbortController();
  expect(await client.tasks.confirm(ID, { signal: controller.signal })).toEqual({ id: ID });
  controller.abort();
  await expect(client.tasks.confirm(ID, { signal: controller.signal })).rejects.toMatchObject({
    code: "request_aborted",
  });
});

test("a redemption gets a UUID as its idempotency key", async () => {
  const { client, requests } = fakeRest(() => json({ code: "insufficient_points" }, 409));
  const input = { reward_id: ID, expected_points: 5 };
  await expect(client.redemptions.redeem(input)).rejects.toMatchObject({ code: "insufficient_points" });
  await expect(client.redemptions.redeem(input)).rejects.toMatchObject({ code: "insufficient_points" });
  const keys = requests.map(({ body }) => String(Reflect.get(Object(body), "idempotency_key")));
  for (const key of keys) expect(key).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/u);
  expect(new Set(keys).size).toBe(2);
});

test("watching stops with the signal and with the function it returns", async () => {
  const { client, requests } = await fakeRestSignedIn(() => json([]));
  const controller = new AbortController();
  const onError = vi.fn();
  client.notifications.watch({ onNew: () => undefined, onError }, { signal: controller.signal, pollMs: 5 });
  const stop = client.notifications.watch({ onNew: () => undefined, onError }, { pollMs: 5 });
  await soon(() => expect(requests.length).toBeGreaterThan(4));
  controller.abort();
  stop();
  await new Promise((resolve) => setTimeout(resolve, 50));
  const { length } = requests;
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(requests).toHaveLength(length);
  expect(onError).not.toHaveBeenCalled();
});
