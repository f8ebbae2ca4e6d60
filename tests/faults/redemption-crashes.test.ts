import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type AdminPool, openAdmin, type Sql } from "../support/admin.ts";
import {
  API_APPLICATION,
  ApiConnection,
  type CommandArgs,
  isConnectionLost,
  SERVICE,
} from "../support/api-connection.ts";
import { expectBooksRight } from "../support/books.ts";
import { startTestCluster, type TestCluster } from "../support/cluster.ts";
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
import { requireCluster } from "../support/target.ts";

/** The database server crashes, or loses its connections, while many members redeem and tills use their codes. */

requireCluster("tests/faults");

const CLIENTS = 20;
let server: TestCluster;
let admin: AdminPool;
let clients: ApiConnection[];
let partner: Partner;
const sql: Sql = (text, parameters) => admin.sql(text, parameters);

beforeAll(async () => {
  server = await startTestCluster({ name: "redemption-crashes", isThrowaway: false });
  admin = openAdmin(server.urls.superuser);
  clients = Array.from({ length: CLIENTS }, () => new ApiConnection(server.urls.authenticator));
  partner = await openPartner(sql);
});

afterEach(() => expectBooksRight(sql));

afterAll(async () => {
  await Promise.all([admin.close(), ...clients.map((client) => client.close())]);
  await server.destroy();
});

type Request = CommandArgs<"begin_redemption">;

interface Answered extends Begun {
  /** How often the connection was lost before the answer came. */
  retries: number;
}

/** An edge function and the app behind it: the same request again, over a new connection, until there is an answer. */
async function redeemWithRetry(place: number, request: Request): Promise<Answered> {
  for (let retries = 0; ; retries++) {
    try {
      const begun = (await clientAt(place).call(SERVICE, "begin_redemption", request)) as unknown as Begun;
      return { ...begun, retries };
    } catch (error) {
      if (!isConnectionLost(error)) throw error;
      await clientAt(place).close();
      clients[place] = new ApiConnection(server.urls.authenticator);
      await pause(20);
    }
  }
}

/** Every request twice, each time by another client; each client asks for one thing at a time. */
async function redeemAll(requests: readonly Request[]): Promise<Answered[]> {
  const answers: Answered[] = [];
  const work = [...requests, ...requests].entries();
  await Promise.all(
    clients.map(async (_, place) => {
      for (const [index, request] of work) answers[index] = await redeemWithRetry(place, request);
    }),
  );
  return answers;
}

/** One redemption per request; whoever asked heard of that one, with the same code. */
async function expectEachRedeemedOnce(
  reward: Reward,
  requests: readonly Request[],
  answers: readonly Answered[],
): Promise<void> {
  expect(await countRedemptions(sql, reward)).toEqual({ active: requests.length });
  const said = answers.map(({ redemption, code_ciphertext }) => ({ redemption, code_ciphertext }));
  expect(said.slice(requests.length)).toEqual(said.slice(0, requests.length));
  expect(new Set(said.map(({ code_ciphertext }) => code_ciphertext)).size).toBe(requests.length);
  const again = await redeemAll(requests);
  expect(again.map(({ redemption, code_ciphertext }) => ({ redemption, code_ciphertext }))).toEqual(said);
  const balances = await sql("select distinct balance from public.point_accounts where user_id = any ($1::uuid[])", [
    requests.map(({ member_id }) => member_id),
  ]);
  expect(balances).toEqual([{ balance: 0 }]);
}

async function requestsFor(reward: Reward, count: number): Promise<Request[]> {
  return (await membersWithPoints(sql, count, PRICE)).map((id) => redeemArgs(id, reward));
}

async function crash(): Promise<void> {
  await server.cluster.stop("immediate");
  await server.cluster.start();
}

function clientAt(place: number): ApiConnection {
  const client = clients[place];
  if (!client) throw new Error("there is no such client");
  return client;
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Holds the stock while everybody redeems, so that every redemption stops half-way (paid, no code yet), and strikes. */
async function redeemAllAndStrike(
  reward: Reward,
  requests: readonly Request[],
  strike: () => Promise<unknown>,
): Promise<Answered[]> {
  const holder = openAdmin(server.urls.superuser, 1);
  await holder.sql("begin");
  await holder.sql("select from public.reward_stocks where reward_id = $1 for update", [reward.id]);
  const answering = redeemAll(requests);
  while ((await waitingClients()) < CLIENTS) await pause(5);
  await strike();
  await holder.close();
  return answering;
}

async function waitingClients(): Promise<number> {
  const rows = await sql("select 1 from pg_stat_activity where application_name = $1 and wait_event_type = 'Lock'", [
    API_APPLICATION,
  ]);
  return rows.length;
}

describe("half-way through every redemption, with the points taken and no code yet", () => {
  test.each([
    ["the server crashes", crash],
    [
      "all connections are killed",
      () =>
        sql("select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1", [API_APPLICATION]),
    ],
  ])("%s: nothing of it remains, and the retries redeem", async (_, strike) => {
    const reward = await offerReward(sql, partner, { code_source: "pool" });
    await fillPool(sql, partner, reward, poolCodes(CLIENTS));
    const requests = await requestsFor(reward, CLIENTS);

    const answers = await redeemAllAndStrike(reward, requests, strike);

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
    await crash();
    await pause(60);
    await crash();

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
    const answering = Promise.all(
      clients.map(async (_, place) => {
        const given: (string | null)[] = [];
        for (let index = place; index < requests.length; index += CLIENTS) {
          const request = requests[index];
          const [result] = await Promise.allSettled(request ? [redeemWithRetry(place, request)] : []);
          if (result?.status === "fulfilled") given.push(result.value.code_ciphertext);
          else if (result?.reason instanceof Error && result.reason.message === "reward_sold_out") soldOut += 1;
          else throw result?.reason;
        }
        return given;
      }),
    );
    await pause(40);
    await crash();

    const given = (await answering).flat();

    expect(soldOut).toBe(50);
    expect(given.sort()).toEqual(codes.map(({ ciphertext }) => ciphertext).sort());
  });

  test("a crash while tills use codes: what a till was told stays, and its repetition hears the same", async () => {
    const reward = await offerReward(sql, partner);
    const requests = await requestsFor(reward, 300);
    await redeemAll(requests);
    const use = (place: number, { code_hash }: Request) =>
      clientAt(place).call(SERVICE, "use_code", {
        api_key_hash: partner.keyHash,
        code_hash,
        till_reference: `till-${place}`,
      });
    const told = new Map<string, unknown>();
    const using = Promise.allSettled(
      clients.map(async (_, place) => {
        for (let index = place; index < requests.length; index += CLIENTS) {
          const request = requests[index];
          if (request) told.set(request.code_hash, await use(place, request));
        }
      }),
    );
    while (told.size < 10) await pause(1);
    await crash();
    await using;
    expect(told.size).toBeLessThan(requests.length);

    clients = await Promise.all(
      clients.map(async (client) => {
        await client.close();
        return new ApiConnection(server.urls.authenticator);
      }),
    );
    for (const [index, request] of requests.entries()) {
      const again = (await use(index % CLIENTS, request)) as { outcome: string; is_repeat: boolean };
      expect(again.outcome).toBe("used");
      if (told.has(request.code_hash))
        expect(again).toEqual({ ...(told.get(request.code_hash) as object), is_repeat: true });
    }
    expect(await countRedemptions(sql, reward)).toEqual({ used: 300 });
  });
});
