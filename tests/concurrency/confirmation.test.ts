import { beforeAll, describe, expect, test } from "vitest";
import { signUpBySql } from "../support/admin.ts";
import type { Task } from "../support/api-connection.ts";
import { admin, jobs, member, type Racer, rowsOf, tally } from "../support/race.ts";
import { useRing } from "../support/ring.ts";
import { playTask } from "../support/scenario.ts";

const CALLERS = 100;
const ring = useRing(CALLERS);
const { arena, sql } = ring;
const call = arena.call.bind(arena);

let creator = "";
let helper = "";
beforeAll(async () => {
  expect(await arena.connect(), "every caller has a server process of its own").toBe(CALLERS);
});

async function freshPair(): Promise<void> {
  [creator = "", helper = ""] = await signUpBySql(sql, 2);
}

async function accountOf(memberId: string) {
  const [account] = await sql<{ balance: number; earned: number }>(
    "select balance, earned from public.point_accounts where user_id = $1",
    [memberId],
  );
  return account;
}

async function paymentsFor(taskId: string): Promise<number> {
  const rows = await sql("select 1 from public.point_transactions where task_id = $1 and type = 'task_completed'", [taskId]);
  return rows.length;
}

function times(count: number, racer: () => Racer): Racer[] {
  return Array.from({ length: count }, racer);
}

describe("confirm_task", () => {
  test("100 parallel confirmations give one credit, and everybody the same completed row", async () => {
    await freshPair();
    const { task } = await playTask(call, creator, helper, "pending_confirmation", { points_reward: 40 });

    const outcomes = await arena.race(times(CALLERS, () => member(creator, "confirm_task", { task_id: task.id })));

    expect(tally(outcomes)).toEqual({ ok: CALLERS });
    const rows = rowsOf<Task>(outcomes);
    expect(rows[0]).toMatchObject({ id: task.id, status: "completed", helper_id: helper, points_reward: 40 });
    expect(new Set(rows.map((row) => JSON.stringify(row))).size).toBe(1);
    expect(await paymentsFor(task.id)).toBe(1);
    expect(await accountOf(helper)).toEqual({ balance: 40, earned: 40 });
  });
});
