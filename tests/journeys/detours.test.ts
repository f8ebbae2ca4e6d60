import { beforeEach, describe, expect, test } from "vitest";
import { DELETE_LOGIN, runDueJobs } from "../support/admin.ts";
import { balanceOf, bookingsOf, offerStatuses, statusOf } from "../support/read.ts";
import { refusalOf, slugAndStatus } from "../support/refusal.ts";
import { playTask, taskArgs } from "../support/scenario.ts";
import { changeSettings } from "../support/settings.ts";
import { type Member, rpc, useStack } from "../support/use-stack.ts";

const { sql, members, call } = useStack();

let creator: Member;
let helper: Member;
let other: Member;
beforeEach(async () => {
  [creator, helper, other] = await members(3);
});

function inDays(days: number): string {
  return new Date(Date.now() + days * 86_400_000).toISOString();
}

test("the work is sent back with a reason, done again and paid once", async () => {
  const { task } = await playTask(call, creator.id, helper.id, "pending_confirmation");
  const task_id = task.id;

  const rejected = await rpc(creator, "reject_completion", { task_id, reason: "The lid is missing" });
  expect(rejected).toMatchObject({ status: "in_progress", helper_id: helper.id, finished_at: null });
  const { data: events } = await helper.api
    .from("task_events")
    .select("action, details")
    .eq("task_id", task_id)
    .order("id");
  expect(events?.at(-1)).toEqual({ action: "completion_rejected", details: { reason: "The lid is missing" } });
  expect(await slugAndStatus(creator.api.rpc("confirm_task", { task_id }))).toBe("409 task_not_pending_confirmation");

  await rpc(helper, "finish_task", { task_id });
  await rpc(creator, "confirm_task", { task_id });
  expect(await bookingsOf(sql, task_id)).toEqual(["task_completed 10"]);
});

test("the helper steps back, passed-over offers are pending again and another neighbour does the work", async () => {
  const task = await rpc(creator, "create_task", taskArgs());
  const task_id = task.id;
  const offer = await rpc(helper, "offer_help", { task_id });
  const spare = await rpc(other, "offer_help", { task_id });
  await rpc(creator, "accept_offer", { offer_id: offer.id });
  expect(await offerStatuses(sql, task_id)).toEqual({ [helper.id]: "accepted", [other.id]: "not_chosen" });

  const released = await rpc(helper, "release_task", { task_id, reason: "I caught a cold" });
  expect(released).toMatchObject({ status: "open", helper_id: null, assigned_at: null });
  expect(await offerStatuses(sql, task_id)).toEqual({ [helper.id]: "withdrawn", [other.id]: "pending" });
  expect(
    (await other.api.rpc("nearby_tasks", { latitude: 52.52, longitude: 13.405 })).data?.map(({ id }) => id),
  ).toContain(task_id);

  await rpc(creator, "accept_offer", { offer_id: spare.id });
  expect(await slugAndStatus(helper.api.rpc("reveal_task_contact", { task_id }))).toBe("404 task_not_found");
  expect((await other.api.rpc("reveal_task_contact", { task_id }).single()).data).toMatchObject({
    user_id: creator.id,
  });
  await rpc(other, "finish_task", { task_id });
  await rpc(creator, "confirm_task", { task_id });
  expect(await balanceOf(sql, other.id)).toBe(10);
  expect(await balanceOf(sql, helper.id)).toBe(0);
});

test("a helper who stepped back may offer again and be taken again", async () => {
  const { task, offer } = await playTask(call, creator.id, helper.id, "in_progress");
  await rpc(helper, "release_task", { task_id: task.id });
  const again = await rpc(helper, "offer_help", { task_id: task.id, message: "Well again" });
  expect(again).toMatchObject({ id: offer.id, status: "pending", message: "Well again" });
  const retaken = await rpc(creator, "accept_offer", { offer_id: offer.id });
  expect(retaken).toMatchObject({ status: "assigned", helper_id: helper.id, started_at: null });
});

