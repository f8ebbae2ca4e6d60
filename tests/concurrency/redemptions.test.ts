import { randomUUID } from "node:crypto";
import { beforeEach, describe, expect, test } from "vitest";
import { DELETE_LOGIN } from "../support/admin.ts";
import { SERVICE } from "../support/api-connection.ts";
import { admin, jobs, many, type Racer, rowsOf, service, tally, times } from "../support/arena.ts";
import { balanceOf } from "../support/read.ts";
import {
  type Begun,
  connectPartner,
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
  someCode,
  stateOf,
} from "../support/redemptions.ts";
import { useArena } from "../support/use-arena.ts";

const CALLERS = 100;
const ROUNDS = 5;
const arena = useArena(CALLERS);
const { sql } = arena;

let partner: Partner;
beforeEach(async () => {
  partner = await openPartner(sql);
});

function redeem(memberId: string, reward: Reward, key?: string): Racer {
  return service("begin_redemption", redeemArgs(memberId, reward, key));
}

async function redeemNow(memberId: string, reward: Reward): Promise<{ id: string; code_hash: string }> {
  const args = redeemArgs(memberId, reward);
  const { redemption } = (await arena.call(SERVICE, "begin_redemption", args)) as unknown as Begun;
  return { id: redemption.id, code_hash: args.code_hash };
}

