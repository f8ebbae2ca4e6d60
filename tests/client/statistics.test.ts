import { expect, test } from "vitest";
import type { NeighbourhoodClient } from "../../src/client/index.ts";
import { fakeRest, json } from "./support/fake-rest.ts";

const ID = "22222222-2222-4222-8222-222222222222";

test.each<[string, (client: NeighbourhoodClient) => Promise<unknown>, object]>([
  ["leaderboard", ({ statistics }) => statistics.leaderboard(), { period: "month", page_size: 20 }],
  [
    "leaderboard",
    ({ statistics }) => statistics.leaderboard({ period: "all", page_size: 1000 }),
    { period: "all", page_size: 100 },
  ],
  ["monthly_statistics", ({ statistics }) => statistics.monthly(), { months: 12 }],
  [
    "monthly_statistics",
    ({ statistics }) => statistics.monthly({ months: 0, neighbourhood_id: ID }),
    { months: 1, neighbourhood_id: ID },
  ],
  ["monthly_statistics", ({ statistics }) => statistics.monthly({ months: 500 }), { months: 120 }],
])("%s sends what it was given and returns the rows", async (name, call, body) => {
  const { client, requests } = fakeRest(() => json([{ points: 1 }, { points: 2 }]));
  expect(await call(client)).toEqual([{ points: 1 }, { points: 2 }]);
  expect(requests.map(({ method, path, body: sent }) => [method, path, sent])).toEqual([["GET", `rpc/${name}`, body]]);
});

test("the figures of a member are one object", async () => {
  const { client, requests } = fakeRest(() => json([{ tasks_helped: 3 }]));
  expect(await client.statistics.ofUser(ID)).toEqual({ tasks_helped: 3 });
  expect(await client.statistics.ofUser()).toEqual({ tasks_helped: 3 });
  expect(requests.map(({ path, body }) => [path, body])).toEqual([
    ["rpc/user_statistics", { user_id: ID }],
    ["rpc/user_statistics", {}],
  ]);
});

test("no figures mean no member", async () => {
  const { client } = fakeRest(() => json([]));
  await expect(client.statistics.ofUser(ID)).rejects.toMatchObject({ code: "user_not_found" });
});

test.each<[string, (client: NeighbourhoodClient) => Promise<unknown>]>([
  // @ts-expect-error no such period
  ["period_invalid", ({ statistics }) => statistics.leaderboard({ period: "decade" })],
  ["validation_failed", ({ statistics }) => statistics.leaderboard({ page_size: 1.5 })],
  ["validation_failed", ({ statistics }) => statistics.monthly({ months: Number.NaN })],
  ["neighbourhood_not_found", ({ statistics }) => statistics.monthly({ neighbourhood_id: "moon" })],
  ["user_not_found", ({ statistics }) => statistics.ofUser("me")],
])("%s is known before anything is sent", async (code, call) => {
  const { client, requests } = fakeRest(() => json([]));
  await expect(call(client)).rejects.toMatchObject({ code });
  expect(requests).toEqual([]);
});
