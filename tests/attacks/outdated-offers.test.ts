import { beforeEach, expect, test } from "vitest";
import { Random } from "../support/random.ts";
import { slugAndStatus } from "../support/refusal.ts";
import { playTask } from "../support/scenario.ts";
import { type Member, rpc, useStack } from "../support/use-stack.ts";

/** Whose offer it is decides whether it holds for a changed task; what changed tells nobody where somebody lives. */

const stack = useStack();
const { sql, call } = stack;

let creator: Member;
let helper: Member;
let stranger: Member;
let task_id: string;
let offer_id: string;
beforeEach(async () => {
  [creator, helper, stranger] = await stack.members(3);
  const { task, offer } = await playTask(call, creator.id, helper.id, "open", { latitude: 44.0003, longitude: 4.0003 });
  task_id = task.id;
  offer_id = offer.id;
  await rpc(creator, "update_task", { task_id, title: "Carry a piano" });
});

async function versionOfOffer(): Promise<number | undefined> {
  const [offer] = await sql<{ terms_version: number }>("select terms_version from public.task_offers where id = $1", [
    offer_id,
  ]);
  return offer?.terms_version;
}

test("nobody but its helper renews an offer", async () => {
  expect(await slugAndStatus(stranger.api.rpc("renew_offer", { offer_id }))).toBe("404 offer_not_found");
  expect(await slugAndStatus(creator.api.rpc("renew_offer", { offer_id }))).toBe("404 offer_not_found");
  expect(await slugAndStatus(creator.api.rpc("renew_offer", { offer_id, terms_version: 2 }))).toBe(
    "404 offer_not_found",
  );
  expect(await slugAndStatus(stack.anonymous().rpc("renew_offer", { offer_id }))).toMatch(/^401 /);
  await sql("select ops.ban_user($1, 'Spam')", [helper.id]);
  expect(await slugAndStatus(helper.api.rpc("renew_offer", { offer_id }))).toBe("403 user_banned");
  expect(await versionOfOffer()).toBe(1);
});

test("there is no way round: offering again, changing back, writing the version", async () => {
  await rpc(helper, "offer_help", { task_id });
  await rpc(creator, "update_task", { task_id, title: "Carry boxes to the cellar" });
  expect((await creator.api.from("task_offers").update({ terms_version: 3 }).eq("id", offer_id)).status).toBe(403);
  expect((await creator.api.from("tasks").update({ terms_version: 1 }).eq("id", task_id)).status).toBe(403);
  expect(await slugAndStatus(creator.api.rpc("accept_offer", { offer_id }))).toBe("409 offer_outdated");
  expect(await versionOfOffer()).toBe(1);
});

test("moving within the cell shows to nobody, and a move shows cells alone", async () => {
  const random = new Random(7);
  const near = () => ({ latitude: 44.0003 + random.next() / 1e4, longitude: 4.0003 + random.next() / 1e4 });
  const changes = () => helper.api.from("task_events").select("details").eq("task_id", task_id).order("id");
  for (let move = 0; move < 20; move++) await rpc(creator, "update_task", { task_id, ...near(), address: "A door" });
  const { data } = await changes();
  expect(data?.slice(1)).toEqual(Array.from({ length: 20 }, () => ({ details: null })));

  const home = { latitude: 45.1234567, longitude: 5.7654321 };
  const { latitude, longitude } = await rpc(creator, "update_task", { task_id, ...home });
  const moved = (await changes()).data?.at(-1)?.details;
  expect(moved).toMatchObject({ latitude, longitude });
  expect(JSON.stringify(moved)).not.toMatch(/45\.1234567|5\.7654321|44\.0003|4\.0003|door/);
  expect((await stranger.api.from("task_events").select().eq("task_id", task_id)).data).toEqual([]);
});
