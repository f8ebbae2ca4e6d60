import { randomUUID } from "node:crypto";
import { beforeEach, describe, expect, test } from "vitest";
import { DELETE_LOGIN, signUpBySql } from "../support/admin.ts";
import { admin, jobs, many, member, type Racer, rowsOf, tally, times } from "../support/arena.ts";
import { playTask } from "../support/scenario.ts";
import { useArena } from "../support/use-arena.ts";

/** After every test the arena runs all audits: ops.audit_messages() counts again what is unread and where it stands. */

const arena = useArena(55);
const { sql } = arena;
const call = arena.call.bind(arena);

interface Written {
  id: number;
  sender_id: string;
}

let creator: string;
let helper: string;
let offer: string;
beforeEach(async () => {
  [creator = "", helper = ""] = await signUpBySql(sql, 2);
  offer = (await playTask(call, creator, helper, "open")).offer.id;
});

const send = (from: string, to = offer, key: string = randomUUID()): Racer =>
  member(from, "send_message", { offer_id: to, body: "Hello", idempotency_key: key });
const read = (reader: string): Racer => member(reader, "mark_conversation_read", { offer_id: offer });

async function unread(): Promise<unknown> {
  const [row] = await sql(
    "select creator_unread as creator, helper_unread as helper from private.conversations where offer_id = $1",
    [offer],
  );
  return row;
}

async function told(reader: string): Promise<number | undefined> {
  const [row] = await sql<{ count: number }>(
    "select count(*)::integer as count from public.notifications where user_id = $1 and type = 'message_received'",
    [reader],
  );
  return row?.count;
}

async function limits(perHour: number, perConversation: number): Promise<void> {
  await sql("update private.settings set message_limit_per_hour = $1, conversation_message_limit_per_hour = $2", [
    perHour,
    perConversation,
  ]);
}

test("one key sends one message under 50 parallel calls, and the other side's same key another", async () => {
  const key = randomUUID();
  const outcomes = await arena.race([...times(45, send(helper, offer, key)), ...times(5, send(creator, offer, key))]);

  expect(tally(outcomes)).toEqual({ ok: 50 });
  expect(new Set(rowsOf<Written>(outcomes).map(({ id }) => id)).size).toBe(2);
  expect([await unread(), await told(creator), await told(helper)]).toEqual([{ creator: 1, helper: 1 }, 1, 1]);
});

describe("limits under 50 parallel messages", () => {
  test("of one member in one conversation are exact", async () => {
    await limits(1000, 7);
    const outcomes = await arena.race(many(50, (index) => send(index < 40 ? helper : creator)));
    expect(tally(outcomes)).toEqual({ ok: 14, conversation_limit_reached: 36 });
    expect(await unread()).toEqual({ creator: 7, helper: 7 });
  });

  test("of one member in all conversations are exact", async () => {
    await limits(12, 1000);
    const others = await Promise.all((await signUpBySql(sql, 4)).map((id) => playTask(call, creator, id, "open")));
    const offers = [offer, ...others.map(({ offer: { id } }) => id)];
    const outcomes = await arena.race(many(50, (index) => send(creator, offers[index % offers.length])));
    expect(tally(outcomes)).toEqual({ ok: 12, message_limit_reached: 38 });
  });
});

test("two sides who write 25 messages each at the same moment begin one conversation and lose none", async () => {
  const outcomes = await arena.race(many(50, (index) => send(index % 2 === 0 ? creator : helper)));

  expect(tally(outcomes)).toEqual({ ok: 50 });
  expect(new Set(rowsOf<Written>(outcomes).map(({ id }) => id)).size).toBe(50);
  expect([await unread(), await told(creator), await told(helper)]).toEqual([{ creator: 25, helper: 25 }, 1, 1]);
});

test("whoever catches up after the last message they know misses none that comes meanwhile", async () => {
  await call(creator, "send_message", { offer_id: offer, body: "First", idempotency_key: randomUUID() });
  const seen: number[] = [];
  let isOver = false;
  const reading = (async () => {
    for (let last = false; !last; ) {
      last = isOver;
      const page = await sql<{ id: number }>(
        "select id::integer from private.messages where offer_id = $1 and id > $2 order by id",
        [offer, seen.at(-1) ?? 0],
      );
      seen.push(...page.map(({ id }) => id));
    }
  })();
  const outcomes = await arena.race(many(50, (index) => send(index % 2 === 0 ? creator : helper)));
  isOver = true;
  await reading;
  expect(seen.slice(1)).toEqual(
    rowsOf<Written>(outcomes)
      .map(({ id }) => Number(id))
      .sort((one, other) => one - other),
  );
});

