import { beforeEach, describe, expect, test } from "vitest";
import { DELETE_LOGIN, signUpBySql } from "../support/admin.ts";
import type { Offer } from "../support/api-connection.ts";
import { admin, jobs, member, type Outcome, rowsOf, tally, times } from "../support/arena.ts";
import { playTask, type Stage } from "../support/scenario.ts";
import { useArena } from "../support/use-arena.ts";

/** Contact data against what ends it: whoever comes after the end sees nothing, and every look is noted. */

const arena = useArena(50);
const { sql } = arena;

let creator: string;
let helper: string;
let other: string;
beforeEach(async () => {
  [creator = "", helper = "", other = ""] = await signUpBySql(sql, 3);
  for (const id of [creator, helper]) {
    await arena.call(id, "update_contact", { phone_number: "+49 30 123456" });
    await arena.call(id, "update_settings", { phone_sharing: "on_shared_tasks" });
  }
});

async function play(stage: Stage): Promise<{ task_id: string; offer: Offer }> {
  const { task, offer } = await playTask(arena.call.bind(arena), creator, helper, stage, { address: "Sea Lane 1" });
  return { task_id: task.id, offer };
}

const look = (task_id: string, who = helper) => member(who, "reveal_task_contact", { task_id });

/** Who saw what of the task: `[owner, viewer]`. */
async function noted(task_id: string): Promise<string[][]> {
  const rows = await sql<{ user_id: string; actor_id: string }>(
    "select user_id, actor_id from private.contact_reveals where task_id = $1 order by id",
    [task_id],
  );
  return rows.map(({ user_id, actor_id }) => [user_id, actor_id]);
}

/** Members told of a phone number. */
async function told(task_id: string): Promise<string[]> {
  const rows = await sql<{ type: string }>(
    "select type from public.notifications where task_id = $1 and type like 'phone%' order by id",
    [task_id],
  );
  return rows.map(({ type }) => type);
}

/** Nobody who was refused saw anything, and whoever saw it is noted. */
function expectSeenIsNoted(outcomes: readonly Outcome[], rows: readonly string[][]): void {
  const seen = rowsOf<{ address?: string }>(outcomes).filter(({ address }) => address !== undefined);
  expect(seen.every(({ address }) => address === "Sea Lane 1")).toBe(true);
  expect(rows).toEqual(seen.length === 0 ? [] : [[creator, helper]]);
}

test("50 looks at once are one row", async () => {
  const { task_id } = await play("assigned");
  const outcomes = await arena.race(times(50, look(task_id)));
  expect(tally(outcomes)).toEqual({ ok: 50 });
  expect(await noted(task_id)).toEqual([[creator, helper]]);
});

test("both sides at once: each is noted for the other", async () => {
  const { task_id } = await play("assigned");
  const outcomes = await arena.race([...times(25, look(task_id)), ...times(25, look(task_id, creator))]);
  expect(tally(outcomes)).toEqual({ ok: 50 });
  expect((await noted(task_id)).toSorted()).toEqual(
    [
      [creator, helper],
      [helper, creator],
    ].toSorted(),
  );
});

test("50 questions, and 50 answers, are one of each", async () => {
  await arena.call(creator, "update_settings", { phone_sharing: "on_request" });
  const { task_id } = await play("assigned");
  const asked = await arena.race(times(50, member(helper, "request_phone_number", { task_id })));
  expect(tally(asked)).toEqual({ ok: 50 });
  expect(await told(task_id)).toEqual(["phone_number_requested"]);
  const shared = await arena.race([
    ...times(25, member(creator, "share_phone_number", { task_id })),
    ...times(25, member(helper, "request_phone_number", { task_id })),
  ]);
  expect(tally(shared)).toEqual({ ok: 50 });
  expect(await told(task_id)).toEqual(["phone_number_requested", "phone_number_shared"]);
});

