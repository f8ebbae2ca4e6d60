import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { KEPT_MS } from "../../src/client/idempotency-keys.ts";
import { ApiError, type NeighbourhoodClient } from "../../src/client/index.ts";
import { FUNCTION_TIMEOUT_MS, RETRY_DELAYS_MS } from "../../src/client/request.ts";
import type { RedeemAnswer } from "../../supabase/functions/_shared/contracts/index.ts";
import {
  type Answer,
  fakeRest,
  fakeRestSignedIn,
  json,
  noConnection,
  refused,
  type SeenRequest,
  sequence,
} from "./support/fake-rest.ts";

const ID = "22222222-2222-4222-8222-222222222222";
const REWARD_ID = "33333333-3333-4333-8333-333333333333";
const PARTNER_ID = "44444444-4444-4444-8444-444444444444";
const KEY = "55555555-5555-4555-8555-555555555555";
const CODE = "NH7K-2MPQ-9RST-4VWX-3YZA";

const answered: RedeemAnswer = {
  redemption: {
    id: ID,
    reward_id: REWARD_ID,
    partner_id: PARTNER_ID,
    partner_name: "Kiezbäckerei",
    title_de: "Ein Kaffee",
    title_en: "A coffee",
    points_spent: 50,
    discount_type: "fixed_amount",
    discount_value: 2.5,
    discount_currency: "EUR",
    status: "active",
    end_reason: null,
    redeemed_at: "2026-11-21T08:00:00.123456+00:00",
    expires_at: "2027-02-19T08:00:00.123456+00:00",
    returnable_until: null,
    used_at: null,
    ended_at: null,
  },
  code: CODE,
  qr: "<svg></svg>",
};
const pending: RedeemAnswer = {
  redemption: { ...answered.redemption, status: "pending" },
  code: null,
  qr: null,
};
const row = answered.redemption;

const created = (): Response => json(answered, 201);
const waiting = (): Response => json(pending, 202);

const redeem = ({ redemptions }: NeighbourhoodClient): Promise<unknown> =>
  redemptions.redeem({ reward_id: REWARD_ID, expected_points: 50 });

/** Starts a call, lets all waiting time pass, and tells how it ended and what it asked. */
async function run(
  answer: Answer,
  call: (client: NeighbourhoodClient) => Promise<unknown>,
): Promise<{ outcome: unknown; requests: SeenRequest[] }> {
  const { client, requests } = fakeRest(answer);
  const outcome = call(client).catch((error: unknown) => error);
  await vi.runAllTimersAsync();
  return { outcome: await outcome, requests };
}

/** An answer whose connection breaks in the middle of the body. */
function cutOff(): Response {
  const body = new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode('{"redemption":'));
      controller.error(new TypeError("terminated"));
    },
  });
  return new Response(body, { status: 201, headers: { "content-type": "application/json" } });
}

