import { randomUUID } from "node:crypto";
import { beforeEach, describe, expect, test } from "vitest";
import { DELETE_LOGIN, signUpBySql } from "../support/admin.ts";
import { SERVICE, type Task } from "../support/api-connection.ts";
import { admin, member, rowsOf, tally, times } from "../support/arena.ts";
import { balanceOf, bookingsOf, countTasks } from "../support/read.ts";
import { type Begun, offerReward, openPartner, redeemArgs } from "../support/redemptions.ts";
import { playTask, taskArgs } from "../support/scenario.ts";
import { changeSettings } from "../support/settings.ts";
import { useArena } from "../support/use-arena.ts";

const arena = useArena(60);
const { sql } = arena;
const call = arena.call.bind(arena);

let creator: string;
let helper: string;
beforeEach(async () => {
  [creator = "", helper = ""] = await signUpBySql(sql, 2);
});

test("open_task_limit is exact under 50 parallel posts", async () => {
  const outcomes = await arena.race(times(50, member(creator, "create_task", taskArgs({ points_reward: 1 }))));

  expect(tally(outcomes)).toEqual({ ok: 20, open_task_limit_reached: 30 });
  expect(await countTasks(sql, creator, "open")).toBe(20);
});

test("one key posts one task under 50 parallel posts, and another member's same key another", async () => {
  const idempotency_key = randomUUID();
  const post = (id: string, overrides = {}) => member(id, "create_task", taskArgs({ idempotency_key, ...overrides }));

  const outcomes = await arena.race([...times(45, post(creator)), ...times(5, post(helper))]);

  expect(tally(outcomes)).toEqual({ ok: 50 });
  expect(new Set(rowsOf<Task>(outcomes).map(({ id }) => id)).size).toBe(2);
  expect([await countTasks(sql, creator, "open"), await countTasks(sql, helper, "open")]).toEqual([1, 1]);

  const mixed = await arena.race([...times(25, post(creator)), ...times(25, post(creator, { title: "Another" }))]);
  expect(tally(mixed)).toEqual({ ok: 25, idempotency_key_reused: 25 });
  expect(await countTasks(sql, creator, "open")).toBe(1);
});

test("points_limit_per_creator is exact under 50 parallel posts", async () => {
  await changeSettings(sql, { points_limit_per_creator: 100 });

  const outcomes = await arena.race(times(50, member(creator, "create_task", taskArgs({ points_reward: 15 }))));

  expect(tally(outcomes)).toEqual({ ok: 6, points_limit_reached: 44 });
});

test("raised rewards and new posts share one limit", async () => {
  await changeSettings(sql, { points_limit_per_creator: 100 });
  const task = await call(creator, "create_task", taskArgs({ points_reward: 10 }));

  await arena.race([
    ...times(25, member(creator, "create_task", taskArgs({ points_reward: 20 }))),
    ...Array.from({ length: 25 }, (_, index) =>
      member(creator, "update_task", { task_id: task.id, points_reward: 11 + index * 3 }),
    ),
  ]);

  const [{ promised } = { promised: 0 }] = await sql<{ promised: number }>(
    "select sum(points_reward)::int as promised from public.tasks where creator_id = $1",
    [creator],
  );
  expect(promised).toBeGreaterThan(10);
  expect(promised).toBeLessThanOrEqual(100);
});

test("points_limit_per_pair is exact under parallel acceptances, and holds for the pair alone", async () => {
  await changeSettings(sql, { points_limit_per_pair: 50 });
  const [other = ""] = await signUpBySql(sql, 1);
  const offers = [];
  for (let index = 0; index < 20; index++) {
    offers.push((await playTask(call, creator, index < 15 ? helper : other, "open")).offer);
  }

  const outcomes = await arena.race(
    offers.flatMap((offer) => times(3, member(creator, "accept_offer", { offer_id: offer.id }))),
  );

  expect(tally(outcomes)).toEqual({ ok: (5 + 5) * 3, pair_points_limit_reached: 10 * 3 });
});

