import { randomUUID } from "node:crypto";
import { beforeEach, describe, expect, test } from "vitest";
import { signUpBySql } from "../support/admin.ts";
import type { Task } from "../support/api-connection.ts";
import { admin, jobs, member, rowsOf, tally, times } from "../support/arena.ts";
import { balanceOf, bookingsOf, statusOf } from "../support/read.ts";
import { playTask } from "../support/scenario.ts";
import { useArena } from "../support/use-arena.ts";

const CALLERS = 100;
const arena = useArena(CALLERS);
const { sql } = arena;

let creator: string;
let helper: string;
beforeEach(async () => {
  [creator = "", helper = ""] = await signUpBySql(sql, 2);
});

function play(stage: Parameters<typeof playTask>[3], points_reward = 10) {
  return playTask(arena.call.bind(arena), creator, helper, stage, { points_reward });
}

test("100 parallel confirmations give one credit, and everybody the same completed row", async () => {
  const { task } = await play("pending_confirmation", 40);

  const outcomes = await arena.race(times(CALLERS, member(creator, "confirm_task", { task_id: task.id })));

  expect(tally(outcomes)).toEqual({ ok: CALLERS });
  const rows = rowsOf<Task>(outcomes);
  expect(rows[0]).toMatchObject({ id: task.id, status: "completed", helper_id: helper, points_reward: 40 });
  expect(new Set(rows.map((row) => JSON.stringify(row))).size).toBe(1);
  expect(await bookingsOf(sql, task.id)).toEqual(["task_completed 40"]);
  expect(await balanceOf(sql, helper)).toBe(40);
});

test("60 tasks of one helper confirmed at once add up, and every balance_after continues the one before", async () => {
  const creators = await signUpBySql(sql, 60);
  const tasks: Task[] = [];
  for (const someone of creators) {
    const { task } = await playTask(arena.call.bind(arena), someone, helper, "pending_confirmation");
    tasks.push(task);
  }

  const outcomes = await arena.race(tasks.map((task) => member(task.creator_id, "confirm_task", { task_id: task.id })));

  expect(tally(outcomes)).toEqual({ ok: 60 });
  const history = await sql<{ balance_after: number }>(
    "select balance_after from public.point_transactions where user_id = $1 order by id",
    [helper],
  );
  expect(history.map((row) => row.balance_after)).toEqual(creators.map((_, index) => (index + 1) * 10));
});

test("confirm × cancel: finished work is paid, never called off", async () => {
  const { task } = await play("pending_confirmation");

  const outcomes = await arena.race([
    ...times(50, member(creator, "confirm_task", { task_id: task.id })),
    ...times(50, member(creator, "cancel_task", { task_id: task.id })),
  ]);

  expect(tally(outcomes)).toEqual({ ok: 50, task_not_cancellable: 50 });
  expect(await statusOf(sql, task.id)).toBe("completed");
});

test("finish × cancel × confirm: one story wins and the books follow it", async () => {
  for (let round = 0; round < 5; round++) {
    const { task } = await play("in_progress");

    await arena.race([
      ...times(20, member(helper, "finish_task", { task_id: task.id })),
      ...times(20, member(creator, "cancel_task", { task_id: task.id })),
      ...times(20, member(creator, "confirm_task", { task_id: task.id })),
    ]);

    const status = await statusOf(sql, task.id);
    expect(["pending_confirmation", "completed", "cancelled"]).toContain(status);
    expect(await bookingsOf(sql, task.id)).toEqual(status === "completed" ? ["task_completed 10"] : []);
  }
});

test("confirm × reject: paid, or sent back unpaid, for all callers alike", async () => {
  for (let round = 0; round < 5; round++) {
    const { task } = await play("pending_confirmation");

    const outcomes = await arena.race([
      ...times(30, member(creator, "confirm_task", { task_id: task.id })),
      ...times(30, member(creator, "reject_completion", { task_id: task.id, reason: "Not yet" })),
    ]);

    expect(tally(outcomes)).toEqual({ ok: 30, task_not_pending_confirmation: 30 });
    const isPaid = (await statusOf(sql, task.id)) === "completed";
    expect(await bookingsOf(sql, task.id)).toEqual(isPaid ? ["task_completed 10"] : []);
  }
});

describe("the deadline", () => {
  const FIFTEEN_DAYS_ON = "now() + interval '15 days'";

  test("auto-confirm × confirm: one credit", async () => {
    for (let round = 0; round < 5; round++) {
      const { task } = await play("pending_confirmation");

      const outcomes = await arena.race([
        ...times(4, jobs(FIFTEEN_DAYS_ON)),
        ...times(50, member(creator, "confirm_task", { task_id: task.id })),
      ]);

      expect(tally(outcomes)).toEqual({ ok: 54 });
      expect(await bookingsOf(sql, task.id)).toEqual(["task_completed 10"]);
    }
  });

  test("auto-confirm × reject: paid, or sent back unpaid", async () => {
    for (let round = 0; round < 5; round++) {
      const { task } = await play("pending_confirmation");

      await arena.race([
        ...times(4, jobs(FIFTEEN_DAYS_ON)),
        ...times(50, member(creator, "reject_completion", { task_id: task.id, reason: "Not yet" })),
      ]);

      const status = await statusOf(sql, task.id);
      expect(["completed", "in_progress"]).toContain(status);
      expect(await bookingsOf(sql, task.id)).toEqual(status === "completed" ? ["task_completed 10"] : []);
    }
  });

  test("four runs of the job share the due tasks of several helpers and pay each once", async () => {
    const creators = await signUpBySql(sql, 5);
    const helpers = await signUpBySql(sql, 3);
    const tasks: Task[] = [];
    for (const someone of creators) {
      for (let turn = 0; turn < 12; turn++) {
        const other = helpers[turn % helpers.length] ?? "";
        tasks.push((await playTask(arena.call.bind(arena), someone, other, "pending_confirmation")).task);
      }
    }

    await arena.race(times(4, jobs(FIFTEEN_DAYS_ON)));
    await arena.race([jobs(FIFTEEN_DAYS_ON)]);

    for (const task of tasks) expect(await bookingsOf(sql, task.id)).toEqual(["task_completed 10"]);
  });
});

test("adjust_points × confirm: nothing is lost and the account never goes below zero", async () => {
  const { task } = await play("pending_confirmation", 50);

  const outcomes = await arena.race([
    member(creator, "confirm_task", { task_id: task.id }),
    ...times(8, admin("select * from ops.adjust_points($1, 7, 'Thank you')", helper)),
    admin("select * from ops.adjust_points($1, -1000, 'Too much')", helper),
  ]);

  expect(tally(outcomes)).toEqual({ ok: 9, insufficient_points: 1 });
  expect(await balanceOf(sql, helper)).toBe(50 + 8 * 7);
});

test("one key books one adjustment, whoever sends it at the same moment", async () => {
  const key = randomUUID();
  const book = (amount: number) =>
    admin("select * from ops.adjust_points($1, $2, 'Thank you', $3)", helper, amount, key);

  const outcomes = await arena.race([...times(5, book(7)), ...times(5, book(8))]);

  expect(tally(outcomes)).toEqual({ ok: 5, idempotency_key_reused: 5 });
  expect([7, 8]).toContain(await balanceOf(sql, helper));
});
