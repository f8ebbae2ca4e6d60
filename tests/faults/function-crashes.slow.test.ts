import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type Behaviour, behaviours, refuses } from "../support/partner-server.ts";
import { balanceOf } from "../support/read.ts";
import { offerReward, PRICE } from "../support/redemptions.ts";
import { requireCluster } from "../support/target.ts";
import { useFunctionStack } from "../support/use-function-stack.ts";
import { DatabaseProxy, type Moment } from "./database-proxy.ts";
import { type RedeemBody, RedemptionStage } from "./redemption-stage.ts";

/**
 * The process of a function ends between two of its steps: before the database hears of a command, after it has run it,
 * when the partner gets the request, when it has made the code. Then the member's app, the till, the partner or the
 * schedule tries again, as they do, and everything comes out right.
 */

requireCluster("tests/faults");

const proxy = await DatabaseProxy.open();
const stack = useFunctionStack({ SUPABASE_URL: proxy.url });
const stage = new RedemptionStage(stack).use();
const { server } = stage;
const { sql } = stack;

beforeAll(() => proxy.passOnTo(stack.url));
afterEach(() => expect(proxy.isArmed).toBe(false));
afterAll(() => proxy.close());

/** Ends the function at a moment of a command. */
function arm(name: string, moment: Moment, command: string): void {
  proxy.arm(moment, command, () => stack.kill(name));
}

/** What the gateway answers when a function's process is gone. */
const CRASHED = { status: 500, json: { code: "WORKER_ERROR" } };

const MOMENTS: readonly Moment[] = ["before", "after"];

/** Every command at both moments. */
function momentsOf(...commands: readonly string[]): [moment: Moment, command: string][] {
  return commands.flatMap((command) => MOMENTS.map((moment): [Moment, string] => [moment, command]));
}

/** The function dies while the partner has its request. */
const atThePartner = (name: string): [what: string, behaviour: Behaviour][] => [
  ["gets the request", ({ response }) => stack.kill(name).then(() => void response.destroy())],
  [
    "has made the code",
    async ({ issue, response }) => {
      issue();
      await stack.kill(name);
      response.destroy();
    },
  ],
];

describe("redeem", () => {
  /** The app's repetition, and then the schedule's turn. */
  async function carryOn(key: string): Promise<string> {
    const repeated = await stage.redeem(key);
    expect([200, 201, 202]).toContain(repeated.status);
    await stage.sweep();
    return repeated.json.redemption.id;
  }

  test.each(momentsOf("begin_redemption"))("%s %s of a reward with our own codes", async (moment, command) => {
    const reward = await offerReward(sql, stage.partner, { stock_total: 1 });
    const key = randomUUID();
    arm("redeem", moment, command);
    expect(await stage.redeem(key, stage.member, reward)).toMatchObject(CRASHED);

    const { status, json } = await stage.redeem(key, stage.member, reward);

    expect({ status, state: json.redemption.status }).toEqual({ status: 201, state: "active" });
    expect(json.code).toMatch(/^NH/);
    expect((await stage.redeem(key, stage.member, reward)).json).toEqual(json);
    expect(await stage.state(json.redemption.id)).toMatchObject({ bookings: ["redemption -10"], codes: 1 });
  });

  test.each(momentsOf("begin_redemption", "record_partner_code"))("%s %s", async (moment, command) => {
    const key = randomUUID();
    arm("redeem", moment, command);
    expect(await stage.redeem(key)).toMatchObject(CRASHED);

    const id = await carryOn(key);

    await stage.expectCode(key, id);
  });

  test.each(momentsOf("record_partner_refusal"))("%s %s", async (moment, command) => {
    server.always(refuses(409));
    const key = randomUUID();
    arm("redeem", moment, command);
    expect(await stage.redeem(key)).toMatchObject(CRASHED);

    const id = await carryOn(key);

    await stage.expectRefund(key, id, "partner_refused");
  });

  test.each(momentsOf("record_partner_failure"))("%s %s", async (moment, command) => {
    server.script(behaviours.failsAfterActing);
    const key = randomUUID();
    arm("redeem", moment, command);
    expect(await stage.redeem(key)).toMatchObject(CRASHED);

    const id = await carryOn(key);

    await stage.expectCode(key, id);
  });

  test.each(atThePartner("redeem"))("when the partner %s", async (_, behaviour) => {
    server.script(behaviour);
    const key = randomUUID();
    expect(await stage.redeem(key)).toMatchObject(CRASHED);

    const id = await carryOn(key);

    await stage.expectCode(key, id);
  });

  test("at every attempt: the deadline brings the points back", async () => {
    server.always(({ response }) => stack.kill("redeem").then(() => void response.destroy()));
    const key = randomUUID();
    expect(await stage.redeem(key)).toMatchObject(CRASHED);
    const { json } = await stage.redeem(key);

    await stage.passDeadline();

    await stage.expectRefund(key, json.redemption.id, "partner_silent");
  });

  test.each(momentsOf("return_redemption"))("%s %s", async (moment, command) => {
    const reward = await offerReward(sql, stage.partner, { return_days: 7, stock_total: 1 });
    const { json } = await stage.redeem(randomUUID(), stage.member, reward);
    arm("redeem", moment, command);
    expect(await stage.giveBack(json.redemption.id)).toMatchObject(CRASHED);

    expect((await stage.giveBack(json.redemption.id)).json.redemption).toMatchObject({
      status: "cancelled",
      end_reason: "returned",
    });

    expect((await stage.state(json.redemption.id)).bookings).toEqual(["redemption -10", "refund 10"]);
    expect(await balanceOf(sql, stage.member.id)).toBe(PRICE);
  });
});

