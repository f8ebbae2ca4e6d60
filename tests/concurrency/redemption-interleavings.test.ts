import { randomUUID } from "node:crypto";
import { describe, expect, test } from "vitest";
import { DELETE_LOGIN } from "../support/admin.ts";
import { SERVICE } from "../support/api-connection.ts";
import { admin, jobs, type Outcome, type Racer, service } from "../support/arena.ts";
import { balanceOf } from "../support/read.ts";
import {
  type Begun,
  connectPartner,
  membersWithPoints,
  offerReward,
  openPartner,
  type Partner,
  PRICE,
  type Reward,
  redeemArgs,
  someCode,
  stateOf,
} from "../support/redemptions.ts";
import { useArena } from "../support/use-arena.ts";

/**
 * Two callers meet on one redemption, step by step: the first has run its command but not committed when the second one
 * starts. What a herd finds by luck is certain here, in both orders.
 */

const arena = useArena(6);
const { sql } = arena;

interface Cast {
  partner: Partner;
  reward: Reward;
  me: string;
  other: string;
  id: string;
  /** The code it has, or the one the partner is about to give. */
  code: { code_hash: string; code_ciphertext: string };
  /** Of the redemption that is begun in the test. */
  key: string;
}

let cast: Cast;

/** An active redemption of the last piece in stock. */
async function active(): Promise<void> {
  const partner = await openPartner(sql);
  await begin(partner, await offerReward(sql, partner, { stock_total: 1, return_days: 7, expiry_refund_percent: 50 }));
}

/** A redemption that waits for its partner. */
async function pending(): Promise<void> {
  const partner = await openPartner(sql);
  await connectPartner(sql, partner, "https://partner.example/codes", "sealed");
  await begin(partner, await offerReward(sql, partner, { stock_total: 1, code_source: "partner_api" }));
}

async function begin(partner: Partner, reward: Reward): Promise<void> {
  const [me = "", other = ""] = await membersWithPoints(sql, 2, PRICE);
  const args = redeemArgs(me, reward);
  const { redemption } = (await arena.call(SERVICE, "begin_redemption", args)) as unknown as Begun;
  const code = reward.code_source === "partner_api" ? someCode() : args;
  cast = { partner, reward, me, other, id: redemption.id, code, key: randomUUID() };
}

function event(event_type: string, code = cast.code): Racer {
  return service("record_partner_event", {
    partner_id: cast.partner.id,
    event_id: randomUUID(),
    event_type,
    occurred_at: new Date().toISOString(),
    redemption_id: cast.id,
    code_hash: code.code_hash,
    code_ciphertext: code.code_ciphertext,
    details: {},
  });
}

function use(till_reference: string): Racer {
  return service("use_code", {
    api_key_hash: cast.partner.keyHash,
    code_hash: cast.code.code_hash,
    till_reference,
  });
}

function attach({ code_hash, code_ciphertext } = cast.code): Racer {
  return service("record_partner_code", { redemption_id: cast.id, code_hash, code_ciphertext });
}

const MOVES: Readonly<Record<string, () => Racer>> = {
  use: () => use("till-1"),
  "use elsewhere": () => use("till-2"),
  return: () => service("return_redemption", { member_id: cast.me, redemption_id: cast.id }),
  cancel: () => service("cancel_redemption", { api_key_hash: cast.partner.keyHash, redemption_id: cast.id }),
  expiry: () => jobs("now() + interval '91 days'"),
  erasure: () => admin(DELETE_LOGIN, cast.me),
  code: () => attach(),
  "another code": () => attach(someCode()),
  refusal: () => service("record_partner_refusal", { redemption_id: cast.id, reason: "409" }),
  failure: () => service("record_partner_failure", { redemption_id: cast.id, error: "timeout" }),
  deadline: () => jobs("now() + interval '2 hours'"),
  "issued event": () => event("code.issued"),
  "used event": () => event("code.used"),
  "cancelled event": () => event("code.cancelled"),
};

function move(name: string): Racer {
  const make = MOVES[name];
  if (!make) throw new Error(`there is no move ${name}`);
  return make();
}

/** What a caller hears: the slug of a refusal, the outcome a command names, or that it was done. */
function heard({ slug, row }: Outcome): string {
  return slug ?? (row as { outcome?: string } | null)?.outcome ?? "ok";
}

/** First, second, what the second hears, how the redemption ends. */
type Case = readonly [first: string, second: string, hears: string, end: string];