const keyOf = ({ body }: SeenRequest): unknown => Reflect.get(Object(body), "idempotency_key");

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("the function redeem", () => {
  test.each<[string, (client: NeighbourhoodClient) => Promise<unknown>, string, object | undefined, unknown]>([
    [
      "redeem",
      ({ redemptions }) => redemptions.redeem({ reward_id: REWARD_ID, expected_points: 50, idempotency_key: KEY }),
      "POST functions/v1/redeem",
      { reward_id: REWARD_ID, expected_points: 50, idempotency_key: KEY },
      { redemption: row, code: CODE, qr: "<svg></svg>" },
    ],
    [
      "get",
      ({ redemptions }) => redemptions.get(ID),
      `GET functions/v1/redeem/${ID}`,
      undefined,
      { redemption: row, code: CODE, qr: "<svg></svg>" },
    ],
    ["return", ({ redemptions }) => redemptions.return(ID), `POST functions/v1/redeem/${ID}/return`, undefined, row],
  ])("is asked by %s for the member who is signed in", async (_name, call, path, body, result) => {
    const { client, requests, supabase } = await fakeRestSignedIn(created);
    expect(await call(client)).toEqual(result);
    const { data } = await supabase.auth.getSession();
    expect(requests.map((seen) => [`${seen.method} ${seen.path}`, seen.body])).toEqual([[path, body]]);
    expect(requests[0]?.headers.get("authorization")).toBe(`Bearer ${data.session?.access_token}`);
  });

  test("may add fields in later versions", async () => {
    const { client } = fakeRest(() =>
      json({ ...answered, redemption: { ...answered.redemption, mood: "good" }, extra: 1 }),
    );
    expect(await client.redemptions.get(ID)).toEqual({ redemption: row, code: CODE, qr: "<svg></svg>" });
  });

  test.each<[string, () => Response]>([
    ["nothing", () => json(null)],
    ["an empty object", () => json({})],
    ["a redemption without its code", () => json({ redemption: answered.redemption })],
    ["an unknown status", () => json({ ...answered, redemption: { ...answered.redemption, status: "lost" } })],
    ["points as text", () => json({ ...answered, redemption: { ...answered.redemption, points_spent: "50" } })],
    ["another spelling", () => json({ ...answered, redemption: { ...row, points_spent: undefined, pointsSpent: 50 } })],
    [
      "a portal page",
      () => new Response("<html>Sign in to the Wi-Fi</html>", { headers: { "content-type": "text/html" } }),
    ],
  ])("that answers %s is not believed, and not asked again", async (_name, answer) => {
    for (const call of [redeem, (client: NeighbourhoodClient) => client.redemptions.return(ID)]) {
      const { outcome, requests } = await run(answer, call);
      expect(outcome).toMatchObject({ code: "unexpected_response", detail: "answer breaks its contract" });
      expect(requests).toHaveLength(1);
    }
  });

  test.each<[string, Response, object]>([
    [
      "price_changed",
      refused(409, "price_changed", { detail: "60", hint: "Show the new price." }),
      { code: "price_changed", status: 409, detail: "60", hint: "Show the new price." },
    ],
    [
      "insufficient_points",
      refused(402, "insufficient_points"),
      { code: "insufficient_points", status: 402, hint: null },
    ],
    ["a slug of a later version", refused(409, "slug_from_the_future"), { code: "unexpected_response", status: 409 }],
    ["the gateway's 401", json({ message: "Invalid JWT" }, 401), { code: "not_signed_in", status: 401 }],
    ["an empty 401", new Response(null, { status: 401 }), { code: "not_signed_in", status: 401 }],
    ["no such function", json({ code: "NOT_FOUND" }, 404), { code: "unexpected_response", status: 404 }],
    ["a text", json("no", 400), { code: "unexpected_response", status: 400 }],
  ])("that refuses with %s is asked once", async (_name, answer, error) => {
    const { outcome, requests } = await run(() => answer, redeem);
    expect(outcome).toMatchObject({ name: "ApiError", isRetryable: false, ...error });
    expect(requests).toHaveLength(1);
  });

  test("is not asked with what it would refuse", async () => {
    const { client, requests } = fakeRest(created);
    const wish = { reward_id: REWARD_ID, expected_points: 50 };
    await expect(client.redemptions.redeem({ ...wish, reward_id: "7" })).rejects.toMatchObject({
      code: "reward_not_found",
      detail: "reward_id",
    });
    await expect(client.redemptions.redeem({ ...wish, expected_points: 0 })).rejects.toMatchObject({
      code: "validation_failed",
      detail: "expected_points",
    });
    await expect(client.redemptions.redeem({ ...wish, idempotency_key: "tap" })).rejects.toMatchObject({
      code: "validation_failed",
      detail: "idempotency_key",
    });
    for (const call of [client.redemptions.get, client.redemptions.return, client.redemptions.waitForCode]) {
      await expect(call("../rewards")).rejects.toMatchObject({ code: "redemption_not_found", detail: "redemption_id" });
    }
    expect(requests).toEqual([]);
  });
});