describe("the way to the database breaks, and the function lives on", () => {
  const breaks = async () => undefined;

  test.each(MOMENTS)("%s begin_redemption: the app hears it and tries again", async (moment) => {
    const key = randomUUID();
    proxy.arm(moment, "begin_redemption", breaks);
    expect(await stage.redeem(key)).toMatchObject({ status: 503, json: { code: "service_unavailable" } });

    const { json } = await stage.redeem(key);
    await stage.sweep();

    await stage.expectCode(key, json.redemption.id);
  });

  test.each(momentsOf("record_partner_code", "record_partner_failure"))(
    "%s %s: the member holds a pending redemption",
    async (moment, command) => {
      if (command === "record_partner_failure") server.script(behaviours.failsAfterActing);
      const key = randomUUID();
      proxy.arm(moment, command, breaks);
      const { status, json } = await stage.redeem(key);
      expect({ status, state: json.redemption.status }).toEqual({ status: 202, state: "pending" });

      await stage.sweep();

      await stage.expectCode(key, json.redemption.id);
    },
  );

  test.each(MOMENTS)("%s record_partner_code, in a sweep: the next sweep brings the code", async (moment) => {
    server.script(behaviours.failsBeforeActing);
    const key = randomUUID();
    const { json } = await stage.redeem(key);
    proxy.arm(moment, "record_partner_code", breaks);
    expect(await stage.sweep()).toMatchObject({ status: 200, json: { asked: 1, waiting: 1 } });

    await stage.sweep();

    await stage.expectCode(key, json.redemption.id);
  });
});

describe("sweep-redemptions", () => {
  /** A redemption that waits for its partner. */
  async function pending(): Promise<{ key: string; id: string }> {
    server.script(behaviours.failsBeforeActing);
    const key = randomUUID();
    const { json } = await stage.redeem(key);
    return { key, id: json.redemption.id };
  }

  test.each(momentsOf("claim_partner_requests", "record_partner_code"))("%s %s", async (moment, command) => {
    const { key, id } = await pending();
    arm("sweep-redemptions", moment, command);
    expect(await stage.sweep()).toMatchObject(CRASHED);

    await stage.sweep();

    await stage.expectCode(key, id);
  });

  test.each(momentsOf("record_partner_refusal"))("%s %s", async (moment, command) => {
    const { key, id } = await pending();
    server.always(refuses(422));
    arm("sweep-redemptions", moment, command);
    expect(await stage.sweep()).toMatchObject(CRASHED);

    await stage.sweep();

    await stage.expectRefund(key, id, "partner_refused");
  });

  test.each(momentsOf("record_partner_failure"))("%s %s", async (moment, command) => {
    const { key, id } = await pending();
    server.script(behaviours.failsAfterActing);
    arm("sweep-redemptions", moment, command);
    expect(await stage.sweep()).toMatchObject(CRASHED);

    await stage.sweep();

    await stage.expectCode(key, id);
  });

  test.each(atThePartner("sweep-redemptions"))("when the partner %s", async (_, behaviour) => {
    const { key, id } = await pending();
    server.script(behaviour);
    expect(await stage.sweep()).toMatchObject(CRASHED);

    // its lease keeps others away until it ends
    expect((await stage.run("sweep-redemptions")).json).toMatchObject({ asked: 0 });
    await stage.sweep();

    await stage.expectCode(key, id);
  });

  test("in the middle of 12 requests: each ends with its own code", async () => {
    await sql("update public.reward_stocks set total = 12 where reward_id = $1", [stage.reward.id]);
    const members = await stack.members(12, PRICE);
    const keys = members.map(() => randomUUID());
    server.always(behaviours.failsBeforeActing);
    for (const [index, member] of members.entries()) await stage.redeem(keys[index], member);
    server.always(behaviours.ok);
    let asked = 0;
    server.always((exchange) => {
      asked += 1;
      return asked === 6 ? stack.kill("sweep-redemptions") : behaviours.ok(exchange);
    });
    expect(await stage.sweep()).toMatchObject(CRASHED);

    await stage.sweep();

    for (const [index, member] of members.entries()) {
      const { status, json } = await stage.redeem(keys[index], member);
      expect({ status, code: json.code }).toEqual({ status: 201, code: server.issued.get(json.redemption.id) });
    }
    expect(new Set(server.issued.values()).size).toBe(12);
  });
});

