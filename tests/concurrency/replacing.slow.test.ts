import { randomUUID } from "node:crypto";
import { beforeEach, describe, expect, test } from "vitest";
import { DELETE_LOGIN, signUpBySql } from "../support/admin.ts";
import type { Task } from "../support/api-connection.ts";
import { admin, member, type Racer, rowsOf, tally, times } from "../support/arena.ts";
import { makeOverdue, newestNoShowOf } from "../support/overdue.ts";
import { balanceOf, statusOf } from "../support/read.ts";
import { playTask, type Stage } from "../support/scenario.ts";
import { changeSettings } from "../support/settings.ts";
import { useArena } from "../support/use-arena.ts";

/** Somebody does not come, or just then: whatever arrives in the same moment, one thing happens and is counted once. */

const arena = useArena(60);
const { sql } = arena;

let creator: string;
let helper: string;
let spare: string;
let task: Task;
beforeEach(async () => {
  [creator = "", helper = "", spare = ""] = await signUpBySql(sql, 3);
});

/** Returns the id of the helper's offer. */
async function overdueTask(stage: Stage): Promise<string> {
  const played = await playTask(arena.call.bind(arena), creator, helper, stage);
  ({ task } = played);
  await makeOverdue(sql, task.id);
  return played.offer.id;
}

const replace = () => member(creator, "replace_helper", { task_id: task.id, reason: "Nobody came" });
const start = () => member(helper, "start_task", { task_id: task.id });
const finish = () => member(helper, "finish_task", { task_id: task.id });
const release = () => member(helper, "release_task", { task_id: task.id });
const confirm = () => member(creator, "confirm_task", { task_id: task.id });
const cancel = () => member(creator, "cancel_task", { task_id: task.id });

async function lapsesOf(memberId: string): Promise<string> {
  const rows = await sql<{ lapses: string }>(
    `select coalesce((select string_agg(kind, ' ' order by id) from public.lapses where helper_id = $1), '') || ': '
       || coalesce((select no_shows || ' ' || late_releases from private.lapse_totals where user_id = $1), '') as lapses`,
    [memberId],
  );
  return rows[0]?.lapses ?? "";
}

test("50 × replace: one no-show, and every caller hears the same", async () => {
  await overdueTask("assigned");
  const outcomes = await arena.race(times(50, replace()));
  expect(tally(outcomes)).toEqual({ ok: 50 });
  expect(new Set(rowsOf<Task>(outcomes).map((row) => JSON.stringify(row))).size).toBe(1);
  expect(await lapsesOf(helper)).toBe("no_show: 1 0");
});

test("replace × start: who started has come, who was replaced cannot start", async () => {
  for (let round = 0; round < 8; round++) {
    [helper = ""] = await signUpBySql(sql, 1);
    await overdueTask("assigned");
    const outcomes = await arena.race([...times(25, replace()), ...times(25, start())]);
    const isOpen = (await statusOf(sql, task.id)) === "open";
    expect(tally(outcomes)).toEqual(isOpen ? { ok: 25, task_not_found: 25 } : { ok: 25, helper_not_overdue: 25 });
    expect(await lapsesOf(helper)).toBe(isOpen ? "no_show: 1 0" : ": ");
  }
});

test("replace × messages × withdraw: open again, and at most one no-show", async () => {
  for (let round = 0; round < 8; round++) {
    [helper = ""] = await signUpBySql(sql, 1);
    const offer_id = await overdueTask("assigned");
    const messages = Array.from({ length: 15 }, () =>
      member(helper, "send_message", { offer_id, body: "My bus is late", idempotency_key: randomUUID() }),
    );
    await arena.race([
      ...times(20, replace()),
      ...messages,
      ...times(15, member(helper, "withdraw_offer", { offer_id })),
    ]);
    expect(await statusOf(sql, task.id)).toBe("open");
    expect(["no_show: 1 0", ": "]).toContain(await lapsesOf(helper));
  }
});

test("replace × finish × confirm: paid, or open again; never both", async () => {
  for (let round = 0; round < 8; round++) {
    [helper = ""] = await signUpBySql(sql, 1);
    await overdueTask(round % 2 === 0 ? "assigned" : "in_progress");
    await arena.race([...times(20, replace()), ...times(20, finish()), ...times(20, confirm())]);
    const status = await statusOf(sql, task.id);
    expect(["open", "pending_confirmation", "completed"]).toContain(status);
    expect(await balanceOf(sql, helper)).toBe(status === "completed" ? 10 : 0);
    expect(await lapsesOf(helper)).toBe(status === "open" && round % 2 === 0 ? "no_show: 1 0" : ": ");
  }
});

