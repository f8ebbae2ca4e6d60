import { beforeEach, describe, expect, test } from "vitest";
import { runDueJobs } from "../support/admin.ts";
import { makeOverdue, newestNoShowOf } from "../support/overdue.ts";
import { slugAndStatus } from "../support/refusal.ts";
import { codeIn, restOf } from "../support/rest.ts";
import { playTask } from "../support/scenario.ts";
import { type Member, rpc, useStack } from "../support/use-stack.ts";

/** Creators who punish, helpers who hide, and the curious: what each of them tries about no-shows, over HTTP. */

const stack = useStack();
const { sql, call, address } = stack;
const rest = restOf(address);

let creator: Member;
let helper: Member;
let stranger: Member;
beforeEach(async () => {
  [creator, helper, stranger] = await stack.members(3);
});

async function missedTask(): Promise<{ task_id: string; no_show_id: number }> {
  const { task } = await playTask(call, creator.id, helper.id, "assigned");
  await makeOverdue(sql, task.id);
  await rpc(creator, "replace_helper", { task_id: task.id, reason: "Nobody came" });
  return { task_id: task.id, no_show_id: await newestNoShowOf(sql, helper.id) };
}

describe("a creator who wants to punish", () => {
  test("cannot replace at once, nor a helper who has started, nor with a time of their own", async () => {
    const { task } = await playTask(call, creator.id, helper.id, "assigned");
    const args = { task_id: task.id, reason: "Too slow" };
    expect(await slugAndStatus(creator.api.rpc("replace_helper", args))).toBe("409 helper_not_overdue");
    await makeOverdue(sql, task.id);
    await rpc(helper, "start_task", { task_id: task.id });
    expect(await slugAndStatus(creator.api.rpc("replace_helper", args))).toBe("409 helper_not_overdue");
    for (const extra of [{ expected_at: "2020-01-01T00:00:00Z" }, { kind: "no_show" }, { as_of: "2030-01-01" }]) {
      const body = JSON.stringify({ ...args, ...extra });
      const response = await rest("rpc/replace_helper", { token: creator.token, method: "POST", body });
      expect([response.status, codeIn(response)]).toEqual([404, "PGRST202"]);
    }
    expect(await sql("select 1 from public.lapses where helper_id = $1", [helper.id])).toEqual([]);
  });

  test("cannot shut the helper out first and count that they stayed away", async () => {
    const { task } = await playTask(call, creator.id, helper.id, "assigned");
    await makeOverdue(sql, task.id);
    await rpc(creator, "block_user", { user_id: helper.id });
    await rpc(creator, "replace_helper", { task_id: task.id, reason: "Nobody came" });
    expect(await sql("select 1 from public.lapses where helper_id = $1", [helper.id])).toEqual([]);
  });

  test("cannot count somebody who has written, not even one who took the message back", async () => {
    const { task, offer } = await playTask(call, creator.id, helper.id, "assigned");
    await makeOverdue(sql, task.id);
    const idempotency_key = crypto.randomUUID();
    const sent = await rpc(helper, "send_message", { offer_id: offer.id, body: "My bus is late", idempotency_key });
    await rpc(helper, "delete_message", { offer_id: offer.id, message_id: sent.id });
    await rpc(creator, "replace_helper", { task_id: task.id, reason: "Nobody came" });
    expect(await sql("select 1 from public.lapses where helper_id = $1", [helper.id])).toEqual([]);
  });

  test("learns neither whether it counted, nor what the helper says, nor what was decided", async () => {
    const { task_id, no_show_id } = await missedTask();
    await rpc(helper, "contest_no_show", { no_show_id, statement: "I rang twice" });
    await sql("select ops.decide_no_show($1, 'withdrawn', 'The bell is broken')", [no_show_id]);
    for (const path of [
      "lapses",
      `tasks?id=eq.${task_id}&select=*,lapses(*)`,
      `task_events?task_id=eq.${task_id}`,
      `users?id=eq.${helper.id}&select=*,lapses(*),accepted_tasks,finished_tasks`,
      "notifications",
    ]) {
      const response = await rest(path, { token: creator.token });
      expect([path, response.status]).toEqual([path, 200]);
      expect(response.text).not.toMatch(/I rang|bell|no_show|withdrawn_|late_release/u);
    }
    const reliability = await rest(`users?id=eq.${helper.id}&select=accepted_tasks,finished_tasks`, {
      token: creator.token,
    });
    expect(JSON.parse(reliability.text)).toEqual([{ accepted_tasks: null, finished_tasks: null }]);
  });

  test("and counts of the planner tell nobody who is among them", async () => {
    for (let missed = 0; missed < 3; missed++) await missedTask();
    await sql("analyze public.lapses");
    const planned = async (memberId: string) => {
      const path = `lapses?helper_id=eq.${memberId}&select=id`;
      const request = { token: stranger.token, method: "HEAD", headers: { prefer: "count=planned" } };
      return (await rest(path, request)).headers.get("content-range");
    };
    expect(await planned(helper.id)).toBe(await planned(creator.id));
  });
});