describe("a look that comes too late sees nothing", () => {
  test("looks × cancellation", async () => {
    for (let round = 0; round < 3; round++) {
      const { task_id } = await play("assigned");
      const outcomes = await arena.race([...times(49, look(task_id)), member(creator, "cancel_task", { task_id })]);
      const { ok = 0, contact_not_open = 0 } = tally(outcomes);
      expect(ok + contact_not_open).toBe(50);
      expectSeenIsNoted(outcomes.slice(0, 49), await noted(task_id));
    }
  });

  test("looks × stepping back and another helper", async () => {
    for (let round = 0; round < 3; round++) {
      const { task_id } = await play("assigned");
      const outcomes = await arena.race([...times(49, look(task_id)), member(helper, "release_task", { task_id })]);
      const { ok = 0, task_not_found = 0 } = tally(outcomes);
      expect(ok + task_not_found).toBe(50);
      expectSeenIsNoted(outcomes.slice(0, 49), await noted(task_id));
      const next = (await arena.call(other, "offer_help", { task_id })) as Offer;
      await arena.call(creator, "accept_offer", { offer_id: next.id });
      expect(tally(await arena.race([look(task_id), look(task_id, other)]))).toEqual({ ok: 1, task_not_found: 1 });
    }
  });

  test.each([
    ["cancel_task", () => creator, "contact_not_open"],
    ["release_task", () => helper, "task_not_found"],
  ] as const)("%s is not committed yet when the look comes", async (command, who, hears) => {
    const { task_id } = await play("assigned");
    const { second, waited } = await arena.interleave(member(who(), command, { task_id }), look(task_id));
    expect([second.slug, waited]).toEqual([hears, true]);
    expect(await noted(task_id)).toEqual([]);
  });

  test("a ban of who looks is not committed yet when the look comes", async () => {
    const { task_id } = await play("assigned");
    const { second } = await arena.interleave(admin("select ops.ban_user($1, 'Spam')", helper), look(task_id));
    expect(second.slug).toBe("user_banned");
    expect(await noted(task_id)).toEqual([]);
  });
});

describe("an owner who leaves", () => {
  test.each([
    ["assigned", "creator"],
    ["assigned", "helper"],
    ["completed", "creator"],
    ["completed", "helper"],
  ] as const)("while a look at a task that is %s is not committed yet: the %s", async (stage, leaving) => {
    const [owner, viewer] = leaving === "creator" ? [creator, helper] : [helper, creator];
    const { task_id } = await play(stage);
    const { first, second } = await arena.interleave(look(task_id, viewer), admin(DELETE_LOGIN, owner));
    expect([first.slug, second.slug]).toEqual([undefined, undefined]);
    expect(await noted(task_id)).toEqual([]); // what was seen of them went with them
  });

  test("and looks that come after: nothing is written about them any more", async () => {
    const { task_id } = await play("completed");
    const { second } = await arena.interleave(admin(DELETE_LOGIN, helper), look(task_id, creator));
    expect(second.slug).toBe("contact_not_open");
    expect(await noted(task_id)).toEqual([]);
  });

  test("both at once, with the job that forgets", async () => {
    const { task_id } = await play("completed");
    await arena.call(creator, "share_phone_number", { task_id });
    await arena.call(helper, "share_phone_number", { task_id });
    const outcomes = await arena.race([
      admin(DELETE_LOGIN, creator),
      admin(DELETE_LOGIN, helper),
      jobs("now() + interval '91 days'"),
      ...times(20, look(task_id)),
    ]);
    expect(
      Object.keys(tally(outcomes)).every((slug) => ["ok", "contact_not_open", "user_inactive"].includes(slug)),
    ).toBe(true);
    await sql("select ops.run_due_jobs(now() + interval '91 days')");
    expect(await sql("select 1 from private.task_locations where task_id = $1", [task_id])).toEqual([]);
    expect(await sql("select 1 from private.phone_shares where task_id = $1", [task_id])).toEqual([]);
  });
});
