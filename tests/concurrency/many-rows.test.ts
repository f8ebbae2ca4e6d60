import { beforeEach, describe, expect, test } from "vitest";
import { DELETE_LOGIN, signUpBySql } from "../support/admin.ts";
import { admin, jobs, many, member, type Racer } from "../support/arena.ts";
import { playTask } from "../support/scenario.ts";
import { useArena } from "../support/use-arena.ts";

/**
 * Statements over many rows against whoever wants some of the same rows. A third session holds one row, so that the
 * first stands still with half of what it wants while the second begins: wherever the two lock in different orders,
 * each then has what the other one wants next.
 */

const arena = useArena(6);
const { sql } = arena;
const call = arena.call.bind(arena);

interface Play {
  /** Keeps the first one waiting. */
  holds: Racer;
  first: Racer;
  second: Racer;
}

/** Both must succeed: the first waits for the holder, the second for somebody or nobody; then the holder lets go. */
async function play({ holds, first, second }: Play): Promise<void> {
  const holder = await holds.open(arena);
  await holder.run();
  const one = await start(first);
  const firstWaited = await arena.waits(one.pid, one.hasEnded);
  const other = await start(second);
  await arena.waits(other.pid, other.hasEnded);
  await holder.commit();
  const ends = [await one.end, await other.end];
  expect({ firstWaited, ends }).toEqual({
    firstWaited: true,
    ends: ends.map(() => expect.objectContaining({ status: "fulfilled" })),
  });
}

interface Started {
  pid: number;
  hasEnded: () => boolean;
  end: Promise<PromiseSettledResult<void>>;
}

/** Begins a transaction that is committed as soon as it has done everything. */
async function start(racer: Racer): Promise<Started> {
  const { pid, run, commit, rollback } = await racer.open(arena);
  let hasEnded = false;
  const running = run().then(commit, async (error: unknown) => {
    await rollback();
    throw error;
  });
  const end = Promise.allSettled([running]).then(([result]) => {
    hasEnded = true;
    return result;
  });
  return { pid, hasEnded: () => hasEnded, end };
}

/** Holds one row, as an update of it does. */
function row(table: string, id: string | number, key = "id"): Racer {
  return admin(`select from ${table} where ${key} = $1 for no key update`, id);
}

const deleteLogin = (memberId: string): Racer => admin(DELETE_LOGIN, memberId);

let anna: string;
let ben: string;
beforeEach(async () => {
  [anna = "", ben = ""] = (await signUpBySql(sql, 2)).toSorted();
});

describe("settings that reach everybody", () => {
  const BAYESIAN = "private.trust_score(t.score_sum, t.score_count, 'bayesian', 3.5, 20)";

  /** Two members: the change of all scores, where it goes by no order, meets the one with the higher id first. */
  async function neighboursOutOfOrder(): Promise<string[]> {
    const ids = new Set(await signUpBySql(sql, 12));
    const changed = await sql<{ id: string }>(
      `select u.id from public.users u, private.rating_totals t
       where t.user_id = u.id and u.trust_score <> ${BAYESIAN}`,
    );
    const met = changed.map(({ id }) => id).filter((id) => ids.has(id));
    const second = Math.max(
      1,
      met.findIndex((id, index) => id < (met[index - 1] ?? "")),
    );
    return met.slice(second - 1, second + 1).toSorted();
  }

  test("another trust formula × accept_offer", async () => {
    const [lower = "", higher = ""] = await neighboursOutOfOrder();
    const { offer } = await playTask(call, lower, higher, "open", { points_reward: 1 });
    await play({
      holds: row("public.users", lower),
      first: member(lower, "accept_offer", { offer_id: offer.id }),
      second: admin("update private.settings set trust_formula = 'bayesian'"),
    });
  });

  test("other weights of recommendations × deleting the login of somebody with an open task and a place", async () => {
    await playTask(call, anna, ben, "open", { points_reward: 1 });
    const place = await call(anna, "add_place", { name: "My door", category: "other", latitude: 52, longitude: 13 });
    await call(anna, "review_place", { place_id: place.id, rating: 5 });
    await play({
      holds: row("public.place_reviews", anna, "user_id"),
      first: deleteLogin(anna),
      second: admin(`update private.settings set
        recommendation_rating_weight = recommendation_rating_weight - 0.01,
        recommendation_popularity_weight = recommendation_popularity_weight + 0.01`),
    });
  });
});

