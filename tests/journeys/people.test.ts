import { beforeEach, describe, expect, test } from "vitest";
import { DELETE_LOGIN } from "../support/admin.ts";
import { balanceOf, offerStatuses, statusOf } from "../support/read.ts";
import { refusalOf, slugAndStatus } from "../support/refusal.ts";
import { PLACE, playTask, taskArgs } from "../support/scenario.ts";
import { type Member, rpc, useStack } from "../support/use-stack.ts";

const { sql, members, call } = useStack();

let creator: Member;
let helper: Member;
let other: Member;
beforeEach(async () => {
  [creator, helper, other] = await members(3);
});

async function idsNear({ api }: Member): Promise<string[]> {
  const { data } = await api.rpc("nearby_tasks", { ...PLACE, page_size: 100 }).throwOnError();
  return data.map(({ id }) => id);
}

async function openTasksSeenBy({ api }: Member): Promise<string[]> {
  const { data } = await api.from("tasks").select("id").eq("status", "open").throwOnError();
  return data.map(({ id }) => id);
}

describe("blocking", () => {
  test("hides both from each other, in both directions, and ends with unblocking", async () => {
    const mine = await rpc(creator, "create_task", taskArgs());
    const theirs = await rpc(helper, "create_task", taskArgs());
    await rpc(creator, "block_user", { user_id: helper.id });

    expect(await idsNear(helper)).not.toContain(mine.id);
    expect(await idsNear(creator)).not.toContain(theirs.id);
    expect(await openTasksSeenBy(helper)).not.toContain(mine.id);
    expect(await openTasksSeenBy(creator)).not.toContain(theirs.id);
    expect(await idsNear(other)).toEqual(expect.arrayContaining([mine.id, theirs.id]));
    expect(await slugAndStatus(helper.api.rpc("offer_help", { task_id: mine.id }))).toBe("404 task_not_found");
    expect(await slugAndStatus(creator.api.rpc("offer_help", { task_id: theirs.id }))).toBe("404 task_not_found");

    await creator.api.rpc("unblock_user", { user_id: helper.id }).throwOnError();
    expect(await idsNear(helper)).toContain(mine.id);
  });

  test("the blocked member is never told", async () => {
    await rpc(creator, "block_user", { user_id: helper.id });
    expect((await helper.api.from("user_blocks").select()).data).toEqual([]);
    expect((await creator.api.from("user_blocks").select("blocked_id")).data).toEqual([{ blocked_id: helper.id }]);
    expect((await helper.api.from("users").select("name").eq("id", creator.id)).data).toHaveLength(1);
  });

  test("an offer made before the block cannot be accepted", async () => {
    const { offer } = await playTask(call, creator.id, helper.id, "open");
    await rpc(helper, "block_user", { user_id: creator.id });
    expect(await slugAndStatus(creator.api.rpc("accept_offer", { offer_id: offer.id }))).toBe("409 helper_unavailable");
  });

  test("work that is under way is finished and paid all the same", async () => {
    const { task } = await playTask(call, creator.id, helper.id, "in_progress");
    await rpc(creator, "block_user", { user_id: helper.id });
    await rpc(helper, "finish_task", { task_id: task.id });
    await rpc(creator, "confirm_task", { task_id: task.id });
    expect(await balanceOf(sql, helper.id)).toBe(10);
  });
});

describe("a banned member", () => {
  const BAN = "select ops.ban_user($1, 'Asked for cash')";

  test("can read, also why, but not act", async () => {
    const task = await rpc(other, "create_task", taskArgs());
    await sql(BAN, [creator.id]);

    expect((await creator.api.from("user_bans").select("reason, lifted_at")).data).toEqual([
      { reason: "Asked for cash", lifted_at: null },
    ]);
    expect((await helper.api.from("user_bans").select()).data).toEqual([]);
    expect(await idsNear(creator)).toContain(task.id);
    for (const running of [
      creator.api.rpc("create_task", taskArgs()),
      creator.api.rpc("offer_help", { task_id: task.id }),
      creator.api.rpc("update_profile", { bio: "Innocent" }),
    ]) {
      expect(await refusalOf(running)).toMatchObject({ status: 403, code: "PT403", message: "user_banned" });
    }
  });

  test("leaves the search, and comes back when the ban is lifted", async () => {
    const task = await rpc(creator, "create_task", taskArgs());
    await sql(BAN, [creator.id]);
    expect(await idsNear(helper)).not.toContain(task.id);
    expect(await slugAndStatus(helper.api.rpc("offer_help", { task_id: task.id }))).toBe("409 task_not_open");

    await sql("select ops.unban_user($1)", [creator.id]);
    expect(await idsNear(helper)).toContain(task.id);
    expect((await rpc(helper, "offer_help", { task_id: task.id })).status).toBe("pending");
  });

  test("is not accepted as helper", async () => {
    const { offer } = await playTask(call, creator.id, helper.id, "open");
    await sql(BAN, [helper.id]);
    expect(await slugAndStatus(creator.api.rpc("accept_offer", { offer_id: offer.id }))).toBe("409 helper_unavailable");
  });

  test("is still paid for work that was done before", async () => {
    const { task } = await playTask(call, creator.id, helper.id, "pending_confirmation");
    await sql(BAN, [helper.id]);
    await rpc(creator, "confirm_task", { task_id: task.id });
    expect(await balanceOf(sql, helper.id)).toBe(10);
  });
});