test.each(["open", "assigned", "in_progress"] as const)("the creator calls off a task that is %s", async (stage) => {
  const { task } = await playTask(call, creator.id, helper.id, stage);
  const cancelled = await rpc(creator, "cancel_task", { task_id: task.id, reason: "No longer needed" });
  expect(cancelled).toMatchObject({ status: "cancelled", completed_at: null });
  expect(cancelled.closed_at).not.toBeNull();
  expect(await bookingsOf(sql, task.id)).toEqual([]);
  expect(await slugAndStatus(other.api.rpc("offer_help", { task_id: task.id }))).toBe("404 task_not_found");
});

test("offers are withdrawn by the helper and declined by the creator", async () => {
  const task = await rpc(creator, "create_task", taskArgs());
  const offer = await rpc(helper, "offer_help", { task_id: task.id });
  const spare = await rpc(other, "offer_help", { task_id: task.id });

  expect((await rpc(helper, "withdraw_offer", { offer_id: offer.id })).status).toBe("withdrawn");
  expect((await rpc(creator, "decline_offer", { offer_id: spare.id })).status).toBe("declined");
  expect(await slugAndStatus(creator.api.rpc("accept_offer", { offer_id: offer.id }))).toBe("409 offer_not_pending");
  expect(await slugAndStatus(other.api.rpc("offer_help", { task_id: task.id }))).toBe("409 offer_declined");
  expect((await rpc(helper, "offer_help", { task_id: task.id })).id).toBe(offer.id);
});

test("an open task is edited; after an offer its reward may only rise", async () => {
  const task = await rpc(creator, "create_task", taskArgs({ points_reward: 20 }));
  const task_id = task.id;
  const edited = await rpc(creator, "update_task", {
    task_id,
    title: "Carry seven boxes",
    points_reward: 15,
    metadata: { boxes: 7 },
  });
  expect(edited).toMatchObject({
    title: "Carry seven boxes",
    points_reward: 15,
    metadata: { boxes: 7 },
    description: task.description,
  });

  await rpc(helper, "offer_help", { task_id });
  expect(await slugAndStatus(creator.api.rpc("update_task", { task_id, points_reward: 14 }))).toBe(
    "409 reward_may_only_rise",
  );
  expect((await rpc(creator, "update_task", { task_id, points_reward: 16 })).points_reward).toBe(16);
});

describe("deadlines", () => {
  test("an open task nobody took expires, and its offers end", async () => {
    const { task } = await playTask(call, creator.id, helper.id, "open", { expires_at: inDays(1) });
    await runDueJobs(sql, "now() + interval '23 hours'");
    expect(await statusOf(sql, task.id)).toBe("open");

    await runDueJobs(sql, "now() + interval '25 hours'");
    const { data } = await creator.api.from("tasks").select("status, closed_at").eq("id", task.id).single();
    expect(data).toEqual({ status: "expired", closed_at: expect.any(String) });
    expect(await offerStatuses(sql, task.id)).toEqual({ [helper.id]: "not_chosen" });
    const { data: events } = await creator.api
      .from("task_events")
      .select("action, actor_id")
      .eq("task_id", task.id)
      .order("id");
    expect(events?.at(-1)).toEqual({ action: "expired", actor_id: null });
  });

  test("a task that was taken in time does not expire", async () => {
    const { task } = await playTask(call, creator.id, helper.id, "assigned", { expires_at: inDays(1) });
    await runDueJobs(sql, "now() + interval '2 days'");
    expect(await statusOf(sql, task.id)).toBe("assigned");
  });

  test("finished work nobody answered confirms itself after 14 days, not before, and only once", async () => {
    const { task } = await playTask(call, creator.id, helper.id, "pending_confirmation");
    await runDueJobs(sql, "now() + interval '13 days 23 hours'");
    expect(await statusOf(sql, task.id)).toBe("pending_confirmation");

    await runDueJobs(sql, "now() + interval '14 days 1 minute'");
    await runDueJobs(sql, "now() + interval '15 days'");
    expect(await bookingsOf(sql, task.id)).toEqual(["task_completed 10"]);
    const { data: events } = await helper.api
      .from("task_events")
      .select("action, actor_id")
      .eq("task_id", task.id)
      .order("id");
    expect(events?.at(-1)).toEqual({ action: "auto_confirmed", actor_id: null });
    expect((await rpc(creator, "confirm_task", { task_id: task.id })).status).toBe("completed");
  });

  test("work that was sent back starts a new wait", async () => {
    const { task } = await playTask(call, creator.id, helper.id, "pending_confirmation");
    await rpc(creator, "reject_completion", { task_id: task.id, reason: "Not yet" });
    await runDueJobs(sql, "now() + interval '15 days'");
    expect(await statusOf(sql, task.id)).toBe("in_progress");
  });

  test("a completed task is archived after a year, and stays readable and confirmable again", async () => {
    const { task } = await playTask(call, creator.id, helper.id, "completed");
    await runDueJobs(sql, "now() + interval '366 days'");
    const { data } = await helper.api.from("tasks").select("status").eq("id", task.id).single();
    expect(data).toEqual({ status: "archived" });
    expect((await rpc(creator, "confirm_task", { task_id: task.id })).status).toBe("archived");
    expect(await bookingsOf(sql, task.id)).toEqual(["task_completed 10"]);
  });
});