test("replace × release × cancel: at most one lapse", async () => {
  for (let round = 0; round < 8; round++) {
    [helper = ""] = await signUpBySql(sql, 1);
    await overdueTask("assigned");
    await sql("update public.tasks set assigned_at = assigned_at - interval '4 days' where id = $1", [task.id]);
    await arena.race([...times(20, replace()), ...times(20, release()), ...times(20, cancel())]);
    expect(await statusOf(sql, task.id)).toBe("cancelled");
    expect(["no_show: 1 0", "late_release: 0 1", ": "]).toContain(await lapsesOf(helper));
  }
});

test("replace × accept: revived offers can be accepted at once, and whoever was replaced is out", async () => {
  await overdueTask("open");
  const theirs = await arena.call(spare, "offer_help", { task_id: task.id });
  const [mine] = await sql<{ id: string }>("select id from public.task_offers where task_id = $1 and helper_id = $2", [
    task.id,
    helper,
  ]);
  await arena.call(creator, "accept_offer", { offer_id: mine?.id ?? "" });
  await makeOverdue(sql, task.id);
  await arena.race([...times(30, replace()), ...times(30, member(creator, "accept_offer", { offer_id: theirs.id }))]);
  expect(await lapsesOf(helper)).toBe("no_show: 1 0");
  expect(await lapsesOf(spare)).toBe(": ");
});

test("held points stay held: replaced, accepted again, confirmed once", async () => {
  await changeSettings(sql, { reward_funding: "creator" });
  await sql("select ops.adjust_points($1, 10, 'For a task')", [creator]);
  await overdueTask("assigned");
  await arena.race([...times(30, replace()), ...times(20, cancel())]);
  expect(await balanceOf(sql, creator)).toBe((await statusOf(sql, task.id)) === "cancelled" ? 10 : 0);
});

describe("step by step", () => {
  test.each<[string, () => Racer]>([
    ["a ban of the helper", () => admin("select ops.ban_user($1, 'Spam')", helper)],
    ["a block by the creator", () => member(creator, "block_user", { user_id: helper })],
  ])("%s that is not committed yet is waited for, and is no no-show", async (_, first) => {
    await overdueTask("assigned");
    const { second, waited } = await arena.interleave(first(), replace());
    expect({ waited, slug: second.slug }).toEqual({ waited: true, slug: undefined });
    expect(await lapsesOf(helper)).toBe(": ");
  });

  const write = (offer_id: string) =>
    member(helper, "send_message", { offer_id, body: "My bus is late", idempotency_key: randomUUID() });

  test("a message that is not committed yet is waited for, and is a sign", async () => {
    const offerId = await overdueTask("assigned");
    const { second, waited } = await arena.interleave(write(offerId), replace());
    expect({ waited, slug: second.slug }).toEqual({ waited: true, slug: undefined });
    expect(await statusOf(sql, task.id)).toBe("open");
    expect(await lapsesOf(helper)).toBe(": ");
  });

  test("a message that comes while the helper is being replaced waits, and comes too late", async () => {
    const offerId = await overdueTask("assigned");
    const { second, waited } = await arena.interleave(replace(), write(offerId));
    expect({ waited, slug: second.slug }).toEqual({ waited: true, slug: undefined });
    expect(await lapsesOf(helper)).toBe("no_show: 1 0");
  });

  test("contesting twice at once says one thing", async () => {
    await overdueTask("assigned");
    await arena.call(creator, "replace_helper", { task_id: task.id, reason: "Nobody came" });
    const no_show_id = await newestNoShowOf(sql, helper);
    const contest = (statement: string) => member(helper, "contest_no_show", { no_show_id, statement });
    const outcomes = await arena.race([...times(25, contest("I rang")), ...times(25, contest("I knocked"))]);
    expect(tally(outcomes)).toEqual({ ok: 25, no_show_already_contested: 25 });
  });

  test("decisions at once are counted as the last one says", async () => {
    await overdueTask("assigned");
    await arena.call(creator, "replace_helper", { task_id: task.id, reason: "Nobody came" });
    const id = await newestNoShowOf(sql, helper);
    const decide = (decision: string) => admin("select ops.decide_no_show($1, $2, 'Seen')", id, decision);
    await arena.race([...times(10, decide("upheld")), ...times(10, decide("withdrawn"))]);
    const [lapse] = await sql<{ decision: string }>("select decision from public.lapses where id = $1", [id]);
    expect(await lapsesOf(helper)).toBe(lapse?.decision === "upheld" ? "no_show: 1 0" : "no_show: 0 0");
  });

  test("a decision and the deletion of the helper's login do not wait for each other for ever", async () => {
    await overdueTask("assigned");
    await arena.call(creator, "replace_helper", { task_id: task.id, reason: "Nobody came" });
    const id = await newestNoShowOf(sql, helper);
    const { second } = await arena.interleave(
      admin(DELETE_LOGIN, helper),
      admin("select ops.decide_no_show($1, 'upheld', 'Seen')", id),
    );
    expect(second.slug).toBe("no_show_not_found");
    expect(await lapsesOf(helper)).toBe(": ");
  });
});