const OF_AN_ACTIVE_ONE: readonly Case[] = [
  ["use", "use", "used", "used"],
  ["use", "use elsewhere", "already_used", "used"],
  ["use", "return", "redemption_not_returnable", "used"],
  ["use", "cancel", "redemption_not_cancellable", "used"],
  ["use", "used event", "ignored", "used"],
  ["use", "cancelled event", "conflict", "used"],
  ["use", "erasure", "ok", "used"],
  ["return", "use", "cancelled", "returned"],
  ["return", "return", "ok", "returned"],
  ["return", "cancel", "redemption_not_cancellable", "returned"],
  ["return", "used event", "conflict", "returned"],
  ["return", "erasure", "ok", "returned"],
  ["cancel", "use", "cancelled", "partner_cancelled"],
  ["cancel", "return", "redemption_not_returnable", "partner_cancelled"],
  ["cancel", "cancel", "ok", "partner_cancelled"],
  ["cancel", "erasure", "ok", "partner_cancelled"],
  ["expiry", "use", "expired", "expired"],
  ["expiry", "return", "redemption_not_returnable", "expired"],
  ["expiry", "cancel", "redemption_not_cancellable", "expired"],
  ["expiry", "erasure", "ok", "expired"],
  ["erasure", "use", "cancelled", "account_deleted"],
  ["erasure", "return", "redemption_not_returnable", "account_deleted"],
  ["erasure", "cancel", "redemption_not_cancellable", "account_deleted"],
];

const OF_A_PENDING_ONE: readonly Case[] = [
  ["code", "code", "repeated", "active"],
  ["code", "another code", "conflict", "active"],
  ["code", "refusal", "ok", "active"],
  ["code", "failure", "ok", "active"],
  ["code", "issued event", "ignored", "active"],
  ["code", "used event", "applied", "used"],
  ["code", "cancelled event", "applied", "partner_cancelled"],
  ["code", "cancel", "ok", "partner_cancelled"],
  ["code", "return", "redemption_not_returnable", "active"],
  ["code", "erasure", "ok", "account_deleted"],
  ["issued event", "code", "repeated", "active"],
  ["issued event", "another code", "conflict", "active"],
  ["issued event", "refusal", "ok", "active"],
  ["used event", "code", "attached", "used"],
  ["used event", "refusal", "ok", "used"],
  ["cancelled event", "code", "ended", "partner_cancelled"],
  ["cancelled event", "cancel", "ok", "partner_cancelled"],
  ["cancel", "code", "ended", "partner_cancelled"],
  ["cancel", "issued event", "ignored", "partner_cancelled"],
  ["refusal", "code", "ended", "partner_refused"],
  ["refusal", "refusal", "ok", "partner_refused"],
  ["refusal", "failure", "ok", "partner_refused"],
  ["refusal", "cancelled event", "ignored", "partner_refused"],
  ["refusal", "erasure", "ok", "partner_refused"],
  ["failure", "code", "attached", "active"],
  ["deadline", "code", "ended", "partner_silent"],
  ["deadline", "refusal", "ok", "partner_silent"],
  ["deadline", "failure", "ok", "partner_silent"],
  ["deadline", "used event", "conflict", "partner_silent"],
  ["deadline", "cancel", "redemption_not_cancellable", "partner_silent"],
  ["deadline", "erasure", "ok", "partner_silent"],
  ["erasure", "code", "ended", "account_deleted"],
  ["erasure", "refusal", "ok", "account_deleted"],
];

/** What has moved in the ledger for every end. */
function bookingsAt(end: string): string[] {
  if (end === "active" || end === "used") return ["redemption -10"];
  return ["redemption -10", end === "expired" ? "refund 5" : "refund 10"];
}

async function expectSecondWaits([first, second, hears, end]: Case): Promise<void> {
  const result = await arena.interleave(move(first), move(second));

  expect(result.first.slug).toBeUndefined();
  expect({ waited: result.waited, hears: heard(result.second) }).toEqual({ waited: true, hears });
  const { status, end_reason, bookings } = await stateOf(sql, cast.id);
  expect({ end: end_reason ?? status, bookings }).toEqual({ end, bookings: bookingsAt(end) });
}

describe("the second caller waits for the first and then judges what it left behind", () => {
  test.each(OF_AN_ACTIVE_ONE)("active: %s, then %s: %s", async (...step) => {
    await active();
    await expectSecondWaits(step);
  });

  test.each(OF_A_PENDING_ONE)("pending: %s, then %s: %s", async (...step) => {
    await pending();
    await expectSecondWaits(step);
  });
});