describe("when creators pay", () => {
  beforeEach(async () => {
    await sql("select ops.adjust_points($1, 30, 'Seed')", [creator.id]);
    await changeSettings(sql, { reward_funding: "creator" });
  });

  async function accountOf({ api }: Member) {
    const { data } = await api.from("point_accounts").select("balance, earned, spent").single();
    return data;
  }

  test("points are held at posting and paid at confirmation", async () => {
    const { task } = await playTask(call, creator.id, helper.id, "pending_confirmation", { points_reward: 30 });
    expect(task.reward_funding).toBe("creator");
    expect(await accountOf(creator)).toEqual({ balance: 0, earned: 0, spent: 30 });

    await rpc(creator, "confirm_task", { task_id: task.id });
    expect(await bookingsOf(sql, task.id)).toEqual(["task_hold -30", "task_completed 30"]);
    expect(await accountOf(creator)).toEqual({ balance: 0, earned: 0, spent: 30 });
    expect(await accountOf(helper)).toEqual({ balance: 30, earned: 30, spent: 0 });
  });

  test("who cannot pay cannot post", async () => {
    const refusal = await refusalOf(creator.api.rpc("create_task", taskArgs({ points_reward: 31 })));
    expect(refusal).toEqual({
      status: 402,
      code: "PT402",
      message: "insufficient_points",
      details: "31 points are needed",
      hint: "There are not enough points in this account.",
    });
    expect((await creator.api.from("tasks").select("id").eq("creator_id", creator.id)).data).toEqual([]);
    expect(await accountOf(creator)).toEqual({ balance: 30, earned: 0, spent: 0 });
  });

  test("cancelling returns the points", async () => {
    const { task } = await playTask(call, creator.id, helper.id, "assigned", { points_reward: 20 });
    await rpc(creator, "cancel_task", { task_id: task.id });
    expect(await bookingsOf(sql, task.id)).toEqual(["task_hold -20", "refund 20"]);
    expect(await accountOf(creator)).toEqual({ balance: 30, earned: 0, spent: 0 });
  });

  test("expiry returns the points", async () => {
    const { task } = await playTask(call, creator.id, helper.id, "open", { points_reward: 20, expires_at: inDays(1) });
    await runDueJobs(sql, "now() + interval '2 days'");
    expect(await bookingsOf(sql, task.id)).toEqual(["task_hold -20", "refund 20"]);
  });

  test("deleting the account returns the points of open tasks to the books", async () => {
    const { task } = await playTask(call, creator.id, helper.id, "open", { points_reward: 20 });
    await sql(DELETE_LOGIN, [creator.id]);
    expect(await bookingsOf(sql, task.id)).toEqual(["task_hold -20", "refund 20"]);
  });

  test("a higher reward holds more, a lower one returns the rest", async () => {
    const task = await rpc(creator, "create_task", taskArgs({ points_reward: 20 }));
    await rpc(creator, "update_task", { task_id: task.id, points_reward: 30 });
    await rpc(creator, "update_task", { task_id: task.id, points_reward: 5 });
    expect(await bookingsOf(sql, task.id)).toEqual(["task_hold -20", "task_hold -10", "refund 25"]);
    expect(await slugAndStatus(creator.api.rpc("update_task", { task_id: task.id, points_reward: 31 }))).toBe(
      "402 insufficient_points",
    );
  });

  test("a release keeps the points held for the next helper", async () => {
    const { task } = await playTask(call, creator.id, helper.id, "in_progress", { points_reward: 30 });
    await rpc(helper, "release_task", { task_id: task.id });
    expect(await bookingsOf(sql, task.id)).toEqual(["task_hold -30"]);
    await playOn(task.id);
    expect(await balanceOf(sql, other.id)).toBe(30);
  });

  test("tasks keep the funding they were posted with when the setting changes", async () => {
    const { task } = await playTask(call, creator.id, helper.id, "pending_confirmation", { points_reward: 30 });
    await changeSettings(sql, { reward_funding: "community" });
    const free = await playTask(call, creator.id, helper.id, "completed", { points_reward: 40 });
    await rpc(creator, "confirm_task", { task_id: task.id });
    expect(await bookingsOf(sql, task.id)).toEqual(["task_hold -30", "task_completed 30"]);
    expect(await bookingsOf(sql, free.task.id)).toEqual(["task_completed 40"]);
  });

  async function playOn(task_id: string): Promise<void> {
    const offer = await rpc(other, "offer_help", { task_id });
    await rpc(creator, "accept_offer", { offer_id: offer.id });
    await rpc(other, "finish_task", { task_id });
    await rpc(creator, "confirm_task", { task_id });
  }
});