describe("the last ones", () => {
  test("50 members on a stock of 10: exactly 10 get one", async () => {
    const reward = await offerReward(sql, partner, { stock_total: 10 });
    const members = await membersWithPoints(sql, 50, PRICE);

    const outcomes = await arena.race(members.map((id) => redeem(id, reward)));

    expect(tally(outcomes)).toEqual({ ok: 10, reward_sold_out: 40 });
    expect(await countRedemptions(sql, reward)).toEqual({ active: 10 });
    const balances = await Promise.all(members.map((id) => balanceOf(sql, id)));
    expect(balances.filter((balance) => balance === 0)).toHaveLength(10);
    expect(balances.filter((balance) => balance === PRICE)).toHaveLength(40);
  });

  test("100 members on a pool of 10: exactly 10 get one, and no code goes out twice", async () => {
    const reward = await offerReward(sql, partner, { code_source: "pool" });
    const codes = poolCodes(10);
    await fillPool(sql, partner, reward, codes);
    const members = await membersWithPoints(sql, CALLERS, PRICE);

    const outcomes = await arena.race(members.map((id) => redeem(id, reward)));

    expect(tally(outcomes)).toEqual({ ok: 10, reward_sold_out: 90 });
    const given = rowsOf<Begun>(outcomes).map(({ code_ciphertext }) => code_ciphertext);
    expect(given.sort()).toEqual(codes.map(({ ciphertext }) => ciphertext).sort());
  });

  test("codes returned and taken again at once never exceed the stock", async () => {
    const reward = await offerReward(sql, partner, { stock_total: 10, return_days: 7 });
    const members = await membersWithPoints(sql, 60, PRICE);
    const early = await Promise.all(members.slice(0, 10).map((id) => redeemNow(id, reward)));

    const outcomes = await arena.race([
      ...early.map(({ id }, index) =>
        service("return_redemption", { member_id: members[index] ?? "", redemption_id: id }),
      ),
      ...members.slice(10).map((id) => redeem(id, reward)),
    ]);

    const { ok = 0, reward_sold_out = 0 } = tally(outcomes);
    expect(ok + reward_sold_out).toBe(60);
    expect(await countRedemptions(sql, reward)).toEqual({ cancelled: 10, ...(ok > 10 && { active: ok - 10 }) });
  });

  test("the partner of a sold-out reward hears of it once", async () => {
    const reward = await offerReward(sql, partner, { stock_total: 20 });
    await sql(
      `insert into private.webhook_endpoints (partner_id, url, event_types, secret)
       values ($1, 'https://partner.example/', private.webhook_event_types(), 'sealed')`,
      [partner.id],
    );
    const members = await membersWithPoints(sql, 50, PRICE);

    await arena.race(members.map((id) => redeem(id, reward)));

    expect(
      await sql(
        "select type, count(*)::int as count from private.webhook_messages where partner_id = $1 group by type order by type",
        [partner.id],
      ),
    ).toEqual([
      { type: "redemption.created", count: 20 },
      { type: "reward.sold_out", count: 1 },
    ]);
  });

  test("uploading codes while the pool is redeemed: each code goes out once, none is lost", async () => {
    const reward = await offerReward(sql, partner, { code_source: "pool" });
    await fillPool(sql, partner, reward, poolCodes(5));
    const members = await membersWithPoints(sql, 60, PRICE);
    const uploads = many(10, () => poolCodes(4));

    const outcomes = await arena.race([
      ...uploads.map((codes) =>
        service("add_codes", { api_key_hash: partner.keyHash, reward_id: reward.id, codes: codes }),
      ),
      ...members.map((id) => redeem(id, reward)),
    ]);

    const { ok = 0, reward_sold_out = 0 } = tally(outcomes);
    expect(ok + reward_sold_out).toBe(70);
    const given = await sql(
      "select 1 from private.reward_codes where reward_id = $1 and redemption_id is not null group by code_hash",
      [reward.id],
    );
    expect(given).toHaveLength(ok - 10);
    expect(await sql("select total, taken from public.reward_stocks where reward_id = $1", [reward.id])).toEqual([
      { total: 45, taken: ok - 10 },
    ]);
  });

  test("withdrawing codes while the pool is redeemed and filled: a code is a member's or gone, never both", async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const reward = await offerReward(sql, partner, { code_source: "pool" });
      const codes = poolCodes(30);
      await fillPool(sql, partner, reward, codes);
      const members = await membersWithPoints(sql, 30, PRICE);
      const pool = { api_key_hash: partner.keyHash, reward_id: reward.id };

      const outcomes = await arena.race([
        ...members.map((id) => redeem(id, reward)),
        ...many(10, (index) => service("withdraw_codes", { ...pool, codes: codes.slice(index * 2, index * 2 + 10) })),
        ...many(5, () => service("add_codes", { ...pool, codes: poolCodes(1) })),
      ]);

      const { ok = 0, reward_sold_out = 0 } = tally(outcomes);
      expect(ok + reward_sold_out).toBe(45);
      const given = ok - 15;
      const withdrawn = rowsOf<{ withdrawn?: number }>(outcomes).reduce((sum, row) => sum + (row.withdrawn ?? 0), 0);
      expect(await sql("select total, taken from public.reward_stocks where reward_id = $1", [reward.id])).toEqual([
        { total: 35 - withdrawn, taken: given },
      ]);
      const [left] = await sql<{ given: number; waiting: number }>(
        `select count(redemption_id)::integer as given, count(*)::integer - count(redemption_id)::integer as waiting
         from private.reward_codes where reward_id = $1`,
        [reward.id],
      );
      expect(left).toEqual({ given, waiting: 35 - withdrawn - given });
    }
  });

  test("the same codes uploaded to two rewards at once, in opposite order: each is stored once", async () => {
    const rewards = [
      await offerReward(sql, partner, { code_source: "pool" }),
      await offerReward(sql, partner, { code_source: "pool" }),
    ];
    for (let round = 0; round < ROUNDS; round++) {
      const codes = poolCodes(500);
      const reversed = codes.toReversed().map((code, index) => ({ ...code, line: index + 1 }));

      const outcomes = await arena.race(
        rewards.flatMap(({ id }) =>
          [codes, reversed].map((lines) =>
            service("add_codes", { api_key_hash: partner.keyHash, reward_id: id, codes: lines }),
          ),
        ),
      );

      const accepted = rowsOf<{ accepted: number }>(outcomes).map((row) => row.accepted);
      expect(accepted.reduce((sum, count) => sum + count, 0)).toBe(500);
    }
  });
});