test("points_limit_per_helper is exact when many creators accept one helper at once, fresh accounts or not", async () => {
  await changeSettings(sql, { points_limit_per_helper: 50 });
  const creators = await signUpBySql(sql, 20);
  const offers: [creator: string, offer: string][] = [];
  for (const other of creators) offers.push([other, (await playTask(call, other, helper, "open")).offer.id]);

  const outcomes = await arena.race(
    offers.flatMap(([other, offer_id]) => times(2, member(other, "accept_offer", { offer_id }))),
  );

  expect(tally(outcomes)).toEqual({ ok: 5 * 2, helper_points_limit_reached: 15 * 2 });
});

test("two members who accept each other at once do not wait for each other in a circle", async () => {
  for (let round = 0; round < 10; round++) {
    const mine = (await playTask(call, creator, helper, "open")).offer.id;
    const theirs = (await playTask(call, helper, creator, "open")).offer.id;
    const outcomes = await arena.race([
      ...times(10, member(creator, "accept_offer", { offer_id: mine })),
      ...times(10, member(helper, "accept_offer", { offer_id: theirs })),
    ]);
    expect(tally(outcomes)).toEqual({ ok: 20 });
  }
});

test("task_limit_per_day and offer_limit_per_day are exact, also for what is taken back at once", async () => {
  await changeSettings(sql, { task_limit_per_day: 7, offer_limit_per_day: 5 });
  const posted = await arena.race(times(30, member(creator, "create_task", taskArgs({ points_reward: 1 }))));
  expect(tally(posted)).toEqual({ ok: 7, task_limit_reached: 23 });
  const offered = await arena.race(
    rowsOf<Task>(posted).flatMap(({ id }) => times(4, member(helper, "offer_help", { task_id: id }))),
  );
  expect(tally(offered)).toEqual({ ok: 5 * 4, offer_limit_reached: 2 * 4 });
});

test("limits of what leaves no rows are exact, whichever of a member's commands share them", async () => {
  await changeSettings(sql, {
    block_limit_per_day: 7,
    task_change_limit_per_day: 6,
    review_limit_per_day: 5,
    consent_limit_per_day: 1,
    return_limit_per_day: 3,
  });
  const people = await signUpBySql(sql, 10);
  const blocked = await arena.race(people.flatMap((user_id) => times(5, member(creator, "block_user", { user_id }))));
  const blocks = await sql("select from public.user_blocks where blocker_id = $1", [creator]);
  expect([blocks.length, tally(blocked)]).toEqual([7, { ok: 7 * 5, block_limit_reached: 3 * 5 }]);

  const places = [];
  for (const name of ["Bench", "Fountain", "Oak", "Gate", "Steps"])
    places.push((await call(helper, "add_place", { name, category: "other", latitude: 1, longitude: 1 })).id);
  const reviewed = await arena.race(
    places.flatMap((place_id) => [1, 2, 3].map((rating) => member(creator, "review_place", { place_id, rating }))),
  );
  expect(tally(reviewed)).toEqual({ ok: 5, review_limit_reached: 10 });

  const stages = ["open", "open", "pending_confirmation"] as const;
  const tasks = [];
  for (const stage of stages) tasks.push((await playTask(call, creator, helper, stage)).task.id);
  const [one = "", two = "", finished = ""] = tasks;
  const changed = await arena.race([
    ...[one, two].flatMap((task_id) =>
      Array.from({ length: 10 }, (_, index) => member(creator, "update_task", { task_id, title: `Title ${index}` })),
    ),
    member(creator, "reject_completion", { task_id: finished, reason: "No" }),
  ]);
  expect(tally(changed)).toEqual({ ok: 6, task_change_limit_reached: 15 });

  const agreed = await arena.race([
    ...times(5, member(creator, "update_settings", { show_on_leaderboard: true })),
    ...times(5, member(creator, "update_settings", { is_open_to_suggestions: true })),
  ]);
  expect(tally(agreed)).toEqual({ ok: 5, consent_limit_reached: 5 });

  const reward = await offerReward(sql, await openPartner(sql), { points_cost: 1, return_days: 7 });
  await sql("select ops.adjust_points($1, 10, 'For codes')", [creator]);
  const codes = [];
  for (let index = 0; index < 6; index++)
    codes.push(
      ((await call(SERVICE, "begin_redemption", redeemArgs(creator, reward))) as unknown as Begun).redemption.id,
    );
  const returned = await arena.race(
    codes.flatMap((redemption_id) =>
      times(3, member(SERVICE, "return_redemption", { member_id: creator, redemption_id })),
    ),
  );
  expect(tally(returned)).toEqual({ ok: 3 * 3, return_limit_reached: 3 * 3 });
});