describe("reading while the other side writes", () => {
  test("25 messages and 25 times reading leave counted what nobody has read", async () => {
    await arena.race(many(50, (index) => (index % 2 === 0 ? send(helper) : read(creator))));
    await arena.race([read(creator)]);
    expect(await unread()).toEqual({ creator: 0, helper: 0 });
    const [left] = await sql(
      "select count(*)::integer as count from public.notifications where user_id = $1 and type = 'message_received' and read_at is null",
      [creator],
    );
    expect(left).toEqual({ count: 0 });
  });

  test("a message that comes while everything is being marked stays unread, and is told", async () => {
    await arena.race([send(helper)]);
    const { first, second, waited } = await arena.interleave(read(creator), send(helper));
    expect([first.slug, second.slug, waited]).toEqual([undefined, undefined, true]);
    expect([await unread(), await told(creator)]).toEqual([{ creator: 1, helper: 0 }, 2]);
  });

  test("two devices at once count each message once", async () => {
    await arena.race(many(10, () => send(helper)));
    const outcomes = await arena.race(times(10, read(creator)));
    expect(rowsOf<number>(outcomes).reduce((sum, count) => sum + count, 0)).toBe(10);
  });
});

describe("a block", () => {
  const block = (by: string, of: string): Racer => member(by, "block_user", { user_id: of });

  test.each(["creator", "helper"] as const)("by the %s: who comes second sees the first", async (side) => {
    const [me, other] = side === "creator" ? [creator, helper] : [helper, creator];
    const blocked = await arena.interleave(block(me, other), send(other));
    expect([blocked.second.slug, blocked.waited]).toEqual(["conversation_closed", true]);
    await call(me, "unblock_user", { user_id: other });
    const written = await arena.interleave(send(other), block(me, other));
    expect([written.first.slug, written.second.slug, written.waited]).toEqual([undefined, undefined, true]);
    await call(me, "unblock_user", { user_id: other });
  });

  test("among 50 messages lets nothing come after it", async () => {
    const outcomes = await arena.race([
      ...many(25, (index) => send(index % 2 === 0 ? creator : helper)),
      block(creator, helper),
      ...many(24, (index) => send(index % 2 === 0 ? creator : helper)),
    ]);
    const { ok, conversation_closed = 0 } = tally(outcomes);
    expect((ok ?? 0) + conversation_closed).toBe(50);
    const after = await arena.race([send(creator), send(helper)]);
    expect(tally(after)).toEqual({ conversation_closed: 2 });
  });
});

describe("deleting the account", () => {
  test.each(["creator", "helper"] as const)("of the %s among 49 messages leaves none of their words", async (side) => {
    const leaving = side === "creator" ? creator : helper;
    const outcomes = await arena.race([
      ...many(25, (index) => send(index % 2 === 0 ? creator : helper)),
      admin(DELETE_LOGIN, leaving),
      ...many(24, (index) => send(index % 2 === 0 ? creator : helper)),
    ]);
    const { ok = 0, conversation_closed = 0, user_inactive = 0 } = tally(outcomes);
    expect(ok + conversation_closed + user_inactive).toBe(50);
    expect(await sql("select id from private.messages where sender_id = $1 and body is not null", [leaving])).toEqual(
      [],
    );
    await arena.race([jobs("now()")]);
    expect(await sql("select id from public.notifications where user_id = $1", [leaving])).toEqual([]);
  });

  test("and taking a message back, in both orders", async () => {
    const { id } = await call(helper, "send_message", { offer_id: offer, body: "Hi", idempotency_key: randomUUID() });
    const remove = member(helper, "delete_message", { offer_id: offer, message_id: id });
    const { first, second } = await arena.interleave(remove, admin(DELETE_LOGIN, helper));
    expect([first.slug, second.slug]).toEqual([undefined, undefined]);
  });
});

test("a message that is taken back 20 times at once is taken back once", async () => {
  const { id } = await call(helper, "send_message", { offer_id: offer, body: "Hi", idempotency_key: randomUUID() });
  const outcomes = await arena.race(times(20, member(helper, "delete_message", { offer_id: offer, message_id: id })));
  expect(tally(outcomes)).toEqual({ ok: 20 });
  expect(new Set(rowsOf<{ deleted_at: string }>(outcomes).map(({ deleted_at }) => String(deleted_at))).size).toBe(1);
});

test("a message that comes while its conversation is forgotten begins a new one", async () => {
  await arena.race([send(helper)]);
  const { first, second, waited } = await arena.interleave(jobs("now() + interval '400 days'"), send(helper));
  expect([first.slug, second.slug, waited]).toEqual([undefined, undefined, true]);
  const rows = await sql("select count(*)::integer as count from private.messages where offer_id = $1", [offer]);
  expect([rows, await unread()]).toEqual([[{ count: 1 }], { creator: 1, helper: 0 }]);
});