describe("one member", () => {
  test("the limit per member is exact under 50 parallel tries with different keys", async () => {
    const reward = await offerReward(sql, partner, { limit_per_member: 3, limit_period: "day" });
    const [me = ""] = await membersWithPoints(sql, 1, 1000);

    const outcomes = await arena.race(many(50, () => redeem(me, reward)));

    expect(tally(outcomes)).toEqual({ ok: 3, reward_limit_reached: 47 });
    expect(await balanceOf(sql, me)).toBe(1000 - 3 * PRICE);
  });

  test("100 identical requests are one redemption, and everybody gets the same answer", async () => {
    const reward = await offerReward(sql, partner, { stock_total: 5 });
    const [me = ""] = await membersWithPoints(sql, 1, 1000);
    const key = randomUUID();

    // each with a code of its own, as every request to the edge function makes one
    const outcomes = await arena.race(many(CALLERS, () => redeem(me, reward, key)));

    expect(tally(outcomes)).toEqual({ ok: CALLERS });
    expect(new Set(rowsOf<Begun>(outcomes).map((row) => JSON.stringify(row))).size).toBe(1);
    expect(await countRedemptions(sql, reward)).toEqual({ active: 1 });
    expect(await balanceOf(sql, me)).toBe(1000 - PRICE);
  });

  test("100 identical requests for a partner's code: one of them asks the partner", async () => {
    const reward = await partnerReward();
    const [me = ""] = await membersWithPoints(sql, 1, 1000);
    const key = randomUUID();

    const outcomes = await arena.race(many(CALLERS, () => redeem(me, reward, key)));

    const begun = rowsOf<Begun>(outcomes);
    expect(new Set(begun.map(({ redemption }) => redemption.id)).size).toBe(1);
    expect(begun.filter(({ request }) => request !== null)).toHaveLength(1);
  });

  test("with points for 3 gets 3 of 20 rewards", async () => {
    const rewards = await Promise.all(many(20, () => offerReward(sql, partner)));
    const [me = ""] = await membersWithPoints(sql, 1, 3 * PRICE + 5);

    const outcomes = await arena.race(rewards.map((reward) => redeem(me, reward)));

    expect(tally(outcomes)).toEqual({ ok: 3, insufficient_points: 17 });
    expect(await balanceOf(sql, me)).toBe(5);
  });

  test("returning 50 times at once refunds once", async () => {
    const reward = await offerReward(sql, partner, { return_days: 7, stock_total: 1 });
    const [me = ""] = await membersWithPoints(sql, 1, PRICE);
    const { id } = await redeemNow(me, reward);

    const outcomes = await arena.race(times(50, service("return_redemption", { member_id: me, redemption_id: id })));

    expect(tally(outcomes)).toEqual({ ok: 50 });
    expect(new Set(rowsOf(outcomes).map((row) => JSON.stringify(row))).size).toBe(1);
    expect(await balanceOf(sql, me)).toBe(PRICE);
  });
});

describe("tills", () => {
  interface Use {
    outcome: string;
    is_repeat: boolean;
    redemption: { till_reference: string } | null;
  }

  test("of 50 tills one uses the code, the others hear which one did", async () => {
    const reward = await offerReward(sql, partner);
    const [me = ""] = await membersWithPoints(sql, 1, PRICE);
    const { id, code_hash } = await redeemNow(me, reward);

    const outcomes = await arena.race(
      many(50, (till) =>
        service("use_code", { api_key_hash: partner.keyHash, code_hash, till_reference: `till-${till}` }),
      ),
    );

    const uses = rowsOf<Use>(outcomes);
    const winners = uses.filter(({ outcome }) => outcome === "used");
    expect(winners).toHaveLength(1);
    expect(uses.filter(({ outcome }) => outcome === "already_used")).toHaveLength(49);
    expect(new Set(uses.map(({ redemption }) => redemption?.till_reference)).size).toBe(1);
    expect((await stateOf(sql, id)).till_reference).toBe(winners[0]?.redemption?.till_reference);
  });

  test("one till that sends its use 50 times has used it, once", async () => {
    const reward = await offerReward(sql, partner);
    const [me = ""] = await membersWithPoints(sql, 1, PRICE);
    const { id, code_hash } = await redeemNow(me, reward);

    const outcomes = await arena.race(
      times(50, service("use_code", { api_key_hash: partner.keyHash, code_hash, till_reference: "till-1" })),
    );

    const uses = rowsOf<Use>(outcomes);
    expect(uses.every(({ outcome }) => outcome === "used")).toBe(true);
    expect(uses.filter(({ is_repeat }) => !is_repeat)).toHaveLength(1);
    expect(await sql("select 1 from private.audit_log where subject_id = $1", [id])).toHaveLength(1);
  });

  test("every wrong code counts, and from the limit on the key waits", async () => {
    const wrong = () => service("verify_code", { api_key_hash: partner.keyHash, code_hash: someCode().code_hash });

    const outcomes = await arena.race(many(60, wrong));

    const { ok = 0, too_many_wrong_codes = 0 } = tally(outcomes);
    expect(ok + too_many_wrong_codes).toBe(60);
    expect(ok).toBeGreaterThanOrEqual(20);
    expect(await sql("select wrong_codes from private.partner_api_keys where partner_id = $1", [partner.id])).toEqual([
      { wrong_codes: ok },
    ]);
    expect(tally(await arena.race(many(10, wrong)))).toEqual({ too_many_wrong_codes: 10 });
  });
});