describe("redeeming over a bad connection", () => {
  test.each<[string, Answer]>([
    ["no connection", noConnection],
    ["an answer that breaks off", cutOff],
    ["a gateway page", () => new Response("<html>Bad gateway</html>", { status: 502 })],
    ["a function that crashed", () => json({ message: "worker died" }, 546)],
    ["a function without its database", () => refused(503, "service_unavailable")],
    ["a function that broke", () => refused(500, "internal_error")],
    ["a relay error", () => new Response("", { status: 504, headers: { "x-relay-error": "true" } })],
  ])("%s is survived twice, with the same key", async (_name, broken) => {
    const { outcome, requests } = await run(sequence(broken, broken, created), redeem);
    expect(outcome).toMatchObject({ code: CODE });
    expect(requests).toHaveLength(3);
    expect(requests.map(({ body }) => body)).toEqual(Array.from({ length: 3 }, () => requests[0]?.body));
    expect(keyOf(requests[0] as SeenRequest)).toMatch(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/u);
  });

  test("an answer that never comes is given up and asked for again, with the same key", async () => {
    const never: Answer = () => new Promise<Response>(() => undefined);
    const { client, requests } = fakeRest(sequence(never, created));
    const outcome = redeem(client);
    await vi.advanceTimersByTimeAsync(FUNCTION_TIMEOUT_MS - 1);
    expect(requests).toHaveLength(1);
    await vi.runAllTimersAsync();
    expect(await outcome).toMatchObject({ code: CODE });
    expect(requests.map(keyOf)).toEqual([keyOf(requests[0] as SeenRequest), keyOf(requests[0] as SeenRequest)]);
  });

  test("it gives up after the third attempt", async () => {
    const { outcome, requests } = await run(noConnection, redeem);
    expect(outcome).toMatchObject({ code: "network_error", status: 0, isRetryable: true });
    expect(requests).toHaveLength(RETRY_DELAYS_MS.length + 1);
    const other = await run(() => refused(500, "internal_error"), redeem);
    expect(other.outcome).toMatchObject({ code: "internal_error", status: 500, isRetryable: true });
    expect(other.requests).toHaveLength(RETRY_DELAYS_MS.length + 1);
  });

  test("a refusal after a broken connection is told", async () => {
    const { outcome, requests } = await run(
      sequence(noConnection, () => refused(409, "reward_sold_out")),
      redeem,
    );
    expect(outcome).toMatchObject({ code: "reward_sold_out" });
    expect(requests).toHaveLength(2);
  });

  test("every wish has a key of its own, unless it brings one", async () => {
    const { client, requests } = fakeRest(created);
    await redeem(client);
    await redeem(client);
    await client.redemptions.redeem({ reward_id: REWARD_ID, expected_points: 50, idempotency_key: KEY });
    const keys = requests.map(keyOf);
    expect(new Set(keys).size).toBe(3);
    expect(keys[2]).toBe(KEY);
  });

  test("an abort ends the waiting at once", async () => {
    const { client, requests } = fakeRest(noConnection);
    const controller = new AbortController();
    const outcome = client.redemptions
      .redeem({ reward_id: REWARD_ID, expected_points: 50 }, { signal: controller.signal })
      .catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(1);
    controller.abort(new Error("left the page"));
    expect(await outcome).toMatchObject({ code: "request_aborted", cause: new Error("left the page") });
    expect(vi.getTimerCount()).toBe(0);
    expect(requests).toHaveLength(1);
  });

  test("an abort ends the request as well", async () => {
    const controller = new AbortController();
    const { client, requests } = fakeRest(() => new Promise<Response>(() => undefined));
    const outcome = client.redemptions.get(ID, { signal: controller.signal }).catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(1);
    controller.abort();
    expect(await outcome).toMatchObject({ code: "request_aborted", isRetryable: false });
    expect(requests).toHaveLength(1);
    await expect(redeemAborted(client)).rejects.toMatchObject({ code: "request_aborted" });
    expect(requests).toHaveLength(1);
  });
});

const redeemAborted = ({ redemptions }: NeighbourhoodClient): Promise<unknown> =>
  redemptions.redeem({ reward_id: REWARD_ID, expected_points: 50 }, { signal: AbortSignal.abort() });

describe("a wish without an answer", () => {
  test("is one wish when the button is tapped twice", async () => {
    const { client, requests } = fakeRest(created);
    await Promise.all([redeem(client), redeem(client)]);
    expect(requests).toHaveLength(2);
    expect(new Set(requests.map(keyOf)).size).toBe(1);
  });

  test.each<[string, Answer]>([
    ["no connection", noConnection],
    ["a function that broke", () => refused(500, "internal_error")],
    ["a portal page", () => new Response("<html>Sign in to the Wi-Fi</html>")],
    ["a token that has expired", () => json({ message: "Invalid JWT" }, 401)],
  ])("is the same wish when it is tried again after %s", async (_name, broken) => {
    const { outcome, requests } = await run(broken, async (client) => {
      const first = await redeem(client).catch((error: unknown) => error);
      expect(first).toBeInstanceOf(ApiError);
      return redeem(client);
    });
    expect(outcome).toBeInstanceOf(ApiError);
    expect(requests.length).toBeGreaterThanOrEqual(2);
    expect(new Set(requests.map(keyOf)).size).toBe(1);
  });

  test("is the same wish when it is tried again after an abort", async () => {
    const controller = new AbortController();
    const { client, requests } = fakeRest(sequence(() => new Promise<Response>(() => undefined), created));
    const wish = { reward_id: REWARD_ID, expected_points: 50 };
    const outcome = client.redemptions.redeem(wish, { signal: controller.signal }).catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(1);
    controller.abort();
    expect(await outcome).toMatchObject({ code: "request_aborted" });
    await client.redemptions.redeem(wish);
    expect(new Set(requests.map(keyOf)).size).toBe(1);
  });

  test.each<[string, (client: NeighbourhoodClient) => Promise<unknown>]>([
    [
      "the first one was refused",
      ({ redemptions }) => redemptions.redeem({ reward_id: REWARD_ID, expected_points: 50 }),
    ],
    ["the price is another", ({ redemptions }) => redemptions.redeem({ reward_id: REWARD_ID, expected_points: 60 })],
    ["the reward is another", ({ redemptions }) => redemptions.redeem({ reward_id: ID, expected_points: 50 })],
  ])("is another wish when %s", async (_name, next) => {
    const { client, requests } = fakeRest(sequence(() => refused(402, "insufficient_points"), created));
    await expect(redeem(client)).rejects.toMatchObject({ code: "insufficient_points" });
    await next(client);
    expect(new Set(requests.map(keyOf)).size).toBe(2);
  });

  test("is forgotten after ten minutes, and by another client at once", async () => {
    const keys: unknown[] = [];
    const answer: Answer = (request) => {
      keys.push(keyOf(request));
      return noConnection();
    };
    const { client } = fakeRest(answer);
    const attempt = async (by: NeighbourhoodClient): Promise<void> => {
      const outcome = redeem(by).catch((error: unknown) => error);
      await vi.advanceTimersByTimeAsync(10_000);
      expect(await outcome).toMatchObject({ code: "network_error" });
    };
    await attempt(client);
    await vi.advanceTimersByTimeAsync(KEPT_MS - 15_000);
    await attempt(client);
    expect(new Set(keys).size).toBe(1);
    await attempt(client);
    expect(new Set(keys).size).toBe(2);
    await attempt(fakeRest(answer).client);
    expect(new Set(keys).size).toBe(3);
  });
});

