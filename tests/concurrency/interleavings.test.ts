import { beforeEach, describe, expect, test } from "vitest";
import { DELETE_LOGIN, signUpBySql } from "../support/admin.ts";
import type { Offer, Task } from "../support/api-connection.ts";
import { admin, jobs, member, type Racer } from "../support/arena.ts";
import { makeOverdue } from "../support/overdue.ts";
import { countTasks, statusOf } from "../support/read.ts";
import { playTask, type Stage, taskArgs } from "../support/scenario.ts";
import { useArena } from "../support/use-arena.ts";

/**
 * Two callers, step by step: the first has run its command but not committed when the second one starts. What a herd
 * finds by luck is certain here, in both orders.
 */

const arena = useArena(6);
const { sql } = arena;
const call = arena.call.bind(arena);

interface Cast {
  creator: string;
  helper: string;
  task: Task;
  offer: Offer;
}

interface Case {
  stage: Stage;
  first: string;
  second: string;
  /** What the second caller hears once the first has committed. */
  second_hears: string;
  status: string;
}

const IN_15_DAYS = "now() + interval '15 days'";

const MOVES: Readonly<Record<string, (cast: Cast) => Racer>> = {
  accept: ({ creator, offer }) => member(creator, "accept_offer", { offer_id: offer.id }),
  decline: ({ creator, offer }) => member(creator, "decline_offer", { offer_id: offer.id }),
  renew: ({ helper, offer }) => member(helper, "renew_offer", { offer_id: offer.id }),
  withdraw: ({ helper, offer }) => member(helper, "withdraw_offer", { offer_id: offer.id }),
  offer: ({ helper, task }) => member(helper, "offer_help", { task_id: task.id }),
  lower: ({ creator, task }) => member(creator, "update_task", { task_id: task.id, points_reward: 1 }),
  retitle: ({ creator, task }) => member(creator, "update_task", { task_id: task.id, title: "Something else" }),
  start: ({ helper, task }) => member(helper, "start_task", { task_id: task.id }),
  finish: ({ helper, task }) => member(helper, "finish_task", { task_id: task.id }),
  release: ({ helper, task }) => member(helper, "release_task", { task_id: task.id }),
  replace: ({ creator, task }) => member(creator, "replace_helper", { task_id: task.id, reason: "Nobody came" }),
  confirm: ({ creator, task }) => member(creator, "confirm_task", { task_id: task.id }),
  reject: ({ creator, task }) => member(creator, "reject_completion", { task_id: task.id, reason: "Not yet" }),
  cancel: ({ creator, task }) => member(creator, "cancel_task", { task_id: task.id }),
  "delete the creator": ({ creator }) => admin(DELETE_LOGIN, creator),
  "delete the helper": ({ helper }) => admin(DELETE_LOGIN, helper),
  "ban the creator": ({ creator }) => admin("select ops.ban_user($1, 'Spam')", creator),
  "ban and unban the creator": ({ creator }) => admin("select ops.ban_user($1, 'Spam'), ops.unban_user($1)", creator),
};