describe("everything that can end a redemption, at the same time", () => {
  const IN_91_DAYS = "now() + interval '91 days'";

  test("use × return × cancel × expiry: one ends it, and the books follow", async () => {
    const ends = new Set<string>();
    for (let round = 0; round < 10; round++) {
      const reward = await offerReward(sql, partner, { return_days: 7, expiry_refund_percent: 50, stock_total: 1 });
      const [me = ""] = await membersWithPoints(sql, 1, PRICE);
      const { id, code_hash } = await redeemNow(me, reward);

      const ways = [
        times(10, service("use_code", { api_key_hash: partner.keyHash, code_hash, till_reference: "till-1" })),
        times(10, service("return_redemption", { member_id: me, redemption_id: id })),
        times(10, service("cancel_redemption", { api_key_hash: partner.keyHash, redemption_id: id })),
        times(3, jobs(IN_91_DAYS)),
      ];
      // on a busy machine whoever sets out first arrives first: each way does so in turn
      await arena.race(ways.flatMap((_, index) => ways[(index + round) % ways.length] ?? []));

      const { status, end_reason, bookings } = await stateOf(sql, id);
      const end = end_reason ?? status;
      ends.add(end);
      expect(bookings).toEqual(
        {
          used: ["redemption -10"],
          returned: ["redemption -10", "refund 10"],
          partner_cancelled: ["redemption -10", "refund 10"],
          expired: ["redemption -10", "refund 5"],
        }[end],
      );
    }
    expect(ends.size, `only ${[...ends].join()}`).toBeGreaterThan(1);
  });

  test("and with the member erased or banned in the middle: all codes end, nothing locks up", async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const reward = await offerReward(sql, partner, { return_days: 7, stock_total: 100 });
      const [me = "", other = ""] = await membersWithPoints(sql, 2, 30 * PRICE);
      const mine = [];
      for (let index = 0; index < 15; index++) mine.push(await redeemNow(me, reward));

      await arena.race([
        admin(DELETE_LOGIN, me),
        admin("select ops.ban_user($1, 'Spam')", me),
        jobs("now()"),
        ...many(5, () => redeem(me, reward)),
        ...many(5, () => redeem(other, reward)),
        ...mine.map(({ id }) => service("return_redemption", { member_id: me, redemption_id: id })),
        ...mine
          .slice(0, 5)
          .map(({ code_hash }) =>
            service("use_code", { api_key_hash: partner.keyHash, code_hash, till_reference: "till-1" }),
          ),
        ...mine
          .slice(5, 10)
          .map(({ id }) => service("cancel_redemption", { api_key_hash: partner.keyHash, redemption_id: id })),
      ]);

      expect(
        await sql("select 1 from public.redemptions where user_id = $1 and status in ('pending', 'active')", [me]),
      ).toEqual([]);
      const [readable] = await sql(
        `select count(*)::int as codes from private.reward_codes c join public.redemptions r on r.id = c.redemption_id
         where r.user_id = $1 and r.status <> 'used' and c.ciphertext <> ''`,
        [me],
      );
      expect(readable).toEqual({ codes: 0 });
    }
  });
});

async function partnerReward(columns: object = {}): Promise<Reward> {
  await connectPartner(sql, partner, "https://partner.example/codes", "sealed");
  return offerReward(sql, partner, { code_source: "partner_api", ...columns });
}