describe("limits against farming", () => {
  test("a creator cannot promise more points than the limit, until some are issued long enough ago", async () => {
    await changeSettings(sql, { points_limit_per_creator: 50 });
    await rpc(creator, "create_task", taskArgs({ points_reward: 50 }));
    const refusal = await refusalOf(creator.api.rpc("create_task", taskArgs({ points_reward: 1 })));
    expect(refusal).toMatchObject({ status: 429, message: "points_limit_reached", details: "50 of 50 points" });
  });

  test("one helper cannot be given more than the pair's limit, another one can", async () => {
    await changeSettings(sql, { points_limit_per_pair: 15 });
    await playTask(call, creator.id, helper.id, "completed");
    const task = await rpc(creator, "create_task", taskArgs());
    const offer = await rpc(helper, "offer_help", { task_id: task.id });
    const spare = await rpc(other, "offer_help", { task_id: task.id });
    expect(await slugAndStatus(creator.api.rpc("accept_offer", { offer_id: offer.id }))).toBe(
      "429 pair_points_limit_reached",
    );
    expect((await rpc(creator, "accept_offer", { offer_id: spare.id })).helper_id).toBe(other.id);
  });

  test("a creator cannot have more open tasks than the limit; a closed one makes room", async () => {
    await changeSettings(sql, { open_task_limit: 1 });
    const task = await rpc(creator, "create_task", taskArgs());
    expect(await slugAndStatus(creator.api.rpc("create_task", taskArgs()))).toBe("429 open_task_limit_reached");
    await rpc(creator, "cancel_task", { task_id: task.id });
    expect((await rpc(creator, "create_task", taskArgs())).status).toBe("open");
  });
});
