import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { DatabaseUnavailable } from "../_shared/database.ts";
import type { AskPartner, PartnerReply, PartnerRequest } from "../_shared/partner-codes.ts";
import { Problem } from "../_shared/problem.ts";
import { fakeDatabase } from "../_shared/testing.ts";
import { createHandler } from "./handler.ts";

const URL_OF_SWEEP = "http://localhost/sweep-redemptions";
const sweep = () => new Request(URL_OF_SWEEP, { method: "POST" });

function requests(from: number, count: number): PartnerRequest[] {
  return Array.from({ length: count }, (_, index) => ({
    redemption_id: `redemption-${from + index}`,
    url: "https://partner.example/codes",
    secrets: [],
    attempt: 2,
    body: {},
  }));
}

const replyWith = (outcome: PartnerReply["outcome"]): PartnerReply => ({
  outcome,
  redemption: { id: "x", status: "pending" },
  codeCiphertext: null,
});

interface Setup {
  batches?: readonly PartnerRequest[][];
  askPartner?: AskPartner;
  authenticate?: () => Promise<void>;
  now?: () => Date;
}

function handlerWith({ batches = [], askPartner, authenticate = async () => undefined, now }: Setup) {
  const lines: string[] = [];
  const remaining = [...batches];
  const claims: unknown[] = [];
  const handler = createHandler({
    authenticate,
    database: fakeDatabase({
      claim_partner_requests: (args) => {
        claims.push(args);
        return remaining.shift() ?? [];
      },
    }).database,
    askPartner: askPartner ?? (async () => replyWith("attached")),
    now: now ?? (() => new Date(0)),
    log: (level, message, fields) => lines.push(JSON.stringify({ level, message, ...fields })),
  });
  return { handler, remaining, claims, lines };
}

Deno.test("batches are claimed until none is left, and everyone in them is asked once", async () => {
  const asked: string[] = [];
  const { handler, claims } = handlerWith({
    batches: [requests(0, 12), requests(12, 12), requests(24, 3)],
    askPartner: async ({ redemption_id }) => {
      asked.push(redemption_id);
      return replyWith("attached");
    },
  });
  const response = await handler(sweep());
  strictEqual(response.status, 200);
  deepStrictEqual(await response.json(), { asked: 27, attached: 27, refused: 0, failed: 0, waiting: 0 });
  deepStrictEqual(claims[0], { batch: 12, under_way: [] });
  deepStrictEqual(
    asked.sort(),
    requests(0, 27)
      .map(({ redemption_id }) => redemption_id)
      .sort(),
  );
});

Deno.test("outcomes are counted, and one that breaks does not stop the rest", async () => {
  const outcomes = ["attached", "refused", "failed", "waiting", "breaks", "attached"] as const;
  const { handler, lines } = handlerWith({
    batches: [requests(0, outcomes.length)],
    askPartner: async ({ redemption_id }) => {
      const outcome = outcomes[Number(redemption_id.split("-")[1])] ?? "breaks";
      if (outcome === "breaks") throw new DatabaseUnavailable("record_partner_code got no answer");
      return replyWith(outcome);
    },
  });
  deepStrictEqual(await (await handler(sweep())).json(), { asked: 6, attached: 2, refused: 1, failed: 1, waiting: 2 });
  strictEqual(lines.length, 1);
  match(lines[0] ?? "", /redemption-4.*record_partner_code got no answer/u);
});

Deno.test("twelve partners are asked at a time, and a slow one holds up nobody else", async () => {
  let running = 0;
  let most = 0;
  const slow = Promise.withResolvers<void>();
  let quick = 0;
  const { handler, claims } = handlerWith({
    batches: [requests(0, 12), requests(12, 8)],
    askPartner: async ({ redemption_id }) => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setTimeout(resolve, 1));
      if (redemption_id === "redemption-0") await slow.promise;
      else quick += 1;
      running -= 1;
      if (quick === 19) slow.resolve();
      return replyWith("attached");
    },
  });
  strictEqual((await handler(sweep())).status, 200);
  strictEqual(most, 12);
  deepStrictEqual(claims[1], { batch: 11, under_way: ["redemption-0"] });
});

Deno.test("after 50 seconds no more is claimed: the next call goes on", async () => {
  let seconds = 0;
  const { handler, remaining } = handlerWith({
    batches: Array.from({ length: 10 }, (_, batch) => requests(batch, 1)),
    askPartner: async () => {
      seconds += 10;
      return replyWith("waiting");
    },
    now: () => new Date(seconds * 1000),
  });
  strictEqual((await (await handler(sweep())).json()).asked, 5);
  strictEqual(remaining.length, 5);
});

Deno.test("without a secret key nothing happens", async () => {
  const { handler, remaining } = handlerWith({
    batches: [requests(0, 1)],
    authenticate: () => Promise.reject(new Problem("not_permitted")),
  });
  const response = await handler(sweep());
  strictEqual(response.status, 403);
  strictEqual((await response.json()).code, "not_permitted");
  strictEqual(remaining.length, 1);
});

Deno.test("a database that is away is 503", async () => {
  const handler = createHandler({
    authenticate: async () => undefined,
    database: { call: () => Promise.reject(new DatabaseUnavailable("claim_partner_requests got no answer")) },
    askPartner: async () => replyWith("attached"),
    now: () => new Date(0),
    log: () => undefined,
  });
  const response = await handler(sweep());
  strictEqual(response.status, 503);
  ok(!(await response.text()).includes("claim_partner_requests"));
});

Deno.test("other methods are 405, a preflight is answered", async () => {
  const { handler } = handlerWith({});
  const response = await handler(new Request(URL_OF_SWEEP));
  strictEqual(response.status, 405);
  strictEqual(response.headers.get("allow"), "POST");
  strictEqual((await handler(new Request(URL_OF_SWEEP, { method: "OPTIONS" }))).status, 204);
});