describe("codes that come from the partner", () => {
  /** Over the deadline and over the last lease. */
  const SILENT = "now() + interval '2 hours'";

  function record(redemption_id: string, code = someCode()): Racer {
    return service("record_partner_code", { redemption_id, ...code });
  }

  function issued(redemption_id: string, code = someCode()): Racer {
    return service("record_partner_event", {
      partner_id: partner.id,
      event_id: randomUUID(),
      event_type: "code.issued",
      occurred_at: new Date().toISOString(),
      redemption_id,
      details: {},
      ...code,
    });
  }

  test("answer × event × deadline × refusal × cancellation: one code or one refund", async () => {
    const ends = new Set<string>();
    for (let round = 0; round < 10; round++) {
      const reward = await partnerReward({ stock_total: 1 });
      const [me = ""] = await membersWithPoints(sql, 1, PRICE);
      const { id } = await redeemNow(me, reward);
      const code = someCode();

      await arena.race([
        ...times(10, record(id, code)),
        ...many(10, () => issued(id, code)),
        ...times(5, service("record_partner_refusal", { redemption_id: id, reason: "409" })),
        ...times(5, service("record_partner_failure", { redemption_id: id, error: "timeout" })),
        ...times(5, service("cancel_redemption", { api_key_hash: partner.keyHash, redemption_id: id })),
        ...times(3, jobs(SILENT)),
      ]);

      const { status, end_reason, bookings, codes } = await stateOf(sql, id);
      ends.add(end_reason ?? status);
      // a code that came before the cancellation stays on record, but no longer counts
      if (status === "active") expect({ bookings, codes }).toEqual({ bookings: ["redemption -10"], codes: 1 });
      else expect(bookings).toEqual(["redemption -10", "refund 10"]);
    }
    expect([...ends].every((end) => /^(active|partner_(refused|silent|cancelled))$/.test(end))).toBe(true);
  });

  test("two different codes for one redemption: the first stays", async () => {
    const reward = await partnerReward();
    const [me = ""] = await membersWithPoints(sql, 1, PRICE);
    const { id } = await redeemNow(me, reward);

    const outcomes = await arena.race(many(20, () => record(id)));

    const rows = rowsOf<{ outcome: string; code_ciphertext: string }>(outcomes);
    expect(rows.filter(({ outcome }) => outcome === "attached")).toHaveLength(1);
    expect(rows.filter(({ outcome }) => outcome === "conflict")).toHaveLength(19);
    expect(new Set(rows.map(({ code_ciphertext }) => code_ciphertext)).size).toBe(1);
  });

  test("one code for 20 redemptions: one keeps it, the others are refunded", async () => {
    const reward = await partnerReward({ stock_total: 20 });
    const members = await membersWithPoints(sql, 20, PRICE);
    const ids = await Promise.all(members.map(async (id) => (await redeemNow(id, reward)).id));
    const code = someCode();

    await arena.race(ids.map((id) => record(id, code)));

    expect(await countRedemptions(sql, reward)).toEqual({ active: 1, failed: 19 });
  });

  test("the same event delivered 20 times is applied once", async () => {
    const reward = await partnerReward();
    const [me = ""] = await membersWithPoints(sql, 1, PRICE);
    const { id } = await redeemNow(me, reward);

    const outcomes = await arena.race(times(20, issued(id)));

    const heard = rowsOf<{ outcome: string }>(outcomes).map(({ outcome }) => outcome);
    expect(heard.filter((outcome) => outcome === "applied")).toHaveLength(1);
    expect(heard.filter((outcome) => outcome === "duplicate")).toHaveLength(19);
  });

  test("redeeming and refunding the same limited reward never lock each other out", async () => {
    const rewards = [await partnerReward({ stock_total: 40 }), await partnerReward({ stock_total: 40 })];
    const members = await membersWithPoints(sql, 20, 10 * PRICE);
    for (let round = 0; round < ROUNDS; round++) {
      for (const [index, id] of members.entries()) {
        const reward = rewards[index % 2];
        if (reward) await redeemNow(id, reward);
      }

      await arena.race([
        jobs(SILENT),
        ...members.flatMap((id) => rewards.map((reward) => redeem(id, reward))),
        ...members.slice(0, 8).map((id) => admin("select ops.adjust_points($1, 20, 'Seed')", id)),
      ]);
      await arena.race([jobs(SILENT)]);
    }
    for (const reward of rewards) expect(Object.keys(await countRedemptions(sql, reward))).toEqual(["failed"]);
  });

  test("20 sweepers at once: each waiting redemption is handed to one of them", async () => {
    const reward = await partnerReward();
    const [me = ""] = await membersWithPoints(sql, 1, 50 * PRICE);
    const ids = [];
    for (let index = 0; index < 50; index++) ids.push((await redeemNow(me, reward)).id);
    await sql("update private.partner_requests set next_attempt_at = now()");

    const outcomes = await arena.race(times(20, service("claim_partner_requests", { batch: 7 })));

    const claimed = rowsOf<{ redemption_id: string }[]>(outcomes).flat();
    expect(claimed.length).toBeGreaterThan(0);
    // a partner's share of the places is small: what it leaves, and what others were choosing, comes with the next calls
    for (let call = 0; call < 50; call++) {
      claimed.push(...((await arena.call(SERVICE, "claim_partner_requests", {})) as unknown as typeof claimed));
    }
    expect(claimed.map(({ redemption_id }) => redemption_id).sort()).toEqual(ids.sort());
  });
});