test("one member's commands that are counted, and the end of that member, never lock each other out", async () => {
  for (let round = 0; round < 10; round++) {
    const [me = "", ...others] = await signUpBySql(sql, 7);
    const [other = ""] = others;
    await call(me, "update_contact", { latitude: 1, longitude: 1 });
    const mine = (await playTask(call, me, other, "open")).task.id;
    const finished = (await playTask(call, me, other, "pending_confirmation")).task.id;
    const theirs = await Promise.all(others.map((id) => call(id, "create_task", taskArgs({ points_reward: 1 }))));
    const place = { name: "Bench", category: "other", latitude: 1, longitude: 1 };
    const place_id = (await call(other, "add_place", place)).id;
    await arena.race([
      ...others.map((user_id) => member(me, "block_user", { user_id })),
      ...others.map((user_id) => member(user_id, "block_user", { user_id: me })),
      ...theirs.map((task) => member(me, "offer_help", { task_id: task.id })),
      ...[1, 2, 3].map((rating) => member(me, "review_place", { place_id, rating })),
      ...times(4, member(me, "update_task", { task_id: mine, title: `Round ${round}` })),
      ...times(2, member(me, "reject_completion", { task_id: finished, reason: "No" })),
      ...times(3, member(me, "update_settings", { show_on_leaderboard: true, is_open_to_suggestions: true })),
      ...(round % 2 === 0 ? [] : [admin(DELETE_LOGIN, me)]),
    ]);
  }
});

describe("with creator funding", () => {
  test("50 parallel posts spend exactly what the account holds", async () => {
    await sql("select ops.adjust_points($1, 75, 'Seed')", [creator]);
    await changeSettings(sql, { reward_funding: "creator" });

    const outcomes = await arena.race(times(50, member(creator, "create_task", taskArgs({ points_reward: 10 }))));

    expect(tally(outcomes)).toEqual({ ok: 7, insufficient_points: 43 });
    expect(await balanceOf(sql, creator)).toBe(5);
    for (const task of rowsOf<Task>(outcomes)) expect(await bookingsOf(sql, task.id)).toEqual(["task_hold -10"]);
  });

  test("held points come back once from 50 parallel cancellations, and are spent again at once", async () => {
    await sql("select ops.adjust_points($1, 10, 'Seed')", [creator]);
    await changeSettings(sql, { reward_funding: "creator" });
    const task = await call(creator, "create_task", taskArgs({ points_reward: 10 }));

    const outcomes = await arena.race([
      ...times(30, member(creator, "cancel_task", { task_id: task.id })),
      ...times(30, member(creator, "create_task", taskArgs({ points_reward: 10 }))),
    ]);

    expect(await bookingsOf(sql, task.id)).toEqual(["task_hold -10", "refund 10"]);
    const posted = await countTasks(sql, creator, "open");
    expect(posted).toBeLessThanOrEqual(1);
    expect(tally(outcomes)).toEqual({ ok: 30 + posted, insufficient_points: 30 - posted });
    expect(await balanceOf(sql, creator)).toBe(10 - posted * 10);
  });

  test("earning and spending the same account at once never overdraws it", async () => {
    const posters = await signUpBySql(sql, 10);
    const earned: Task[] = [];
    for (const poster of posters) earned.push((await playTask(call, poster, helper, "pending_confirmation")).task);
    await changeSettings(sql, { reward_funding: "creator" });

    const outcomes = await arena.race([
      ...earned.map((task) => member(task.creator_id, "confirm_task", { task_id: task.id })),
      ...times(40, member(helper, "create_task", taskArgs({ points_reward: 10 }))),
    ]);

    const spent = await countTasks(sql, helper, "open");
    expect(spent).toBeLessThanOrEqual(10);
    expect(await balanceOf(sql, helper)).toBe((10 - spent) * 10);
    expect(rowsOf(outcomes)).toHaveLength(10 + spent);
  });
});
