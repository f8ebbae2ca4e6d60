import { beforeEach, describe, expect, test } from "vitest";
import { DELETE_LOGIN, signUpBySql } from "../support/admin.ts";
import { admin, jobs, many, member, type Racer, rowsOf, tally, times } from "../support/arena.ts";
import { playTask } from "../support/scenario.ts";
import { useArena } from "../support/use-arena.ts";

const arena = useArena(20);
const { sql } = arena;
const call = arena.call.bind(arena);
const KEY = `B${"x".repeat(86)}`;
const SECRET = "y".repeat(22);

interface Delivery {
  id: number;
  attempt: number;
}

const claim = (batch: number): Racer =>
  admin("select public.claim_notification_deliveries($1::integer) as claimed", batch);
const record = ({ id, attempt }: Delivery, outcome: string): Racer =>
  admin(
    "select (public.record_notification_deliveries(jsonb_build_array(jsonb_build_object('id', $1::bigint, 'attempt', $2::integer, 'outcome', $3::text, 'error', $3::text)))) as ended",
    id,
    attempt,
    outcome,
  );
const read = (memberId: string): Racer => member(memberId, "mark_notifications_read", {});
const queue = jobs("now()");

function claimedBy(row: unknown): Delivery[] {
  return (row as { claimed: Delivery[] }[]).flatMap(({ claimed }) => claimed);
}

async function tell(memberId: string, count = 1): Promise<void> {
  await sql(
    "insert into public.notifications (user_id, type) select $1, 'offer_accepted' from generate_series(1, $2::integer)",
    [memberId, count],
  );
}

async function drain(): Promise<number[]> {
  const ids: number[] = [];
  for (;;) {
    const rows = await sql("select public.claim_notification_deliveries(200) as claimed");
    const claimed = claimedBy(rows);
    if (claimed.length === 0) return ids;
    ids.push(...claimed.map(({ id }) => id));
  }
}

async function outboxOf(memberId: string): Promise<string[]> {
  const rows = await sql<{ state: string }>(
    "select status || ' ' || attempts as state from private.notification_deliveries where user_id = $1 order by id",
    [memberId],
  );
  return rows.map(({ state }) => state);
}

let anna: string;
let ben: string;
beforeEach(async () => {
  await sql("update public.notifications set queued_at = now() where queued_at is null");
  await sql("delete from private.notification_deliveries");
  // hosts that are known to be quick get their whole share
  await sql(`insert into private.outbox_hosts (channel, host, share)
    values ('email', 'example.test', 32), ('web_push', 'push.example', 32) on conflict do nothing`);
  [anna = "", ben = ""] = await signUpBySql(sql, 2);
  await sql("update auth.users set email_confirmed_at = now() where id in ($1, $2)", [anna, ben]);
});

describe("dispatchers", () => {
  test("eight at once never claim the same delivery, and none is forgotten", async () => {
    await tell(anna, 60);
    await call(anna, "save_push_subscription", { endpoint: "https://push.example/race", p256dh: KEY, auth: SECRET });
    await arena.race([queue]);

    const outcomes = await arena.race(times(8, claim(10)));

    expect(tally(outcomes)).toEqual({ ok: 8 });
    const ids = rowsOf<unknown>(outcomes).flatMap((row) => claimedBy(row).map(({ id }) => id));
    ids.push(...(await drain()));
    expect(ids.length).toBe(120);
    expect(new Set(ids).size).toBe(120);
  });

  test("the second one passes over what the first has in hand, without waiting", async () => {
    await tell(anna, 2);
    await arena.race([queue]);
    const { first, second, waited } = await arena.interleave(claim(2), claim(2));
    expect([claimedBy(first.row).length, claimedBy(second.row).length, waited]).toEqual([2, 0, false]);
  });

  test("one that dies gives its deliveries back when the lease ends, and is not heard afterwards", async () => {
    await tell(anna);
    await arena.race([queue]);
    const [dead] = claimedBy(await sql("select public.claim_notification_deliveries() as claimed"));
    expect(await drain()).toEqual([]);
    await sql("update private.notification_deliveries set next_attempt_at = now()");
    const [alive] = claimedBy(await sql("select public.claim_notification_deliveries() as claimed"));
    if (!dead || !alive) throw new Error("nothing was claimed");
    expect([alive.id, alive.attempt]).toEqual([dead.id, 2]);

    const outcomes = await arena.race([record(dead, "rejected"), record(alive, "sent"), record(dead, "retry")]);

    expect(tally(outcomes)).toEqual({ ok: 3 });
    expect(await outboxOf(anna)).toEqual(["sent 2"]);
  });

  test("one attempt that is reported twice ends once", async () => {
    await tell(anna);
    await arena.race([queue]);
    const [delivery] = claimedBy(await sql("select public.claim_notification_deliveries() as claimed"));
    if (!delivery) throw new Error("nothing was claimed");
    const outcomes = await arena.race(times(8, record(delivery, "sent")));
    const sent = rowsOf<{ ended: { sent: number } }[]>(outcomes).flatMap((rows) => rows.map(({ ended }) => ended.sent));
    expect(sent.toSorted()).toEqual([0, 0, 0, 0, 0, 0, 0, 1]);
  });
});