describe("webhooks", () => {
  interface Message {
    id: number;
    endpoint_id: string;
  }

  async function endpoints(count: number): Promise<string[]> {
    const rows = await sql<{ id: string }>(
      `insert into private.webhook_endpoints (partner_id, url, event_types, secret)
       select $1, 'https://partner.example/' || n, private.webhook_event_types(), 'sealed' from generate_series(1, $2) n
       returning id`,
      [partner.id, count],
    );
    return rows.map(({ id }) => id);
  }

  async function emit(count: number): Promise<void> {
    await sql("select private.emit_webhook($1, 'redemption.used', '{}') from generate_series(1, $2)", [
      partner.id,
      count,
    ]);
  }

  function failed(messages: readonly Message[]): Racer {
    return service("record_webhook_attempts", {
      results: messages.map(({ id }) => ({ id, response_status: 500, error: null, duration_ms: 1 })),
    });
  }

  test("10 senders at once: each message is handed to one of them", async () => {
    const own = await endpoints(3);
    await sql("insert into private.outbox_hosts (channel, host, share) values ('webhook', 'partner.example', 32)");
    await emit(40);
    const idsOf = (messages: readonly Message[]) =>
      messages.filter(({ endpoint_id }) => own.includes(endpoint_id)).map(({ id }) => id);

    const outcomes = await arena.race(times(10, service("claim_webhook_messages", { batch: 100, per_endpoint: 5 })));

    const ids = idsOf(rowsOf<Message[]>(outcomes).flat());
    expect(ids.length).toBeGreaterThan(0);
    // what one sender passed over because another was choosing comes with the next call
    for (let call = 0; call < 30; call++) {
      ids.push(
        ...idsOf((await arena.call(SERVICE, "claim_webhook_messages", { batch: 1000 })) as unknown as Message[]),
      );
    }
    expect(new Set(ids).size).toBe(120);
    expect(ids).toHaveLength(120);
  });

  test("senders that report failures of the same endpoints in different order never lock each other out", async () => {
    const places = await endpoints(6);
    await emit(20);
    const messages = await sql<Message>(
      "select id::int as id, endpoint_id from private.webhook_messages where partner_id = $1 order by id",
      [partner.id],
    );
    for (let round = 0; round < ROUNDS; round++) {
      await sql("update private.webhook_endpoints set paused_until = now(), failure_streak = 0, is_enabled = true");
      // each sender has messages of all endpoints, and comes to the endpoints in an order of its own
      const senders = many(10, (sender) =>
        places.flatMap((place, index) => {
          const own = messages.filter(({ endpoint_id }) => endpoint_id === place);
          return own[(sender * 7 + index * 3) % own.length] ?? [];
        }),
      );

      const outcomes = await arena.race(senders.map(failed));

      expect(tally(outcomes)).toEqual({ ok: 10 });
    }
  });

  test("an endpoint deleted while its messages are reported", async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const [endpoint_id = "", ...others] = await endpoints(2);
      await emit(20);
      const messages = await sql<Message>(
        "select id::int as id, endpoint_id from private.webhook_messages where endpoint_id = $1 order by id",
        [endpoint_id],
      );

      const outcomes = await arena.race([
        ...messages.map((message) => failed([message])),
        // what the command does; a driver cannot read its empty answer
        admin("select public.delete_webhook_endpoint($1, $2)", partner.keyHash, endpoint_id),
        service("claim_webhook_messages", {}),
      ]);

      expect(tally(outcomes)).toEqual({ ok: messages.length + 2 });
      for (const id of others) await sql("delete from private.webhook_endpoints where id = $1", [id]);
    }
  });
});
