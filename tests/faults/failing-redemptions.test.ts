import { beforeEach, describe, expect, test } from "vitest";
import type { JobRow } from "../support/admin.ts";
import { type CommandArgs, SERVICE } from "../support/api-connection.ts";
import { balanceOf } from "../support/read.ts";
import {
  type Begun,
  connectPartner,
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
import { failureOf, useFaultyServer } from "./use-faulty-server.ts";

const server = useFaultyServer("failing-redemptions");
const { sql } = server;
let partner: Partner;
let pool: Reward;
let awaited: Reward;
let me: string;

beforeEach(async () => {
  partner = await openPartner(sql);
  await connectPartner(sql, partner, "https://partner.example/codes", "sealed");
  await sql(
    `insert into private.webhook_endpoints (partner_id, url, event_types, secret)
     values ($1, 'https://partner.example/webhooks', private.webhook_event_types(), 'sealed')`,
    [partner.id],
  );
  pool = await offerReward(sql, partner, { code_source: "pool", return_days: 7 });
  await fillPool(sql, partner, pool, poolCodes(10));
  awaited = await offerReward(sql, partner, { code_source: "partner_api", stock_total: 10 });
  [me = ""] = await membersWithPoints(sql, 1, PRICE);
});

async function begin(request: CommandArgs<"begin_redemption">, statementTimeout?: string): Promise<string> {
  const begun = (await server.call(SERVICE, "begin_redemption", request, statementTimeout)) as unknown as Begun;
  return begun.redemption.id;
}

/** Everything that redeeming and what follows can write about this partner and this member. */
async function trace() {
  const [counts] = await sql(
    `select (select count(*)::int from public.redemptions r where r.user_id = $1) as redemptions,
       (select jsonb_agg(r.status) from public.redemptions r where r.user_id = $1) as statuses,
       (select count(*)::int from public.point_transactions p where p.user_id = $1) as bookings,
       (select count(*)::int from private.reward_codes c where c.partner_id = $2 and c.redemption_id is not null) as codes,
       (select sum(s.taken)::int from public.reward_stocks s join public.rewards w on w.id = s.reward_id
        where w.partner_id = $2) as taken,
       (select count(*)::int from private.partner_requests q join public.redemptions r on r.id = q.redemption_id
        where r.user_id = $1) as requests,
       (select count(*)::int from private.webhook_messages m where m.partner_id = $2) as messages`,
    [me, partner.id],
  );
  return { ...counts, balance: await balanceOf(sql, me) };
}

/** Stands for any write that fails at that place: a full disk, a broken index, a constraint. */
async function whileBroken(table: string, work: () => Promise<unknown>): Promise<string | undefined> {
  await sql(`alter table ${table} add constraint broken check (false) not valid`);
  const failure = await failureOf(work());
  await sql(`alter table ${table} drop constraint broken`);
  return failure;
}

describe("a redemption that cannot finish leaves nothing, and the next try with the same key redeems", () => {
  test("statement timeout while it waits for the stock, with the points taken", async () => {
    const request = redeemArgs(me, pool);
    const before = await trace();
    await sql("begin");
    await sql("select from public.reward_stocks where reward_id = $1 for update", [pool.id]);
    expect(await failureOf(begin(request, "200ms"))).toBe("57014");
    await sql("rollback");

    expect(await trace()).toEqual(before);
    expect(await stateOf(sql, await begin(request))).toMatchObject({ status: "active", codes: 1 });
  });

  test.each([
    "public.point_transactions",
    "public.point_accounts",
    "public.redemptions",
    "public.reward_stocks",
    "private.reward_codes",
    "private.webhook_messages",
  ])("a failing write to %s", async (table) => {
    const request = redeemArgs(me, pool);
    const before = await trace();

    expect(await whileBroken(table, () => begin(request))).toBe("23514");

    expect(await trace()).toEqual(before);
    expect(await stateOf(sql, await begin(request))).toMatchObject({ status: "active", codes: 1 });
  });

  test("a failing write to private.partner_requests", async () => {
    const request = redeemArgs(me, awaited);
    const before = await trace();

    expect(await whileBroken("private.partner_requests", () => begin(request))).toBe("23514");

    expect(await trace()).toEqual(before);
    expect((await stateOf(sql, await begin(request))).status).toBe("pending");
  });
});

describe("an end that cannot be written leaves the redemption as it was, and the next try ends it", () => {
  const ENDS = [
    "public.redemptions",
    "public.point_transactions",
    "public.point_accounts",
    "private.audit_log",
    "private.webhook_messages",
  ];

  test.each(ENDS)("returning, with a failing write to %s", async (table) => {
    const redemption_id = await begin(redeemArgs(me, pool));
    const before = await trace();
    const giveBack = () => server.call(SERVICE, "return_redemption", { member_id: me, redemption_id });

    expect(await whileBroken(table, giveBack)).toBe("23514");

    expect(await trace()).toEqual(before);
    await giveBack();
    expect(await stateOf(sql, redemption_id)).toMatchObject({ end_reason: "returned" });
  });

  test.each([...ENDS, "public.reward_stocks"])("a refusal, with a failing write to %s", async (table) => {
    const redemption_id = await begin(redeemArgs(me, awaited));
    const before = await trace();
    const refuse = () => server.call(SERVICE, "record_partner_refusal", { redemption_id, reason: "409" });

    expect(await whileBroken(table, refuse)).toBe("23514");

    expect(await trace()).toEqual(before);
    await refuse();
    expect(await stateOf(sql, redemption_id)).toMatchObject({ end_reason: "partner_refused" });
  });

  test.each(["public.redemptions", "private.reward_codes", "private.webhook_messages"])(
    "a partner's code, with a failing write to %s",
    async (table) => {
      const redemption_id = await begin(redeemArgs(me, awaited));
      const before = await trace();
      const attach = () => server.call(SERVICE, "record_partner_code", { redemption_id, ...someCode() });

      expect(await whileBroken(table, attach)).toBe("23514");

      expect(await trace()).toEqual(before);
      await attach();
      expect(await stateOf(sql, redemption_id)).toMatchObject({ status: "active", codes: 1 });
    },
  );

  test.each(["public.redemptions", "private.audit_log", "private.webhook_messages"])(
    "a use, with a failing write to %s",
    async (table) => {
      const request = redeemArgs(me, await offerReward(sql, partner));
      const redemption_id = await begin(request);
      const before = await trace();
      const use = () =>
        server.call(SERVICE, "use_code", {
          api_key_hash: partner.keyHash,
          code_hash: request.code_hash,
          till_reference: "till-1",
        });

      expect(await whileBroken(table, use)).toBe("23514");

      expect(await trace()).toEqual(before);
      expect(await use()).toMatchObject({ outcome: "used", is_repeat: false });
      expect((await stateOf(sql, redemption_id)).till_reference).toBe("till-1");
    },
  );
});

describe("one broken row does not stop the jobs", () => {
  async function runJobs(asOf: string): Promise<Record<string, { processed: number; failed: number }>> {
    const rows = await sql<JobRow>(`select * from ops.run_due_jobs(${asOf})`);
    return Object.fromEntries(rows.map(({ job, processed, failed }) => [job, { processed, failed }]));
  }

  /** Writes past all triggers, as damage does. */
  async function setBalance(memberId: string, balance: number): Promise<void> {
    await sql("set session_replication_role = replica");
    await sql("update public.point_accounts set balance = $2 where user_id = $1", [memberId, balance]);
    await sql("set session_replication_role = origin");
  }

  test.each([
    ["expire_redemptions", "now() + interval '91 days'", "expired"],
    ["refund_unanswered", "now() + interval '2 hours'", "failed"],
  ])("%s", async (job, asOf, status) => {
    await runJobs(asOf); // what other tests have left
    const reward =
      job === "refund_unanswered" ? awaited : await offerReward(sql, partner, { expiry_refund_percent: 100 });
    const members = await membersWithPoints(sql, 5, PRICE);
    const ids: string[] = [];
    for (const member of members) ids.push(await begin(redeemArgs(member, reward)));
    const [broken = ""] = members;
    await setBalance(broken, 2_147_483_647);

    expect((await runJobs(asOf))[job]).toEqual({ processed: 4, failed: 1 });
    await setBalance(broken, 0);
    expect((await runJobs(asOf))[job]).toEqual({ processed: 1, failed: 0 });

    for (const id of ids) {
      expect(await stateOf(sql, id)).toMatchObject({ status, bookings: ["redemption -10", "refund 10"] });
    }
    expect((await runJobs(asOf))[job]).toEqual({ processed: 0, failed: 0 });
  });
});
