import { beforeEach, expect, test } from "vitest";
import { signUpBySql } from "../support/admin.ts";
import type { Offer, Task } from "../support/api-connection.ts";
import { jobs, member, rowsOf, tally, times } from "../support/arena.ts";
import { helperOf, offerStatuses, statusOf } from "../support/read.ts";
import { playTask, taskArgs } from "../support/scenario.ts";
import { useArena } from "../support/use-arena.ts";

const arena = useArena(60);
const { sql } = arena;

let creator: string;
let helper: string;
let other: string;
beforeEach(async () => {
  [creator = "", helper = "", other = ""] = await signUpBySql(sql, 3);
});

async function openTaskWithTwoOffers(): Promise<{ task: Task; mine: Offer; theirs: Offer }> {
  const task = await arena.call(creator, "create_task", taskArgs());
  const mine = (await arena.call(helper, "offer_help", { task_id: task.id })) as Offer;
  const theirs = (await arena.call(other, "offer_help", { task_id: task.id })) as Offer;
  return { task, mine, theirs };
}

test("accept × accept of two offers: one helper is chosen and every caller hears the same", async () => {
  for (let round = 0; round < 5; round++) {
    const { task, mine, theirs } = await openTaskWithTwoOffers();

    const outcomes = await arena.race([
      ...times(30, member(creator, "accept_offer", { offer_id: mine.id })),
      ...times(30, member(creator, "accept_offer", { offer_id: theirs.id })),
    ]);

    expect(tally(outcomes)).toEqual({ ok: 30, task_not_open: 30 });
    const chosen = await helperOf(sql, task.id);
    expect(rowsOf<Task>(outcomes).every((row) => row.helper_id === chosen)).toBe(true);
    expect(await offerStatuses(sql, task.id)).toEqual({
      [helper]: chosen === helper ? "accepted" : "not_chosen",
      [other]: chosen === other ? "accepted" : "not_chosen",
    });
  }
});

test("accept × withdraw: accepted and bound, or withdrawn and free", async () => {
  for (let round = 0; round < 5; round++) {
    const { task, mine } = await openTaskWithTwoOffers();

    const outcomes = await arena.race([
      ...times(30, member(creator, "accept_offer", { offer_id: mine.id })),
      ...times(30, member(helper, "withdraw_offer", { offer_id: mine.id })),
    ]);

    expect(tally(outcomes)).toEqual({ ok: 30, offer_not_pending: 30 });
    const isAssigned = (await statusOf(sql, task.id)) === "assigned";
    expect((await offerStatuses(sql, task.id))[helper]).toBe(isAssigned ? "accepted" : "withdrawn");
  }
});

test("accept × decline by one creator on two phones: one decision", async () => {
  const { task, mine } = await openTaskWithTwoOffers();

  const outcomes = await arena.race([
    ...times(30, member(creator, "accept_offer", { offer_id: mine.id })),
    ...times(30, member(creator, "decline_offer", { offer_id: mine.id })),
  ]);

  expect(tally(outcomes)).toEqual({ ok: 30, offer_not_pending: 30 });
  const isAssigned = (await statusOf(sql, task.id)) === "assigned";
  expect((await offerStatuses(sql, task.id))[helper]).toBe(isAssigned ? "accepted" : "declined");
});

test("60 parallel offers of one member are one offer", async () => {
  const task = await arena.call(creator, "create_task", taskArgs());

  const outcomes = await arena.race(times(60, member(helper, "offer_help", { task_id: task.id })));

  expect(tally(outcomes)).toEqual({ ok: 60 });
  expect(new Set(rowsOf<Offer>(outcomes).map((row) => row.id)).size).toBe(1);
});

test("change × accept × renew: nobody is given a task that they did not agree to", async () => {
  for (let round = 0; round < 5; round++) {
    const { task, mine } = await openTaskWithTwoOffers();

    const outcomes = await arena.race([
      ...Array.from({ length: 15 }, (_, index) =>
        member(creator, "update_task", { task_id: task.id, title: `Carry ${index} boxes` }),
      ),
      ...times(20, member(creator, "accept_offer", { offer_id: mine.id })),
      ...times(15, member(helper, "renew_offer", { offer_id: mine.id })),
    ]);

    const [end] = await sql<{ is_assigned: boolean; is_agreed: boolean; changes: number; events: number }>(
      `select t.status = 'assigned' as is_assigned, t.terms_version = o.terms_version as is_agreed,
        t.terms_version - 1 as changes,
        (select count(*)::int from public.task_events e where e.task_id = t.id and e.details ? 'title') as events
       from public.tasks t join public.task_offers o on o.id = $2 where t.id = $1`,
      [task.id, mine.id],
    );
    expect(end?.is_assigned && !end.is_agreed).toBe(false);
    expect(end?.events).toBe(end?.changes);
    expect(
      Object.keys(tally(outcomes)).filter((slug) => !["ok", "offer_outdated", "task_not_open"].includes(slug)),
    ).toEqual([]);
    expect((await offerStatuses(sql, task.id))[helper]).toBe(end?.is_assigned ? "accepted" : "pending");
  }
});

