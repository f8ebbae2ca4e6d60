import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, test } from "vitest";
import { type Behaviour, behaviours, gives, PartnerServer, redirects, refuses } from "../support/partner-server.ts";
import { balanceOf } from "../support/read.ts";
import { connectPartner, openPartner, PRICE } from "../support/redemptions.ts";
import { requireCluster } from "../support/target.ts";
import { useFunctionStack } from "../support/use-function-stack.ts";
import { RedemptionStage } from "./redemption-stage.ts";

/**
 * A partner's system that misbehaves in every way we could think of. Whatever it does, the member ends up with exactly
 * one code or exactly one refund.
 */

requireCluster("tests/faults");

const stack = useFunctionStack();
const stage = new RedemptionStage(stack).use();
const { server } = stage;
const { sql } = stack;

async function nextAttemptInSeconds(redemptionId: string): Promise<number> {
  const [request] = await sql<{ seconds: number }>(
    `select extract(epoch from next_attempt_at - now())::int as seconds from private.partner_requests
     where redemption_id = $1`,
    [redemptionId],
  );
  return request?.seconds ?? Number.NaN;
}

async function lastError(redemptionId: string): Promise<string | undefined> {
  const [request] = await sql<{ last_error: string }>(
    "select last_error from private.partner_requests where redemption_id = $1",
    [redemptionId],
  );
  return request?.last_error;
}

test("a partner that answers: the code at once, and the same code for every repetition", async () => {
  const key = randomUUID();
  const { status, json } = await stage.redeem(key);

  expect(status).toBe(201);
  await stage.expectCode(key, json.redemption.id);
  await stage.expectCode(key, json.redemption.id);
  expect(server.journal).toHaveLength(1);
});

describe("an answer that is no answer: the redemption stays pending and is asked again, with the same key", () => {
  const cases: [name: string, behaviour: Behaviour, hasActed: boolean][] = [
    ["drops the connection before acting", behaviours.dropsBeforeActing, false],
    ["drops the connection after acting", behaviours.dropsAfterActing, true],
    ["drops the connection inside the answer", behaviours.dropsInsideTheAnswer, true],
    ["answers 500 before acting", behaviours.failsBeforeActing, false],
    ["answers 500 after acting", behaviours.failsAfterActing, true],
    ["answers 429", behaviours.isBusy, false],
    ["answers garbage", behaviours.answersGarbage, true],
    ["answers JSON of another shape", behaviours.answersAnotherShape, true],
    ["answers a gigabyte", behaviours.answersWithoutEnd, true],
    ["redirects to the platform's inside", behaviours.redirectsInside, false],
    ["answers 202", refuses(202), false],
    ["answers 408", refuses(408), false],
    ["answers 425", refuses(425), false],
    ["answers 503", refuses(503), false],
    ["answers with one of our own codes", gives("NH22-2222-2222-2222-2222"), false],
    ["answers slower than the member waits", behaviours.slow, true],
  ];

  test.each(cases)("%s", async (_, behaviour, hasActed) => {
    server.script(behaviour);
    const key = randomUUID();

    const { status, json } = await stage.redeem(key);

    const { id } = json.redemption;
    expect({ status, state: json.redemption.status, code: json.code }).toEqual({
      status: 202,
      state: "pending",
      code: null,
    });
    expect(server.issued.has(id)).toBe(hasActed);
    const given = server.issued.get(id);
    // paid, and nothing else happens while the partner is not asked
    expect(await balanceOf(sql, stage.member.id)).toBe(0);
    expect((await stage.redeem(key)).status).toBe(202);
    expect(server.requestsFor(id)).toHaveLength(1);
    expect(await lastError(id)).toBeTypeOf("string");

    const report = await stage.sweep();

    expect(report.json).toMatchObject({ asked: 1, attached: 1 });
    if (given !== undefined) expect(server.issued.get(id)).toBe(given);
    expect(server.requestsFor(id)).toHaveLength(2);
    await stage.expectCode(key, id);
  });

  test("the gigabyte is not read", async () => {
    server.script(behaviours.answersWithoutEnd);
    await stage.redeem();
    await expect.poll(() => server.journal[0]?.answeredBytes).toBeGreaterThan(0);
    expect(server.journal[0]?.answeredBytes).toBeLessThan(32 * 1024 * 1024);
    await stage.sweep();
  });

  test("a redirect is not followed", async () => {
    let visits = 0;
    const inside = createServer((_request, response) => {
      visits += 1;
      response.end('{"code":"stolen"}');
    });
    await new Promise<void>((resolve) => inside.listen(0, "127.0.0.1", resolve));
    server.script(redirects(`http://127.0.0.1:${(inside.address() as AddressInfo).port}/`));

    expect((await stage.redeem()).status).toBe(202);

    expect(visits).toBe(0);
    inside.close();
    await stage.sweep();
  });

  test("Retry-After is kept to", async () => {
    server.script(behaviours.isBusy);
    const { json } = await stage.redeem();
    expect(await nextAttemptInSeconds(json.redemption.id)).toBeGreaterThan(110);

    expect((await stage.run("sweep-redemptions")).json).toMatchObject({ asked: 0 });
    await stage.sweep();
  });

  test("many failures in a row are forgotten with the first code", async () => {
    server.script(
      behaviours.dropsAfterActing,
      behaviours.failsAfterActing,
      behaviours.answersGarbage,
      behaviours.isBusy,
      behaviours.dropsBeforeActing,
    );
    const key = randomUUID();
    const { json } = await stage.redeem(key);
    for (let attempt = 0; attempt < 4; attempt++) {
      expect((await stage.sweep()).json).toMatchObject({ asked: 1, waiting: 1 });
    }

    await stage.sweep();

    await stage.expectCode(key, json.redemption.id);
    expect(server.requestsFor(json.redemption.id)).toHaveLength(6);
  });

  test("nobody listens at the partner's address", async () => {
    await connectPartner(sql, stage.partner, "http://127.0.0.1:9/codes", await stack.seal(server.secret));
    const key = randomUUID();
    const { status, json } = await stage.redeem(key);
    expect(status).toBe(202);
    expect(await lastError(json.redemption.id)).toContain("refused");

    await connectPartner(sql, stage.partner, `${server.url}/codes`, await stack.seal(server.secret));
    await stage.sweep();

    await stage.expectCode(key, json.redemption.id);
  });
});