describe("reading while the job queues", () => {
  test("what is being read is not queued, and the job does not wait", async () => {
    await tell(anna, 3);
    const { first, second, waited } = await arena.interleave(read(anna), queue);
    expect([first.slug, second.slug, waited]).toEqual([undefined, undefined, false]);
    expect(await outboxOf(anna)).toEqual([]);
    await arena.race([queue]);
    expect(await outboxOf(anna)).toEqual([]);
  });

  test("what was queued just before is dropped when it is to be sent", async () => {
    await tell(anna, 3);
    const { first, second, waited } = await arena.interleave(queue, read(anna));
    expect([first.slug, second.slug, waited]).toEqual([undefined, undefined, true]);
    expect((await outboxOf(anna)).length).toBe(3);
    expect(await drain()).toEqual([]);
    expect(await outboxOf(anna)).toEqual([]);
  });

  test("two devices and two jobs at once leave nothing unread and nothing to send", async () => {
    await tell(anna, 50);
    const outcomes = await arena.race([read(anna), queue, read(anna), queue, claim(50)]);
    expect(tally(outcomes)).toEqual({ ok: 5 });
    const [unread] = await sql(
      "select count(*)::integer as count from public.notifications where user_id = $1 and read_at is null",
      [anna],
    );
    expect(unread).toEqual({ count: 0 });
    await arena.race([queue]);
    expect(await drain()).toEqual([]);
  });
});

describe("deleting the account", () => {
  async function leftOf(memberId: string) {
    const [left] = await sql(
      `select (select count(*)::integer from public.notifications where user_id = $1) as inbox,
         (select count(*)::integer from private.notification_deliveries where user_id = $1) as outbox,
         (select count(*)::integer from public.notification_settings where user_id = $1) as settings,
         (select count(*)::integer from public.notification_preferences where user_id = $1) as preferences,
         (select count(*)::integer from private.push_subscriptions where user_id = $1) as devices`,
      [memberId],
    );
    return left;
  }
  const NOTHING = { inbox: 0, outbox: 0, settings: 0, preferences: 0, devices: 0 };

  for (const [what, racer] of [
    ["the job", () => queue],
    [
      "a choice",
      () => member(anna, "set_notification_preference", { type: "task_started", channel: "email", is_enabled: true }),
    ],
    ["a setting", () => member(anna, "update_notification_settings", { digest: "none" })],
    [
      "a device",
      () => member(anna, "save_push_subscription", { endpoint: "https://push.example/new", p256dh: KEY, auth: SECRET }),
    ],
    ["the link in an e-mail", () => admin("select public.unsubscribe_notifications($1, 'email')", anna)],
    ["a dispatcher", () => claim(50)],
    ["reading", () => read(anna)],
  ] as const) {
    test(`and ${what}, in both orders, leave nothing`, async () => {
      for (const order of [0, 1]) {
        const [member = ""] = await signUpBySql(sql, 1);
        anna = member;
        await tell(anna);
        await arena.race([queue]);
        await tell(anna, 2);
        await sql(
          "insert into public.notification_settings (user_id, digest, next_digest_at) values ($1, 'weekly', now())",
          [anna],
        );
        const erase = admin(DELETE_LOGIN, anna);
        const { first, second } = await (order === 0
          ? arena.interleave(erase, racer())
          : arena.interleave(racer(), erase));
        expect([undefined, "user_inactive"]).toContain(order === 0 ? second.slug : first.slug);
        expect(order === 0 ? first.slug : second.slug).toBeUndefined();
        expect(await leftOf(anna)).toEqual(NOTHING);
      }
    });
  }
});

test("15 times the same offer is told once", async () => {
  const { task } = await playTask(call, anna, ben, "open");
  await sql("delete from public.notifications where user_id = $1", [anna]);
  await sql("update public.task_offers set status = 'withdrawn', decided_at = now() where task_id = $1", [task.id]);
  const outcomes = await arena.race(times(15, member(ben, "offer_help", { task_id: task.id })));
  expect(tally(outcomes)).toEqual({ ok: 15 });
  const told = await sql("select type from public.notifications where user_id = $1", [anna]);
  expect(told).toEqual([{ type: "offer_received" }]);
});

test("of 15 devices saved at once 10 stay", async () => {
  const outcomes = await arena.race(
    many(15, (index) =>
      member(anna, "save_push_subscription", { endpoint: `https://push.example/${index}`, p256dh: KEY, auth: SECRET }),
    ),
  );
  expect(tally(outcomes)).toEqual({ ok: 15 });
  const [devices] = await sql("select count(*)::integer as count from private.push_subscriptions where user_id = $1", [
    anna,
  ]);
  expect(devices).toEqual({ count: 10 });
});
