import { randomUUID } from "node:crypto";
import type { Page } from "playwright-core";
import { beforeAll, expect, test } from "vitest";
import type { Redeemed } from "../support/redemptions.ts";
import { offerReward, openPartner, type Reward } from "../support/redemptions.ts";
import type { Member } from "../support/use-stack.ts";
import { signToken } from "../support/use-stack.ts";
import { usePage } from "./page.ts";
import { useBrowserStack } from "./support/use-browser-stack.ts";

/** What the page answers: a value, or the error it caught. */
type Outcome = { value: Redeemed } | { error: { code?: string; status?: number; body?: { code: string } } };

const stack = useBrowserStack();
const app = usePage(`
  import { createClient } from "@supabase/supabase-js";
  import { createNeighbourhoodClient } from "./src/client/index.ts";

  const outcomeOf = (call) => call.then((value) => ({ value }), ({ code, status }) => ({ error: { code, status } }));
  const clientOf = ({ url, key, token }) =>
    createClient(url, key, token === undefined ? {} : { accessToken: async () => token });

  window.app = {
    redeem: (project, wish) => outcomeOf(createNeighbourhoodClient(clientOf(project)).redemptions.redeem(wish)),
    async invoke(project, body, options) {
      const { data, error } = await clientOf(project).functions.invoke("redeem", { body, ...options });
      if (error === null) return { value: data };
      const { context } = error;
      return { error: { code: error.name, status: context.status, body: await context.json?.() } };
    },
  };
`);
let reward: Reward;
let member: Member;
beforeAll(async () => {
  reward = await offerReward(stack.sql, await openPartner(stack.sql));
  [member] = (await stack.members(1, 100)) as [Member];
});

const wish = () => ({ reward_id: reward.id, expected_points: reward.points_cost, idempotency_key: randomUUID() });
const project = (token?: string) => ({ url: stack.url, key: stack.publishableKey, ...(token && { token }) });
const expired = () => signToken(stack.signingKey, { sub: member.id, role: "authenticated" }, "-1h");

/** Calls the app in the page, and tells what it asked the function, preflights aside. */
async function run(page: Page, name: "redeem" | "invoke", ...args: unknown[]): Promise<[Outcome, string[]]> {
  const requests: string[] = [];
  page.on("request", (request) => {
    if (request.url().startsWith(stack.url)) requests.push(`${request.method()} ${new URL(request.url()).pathname}`);
  });
  const outcome = await page.evaluate(
    ([method, parameters]) => Reflect.get(Reflect.get(globalThis, "app"), method)(...parameters),
    [name, args] as const,
  );
  return [outcome as Outcome, requests];
}

test("a member redeems from a page of another origin", async () => {
  const [outcome] = await run(await app.open(), "redeem", project(member.token), wish());
  expect(outcome).toMatchObject({ value: { code: expect.any(String), redemption: { status: "active" } } });
});

test("supabase-js may name a region, and a tracer may follow the call", async () => {
  const headers = { traceparent: `00-${"1".repeat(32)}-${"1".repeat(16)}-01`, tracestate: "a=b", baggage: "c=d" };
  const [outcome] = await run(await app.open(), "invoke", project(member.token), wish(), {
    region: "eu-central-1",
    headers,
  });
  expect(outcome).toMatchObject({ value: { redemption: { status: "active" } } });
});

test.each([
  ["no token", async () => undefined],
  ["a token that has expired", expired],
  [
    "a token of another project",
    () => signToken("x".repeat(48), { sub: member.id, role: "authenticated" }, "1h", { kid: "local" }),
  ],
])("with %s the page reads that nobody is signed in, after one call", async (_name, tokenOf) => {
  const token = await tokenOf();
  const [outcome, requests] = await run(await app.open(), "redeem", project(token), wish());
  expect(outcome).toEqual({ error: { code: "not_signed_in", status: 401 } });
  expect(requests).toEqual(["POST /functions/v1/redeem"]);

  const [raw] = await run(await app.open(), "invoke", project(token), wish(), {});
  expect(raw).toMatchObject({ error: { code: "FunctionsHttpError", status: 401, body: { code: "not_signed_in" } } });
});

test("what the database refuses and what is too large can be read, too", async () => {
  const page = await app.open();
  const [refused] = await run(page, "invoke", project(member.token), { ...wish(), expected_points: 1 }, {});
  expect(refused).toMatchObject({ error: { status: 409, body: { code: "price_changed" } } });
  const [large] = await run(page, "invoke", project(member.token), { ...wish(), more: "x".repeat(5_000) }, {});
  expect(large).toMatchObject({ error: { status: 413, body: { code: "payload_too_large" } } });
});

test("the gateway's own refusal can be read, too", async () => {
  const page = await app.open();
  const answer = await page.evaluate(async (url) => {
    const response = await fetch(`${url}/functions/v1/nothing`);
    return [response.status, await response.json()];
  }, stack.url);
  expect(answer).toEqual([404, { code: expect.any(String), message: expect.any(String) }]);
});