describe("a clear no: the points come back at once", () => {
  test.each([400, 401, 403, 404, 409, 410, 422])("%i", async (status) => {
    server.script(refuses(status));
    const key = randomUUID();

    const first = await stage.redeem(key);

    expect({ status: first.status, state: first.json.redemption.status }).toEqual({ status: 200, state: "failed" });
    await stage.expectRefund(key, first.json.redemption.id, "partner_refused");
    expect((await stage.sweep()).json).toMatchObject({ asked: 0 });
    expect(server.journal).toHaveLength(1);
    expect(await sql("select taken from public.reward_stocks where reward_id = $1", [stage.reward.id])).toEqual([
      { taken: 0 },
    ]);
  });

  test("after attempts that failed", async () => {
    server.script(behaviours.failsBeforeActing, refuses(410));
    const key = randomUUID();
    const { json } = await stage.redeem(key);

    expect((await stage.sweep()).json).toMatchObject({ refused: 1 });

    await stage.expectRefund(key, json.redemption.id, "partner_refused");
  });
});

describe("a partner that gives one code twice", () => {
  test("the first member keeps it, the second one has the points back", async () => {
    const [other] = await stack.members(1, PRICE);
    if (!other) throw new Error("there is no member");
    const first = randomUUID();
    const { json } = await stage.redeem(first);
    server.script(gives(json.code ?? ""));

    const second = await stage.redeem(randomUUID(), other);

    expect(second.status).toBe(200);
    expect(second.json).toMatchObject({
      redemption: { status: "failed", end_reason: "partner_code_duplicate" },
      code: null,
    });
    expect(await balanceOf(sql, other.id)).toBe(PRICE);
    await stage.expectCode(first, json.redemption.id);
  });

  test("also when it writes it differently", async () => {
    const [other] = await stack.members(1, PRICE);
    if (!other) throw new Error("there is no member");
    const first = randomUUID();
    const { json } = await stage.redeem(first);
    server.script(gives(`${json.code}`.toLowerCase().replaceAll("-", " ")));

    const second = await stage.redeem(randomUUID(), other);

    expect(second.json.redemption.end_reason).toBe("partner_code_duplicate");
    await stage.expectCode(first, json.redemption.id);
  });
});