describe("partner-events", () => {
  test.each(momentsOf("read_partner_connection", "record_partner_event"))("%s %s", async (moment, command) => {
    const { json } = await stage.redeem();
    const { id } = json.redemption;
    const event = { id: `evt_${randomUUID()}` };
    arm("partner-events", moment, command);
    expect(await stage.event("code.cancelled", { redemption_id: id }, event)).toMatchObject({ status: 500 });

    const repeated = await stage.event("code.cancelled", { redemption_id: id }, event);

    const isDone = moment === "after" && command === "record_partner_event";
    expect(repeated).toEqual({ status: 200, body: { outcome: isDone ? "duplicate" : "applied" } });
    expect(await stage.state(id)).toMatchObject({
      end_reason: "partner_cancelled",
      bookings: ["redemption -10", "refund 10"],
    });
  });
});

describe("partner", () => {
  /** A request of the partner's till or server. */
  function ask<Body>(path: string, body: object) {
    return stack.send<Body>(`/functions/v1/partner/v1${path}`, {
      method: "POST",
      headers: { authorization: `Bearer ${stage.partner.key}` },
      body,
    });
  }

  async function redeemed(): Promise<RedeemBody> {
    return (await stage.redeem(randomUUID(), stage.member, await offerReward(sql, stage.partner))).json;
  }

  test.each(momentsOf("use_code"))("%s %s", async (moment, command) => {
    const { code, redemption } = await redeemed();
    const use = (till_reference: string) => ask("/redemptions/use", { code, till_reference });
    arm("partner", moment, command);
    expect(await use("till-1")).toMatchObject(CRASHED);

    expect((await use("till-1")).status).toBe(200);
    expect((await use("till-2")).status).toBe(409);

    expect(await stage.state(redemption.id)).toMatchObject({
      status: "used",
      till_reference: "till-1",
      bookings: ["redemption -10"],
    });
  });

  test.each(momentsOf("cancel_redemption"))("%s %s", async (moment, command) => {
    const { redemption } = await redeemed();
    const cancel = () => ask(`/redemptions/${redemption.id}/cancel`, { reason: "Sold out" });
    arm("partner", moment, command);
    expect(await cancel()).toMatchObject(CRASHED);

    expect((await cancel()).status).toBe(200);

    expect(await stage.state(redemption.id)).toMatchObject({
      end_reason: "partner_cancelled",
      bookings: ["redemption -10", "refund 10"],
    });
  });

  test.each(momentsOf("add_codes"))("%s %s", async (moment, command) => {
    const reward = await offerReward(sql, stage.partner, { code_source: "pool" });
    const upload = () => ask<{ accepted: number }>(`/rewards/${reward.id}/codes`, { codes: ["POOL-1", "POOL-2"] });
    arm("partner", moment, command);
    expect(await upload()).toMatchObject(CRASHED);

    const { status, json } = await upload();

    expect({ status, accepted: json.accepted }).toEqual({ status: 200, accepted: moment === "before" ? 2 : 0 });
    expect(await sql("select total from public.reward_stocks where reward_id = $1", [reward.id])).toEqual([
      { total: 2 },
    ]);
  });
});

describe("deliver-webhooks", () => {
  /** A message in the outbox. */
  async function message(): Promise<string> {
    await stage.listenToWebhooks();
    await stage.redeem(randomUUID(), stage.member, await offerReward(sql, stage.partner));
    const [row] = await sql<{ webhook_id: string }>(
      "select webhook_id from private.webhook_messages where partner_id = $1",
      [stage.partner.id],
    );
    if (!row) throw new Error("there is no message");
    return row.webhook_id;
  }

  async function expectDelivered(webhookId: string, arrivals: number): Promise<void> {
    expect(server.webhooks.map(({ id }) => id)).toEqual(Array.from({ length: arrivals }, () => webhookId));
    expect(await sql("select status from private.webhook_messages where webhook_id = $1", [webhookId])).toEqual([
      { status: "delivered" },
    ]);
  }

  test.each([
    ["before", "claim_webhook_messages", 1],
    ["after", "claim_webhook_messages", 1],
    ["before", "record_webhook_attempts", 2],
    ["after", "record_webhook_attempts", 1],
  ] as const)("%s %s: arrives %i times, with the same id", async (moment, command, arrivals) => {
    const id = await message();
    arm("deliver-webhooks", moment, command);
    expect(await stage.deliver()).toMatchObject(CRASHED);

    await stage.deliver();

    await expectDelivered(id, arrivals);
  });

  test("when the message arrives: arrives again, with the same id", async () => {
    const id = await message();
    server.onWebhook = () => stack.kill("deliver-webhooks");
    expect(await stage.deliver()).toMatchObject(CRASHED);
    server.onWebhook = () => undefined;

    expect((await stage.run("deliver-webhooks")).json).toMatchObject({ sent: 0 });
    await stage.deliver();

    await expectDelivered(id, 2);
  });
});
