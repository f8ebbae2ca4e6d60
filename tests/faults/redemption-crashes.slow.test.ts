import { beforeAll, describe, expect, test } from "vitest";
import { type ApiConnection, type CommandArgs, isConnectionLost, SERVICE } from "../support/api-connection.ts";
import {
  type Begun,
  countRedemptions,
  fillPool,
  membersWithPoints,
  offerReward,
  openPartner,
  type Partner,
  PRICE,
  poolCodes,
  type Reward,
  redeemArgs,
} from "../support/redemptions.ts";
import { type Heard, pause, useFaultyServer } from "./use-faulty-server.ts";

/** The database server crashes, or loses its connections, while many members redeem and tills use their codes. */

const CLIENTS = 20;
const server = useFaultyServer("redemption-crashes", CLIENTS);
const { sql } = server;
let partner: Partner;
beforeAll(async () => {
  partner = await openPartner(sql);
});

type Request = CommandArgs<"begin_redemption">;

/** As an edge function asks. */
async function redeem(client: ApiConnection, request: Request): Promise<Begun> {
  return (await client.call(SERVICE, "begin_redemption", request)) as unknown as Begun;
}

function redeemAll(requests: readonly Request[]): Promise<Heard<Begun>[]> {
  return server.insistOnAll(requests, redeem);
}

/** One redemption per request; whoever asked heard of that one, with the same code. */
async function expectEachRedeemedOnce(
  reward: Reward,
  requests: readonly Request[],
  heard: readonly Heard<Begun>[],
): Promise<void> {
  expect(await countRedemptions(sql, reward)).toEqual({ active: requests.length });
  const told = (all: readonly Heard<Begun>[]) =>
    all.map(({ answer: { redemption, code_ciphertext } }) => ({ redemption, code_ciphertext }));
  const said = told(heard);
  expect(said.slice(requests.length)).toEqual(said.slice(0, requests.length));
  expect(new Set(said.map(({ code_ciphertext }) => code_ciphertext)).size).toBe(requests.length);
  expect(told(await redeemAll(requests))).toEqual(said);
  const balances = await sql("select distinct balance from public.point_accounts where user_id = any ($1::uuid[])", [
    requests.map(({ member_id }) => member_id),
  ]);
  expect(balances).toEqual([{ balance: 0 }]);
}

async function requestsFor(reward: Reward, count: number): Promise<Request[]> {
  return (await membersWithPoints(sql, count, PRICE)).map((id) => redeemArgs(id, reward));
}

describe("half-way through every redemption, with the points taken and no code yet", () => {
  test.each([
    ["the server crashes", () => server.crash()],
    ["all connections are killed", () => server.killConnections()],
  ])("%s: nothing of it remains, and the retries redeem", async (_, strike) => {
    const reward = await offerReward(sql, partner, { code_source: "pool" });
    await fillPool(sql, partner, reward, poolCodes(CLIENTS));
    const requests = await requestsFor(reward, CLIENTS);

    // holding the stock
    const answers = await server.strikeHalfWay<Heard<Begun>[]>(
      ["select from public.reward_stocks where reward_id = $1 for update", reward.id],
      () => redeemAll(requests),
      strike,
    );

    expect(answers.some(({ retries }) => retries > 0)).toBe(true);
    await expectEachRedeemedOnce(reward, requests, answers);
  });
});

describe("in a stream of redemptions", () => {
  test("two crashes: what was answered stays, what was not is answered later", async () => {
    const reward = await offerReward(sql, partner, { stock_total: 200 });
    const requests = await requestsFor(reward, 200);
    const answering = redeemAll(requests);
    await pause(60);
    await server.crash();
    await pause(60);
    await server.crash();

    const answers = await answering;

    expect(answers.some(({ retries }) => retries > 0)).toBe(true);
    expect(answers.some(({ retries }) => retries === 0)).toBe(true);
    await expectEachRedeemedOnce(reward, requests, answers);
  });

  test("a crash while the last ones are taken: the pool gives out all its codes and no code twice", async () => {
    const reward = await offerReward(sql, partner, { code_source: "pool" });
    const codes = poolCodes(50);
    await fillPool(sql, partner, reward, codes);
    const requests = await requestsFor(reward, 100);
    let soldOut = 0;
    const answering = server.everyClient(async (place) => {
      const given: (string | null)[] = [];
      for (let index = place; index < requests.length; index += CLIENTS) {
        const request = requests[index];
        const asking = request ? [server.insist(place, (client) => redeem(client, request))] : [];
        const [result] = await Promise.allSettled(asking);
        if (result?.status === "fulfilled") given.push(result.value.answer.code_ciphertext);
        else if (result?.reason instanceof Error && result.reason.message === "reward_sold_out") soldOut += 1;
        else throw result?.reason;
      }
      return given;
    });
    await pause(40);
    await server.crash();

    const given = (await answering).flat();

    expect(soldOut).toBe(50);
    expect(given.sort()).toEqual(codes.map(({ ciphertext }) => ciphertext).sort());
  });

  test("a crash while tills use codes: what a till was told stays, and its repetition hears the same", async () => {
    const reward = await offerReward(sql, partner);
    const requests = await requestsFor(reward, 300);
    await redeemAll(requests);
    const use = (place: number, { code_hash }: Request) =>
      server.client(place).call(SERVICE, "use_code", {
        api_key_hash: partner.keyHash,
        code_hash,
        till_reference: `till-${place}`,
      });
    const told = new Map<string, unknown>();
    const using = server.everyClient(async (place) => {
      for (let index = place; index < requests.length; index += CLIENTS) {
        const request = requests[index];
        const [result] = await Promise.allSettled(request ? [use(place, request)] : []);
        if (result?.status === "rejected") {
          if (isConnectionLost(result.reason)) return;
          throw result.reason;
        }
        if (request) told.set(request.code_hash, result?.value);
      }
    });
    while (told.size < 10) await pause(1);
    await server.crash();
    await using;
    expect(told.size).toBeLessThan(requests.length);

    await server.everyClient((place) => server.reconnect(place));
    for (const [index, request] of requests.entries()) {
      const again = (await use(index % CLIENTS, request)) as { outcome: string; is_repeat: boolean };
      expect(again.outcome).toBe("used");
      if (told.has(request.code_hash))
        expect(again).toEqual({ ...(told.get(request.code_hash) as object), is_repeat: true });
    }
    expect(await countRedemptions(sql, reward)).toEqual({ used: 300 });
  });
});