describe("a partner that never answers", () => {
  test("after the deadline the points come back, and what it says later changes nothing", async () => {
    server.always(behaviours.dropsAfterActing);
    const key = randomUUID();
    const { json } = await stage.redeem(key);
    const { id } = json.redemption;
    await stage.sweep();

    await stage.passDeadline();

    await stage.expectRefund(key, id, "partner_silent");
    const { status, body } = await stage.event("code.issued", { redemption_id: id, code: server.issued.get(id) });
    expect({ status, body }).toEqual({ status: 200, body: { outcome: "ignored" } });
    expect((await stage.sweep()).json).toMatchObject({ asked: 0 });
    await stage.expectRefund(key, id, "partner_silent");
  });

  test("nobody is asked after the deadline, and nobody is refunded while somebody still asks", async () => {
    server.always(behaviours.failsBeforeActing);
    const key = randomUUID();
    const { json } = await stage.redeem(key);
    await sql(
      "update private.partner_requests set next_attempt_at = now(), deadline_at = now() - interval '30 seconds'",
    );

    expect((await stage.run("sweep-redemptions")).json).toMatchObject({ asked: 0 });
    await sql("select * from ops.run_due_jobs(now())");
    expect((await stage.redeem(key)).status).toBe(202);

    await stage.passDeadline();
    await stage.expectRefund(key, json.redemption.id, "partner_silent");
  });
});