test("change × renewal of what was seen: an offer holds for that version, or is outdated", async () => {
  const { task, mine } = await openTaskWithTwoOffers();
  await arena.call(creator, "update_task", { task_id: task.id, title: "Carry seven boxes" });

  const outcomes = await arena.race([
    ...Array.from({ length: 10 }, (_, index) =>
      member(creator, "update_task", { task_id: task.id, title: `Carry ${index} chairs` }),
    ),
    ...times(40, member(helper, "renew_offer", { offer_id: mine.id, terms_version: 2 })),
  ]);

  const { offer_outdated = 0, ok = 0, ...others } = tally(outcomes);
  expect({ answers: ok + offer_outdated, others }).toEqual({ answers: 50, others: {} });
  const [offer] = await sql<{ terms_version: number }>("select terms_version from public.task_offers where id = $1", [
    mine.id,
  ]);
  expect(offer?.terms_version).toBe(ok > 10 ? 2 : 1);
  expect((await arena.race([member(creator, "accept_offer", { offer_id: mine.id })]))[0]?.slug).toBe("offer_outdated");
});

test("offers × lower rewards: nobody's offer stands on a reward that fell afterwards", async () => {
  const helpers = await signUpBySql(sql, 30);
  const task = await arena.call(creator, "create_task", taskArgs({ points_reward: 100 }));
  const [firstHelper = "", ...laterHelpers] = helpers;

  await arena.race([
    member(firstHelper, "offer_help", { task_id: task.id }),
    ...Array.from({ length: 20 }, (_, index) =>
      member(creator, "update_task", { task_id: task.id, points_reward: 99 - index }),
    ),
  ]);
  const [agreed] = await sql<{ points_reward: number }>("select points_reward from public.tasks where id = $1", [
    task.id,
  ]);
  const outcomes = await arena.race([
    ...laterHelpers.map((someone) => member(someone, "offer_help", { task_id: task.id })),
    ...times(20, member(creator, "update_task", { task_id: task.id, points_reward: 1 })),
  ]);

  expect(tally(outcomes)).toEqual({ ok: laterHelpers.length, reward_may_only_rise: 20 });
  expect(await sql("select points_reward from public.tasks where id = $1", [task.id])).toEqual([agreed]);
});

test("expiry job × accept: taken in time, or expired for everybody", async () => {
  for (let round = 0; round < 5; round++) {
    const expires_at = new Date(Date.now() + 60_000).toISOString();
    const { task, offer } = await playTask(arena.call.bind(arena), creator, helper, "open", { expires_at });

    const outcomes = await arena.race([
      ...times(4, jobs("now() + interval '1 day'")),
      ...times(50, member(creator, "accept_offer", { offer_id: offer.id })),
    ]);

    const isTaken = (await statusOf(sql, task.id)) === "assigned";
    expect(tally(outcomes)).toEqual(isTaken ? { ok: 54 } : { ok: 4, task_not_open: 50 });
    expect((await offerStatuses(sql, task.id))[helper]).toBe(isTaken ? "accepted" : "not_chosen");
  }
});

test("release × finish: the helper is free, or the work is reported", async () => {
  for (let round = 0; round < 5; round++) {
    const { task } = await playTask(arena.call.bind(arena), creator, helper, "in_progress");

    const outcomes = await arena.race([
      ...times(30, member(helper, "release_task", { task_id: task.id })),
      ...times(30, member(helper, "finish_task", { task_id: task.id })),
    ]);

    const isReleased = (await statusOf(sql, task.id)) === "open";
    expect(tally(outcomes)).toEqual({ ok: 30, [isReleased ? "task_not_found" : "task_not_releasable"]: 30 });
    expect(await helperOf(sql, task.id)).toBe(isReleased ? null : helper);
  }
});

test("every command repeated by 60 parallel retries answers each of them with the same row", async () => {
  const { task, mine } = await openTaskWithTwoOffers();
  const task_id = task.id;
  const second = await openTaskWithTwoOffers();
  const steps = [
    member(creator, "accept_offer", { offer_id: mine.id }),
    member(helper, "release_task", { task_id }),
    member(other, "withdraw_offer", { offer_id: second.theirs.id }),
    member(creator, "decline_offer", { offer_id: second.mine.id }),
    member(creator, "cancel_task", { task_id: second.task.id }),
    member(helper, "offer_help", { task_id }),
    member(creator, "accept_offer", { offer_id: mine.id }),
    member(helper, "start_task", { task_id }),
    member(helper, "finish_task", { task_id }),
    member(creator, "reject_completion", { task_id, reason: "The lid is missing" }),
    member(helper, "finish_task", { task_id }),
    member(creator, "confirm_task", { task_id }),
    member(creator, "block_user", { user_id: other }),
  ];

  for (const [index, step] of steps.entries()) {
    const outcomes = await arena.race(times(60, step));
    expect({ step: index, ...tally(outcomes) }).toEqual({ step: index, ok: 60 });
    expect(new Set(outcomes.map(({ row }) => JSON.stringify(row))).size, `step ${index}`).toBe(1);
  }
});