describe("a neighbourhood's area is drawn", () => {
  const LONGITUDE = 100;

  /** Each test has an area of its own, far from all other tests. */
  const draw = (latitude: number): Racer =>
    admin(`insert into public.neighbourhoods (slug, name, area)
      values ('many-rows-${latitude}', 'Drawn', extensions.st_multi(extensions.st_makeenvelope(
        ${LONGITUDE - 1}, ${latitude - 1}, ${LONGITUDE + 1}, ${latitude + 1}, 4326)))`);
  const taskAt = (latitude: number, creator: string, helper: string) =>
    playTask(call, creator, helper, "open", { points_reward: 1, latitude, longitude: LONGITUDE });

  test("× update_task of a member with two tasks there", async () => {
    await taskAt(20, anna, ben);
    const { task } = await taskAt(20, anna, ben);
    await play({
      holds: row("public.tasks", task.id),
      first: member(anna, "update_task", { task_id: task.id, title: "Something else" }),
      second: draw(20),
    });
  });

  test("× deleting the login of somebody who lives and asks there", async () => {
    await call(anna, "update_contact", { latitude: 30, longitude: LONGITUDE });
    await taskAt(30, anna, ben);
    await play({
      holds: row("private.rating_totals", anna, "user_id"),
      first: deleteLogin(anna),
      second: draw(30),
    });
  });

  test("× accept_offer between two members who both ask there", async () => {
    // the one with the higher id first: whoever goes by tasks meets the two in the other order
    await taskAt(40, ben, anna);
    await taskAt(40, anna, ben);
    const { offer } = await taskAt(70, anna, ben);
    await play({
      holds: row("public.users", anna),
      first: member(anna, "accept_offer", { offer_id: offer.id }),
      second: draw(40),
    });
  });

  test("× ops.rebuild_search", async () => {
    const { task } = await taskAt(50, anna, ben);
    await play({
      holds: row("public.tasks", task.id),
      first: draw(50),
      second: admin("select ops.rebuild_search()"),
    });
  });
});

describe("a category gets another slug", () => {
  let category: string;
  let rename: Racer;
  beforeEach(async () => {
    category = `many-rows-${anna.slice(0, 8)}`;
    await sql("insert into public.categories (slug, name_de, name_en) values ($1, 'Vieles', 'Much')", [category]);
    rename = admin("update public.categories set slug = slug || '-2' where slug = $1", category);
  });

  test("× deleting the login of somebody with several tasks in it", async () => {
    const ids: string[] = [];
    // until one that was posted later has the lowest id: a cascade goes by no order
    for (let lowest = 0; lowest === 0; lowest = ids.indexOf(ids.toSorted()[0] ?? "")) {
      ids.push((await playTask(call, anna, ben, "open", { points_reward: 1, category })).task.id);
    }
    await play({
      holds: row("public.tasks", ids.toSorted()[0] ?? ""),
      first: deleteLogin(anna),
      second: rename,
    });
  });

  test("× release_task, which lists the task again", async () => {
    const { task } = await playTask(call, anna, ben, "assigned", { points_reward: 1, category });
    await play({
      holds: row("public.users", anna),
      first: member(ben, "release_task", { task_id: task.id }),
      second: rename,
    });
  });
});

describe("the job that archives", () => {
  const IN_400_DAYS = "now() + interval '400 days'";

  test("× deleting a login: what it had to pass over is archived by the next run", async () => {
    // what other tests left comes first, so that the run below gets as far as the tasks of this one
    await arena.race([jobs(IN_400_DAYS)]);
    await sql(`select private.archive_tasks(${IN_400_DAYS}, 1000000)`);
    const [creator = "", helper = ""] = await signUpBySql(sql, 2);
    const { task } = await playTask(call, anna, ben, "completed", { points_reward: 1 });
    // the job that reveals this rating holds Anna's totals before the archive's turn comes
    await call(ben, "rate_task", { task_id: task.id, score: 3 });
    await playTask(call, creator, helper, "pending_confirmation", { points_reward: 1 });

    await play({
      holds: row("public.point_accounts", helper, "user_id"),
      first: jobs(IN_400_DAYS),
      second: deleteLogin(anna),
    });

    await arena.race([jobs(IN_400_DAYS)]);
    const forgotten = await sql(
      `select t.id from public.tasks t join public.point_transactions p on p.task_id = t.id
       where t.status = 'completed' and p.type = 'task_completed'
         and p.created_at < ${IN_400_DAYS} - (select task_archive_days from private.settings) * interval '1 day'`,
    );
    expect(forgotten).toEqual([]);
    expect(await sql("select status from public.tasks where id = $1", [task.id])).toEqual([{ status: "archived" }]);
  });
});