describe("events of the partner", () => {
  /** A redemption whose partner has not answered. */
  async function pending(): Promise<{ key: string; id: string }> {
    server.script(behaviours.failsBeforeActing);
    const key = randomUUID();
    const { json } = await stage.redeem(key);
    return { key, id: json.redemption.id };
  }

  const applied = { status: 200, body: { outcome: "applied" } };
  const ignored = { status: 200, body: { outcome: "ignored" } };
  const conflict = { status: 200, body: { outcome: "conflict" } };

  test("the code comes as an event, twice", async () => {
    const { key, id } = await pending();
    server.issued.set(id, "EVENT-1");
    const event = { id: "evt_1" };

    expect(await stage.event("code.issued", { redemption_id: id, code: "EVENT-1" }, event)).toEqual(applied);
    expect(await stage.event("code.issued", { redemption_id: id, code: "EVENT-1" }, event)).toEqual({
      status: 200,
      body: { outcome: "duplicate" },
    });

    await stage.expectCode(key, id);
    expect((await stage.sweep()).json).toMatchObject({ asked: 0 });
  });

  test("20 deliveries of one event at once are one", async () => {
    const { key, id } = await pending();
    server.issued.set(id, "EVENT-20");

    const answers = await Promise.all(
      Array.from({ length: 20 }, () =>
        stage.event("code.issued", { redemption_id: id, code: "EVENT-20" }, { id: "evt_20" }),
      ),
    );

    expect(answers.filter(({ body }) => (body as { outcome: string }).outcome === "applied")).toHaveLength(1);
    await stage.expectCode(key, id);
  });

  test("a partner that sends its codes by events only is never asked", async () => {
    await sql("update private.partner_connections set url = null where partner_id = $1", [stage.partner.id]);
    const key = randomUUID();
    const { status, json } = await stage.redeem(key);
    expect(status).toBe(202);
    await stage.sweep();
    expect(server.journal).toEqual([]);
    server.issued.set(json.redemption.id, "EVENT-ONLY");

    await stage.event("code.issued", { redemption_id: json.redemption.id, code: "EVENT-ONLY" });

    await stage.expectCode(key, json.redemption.id);
  });

  test("a wrong signature is refused and changes nothing", async () => {
    const { key, id } = await pending();
    const secret = `whsec_${Buffer.from("somebody else").toString("base64")}`;

    const { status, body } = await stage.event("code.issued", { redemption_id: id, code: "FORGED" }, { secret });

    expect({ status, body }).toMatchObject({ status: 401, body: { code: "signature_invalid" } });
    expect((await stage.redeem(key)).status).toBe(202);
    await stage.sweep();
    await stage.expectCode(key, id);
  });

  test.each([-6, 6])("a clock that is %i minutes off is refused", async (minutes) => {
    const { id } = await pending();
    const at = new Date(Date.now() + minutes * 60_000);
    expect((await stage.event("code.issued", { redemption_id: id, code: "LATE" }, { at })).status).toBe(401);
    expect((await stage.state(id)).status).toBe("pending");
    await stage.sweep();
  });

  test.each([-4, 4])("a clock that is %i minutes off is forgiven", async (minutes) => {
    const { key, id } = await pending();
    server.issued.set(id, "SKEWED");
    const at = new Date(Date.now() + minutes * 60_000);
    expect(await stage.event("code.issued", { redemption_id: id, code: "SKEWED" }, { at })).toEqual(applied);
    await stage.expectCode(key, id);
  });

  test("out of order: used before it was issued", async () => {
    const { id } = await pending();

    expect(await stage.event("code.used", { redemption_id: id, till_reference: "till 7" })).toEqual(applied);
    expect(await stage.event("code.issued", { redemption_id: id, code: "LATE-1" })).toEqual(applied);

    expect(await stage.state(id)).toMatchObject({ status: "used", bookings: ["redemption -10"], codes: 1 });
    expect((await stage.sweep()).json).toMatchObject({ asked: 0 });
  });

  test("out of order: cancelled before it was issued", async () => {
    const { id } = await pending();

    expect(await stage.event("code.cancelled", { redemption_id: id })).toEqual(applied);
    expect(await stage.event("code.issued", { redemption_id: id, code: "LATE-2" })).toEqual(ignored);

    expect(await stage.state(id)).toMatchObject({
      status: "cancelled",
      bookings: ["redemption -10", "refund 10"],
      codes: 0,
    });
  });

  test("out of order: used by its code before we know the code: refused, and taken when it comes again", async () => {
    const { id } = await pending();
    const used = () => stage.event("code.used", { code: "LATE-3" }, { id: `evt_used_${id}` });

    expect(await used()).toMatchObject({ status: 404, body: { code: "redemption_not_found" } });
    expect(await stage.event("code.issued", { redemption_id: id, code: "LATE-3" })).toEqual(applied);
    expect(await used()).toEqual(applied);

    expect(await stage.state(id)).toMatchObject({ status: "used", bookings: ["redemption -10"], codes: 1 });
  });

  test("what contradicts what happened is a conflict and changes nothing", async () => {
    const { json } = await stage.redeem();
    const { id } = json.redemption;

    expect(await stage.event("code.issued", { redemption_id: id, code: "ANOTHER" })).toEqual(conflict);
    expect(await stage.event("code.used", { code: json.code })).toEqual(applied);
    expect(await stage.event("code.used", { code: json.code })).toEqual(ignored);
    expect(await stage.event("code.cancelled", { redemption_id: id })).toEqual(conflict);

    expect(await stage.state(id)).toMatchObject({ status: "used", bookings: ["redemption -10"], codes: 1 });
  });

  test("the event overtakes the answer it belongs to: one code", async () => {
    server.script(async ({ key, issue, answer }) => {
      expect(await stage.event("code.issued", { redemption_id: key, code: issue() })).toEqual(applied);
      answer(201, { code: issue() });
    });
    const key = randomUUID();

    const { status, json } = await stage.redeem(key);

    expect(status).toBe(201);
    await stage.expectCode(key, json.redemption.id);
  });

  test("the event overtakes a request that fails: the member gets the code at once", async () => {
    server.script(async ({ key, issue, response }) => {
      expect(await stage.event("code.issued", { redemption_id: key, code: issue() })).toEqual(applied);
      response.socket?.destroy();
    });
    const key = randomUUID();

    const { status, json } = await stage.redeem(key);

    expect({ status, code: json.code }).toEqual({ status: 201, code: server.issued.get(json.redemption.id) });
    await stage.expectCode(key, json.redemption.id);
  });

  test("another partner cannot speak about our redemption, whoever it signs as", async () => {
    const { key, id } = await pending();
    const other = new PartnerServer();
    const partner = await openPartner(sql);
    await connectPartner(sql, partner, server.url, await stack.seal(other.secret));
    const event = { id: "evt_other", type: "code.cancelled", data: { redemption_id: id } };
    const eventsOf = (partnerId: string) => ({ url: `${stack.url}/functions/v1/partner-events/${partnerId}` });

    expect((await other.sendEvent(event, eventsOf(stage.partner.id))).status).toBe(401);
    expect(await other.sendEvent(event, eventsOf(partner.id))).toMatchObject({
      status: 404,
      body: { code: "redemption_not_found" },
    });

    await stage.sweep();
    await stage.expectCode(key, id);
  });
});