describe("a helper who wants to hide it", () => {
  test("can neither write the table nor decide, nor contest twice", async () => {
    const { no_show_id } = await missedTask();
    const path = `lapses?id=eq.${no_show_id}`;
    for (const method of ["PATCH", "DELETE"]) {
      const body = method === "PATCH" ? JSON.stringify({ decision: "withdrawn" }) : undefined;
      const response = await rest(path, { token: helper.token, method, ...(body === undefined ? {} : { body }) });
      expect([method, response.status, codeIn(response)]).toEqual([method, 403, "42501"]);
    }
    const decide = JSON.stringify({ no_show_id, decision: "withdrawn", reason: "Me" });
    for (const caller of [{ token: helper.token }, { apiKey: address.secretKey }]) {
      const response = await rest("rpc/decide_no_show", { ...caller, method: "POST", body: decide });
      expect([response.status, codeIn(response)]).toEqual([404, "PGRST202"]);
    }
    await rpc(helper, "contest_no_show", { no_show_id, statement: "I rang" });
    const again = { no_show_id, statement: "And knocked" };
    expect(await slugAndStatus(helper.api.rpc("contest_no_show", again))).toBe("409 no_show_already_contested");
  });

  test("keeps it when stepping back, starting or finishing afterwards", async () => {
    const { task_id } = await missedTask();
    for (const command of ["start_task", "finish_task", "release_task"] as const) {
      expect(await slugAndStatus(helper.api.rpc(command, { task_id }))).toBe("404 task_not_found");
    }
    expect(await sql("select no_shows from private.lapse_totals where user_id = $1", [helper.id])).toEqual([
      { no_shows: 1 },
    ]);
  });
});

describe("somebody else", () => {
  test("can neither replace, nor contest, nor read", async () => {
    const { task_id, no_show_id } = await missedTask();
    const replace = { task_id, reason: "Nobody came" };
    expect(await slugAndStatus(stranger.api.rpc("replace_helper", replace))).toBe("404 task_not_found");
    expect(await slugAndStatus(helper.api.rpc("replace_helper", replace))).toBe("404 task_not_found");
    for (const { api } of [stranger, creator]) {
      const contest = { no_show_id, statement: "It was me" };
      expect(await slugAndStatus(api.rpc("contest_no_show", contest))).toBe("404 no_show_not_found");
      expect((await api.from("lapses").select()).data).toEqual([]);
    }
  });

  test("sees how reliable a helper is only from five tasks on", async () => {
    for (let done = 0; done < 4; done++) await playTask(call, creator.id, helper.id, "completed");
    await runDueJobs(sql, "now()");
    const seen = async () =>
      (await stranger.api.from("users").select("accepted_tasks, finished_tasks").eq("id", helper.id)).data;
    expect(await seen()).toEqual([{ accepted_tasks: null, finished_tasks: null }]);
    await missedTask();
    expect(await seen()).toEqual([{ accepted_tasks: 5, finished_tasks: 4 }]);
  });
});
