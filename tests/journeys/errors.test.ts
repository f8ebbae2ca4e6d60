import type { SupabaseClient } from "@supabase/supabase-js";
import { beforeEach, describe, expect, test } from "vitest";
import { DELETE_LOGIN } from "../support/admin.ts";
import { type Refusal, refusalOf } from "../support/refusal.ts";
import { playTask, taskArgs } from "../support/scenario.ts";
import { changeSettings } from "../support/settings.ts";
import { type Client, type Member, openClient, signToken, useStack } from "../support/use-stack.ts";

/** What a frontend developer gets in `error`, for every kind of refusal there is. */

const { sql, members, call, anonymous, address } = useStack();
const NOBODY = "00000000-0000-4000-8000-000000000000";

let creator: Member;
let helper: Member;
beforeEach(async () => {
  [creator, helper] = await members(2);
});

/** supabase-js without the types, for calls that the types would refuse. */
function untyped(api: Client) {
  return api as unknown as SupabaseClient;
}

describe("refusals of the product have a status, a slug, a fact and a sentence", () => {
  const HINT = expect.stringMatching(/^[A-Z].*\.$/);

  test.each<[string, () => Parameters<typeof refusalOf>[0], Partial<Refusal>]>([
    [
      "400 with the field",
      () => creator.api.rpc("create_task", taskArgs({ title: " " })),
      { status: 400, code: "PT400", message: "text_blank", details: "title" },
    ],
    [
      "400 without a fact",
      () => creator.api.rpc("create_task", taskArgs({ points_reward: 0 })),
      { status: 400, code: "PT400", message: "points_reward_out_of_range", details: null },
    ],
    [
      "404",
      () => creator.api.rpc("confirm_task", { task_id: NOBODY }),
      { status: 404, code: "PT404", message: "task_not_found", details: null },
    ],
  ])("%s", async (_, run, expected) => {
    expect(await refusalOf(run())).toEqual({ hint: HINT, ...expected });
  });

  test("409 with the state the task is in", async () => {
    const { task } = await playTask(call, creator.id, helper.id, "assigned");
    expect(await refusalOf(creator.api.rpc("confirm_task", { task_id: task.id }))).toEqual({
      status: 409,
      code: "PT409",
      message: "task_not_pending_confirmation",
      details: "assigned",
      hint: HINT,
    });
  });

  test("429 with the limit", async () => {
    await changeSettings(sql, { open_task_limit: 0 });
    expect(await refusalOf(creator.api.rpc("create_task", taskArgs()))).toEqual({
      status: 429,
      code: "PT429",
      message: "open_task_limit_reached",
      details: "0",
      hint: HINT,
    });
  });

  test("403 after the account was deleted", async () => {
    await sql(DELETE_LOGIN, [creator.id]);
    expect(await refusalOf(creator.api.rpc("create_task", taskArgs()))).toEqual({
      status: 403,
      code: "PT403",
      message: "user_inactive",
      details: null,
      hint: HINT,
    });
  });

  test("401 for a login whose member is gone", async () => {
    const token = await signToken(address.jwtSecret, { sub: NOBODY, role: "authenticated" });
    expect(await refusalOf(openClient(address, token).rpc("create_task", taskArgs()))).toEqual({
      status: 401,
      code: "PT401",
      message: "not_signed_in",
      details: null,
      hint: HINT,
    });
  });
});

describe("refusals of the API itself look like PostgREST's", () => {
  test.each<[string, (api: Client) => Parameters<typeof refusalOf>[0], Partial<Refusal>]>([
    ["a function that does not exist", (api) => untyped(api).rpc("pay_me"), { status: 404, code: "PGRST202" }],
    [
      "an argument that does not exist",
      (api) => untyped(api).rpc("confirm_task", { id: NOBODY }),
      { status: 404, code: "PGRST202" },
    ],
    ["a table that does not exist", (api) => untyped(api).from("secrets").select(), { status: 404, code: "PGRST205" }],
    [
      "a column that does not exist",
      (api) => untyped(api).from("users").select("email"),
      { status: 400, code: "42703" },
    ],
    [
      "a relation that does not exist",
      (api) => untyped(api).from("categories").select("*, point_accounts(*)"),
      { status: 400, code: "PGRST200" },
    ],
    [
      "a table in itself, by the constraint's name",
      (api) => untyped(api).from("categories").select("slug, children:categories!categories_parent_slug_fkey(slug)"),
      { status: 400, code: "PGRST200" },
    ],
    [
      "the same in another table",
      (api) => untyped(api).from("tasks").select("id, categories(slug, categories_parent_slug_fkey!inner(slug))"),
      { status: 400, code: "PGRST200" },
    ],
    [
      "a relation that could be several",
      (api) => untyped(api).from("tasks").select("*, users(*)"),
      { status: 300, code: "PGRST201" },
    ],
    [
      "a summary nobody may ask for",
      (api) => untyped(api).from("users").select("rating_count.sum()"),
      { status: 400, code: "PGRST123" },
    ],
    [
      "a value of the wrong type",
      (api) => untyped(api).rpc("confirm_task", { task_id: "42" }),
      { status: 400, code: "22P02" },
    ],
    [
      "one row asked for, none found",
      (api) => api.from("users").select().eq("id", NOBODY).single(),
      { status: 406, code: "PGRST116" },
    ],
    [
      "a write past the commands",
      (api) => untyped(api).from("tasks").insert({ title: "Mine" }),
      { status: 403, code: "42501" },
    ],
    [
      "another schema",
      (api) => untyped(api).schema("private").from("settings").select(),
      { status: 406, code: "PGRST106" },
    ],
  ])("%s", async (_, run, expected) => {
    const refusal = await refusalOf(run(creator.api));
    expect(refusal).toMatchObject(expected);
    expect(refusal.message).toEqual(expect.any(String));
  });

  test("nobody signed in: 401", async () => {
    expect(await refusalOf(anonymous().rpc("create_task", taskArgs()))).toMatchObject({ status: 401, code: "42501" });
    expect(await refusalOf(anonymous().from("tasks").select())).toMatchObject({ status: 401, code: "42501" });
  });

  test("the body has these four fields and no others", async () => {
    for (const [path, token] of [
      ["rpc/confirm_task", creator.token],
      ["rpc/pay_me", creator.token],
      ["rpc/confirm_task", "not-a-token"],
    ]) {
      const response = await fetch(`${address.url}/rest/v1/${path}`, {
        method: "POST",
        headers: {
          apikey: address.publishableKey,
          authorization: `Bearer ${token}`,
          "content-type": "application/json",
        },
        body: JSON.stringify({ task_id: NOBODY }),
      });
      expect(response.headers.get("content-type")).toMatch(/^application\/json/);
      expect(Object.keys((await response.json()) as object).toSorted()).toEqual(["code", "details", "hint", "message"]);
    }
  });
});