describe("two who ask for the same code at once, because a lease ended too early", () => {
  /** The first request waits at the partner until the second one is done, and is answered then. */
  async function overlap(first: Behaviour, second: Behaviour): Promise<{ key: string; id: string; status: number }> {
    const arrived = Promise.withResolvers<void>();
    const released = Promise.withResolvers<void>();
    server.script(async (exchange) => {
      arrived.resolve();
      await released.promise;
      await first(exchange);
    }, second);
    const key = randomUUID();
    const redeeming = stage.redeem(key);
    await arrived.promise;
    await stage.sweep();
    released.resolve();
    const { status, json } = await redeeming;
    expect(server.requestsFor(json.redemption.id)).toHaveLength(2);
    return { key, id: json.redemption.id, status };
  }

  test("both get the code", async () => {
    const { key, id, status } = await overlap(behaviours.ok, behaviours.ok);
    expect(status).toBe(201);
    await stage.expectCode(key, id);
  });

  test("the second one gets the code, the first one nothing", async () => {
    const { key, id, status } = await overlap(behaviours.dropsBeforeActing, behaviours.ok);
    expect(status).toBe(201);
    await stage.expectCode(key, id);
  });

  test("the second one gets the code, the first one a clear no: the code stays", async () => {
    const { key, id, status } = await overlap(refuses(409), behaviours.ok);
    expect(status).toBe(201);
    await stage.expectCode(key, id);
  });

  test("the second one gets a clear no, the first one the code: the points are back, the code is dropped", async () => {
    const { key, id, status } = await overlap(behaviours.ok, refuses(409));
    expect(status).toBe(200);
    await stage.expectRefund(key, id, "partner_refused");
  });

  test("they get different codes: the first that came stays", async () => {
    const { key, id, status } = await overlap(gives("ANOTHER-1"), behaviours.ok);
    expect(status).toBe(201);
    await stage.expectCode(key, id);
  });
});

describe("the deadline passes while the partner is asked", () => {
  const passes = (then: Behaviour): Behaviour => {
    return async (exchange) => {
      await sql("update private.partner_requests set deadline_at = now() - interval '1 second'");
      await then(exchange);
    };
  };

  test("and it gives the code: in time", async () => {
    server.script(passes(behaviours.ok));
    const key = randomUUID();
    const { status, json } = await stage.redeem(key);
    expect(status).toBe(201);
    await stage.expectCode(key, json.redemption.id);
  });

  test("and it gives none: the points are back at once", async () => {
    server.script(passes(behaviours.failsAfterActing));
    const key = randomUUID();
    const { status, json } = await stage.redeem(key);
    expect(status).toBe(200);
    await stage.expectRefund(key, json.redemption.id, "partner_silent");
  });

  test("and the jobs refund before it gives the code: dropped", async () => {
    server.script(async (exchange) => {
      await stage.passDeadline();
      behaviours.ok(exchange);
    });
    const key = randomUUID();
    const { status, json } = await stage.redeem(key);
    expect(status).toBe(200);
    await stage.expectRefund(key, json.redemption.id, "partner_silent");
  });

  test("and the member is erased before it gives the code: dropped", async () => {
    server.script(async (exchange) => {
      await sql("delete from auth.users where id = $1", [stage.member.id]);
      behaviours.ok(exchange);
    });
    const { json } = await stage.redeem();
    expect(json.code ?? null).toBeNull();
    const [redemption] = await sql<{ id: string }>("select id from public.redemptions where user_id = $1", [
      stage.member.id,
    ]);
    expect(await stage.state(redemption?.id ?? "")).toMatchObject({
      end_reason: "account_deleted",
      bookings: ["redemption -10", "refund 10"],
      codes: 0,
    });
  });
});