const CASES: readonly Case[] = [
  { stage: "open", first: "accept", second: "accept", second_hears: "ok", status: "assigned" },
  { stage: "open", first: "accept", second: "withdraw", second_hears: "offer_not_pending", status: "assigned" },
  { stage: "open", first: "withdraw", second: "accept", second_hears: "offer_not_pending", status: "open" },
  { stage: "open", first: "accept", second: "decline", second_hears: "offer_not_pending", status: "assigned" },
  { stage: "open", first: "decline", second: "accept", second_hears: "offer_not_pending", status: "open" },
  { stage: "open", first: "accept", second: "cancel", second_hears: "ok", status: "cancelled" },
  { stage: "open", first: "cancel", second: "accept", second_hears: "task_not_open", status: "cancelled" },
  { stage: "open", first: "accept", second: "retitle", second_hears: "task_not_open", status: "assigned" },
  { stage: "open", first: "retitle", second: "accept", second_hears: "offer_outdated", status: "open" },
  { stage: "open", first: "retitle", second: "renew", second_hears: "ok", status: "open" },
  { stage: "open", first: "cancel", second: "renew", second_hears: "offer_not_pending", status: "cancelled" },
  { stage: "open", first: "cancel", second: "retitle", second_hears: "task_not_open", status: "cancelled" },
  { stage: "open", first: "delete the helper", second: "accept", second_hears: "offer_not_pending", status: "open" },
  { stage: "open", first: "accept", second: "delete the helper", second_hears: "ok", status: "open" },
  { stage: "open", first: "delete the creator", second: "accept", second_hears: "task_not_open", status: "cancelled" },
  { stage: "open", first: "accept", second: "delete the creator", second_hears: "ok", status: "cancelled" },
  { stage: "open", first: "ban the creator", second: "accept", second_hears: "user_banned", status: "open" },
  { stage: "open", first: "accept", second: "ban the creator", second_hears: "ok", status: "assigned" },
  { stage: "open", first: "ban and unban the creator", second: "accept", second_hears: "ok", status: "assigned" },
  { stage: "open", first: "ban and unban the creator", second: "cancel", second_hears: "ok", status: "cancelled" },
  { stage: "open", first: "ban and unban the creator", second: "retitle", second_hears: "ok", status: "open" },
  { stage: "assigned", first: "start", second: "release", second_hears: "ok", status: "open" },
  { stage: "assigned", first: "release", second: "start", second_hears: "task_not_found", status: "open" },
  { stage: "assigned", first: "release", second: "release", second_hears: "ok", status: "open" },
  { stage: "assigned", first: "release", second: "cancel", second_hears: "ok", status: "cancelled" },
  { stage: "assigned", first: "cancel", second: "release", second_hears: "task_not_releasable", status: "cancelled" },
  { stage: "assigned", first: "cancel", second: "start", second_hears: "task_not_assigned", status: "cancelled" },
  { stage: "assigned", first: "delete the helper", second: "cancel", second_hears: "ok", status: "cancelled" },
  { stage: "assigned", first: "cancel", second: "delete the helper", second_hears: "ok", status: "cancelled" },
  {
    stage: "assigned",
    first: "delete the creator",
    second: "release",
    second_hears: "task_not_releasable",
    status: "cancelled",
  },
  { stage: "assigned", first: "start", second: "replace", second_hears: "helper_not_overdue", status: "in_progress" },
  { stage: "assigned", first: "replace", second: "start", second_hears: "task_not_found", status: "open" },
  { stage: "assigned", first: "replace", second: "replace", second_hears: "ok", status: "open" },
  { stage: "assigned", first: "replace", second: "release", second_hears: "task_not_found", status: "open" },
  { stage: "assigned", first: "release", second: "replace", second_hears: "helper_not_replaceable", status: "open" },
  { stage: "assigned", first: "replace", second: "finish", second_hears: "task_not_found", status: "open" },
  {
    stage: "assigned",
    first: "finish",
    second: "replace",
    second_hears: "helper_not_replaceable",
    status: "pending_confirmation",
  },
  { stage: "assigned", first: "replace", second: "cancel", second_hears: "ok", status: "cancelled" },
  {
    stage: "assigned",
    first: "cancel",
    second: "replace",
    second_hears: "helper_not_replaceable",
    status: "cancelled",
  },
  { stage: "assigned", first: "replace", second: "delete the helper", second_hears: "ok", status: "open" },
  {
    stage: "assigned",
    first: "delete the helper",
    second: "replace",
    second_hears: "helper_not_replaceable",
    status: "open",
  },
  { stage: "assigned", first: "replace", second: "delete the creator", second_hears: "ok", status: "cancelled" },
  { stage: "assigned", first: "ban the creator", second: "replace", second_hears: "user_banned", status: "assigned" },
  { stage: "in_progress", first: "release", second: "finish", second_hears: "task_not_found", status: "open" },
  {
    stage: "in_progress",
    first: "finish",
    second: "release",
    second_hears: "task_not_releasable",
    status: "pending_confirmation",
  },
  {
    stage: "in_progress",
    first: "finish",
    second: "cancel",
    second_hears: "task_not_cancellable",
    status: "pending_confirmation",
  },
  {
    stage: "in_progress",
    first: "cancel",
    second: "finish",
    second_hears: "task_not_in_progress",
    status: "cancelled",
  },
  {
    stage: "in_progress",
    first: "finish",
    second: "delete the creator",
    second_hears: "ok",
    status: "pending_confirmation",
  },
  {
    stage: "in_progress",
    first: "delete the creator",
    second: "finish",
    second_hears: "task_not_in_progress",
    status: "cancelled",
  },
  { stage: "pending_confirmation", first: "confirm", second: "confirm", second_hears: "ok", status: "completed" },
  {
    stage: "pending_confirmation",
    first: "confirm",
    second: "cancel",
    second_hears: "task_not_cancellable",
    status: "completed",
  },
  {
    stage: "pending_confirmation",
    first: "confirm",
    second: "reject",
    second_hears: "task_not_pending_confirmation",
    status: "completed",
  },
  {
    stage: "pending_confirmation",
    first: "reject",
    second: "confirm",
    second_hears: "task_not_pending_confirmation",
    status: "in_progress",
  },
  { stage: "pending_confirmation", first: "reject", second: "reject", second_hears: "ok", status: "in_progress" },
  {
    stage: "pending_confirmation",
    first: "reject",
    second: "finish",
    second_hears: "ok",
    status: "pending_confirmation",
  },
];

let cast: Cast;

async function setStage(stage: Stage): Promise<void> {
  const [creator = "", helper = ""] = await signUpBySql(sql, 2);
  cast = { creator, helper, ...(await playTask(call, creator, helper, stage)) };
  await makeOverdue(sql, cast.task.id);
}

function move(name: string): Racer {
  const make = MOVES[name];
  if (!make) throw new Error(`there is no move ${name}`);
  return make(cast);
}