describe("the outbox", () => {
  const KEYS = { p256dh: `B${"x".repeat(86)}`, auth: "y".repeat(22) };
  const deviceOf = (memberId: string, index = 0) => `https://push.example/${memberId}/${index}`;
  const save = (memberId: string, endpoint: string) =>
    [memberId, "save_push_subscription", { endpoint, ...KEYS }] as const;

  /** What a sender has in hand for a member: an e-mail, or a push to one of the devices; returns its id. */
  async function claimed(memberId: string, device: string | null = null): Promise<number> {
    const [delivery] = await sql<{ id: number }>(
      `with told as (
         insert into public.notifications (user_id, type, queued_at) values ($1, 'task_confirmed', now())
         returning id, user_id)
       insert into private.notification_deliveries (user_id, notification_id, channel, subscription_id, attempts)
       select t.user_id, t.id, case when s.id is null then 'email' else 'web_push' end, s.id, 1
       from told t left join private.push_subscriptions s on s.endpoint = $2
       returning id::integer`,
      [memberId, device],
    );
    if (!delivery) throw new Error("nothing is in hand");
    return delivery.id;
  }

  function record(...outcomes: (readonly [id: number, outcome: string])[]): Racer {
    const results = outcomes.map(([id, outcome]) => ({ id, attempt: 1, outcome, duration_ms: 5 }));
    return admin("select public.record_notification_deliveries($1::text::jsonb)", JSON.stringify(results));
  }

  test("ops.retry_notification_deliveries × deleting a login", async () => {
    await sql(
      `insert into private.notification_deliveries
         (user_id, channel, kind, after_id, next_attempt_at, status, last_error, created_at)
       select $1, 'email', 'digest', 0, now(), 'dead', 'No answer', now() - n * interval '1 minute'
       from generate_series(1, 2) n`,
      [anna],
    );
    // an edited row lies behind all others: whoever goes by no order meets the one with the lower id last
    const [edited] = await sql<{ id: number }>(
      `update private.notification_deliveries set created_at = now()
       where id = (select min(id) from private.notification_deliveries where user_id = $1) returning id::integer`,
      [anna],
    );
    await play({
      holds: row("private.notification_deliveries", edited?.id ?? 0),
      first: deleteLogin(anna),
      second: admin("select ops.retry_notification_deliveries('email')"),
    });
  });

  test("two senders whose pushes found the same two devices gone, in turned order", async () => {
    await call(...save(anna, deviceOf(anna)));
    await call(...save(ben, deviceOf(ben)));
    const [first, second, held, third, fourth] = [
      await claimed(ben, deviceOf(ben)),
      await claimed(anna, deviceOf(anna)),
      await claimed(anna, deviceOf(anna)),
      await claimed(anna, deviceOf(anna)),
      await claimed(ben, deviceOf(ben)),
    ];
    await play({
      holds: row("private.notification_deliveries", held),
      first: record([first, "gone"], [held, "sent"], [third, "gone"]),
      second: record([second, "gone"], [fourth, "gone"]),
    });
  });

  test("two senders whose e-mails the same two mailboxes refused, in turned order", async () => {
    const [first, second, held, third, fourth] = [
      await claimed(ben),
      await claimed(anna),
      await claimed(anna),
      await claimed(anna),
      await claimed(ben),
    ];
    await play({
      holds: row("private.notification_deliveries", held),
      first: record([first, "refused"], [held, "sent"], [third, "refused"]),
      second: record([second, "refused"], [fourth, "refused"]),
    });
  });

  test("a sender × somebody who takes over another member's device, and so loses the oldest of ten", async () => {
    const own = many(10, (index) => deviceOf(anna, index));
    for (const device of own) await call(...save(anna, device));
    await call(...save(ben, deviceOf(ben)));
    const [oldest, held, takenOver] = [
      await claimed(anna, own.at(0)),
      await claimed(anna, own.at(-1)),
      await claimed(ben, deviceOf(ben)),
    ];
    await play({
      holds: row("private.notification_deliveries", held),
      first: record([oldest, "gone"], [held, "sent"], [takenOver, "gone"]),
      second: member(...save(anna, deviceOf(ben))),
    });
  });

  test("a sender × delete_push_subscription of the device that is gone", async () => {
    await call(...save(anna, deviceOf(anna)));
    const [gone, held] = [await claimed(anna, deviceOf(anna)), await claimed(ben)];
    await play({
      holds: row("private.notification_deliveries", held),
      first: record([gone, "gone"], [held, "sent"]),
      second: member(anna, "delete_push_subscription", { endpoint: deviceOf(anna) }),
    });
  });
});