describe("many at once", () => {
  test("30 identical requests: the partner is asked once, and all hear of the one redemption", async () => {
    const key = randomUUID();
    const answers = await Promise.all(Array.from({ length: 30 }, () => stage.redeem(key)));

    expect(new Set(answers.map(({ json }) => json.redemption.id)).size).toBe(1);
    expect(answers.filter(({ status }) => status === 201).length).toBeGreaterThan(0);
    expect(answers.every(({ status }) => status === 201 || status === 202)).toBe(true);
    expect(server.journal).toHaveLength(1);
    await stage.expectCode(key, answers[0]?.json.redemption.id ?? "");
  });

  test("10 sweeps: each of 40 redemptions is asked for by one of them", async () => {
    await sql("update public.reward_stocks set total = 40 where reward_id = $1", [stage.reward.id]);
    server.always(behaviours.failsBeforeActing);
    const members = await stack.members(40, PRICE);
    await Promise.all(members.map((member) => stage.redeem(randomUUID(), member)));
    server.always(behaviours.ok);
    server.journal.length = 0;
    await sql("update private.partner_requests set next_attempt_at = now()");

    const reports = await Promise.all(Array.from({ length: 10 }, () => stage.run("sweep-redemptions")));

    expect(reports.reduce((sum, { json }) => sum + (json["attached"] ?? 0), 0)).toBe(40);
    expect(new Set(server.journal.map(({ key }) => key)).size).toBe(40);
    expect(server.journal).toHaveLength(40);
  });

  test("5 deliveries: each of 30 webhooks arrives once", async () => {
    await stage.listenToWebhooks();
    await sql("update public.reward_stocks set total = 30 where reward_id = $1", [stage.reward.id]);
    const members = await stack.members(30, PRICE);
    await Promise.all(members.map((member) => stage.redeem(randomUUID(), member)));

    await Promise.all(Array.from({ length: 5 }, () => stage.run("deliver-webhooks")));

    const arrived = server.webhooks.filter(({ type }) => type === "redemption.created").map(({ id }) => id);
    expect(new Set(arrived).size).toBe(30);
    expect(arrived).toHaveLength(30);
  });

  test("a partner that fails in every way at once: each of 30 members has one code or the points", async () => {
    const moods = Object.values(behaviours).filter(
      (behaviour) => behaviour !== behaviours.slow && behaviour !== behaviours.answersWithoutEnd,
    );
    let turn = 0;
    server.always((exchange) => (moods[turn++ % (moods.length + 1)] ?? refuses(410))(exchange));
    await sql("update public.reward_stocks set total = 30 where reward_id = $1", [stage.reward.id]);
    const members = await stack.members(30, PRICE);
    const keys = members.map(() => randomUUID());

    const answers = await Promise.all(members.map((member, index) => stage.redeem(keys[index], member)));
    expect(answers.every(({ status }) => [200, 201, 202].includes(status))).toBe(true);
    for (let round = 0; round < 8; round++) await stage.sweep();
    server.always(behaviours.ok);
    await stage.sweep();

    for (const [index, member] of members.entries()) {
      const { status, json } = await stage.redeem(keys[index], member);
      const { bookings, codes } = await stage.state(json.redemption.id);
      const expected =
        status === 201
          ? { code: server.issued.get(json.redemption.id), bookings: ["redemption -10"], codes: 1 }
          : { code: null, bookings: ["redemption -10", "refund 10"], codes: 0 };
      expect({ code: json.code, bookings, codes }).toEqual(expected);
    }
    expect(await sql("select 1 from private.partner_requests")).toEqual([]);
  });
});
