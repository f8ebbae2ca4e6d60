import { beforeAll, describe, expect, test } from "vitest";
import { apiErrorFrom, createNeighbourhoodClient } from "../../src/client/index.ts";
import { slugAndStatus } from "../support/refusal.ts";
import { PLACE, taskArgs } from "../support/scenario.ts";
import { type Member, rpc, useStack } from "../support/use-stack.ts";

/** What members type, paste and send, and what becomes of it. */

const stack = useStack();
let member: Member;
beforeAll(async () => {
  [member] = await stack.members(1);
});

test("names, numbers and titles are read as people write and copy them", async () => {
  expect(await rpc(member, "update_profile", { name: "\u2068李\u2069 " })).toMatchObject({ name: "李" });
  expect(await rpc(member, "update_contact", { phone_number: "\u202A(030)\u00A01234567\u202C" })).toMatchObject({
    phone_number: "(030) 1234567",
  });
  const title = "می\u200Cخواهم 👩\u200D🌾 ❤\uFE0F";
  expect(await rpc(member, "create_task", taskArgs({ title: `\uFEFF${title}\u200B` }))).toMatchObject({ title });
  expect(await rpc(member, "update_settings", { time_zone: "europe/vienna" })).toMatchObject({
    time_zone: "Europe/Vienna",
  });
});

test.each([
  ["update_profile", { name: "\u3164\u2800" }, "400 text_blank"],
  ["update_contact", { phone_number: "\u3164" }, "400 phone_number_invalid"],
  ["update_settings", { time_zone: "Mars/Phobos3" }, "400 time_zone_invalid"],
  ["update_notification_settings", { quiet_from: "10pm", quiet_until: "07:00" }, "400 quiet_hours_invalid"],
  ["create_task", taskArgs({ title: "\u{E0061}\u{E0062}\u{E0063}\uFE0F" }), "400 text_blank"],
  ["create_task", taskArgs({ expires_at: "2026-12-24T18:00" }), "400 validation_failed"],
  ["create_task", taskArgs({ expires_at: "infinity" }), "400 validation_failed"],
] as const)("%s refuses %j: %s", async (command, args, refusal) => {
  expect(await slugAndStatus(member.api.rpc(command, args))).toBe(refusal);
});

describe("the client has a slug for what PostgREST refuses by itself", () => {
  const task = { title: "Mow the lawn", description: "Twice.", category: "garten", ...PLACE, points_reward: 5 };

  test("before it is sent, where the contract knows", async () => {
    const { tasks } = createNeighbourhoodClient(member.api);
    await expect(tasks.create({ ...task, metadata: { note: "\uD800" } })).rejects.toMatchObject({
      code: "metadata_invalid",
      detail: "metadata",
    });
    await expect(tasks.create({ ...task, points_reward: 1.5 })).rejects.toMatchObject({
      code: "points_reward_out_of_range",
    });
    await expect(tasks.confirm("42")).rejects.toMatchObject({ code: "task_not_found" });
  });

  test("and for the raw code, where a call goes past the contracts", async () => {
    const { error, status } = await member.api.rpc("create_task", { ...task, metadata: { note: "a\u0000b" } });
    expect([status, error?.code]).toEqual([400, "22P05"]);
    expect(apiErrorFrom(error, status)).toMatchObject({ code: "validation_failed", status: 400 });
  });
});