describe("a deleted account", () => {
  test("takes the person away and leaves the books", async () => {
    const { task: done } = await playTask(call, creator.id, helper.id, "completed");
    const { task: open, offer } = await playTask(call, helper.id, other.id, "open", { address: "Example Street 1" });
    await rpc(helper, "update_profile", { name: "Hanna", bio: "I fix bicycles" });
    await rpc(helper, "update_contact", {
      phone_number: "+49 30 123456",
      address: "Example Street 1",
      latitude: 52.5,
      longitude: 13.4,
    });
    await rpc(helper, "block_user", { user_id: other.id });
    await sql(DELETE_LOGIN, [helper.id]);

    const { data: profile } = await creator.api
      .from("users")
      .select("name, bio, avatar_path, is_active")
      .eq("id", helper.id)
      .single();
    expect(profile).toEqual({ name: "Deleted member", bio: null, avatar_path: null, is_active: false });
    expect(await sql("select 1 from public.user_contacts where user_id = $1", [helper.id])).toEqual([]);
    expect(await sql("select 1 from public.user_blocks where $1 in (blocker_id, blocked_id)", [helper.id])).toEqual([]);
    expect(await sql("select 1 from private.task_locations where creator_id = $1", [helper.id])).toEqual([]);
    expect(await statusOf(sql, open.id)).toBe("cancelled");
    expect((await other.api.from("task_offers").select("status").eq("id", offer.id)).data).toEqual([
      { status: "not_chosen" },
    ]);
    expect(await statusOf(sql, done.id)).toBe("completed");
    expect(await balanceOf(sql, helper.id)).toBe(10);
    expect(await refusalOf(helper.api.rpc("create_task", taskArgs()))).toMatchObject({
      status: 403,
      message: "user_inactive",
    });
    expect(await refusalOf(helper.api.rpc("nearby_tasks", PLACE))).toMatchObject({
      status: 403,
      message: "user_inactive",
    });
  });

  test("gives tasks it was helping with back to their creators", async () => {
    const { task } = await playTask(call, creator.id, helper.id, "in_progress");
    await sql(DELETE_LOGIN, [helper.id]);
    const { data } = await creator.api.from("tasks").select("status, helper_id").eq("id", task.id).single();
    expect(data).toEqual({ status: "open", helper_id: null });
    expect(await offerStatuses(sql, task.id)).toEqual({ [helper.id]: "withdrawn" });
    const { data: events } = await creator.api
      .from("task_events")
      .select("action, details")
      .eq("task_id", task.id)
      .order("id");
    expect(events?.at(-1)).toEqual({ action: "released", details: { reason: "account_deleted" } });
  });

  test("is still paid, or still pays, for finished work", async () => {
    const { task } = await playTask(call, creator.id, helper.id, "pending_confirmation");
    await sql(DELETE_LOGIN, [helper.id]);
    expect((await rpc(creator, "confirm_task", { task_id: task.id })).status).toBe("completed");
    expect(await balanceOf(sql, helper.id)).toBe(10);
  });
});

describe("two phones of one member", () => {
  test("answer the same command with the same row", async () => {
    const { task } = await playTask(call, creator.id, helper.id, "pending_confirmation");
    const phones = [creator, { ...creator }];
    const rows = await Promise.all(phones.map((phone) => rpc(phone, "confirm_task", { task_id: task.id })));
    expect(rows[0]).toEqual(rows[1]);
    expect(await balanceOf(sql, helper.id)).toBe(10);
  });

  test("hear about each other's doing: the slower one gets a clear refusal", async () => {
    const { task, offer } = await playTask(call, creator.id, helper.id, "open");
    await rpc(creator, "cancel_task", { task_id: task.id });
    expect(await slugAndStatus(creator.api.rpc("accept_offer", { offer_id: offer.id }))).toBe("409 task_not_open");
  });
});