describe("the second caller waits for the first and then judges what it left behind", () => {
  test.each(CASES)("$stage: $first, then $second", async ({ stage, first, second, second_hears, status }) => {
    await setStage(stage);

    const result = await arena.interleave(move(first), move(second));

    expect(result.first.slug).toBeUndefined();
    expect({ waited: result.waited, slug: result.second.slug ?? "ok" }).toEqual({ waited: true, slug: second_hears });
    expect(await statusOf(sql, cast.task.id)).toBe(status);
  });
});

describe("an offer and a lower reward", () => {
  beforeEach(async () => {
    const [creator = "", helper = ""] = await signUpBySql(sql, 2);
    const task = await call(creator, "create_task", taskArgs());
    cast = { creator, helper, task, offer: { id: "" } as Offer };
  });

  test("an offer under way keeps the reward from falling", async () => {
    const { second, waited } = await arena.interleave(move("offer"), move("lower"));
    expect({ waited, slug: second.slug }).toEqual({ waited: true, slug: "reward_may_only_rise" });
  });

  test("an offer waits for a falling reward", async () => {
    const { second, waited } = await arena.interleave(move("lower"), move("offer"));
    expect({ waited, slug: second.slug }).toEqual({ waited: true, slug: undefined });
  });

  test("offers do not wait for each other", async () => {
    const [other = ""] = await signUpBySql(sql, 1);
    const { second, waited } = await arena.interleave(
      move("offer"),
      member(other, "offer_help", { task_id: cast.task.id }),
    );
    expect({ waited, slug: second.slug }).toEqual({ waited: false, slug: undefined });
  });
});

describe("jobs never wait for a member, and members find what the job left", () => {
  const soon = new Date(Date.now() + 3_600_000).toISOString();

  async function expiringTask(): Promise<void> {
    const [creator = "", helper = ""] = await signUpBySql(sql, 2);
    cast = { creator, helper, ...(await playTask(call, creator, helper, "open", { expires_at: soon })) };
  }

  test("expiry passes over a task that is being accepted", async () => {
    await expiringTask();
    const { second, waited } = await arena.interleave(move("accept"), jobs(IN_15_DAYS));
    expect({ waited, slug: second.slug }).toEqual({ waited: false, slug: undefined });
    expect(await statusOf(sql, cast.task.id)).toBe("assigned");
  });

  test("a task that is expiring cannot be accepted", async () => {
    await expiringTask();
    const { second, waited } = await arena.interleave(jobs(IN_15_DAYS), move("accept"));
    expect({ waited, slug: second.slug }).toEqual({ waited: true, slug: "task_not_open" });
    expect(await statusOf(sql, cast.task.id)).toBe("expired");
  });

  test("a second run of the jobs leaves everything to the first", async () => {
    await expiringTask();
    const { second, waited } = await arena.interleave(jobs(IN_15_DAYS), jobs(IN_15_DAYS));
    expect({ waited, row: second.row }).toEqual({ waited: false, row: {} });
  });

  test.each([
    { first: "confirm", status: "completed" },
    { first: "reject", status: "in_progress" },
  ])("auto-confirmation passes over a task whose creator answers: $first", async ({ first, status }) => {
    await setStage("pending_confirmation");
    const { waited } = await arena.interleave(move(first), jobs(IN_15_DAYS));
    expect(waited).toBe(false);
    expect(await statusOf(sql, cast.task.id)).toBe(status);
  });

  test.each([
    { second: "confirm", slug: undefined },
    { second: "reject", slug: "task_not_pending_confirmation" },
  ])("an answer after auto-confirmation: $second", async ({ second: name, slug }) => {
    await setStage("pending_confirmation");
    const { second, waited } = await arena.interleave(jobs(IN_15_DAYS), move(name));
    expect({ waited, slug: second.slug }).toEqual({ waited: true, slug });
    expect(await statusOf(sql, cast.task.id)).toBe("completed");
  });
});

describe("posting while the account is closed", () => {
  test.each([
    { first: "ban the creator", slug: "user_banned", open: 1 },
    { first: "delete the creator", slug: "user_inactive", open: 0 },
  ])("$first, then post", async ({ first, slug, open }) => {
    await setStage("open");
    const { second, waited } = await arena.interleave(move(first), member(cast.creator, "create_task", taskArgs()));
    expect({ waited, slug: second.slug }).toEqual({ waited: true, slug });
    expect(await countTasks(sql, cast.creator, "open")).toBe(open);
  });

  test.each([
    { second: "ban the creator", open: 2 },
    { second: "delete the creator", open: 0 },
  ])("post, then $second", async ({ second: name, open }) => {
    await setStage("open");
    const { second, waited } = await arena.interleave(member(cast.creator, "create_task", taskArgs()), move(name));
    expect({ waited, slug: second.slug }).toEqual({ waited: true, slug: undefined });
    expect(await countTasks(sql, cast.creator, "open")).toBe(open);
    expect(await sql("select 1 from private.open_tasks where creator_id = $1", [cast.creator])).toEqual([]);
  });
});