describe("waiting for the partner's code", () => {
  test("starts where redeeming left off and looks less and less often", async () => {
    const times: number[] = [];
    const answer = sequence(waiting, waiting, waiting, waiting, waiting, waiting, waiting, created);
    const { client } = fakeRest((request) => {
      times.push(Date.now());
      return answer(request);
    });
    const first = await client.redemptions.redeem({ reward_id: REWARD_ID, expected_points: 50 });
    expect(first).toMatchObject({ redemption: { status: "pending" }, code: null, qr: null });
    const outcome = client.redemptions.waitForCode(first.redemption.id);
    await vi.runAllTimersAsync();
    expect(await outcome).toMatchObject({ redemption: { status: "active" }, code: CODE });
    const waits = times.slice(1).map((time, index) => (time - (times[index] ?? 0)) / 1000);
    expect(waits).toEqual([0, 1, 2, 4, 8, 16, 16]);
  });

  test("ends when the partner gave none", async () => {
    const failed = {
      ...pending,
      redemption: { ...pending.redemption, status: "failed", end_reason: "partner_refused" },
    };
    const { outcome, requests } = await run(
      sequence(waiting, () => json(failed)),
      ({ redemptions }) => redemptions.waitForCode(ID),
    );
    expect(outcome).toMatchObject({ redemption: { status: "failed", end_reason: "partner_refused" }, code: null });
    expect(requests.map(({ method }) => method)).toEqual(["GET", "GET"]);
  });

  test("ends when the time is over, after a last look", async () => {
    const { outcome, requests } = await run(waiting, ({ redemptions }) =>
      redemptions.waitForCode(ID, { timeoutMs: 5_000 }),
    );
    expect(outcome).toMatchObject({ code: "redemption_pending", status: 409 });
    expect(requests).toHaveLength(4); // after 0, 1, 3 and 5 seconds
  });

  test.each([0, -1, Number.NaN])("looks once when there is no time (%d)", async (timeoutMs) => {
    const { outcome, requests } = await run(waiting, ({ redemptions }) => redemptions.waitForCode(ID, { timeoutMs }));
    expect(outcome).toMatchObject({ code: "redemption_pending" });
    expect(requests).toHaveLength(1);
  });

  test("goes on through a tunnel", async () => {
    const { outcome } = await run(
      sequence(waiting, noConnection, noConnection, noConnection, noConnection, created),
      ({ redemptions }) => redemptions.waitForCode(ID),
    );
    expect(outcome).toMatchObject({ code: CODE });
  });

  test("tells that there was no connection when that is why the time is over", async () => {
    const { outcome } = await run(noConnection, ({ redemptions }) => redemptions.waitForCode(ID, { timeoutMs: 3_000 }));
    expect(outcome).toMatchObject({ code: "network_error" });
  });

  test("ends at once when there is no such redemption", async () => {
    const { outcome, requests } = await run(
      () => refused(404, "redemption_not_found"),
      ({ redemptions }) => redemptions.waitForCode(ID),
    );
    expect(outcome).toMatchObject({ code: "redemption_not_found" });
    expect(requests).toHaveLength(1);
  });

  test("ends with an abort, also between two looks", async () => {
    const controller = new AbortController();
    const { client, requests } = fakeRest(waiting);
    const outcome = client.redemptions
      .waitForCode(ID, { signal: controller.signal, timeoutMs: Number.POSITIVE_INFINITY })
      .catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(1_500);
    expect(requests).toHaveLength(2);
    controller.abort();
    expect(await outcome).toMatchObject({ code: "request_aborted" });
    expect(vi.getTimerCount()).toBe(0);
    expect(requests).toHaveLength(2);
  });
});