describe("jobs never wait for anybody", () => {
  test.each([
    ["use", "used"],
    ["return", "returned"],
    ["cancel", "partner_cancelled"],
  ])("expiry passes over a code that is about to end: %s", async (first, end) => {
    await active();
    const { waited } = await arena.interleave(move(first), move("expiry"));
    const { status, end_reason } = await stateOf(sql, cast.id);
    expect({ waited, end: end_reason ?? status }).toEqual({ waited: false, end });
  });

  test.each([
    ["code", "active"],
    ["refusal", "partner_refused"],
    ["issued event", "active"],
    ["cancel", "partner_cancelled"],
  ])("the deadline passes over a redemption whose partner speaks: %s", async (first, end) => {
    await pending();
    const { waited } = await arena.interleave(move(first), move("deadline"));
    const { status, end_reason } = await stateOf(sql, cast.id);
    expect({ waited, end: end_reason ?? status }).toEqual({ waited: false, end });
  });

  test("sweepers do not wait for each other, nor for a partner's answer", async () => {
    await pending();
    await sql("update private.partner_requests set next_attempt_at = now()");
    const claim = () => service("claim_partner_requests", {});
    const two = await arena.interleave(claim(), claim());
    expect({ waited: two.waited, second: two.second.row }).toEqual({ waited: false, second: [] });

    await sql("update private.partner_requests set next_attempt_at = now()");
    const { waited, second } = await arena.interleave(move("code"), claim());
    expect({ waited, claimed: second.row }).toEqual({ waited: false, claimed: [] });
  });
});

describe("redeeming", () => {
  const begins = (memberId: string, key?: string) =>
    service("begin_redemption", redeemArgs(memberId, cast.reward, key ?? cast.key));

  test("the same request twice at once: the second waits and gets the answer of the first", async () => {
    await active();
    await sql("update public.reward_stocks set total = 2 where reward_id = $1", [cast.reward.id]);
    const { first, second, waited } = await arena.interleave(begins(cast.other), begins(cast.other));
    expect(waited).toBe(true);
    expect(second.row).toEqual(first.row);
    expect(await balanceOf(sql, cast.other)).toBe(0);
  });

  test.each(["return", "cancel", "expiry", "use"])(
    "sold out, until the end of the last piece is certain: %s",
    async (first) => {
      await active();
      const { second, waited } = await arena.interleave(move(first), begins(cast.other));
      expect({ waited, slug: second.slug }).toEqual({ waited: false, slug: "reward_sold_out" });
      const [again] = await arena.race([begins(cast.other)]);
      expect(again?.slug).toBe(["return", "cancel"].includes(first) ? undefined : "reward_sold_out");
    },
  );

  test("the last piece to two members: the second waits and gets nothing", async () => {
    await active();
    await sql("update public.reward_stocks set total = 2 where reward_id = $1", [cast.reward.id]);
    const [third = ""] = await membersWithPoints(sql, 1, PRICE);
    const { second, waited } = await arena.interleave(begins(cast.other), begins(third, randomUUID()));
    expect({ waited, slug: second.slug }).toEqual({ waited: true, slug: "reward_sold_out" });
    expect(await balanceOf(sql, third)).toBe(PRICE);
  });

  test("a member who is being banned may still redeem until the ban stands", async () => {
    await active();
    await sql("update public.reward_stocks set total = 3 where reward_id = $1", [cast.reward.id]);
    const ban = admin("select ops.ban_user($1, 'Spam')", cast.other);
    const { second, waited } = await arena.interleave(ban, begins(cast.other));
    expect({ waited, slug: second.slug }).toEqual({ waited: false, slug: undefined });

    const outcomes = await arena.race([begins(cast.other), begins(cast.other, randomUUID())]);

    expect(outcomes.map(({ slug }) => slug)).toEqual([undefined, "user_banned"]);
  });

  test("a member who is being erased redeems nothing more", async () => {
    await active();
    const { second, waited } = await arena.interleave(admin(DELETE_LOGIN, cast.other), begins(cast.other));
    expect({ waited, slug: second.slug }).toEqual({ waited: true, slug: "user_inactive" });
    expect(await sql("select 1 from public.redemptions where user_id = $1", [cast.other])).toEqual([]);
  });

  test("and being erased meanwhile: the code ends with the member", async () => {
    await active();
    await sql("update public.reward_stocks set total = 2 where reward_id = $1", [cast.reward.id]);
    const { first, waited } = await arena.interleave(begins(cast.other), admin(DELETE_LOGIN, cast.other));
    expect(waited).toBe(true);
    const { id } = (first.row as Begun).redemption;
    expect(await stateOf(sql, id)).toMatchObject({
      end_reason: "account_deleted",
      bookings: ["redemption -10", "refund 10"],
    });
  });
});
