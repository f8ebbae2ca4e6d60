import { beforeAll, describe, expect, test } from "vitest";
import { runDueJobs } from "../support/admin.ts";
import { type Catalogue, type Rpc, readCatalogue } from "../support/catalogue.ts";
import { type Caller, restOf } from "../support/rest.ts";
import { PLACE, playTask } from "../support/scenario.ts";
import { type Member, rpc, useStack } from "../support/use-stack.ts";

/**
 * A rating that is not revealed changes nothing that anybody but its author can see: everything readable is read before
 * and after, and must be the same, byte for byte.
 */

const stack = useStack();
const { sql, address } = stack;
const rest = restOf(address);
let catalogue: Catalogue;
let readings: Rpc[];
beforeAll(async () => {
  catalogue = await readCatalogue(sql);
  const stable = await sql<{ name: string }>(
    "select proname as name from pg_proc where pronamespace = 'public'::regnamespace and provolatile <> 'v'",
  );
  const names = new Set(stable.map(({ name }) => name));
  readings = catalogue.rpcs.filter(({ name, isComputedField }) => names.has(name) && !isComputedField);
});

interface Scene {
  author: Member;
  ratee: Member;
  stranger: Member;
  taskId: string;
}

async function setScene(): Promise<Scene> {
  const [author, ratee, stranger] = await stack.members(3);
  const { task } = await playTask(stack.call, author.id, ratee.id, "completed");
  return { author, ratee, stranger, taskId: task.id };
}

/** Everything this caller can read: every table, every count, every reading function, about this member and task. */
async function readAll(caller: Caller, about: { memberId: string; taskId: string }): Promise<Record<string, string>> {
  const seen: Record<string, string> = {};
  for (const { name, columns } of catalogue.tables) {
    const order = columns.map((column) => column.name).filter((column) => /id$|^slug$|^type$/u.test(column));
    const path = `${name}?select=*&order=${order.join(",")}`;
    const { status, text } = await rest(path, caller);
    seen[path] = `${status} ${text}`;
  }
  // how many there are is an answer, too, and the planner's guess is another one
  for (const amount of ["exact", "planned", "estimated"]) {
    const { status, headers } = await rest("ratings", {
      ...caller,
      method: "HEAD",
      headers: { prefer: `count=${amount}` },
    });
    seen[`${amount} number of ratings`] = `${status} ${headers.get("content-range")}`;
  }
  for (const { name, args } of readings) {
    const known: Record<string, unknown> = {
      user_id: about.memberId,
      member_id: about.memberId,
      task_id: about.taskId,
      query: "boxes",
      ...PLACE,
    };
    const given = Object.fromEntries(args.filter((arg) => arg.name in known).map((arg) => [arg.name, known[arg.name]]));
    const { status, text } = await rest(`rpc/${name}`, { ...caller, method: "POST", body: given });
    seen[`${name} ${JSON.stringify(given)}`] = `${status} ${text}`;
  }
  return seen;
}

/** Whether the jobs ran in between must not matter either. */
async function settle(): Promise<void> {
  await runDueJobs(sql, "now()");
}

describe("a hidden rating", () => {
  test.each<[string, (scene: Scene) => Caller]>([
    ["the member who was rated", ({ ratee }) => ({ token: ratee.token })],
    ["another member", ({ stranger }) => ({ token: stranger.token })],
    ["somebody who is not signed in", () => ({})],
    ["the secret key", () => ({ apiKey: address.secretKey })],
  ])("shows through no door to %s", async (_who, callerOf) => {
    const scene = await setScene();
    const about = { memberId: scene.ratee.id, taskId: scene.taskId };
    await settle();
    const before = await readAll(callerOf(scene), about);
    await rpc(scene.author, "rate_task", { task_id: scene.taskId, score: 1, comment: "Never again" });
    await settle();
    const after = await readAll(callerOf(scene), about);
    expect(Object.keys(after).length).toBeGreaterThan(30);
    expect(after).toEqual(before);
  });

  test("shows to its author, so the test above could fail", async () => {
    const { author, ratee, taskId } = await setScene();
    const caller = { token: author.token };
    const before = await readAll(caller, { memberId: ratee.id, taskId });
    await rpc(author, "rate_task", { task_id: taskId, score: 1 });
    expect(await readAll(caller, { memberId: ratee.id, taskId })).not.toEqual(before);
  });

  test("does not show in how the other side's own rating is answered", async () => {
    const [rated, silent] = [await setScene(), await setScene()];
    await rpc(rated.author, "rate_task", { task_id: rated.taskId, score: 2 });
    const refusals = [
      { score: 0 },
      { score: 6 },
      { score: 3, comment: "x".repeat(1001) },
      { score: 3, comment: "\u0001" },
    ];
    const answers = (scene: Scene) =>
      Promise.all(
        refusals.map(async (rating) => {
          const { status, text } = await rest("rpc/rate_task", {
            token: scene.ratee.token,
            method: "POST",
            body: { task_id: scene.taskId, ...rating },
          });
          return `${status} ${text}`;
        }),
      );
    expect(await answers(rated)).toEqual(await answers(silent));
  });

  test("stays hidden when its author is banned, deleted, or blocked", async () => {
    for (const happens of [
      ({ author }: Scene) => sql("select ops.ban_user($1, 'test')", [author.id]),
      ({ author }: Scene) => sql("delete from auth.users where id = $1", [author.id]),
      ({ author, ratee }: Scene) => rpc(ratee, "block_user", { user_id: author.id }),
    ]) {
      const scene = await setScene();
      await rpc(scene.author, "rate_task", { task_id: scene.taskId, score: 1, comment: "Never again" });
      await happens(scene);
      const { data } = await scene.ratee.api.from("ratings").select("*").eq("task_id", scene.taskId).throwOnError();
      expect(data).toEqual([]);
      const { data: profile } = await scene.ratee.api
        .from("users")
        .select("rating_count")
        .eq("id", scene.ratee.id)
        .single()
        .throwOnError();
      expect(profile.rating_count).toBe(0);
    }
  });
});

describe("nobody rates", () => {
  test("somebody else's task, a task that is not done, or oneself", async () => {
    const { author, ratee, stranger, taskId } = await setScene();
    const { task: open } = await playTask(stack.call, author.id, ratee.id, "pending_confirmation");
    const refused = async (member: Member, task_id: string) =>
      JSON.parse(
        (await rest("rpc/rate_task", { token: member.token, method: "POST", body: { task_id, score: 5 } })).text,
      );
    expect(await refused(stranger, taskId)).toMatchObject({ code: "PT404", message: "task_not_found" });
    expect(await refused(author, open.id)).toMatchObject({ code: "PT409", message: "task_not_completed" });
    await rpc(author, "rate_task", { task_id: taskId, score: 5 });
    const [row] = await sql<{ ratee_id: string }>("select ratee_id from public.ratings where task_id = $1", [taskId]);
    expect(row?.ratee_id).toBe(ratee.id);
  });

  test("twice for one task to be counted twice, however often it is sent", async () => {
    const { author, ratee, taskId } = await setScene();
    await rpc(ratee, "rate_task", { task_id: taskId, score: 5 });
    await Promise.all([5, 5, 5, 5].map((score) => rpc(author, "rate_task", { task_id: taskId, score })));
    const [row] = await sql("select rating_count, rating_average::float as average from public.users where id = $1", [
      ratee.id,
    ]);
    expect(row).toEqual({ rating_count: 1, average: 5 });
  });
});
