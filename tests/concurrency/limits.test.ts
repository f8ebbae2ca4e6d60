import { beforeEach, describe, expect, test } from "vitest";
import { signUpBySql } from "../support/admin.ts";
import type { Task } from "../support/api-connection.ts";
import { member, rowsOf, tally, times } from "../support/arena.ts";
import { balanceOf, bookingsOf, countTasks } from "../support/read.ts";
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
