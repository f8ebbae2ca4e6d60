import { beforeEach, expect, test } from "vitest";
import type { CommandArgs } from "../support/api-connection.ts";
import { bookingsOf } from "../support/read.ts";
import { refusalOf } from "../support/refusal.ts";
import { playTask, taskArgs } from "../support/scenario.ts";
import { type Member, rpc, useStack } from "../support/use-stack.ts";

const { sql, members, call } = useStack();

let creator: Member;
let helper: Member;
let other: Member;
beforeEach(async () => {
  [creator, helper, other] = await members(3);
});

/** Sends a command, loses the reply, sends it again; both replies must be the same row. */
async function twice<C extends Parameters<typeof rpc>[1]>(who: Member, command: C, args: CommandArgs<C>) {
  const first = await rpc(who, command, args);
  expect(await rpc(who, command, args)).toEqual(first);
  return first;
}

test("every step of the story can be repeated after a lost reply", async () => {
  const task = await rpc(creator, "create_task", taskArgs());
  const task_id = task.id;
  const offer = await twice(helper, "offer_help", { task_id, message: "Hello" });
  const spare = await twice(other, "offer_help", { task_id });
  await twice(creator, "decline_offer", { offer_id: spare.id });
  await twice(creator, "accept_offer", { offer_id: offer.id });
  await twice(helper, "release_task", { task_id });
  await twice(helper, "offer_help", { task_id });
  await twice(helper, "withdraw_offer", { offer_id: offer.id });
  await twice(helper, "offer_help", { task_id });
  await twice(creator, "accept_offer", { offer_id: offer.id });
  await twice(helper, "start_task", { task_id });
  await twice(helper, "finish_task", { task_id, note: "Done" });
  await twice(creator, "reject_completion", { task_id, reason: "Not yet" });
  await twice(helper, "finish_task", { task_id });
  await twice(creator, "confirm_task", { task_id });

  expect(await bookingsOf(sql, task_id)).toEqual(["task_completed 10"]);
  const { data: events } = await creator.api.from("task_events").select("action").eq("task_id", task_id).order("id");
  expect(events?.map(({ action }) => action)).toEqual(
    "created assigned released assigned started finished completion_rejected finished confirmed".split(" "),
  );
});

test("cancelling, blocking, profile and contact can be repeated, too", async () => {
  const { task } = await playTask(call, creator.id, helper.id, "assigned");
  await twice(creator, "cancel_task", { task_id: task.id });
  await twice(creator, "block_user", { user_id: helper.id });
  const { updated_at: _, ...profile } = await rpc(creator, "update_profile", { bio: "Hello" });
  expect(await rpc(creator, "update_profile", { bio: "Hello" })).toMatchObject(profile);
  const { updated_at: __, ...contact } = await rpc(creator, "update_contact", { phone_number: "+49 30 123456" });
  expect(await rpc(creator, "update_contact", { phone_number: "+49 30 123456" })).toMatchObject(contact);
});

test("a repeated command of somebody else is no repeat", async () => {
  const { task, offer } = await playTask(call, creator.id, helper.id, "completed");
  for (const running of [
    helper.api.rpc("confirm_task", { task_id: task.id }),
    other.api.rpc("confirm_task", { task_id: task.id }),
    creator.api.rpc("start_task", { task_id: task.id }),
    other.api.rpc("finish_task", { task_id: task.id }),
    other.api.rpc("release_task", { task_id: task.id }),
  ]) {
    expect(await refusalOf(running)).toMatchObject({ status: 404, message: "task_not_found" });
  }
  for (const running of [
    helper.api.rpc("accept_offer", { offer_id: offer.id }),
    other.api.rpc("withdraw_offer", { offer_id: offer.id }),
    helper.api.rpc("decline_offer", { offer_id: offer.id }),
  ]) {
    expect(await refusalOf(running)).toMatchObject({ status: 404, message: "offer_not_found" });
  }
});
