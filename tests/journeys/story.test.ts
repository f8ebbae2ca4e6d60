import { randomUUID } from "node:crypto";
import { createClient } from "@supabase/supabase-js";
import { expect, test } from "vitest";
import type { Database } from "../../src/client/database.types.ts";
import { slugAndStatus } from "../support/refusal.ts";
import { type Client, useStack } from "../support/use-stack.ts";

const stack = useStack();

/** A phone: installs the app, signs up, stays signed in. */
async function signUp(name: string): Promise<{ id: string; api: Client }> {
  const api = createClient<Database>(stack.address.url, stack.address.publishableKey, {
    auth: { persistSession: false },
  });
  const { data, error } = await api.auth.signUp({
    email: `${name.toLowerCase()}-${randomUUID()}@example.test`,
    password: "correct horse battery",
    options: { data: { name } },
  });
  expect(error).toBeNull();
  expect(data.session).not.toBeNull();
  return { id: data.user?.id ?? "", api };
}

test("three neighbours: post, find, offer, accept, start, finish, confirm, points, history", async () => {
  const [anna, ben, carla] = [await signUp("Anna"), await signUp("Ben"), await signUp("Carla")];

  // sign-up gave everybody a profile, a contact card and an empty account
  const { data: me } = await anna.api
    .from("users")
    .select("name, points_balance, is_banned")
    .eq("id", anna.id)
    .single();
  expect(me).toEqual({ name: "Anna", points_balance: 0, is_banned: false });
  expect((await anna.api.from("user_contacts").select("user_id")).data).toEqual([{ user_id: anna.id }]);

  // Anna posts
  const { data: task } = await anna.api
    .rpc("create_task", {
      title: "Hang a shelf",
      description: "One shelf, the drill is here.",
      category: "handwerk",
      latitude: 48.137154,
      longitude: 11.576124,
      points_reward: 25,
      address: "Example Street 1",
      image_paths: [`${anna.id}/shelf.jpg`],
      metadata: { floor: 2 },
    })
    .throwOnError();
  expect(task).toMatchObject({
    creator_id: anna.id,
    helper_id: null,
    status: "open",
    points_reward: 25,
    reward_funding: "community",
  });
  expect(task.image_paths).toEqual([`${anna.id}/shelf.jpg`]);
  expect(task.metadata).toEqual({ floor: 2 });

  // the neighbours find it, Anna does not find her own; nobody sees the exact place
  const search = { latitude: 48.14, longitude: 11.58, radius_m: 2000, category: "handwerk" };
  for (const { api } of [ben, carla]) {
    const { data: nearby } = await api.rpc("nearby_tasks", search).throwOnError();
    expect(nearby).toMatchObject([{ id: task.id, title: "Hang a shelf", distance_m: expect.any(Number) }]);
    expect(nearby[0]?.distance_m).toBe(Math.round((nearby[0]?.distance_m ?? 0) / 100) * 100);
    expect(nearby[0]?.latitude).not.toBe(48.137154);
    expect(await slugAndStatus(api.rpc("reveal_task_contact", { task_id: task.id }))).toBe("404 task_not_found");
  }
  expect((await anna.api.rpc("nearby_tasks", search)).data).toEqual([]);

  // both offer, Anna reads the offers with the people behind them and takes Ben
  await ben.api.rpc("offer_help", { task_id: task.id, message: "I have a spirit level" }).throwOnError();
  await carla.api.rpc("offer_help", { task_id: task.id }).throwOnError();
  const { data: offers } = await anna.api
    .from("task_offers")
    .select("id, message, status, helper:users!task_offers_helper_id_fkey(name, trust_score)")
    .eq("task_id", task.id)
    .order("created_at")
    .throwOnError();
  expect(offers).toEqual([
    {
      id: expect.any(String),
      message: "I have a spirit level",
      status: "pending",
      helper: { name: "Ben", trust_score: 0 },
    },
    { id: expect.any(String), message: null, status: "pending", helper: { name: "Carla", trust_score: 0 } },
  ]);
  const { data: assigned } = await anna.api.rpc("accept_offer", { offer_id: offers[0]?.id ?? "" }).throwOnError();
  expect(assigned).toMatchObject({ id: task.id, status: "assigned", helper_id: ben.id });
  expect((await carla.api.from("task_offers").select("status")).data).toEqual([{ status: "not_chosen" }]);
  expect((await carla.api.rpc("nearby_tasks", search)).data).toEqual([]);

  // Ben is now shown where to go, and asks how to reach Anna, who allows it for this task
  const contact = () => ben.api.rpc("reveal_task_contact", { task_id: task.id }).throwOnError().single();
  const place = { user_id: anna.id, latitude: 48.137154, longitude: 11.576124, address: "Example Street 1" };
  expect((await contact()).data).toEqual({ ...place, phone_number: null, phone_status: "on_request" });
  await ben.api.rpc("request_phone_number", { task_id: task.id }).throwOnError();
  expect((await contact()).data).toMatchObject({ phone_number: null, phone_status: "requested" });
  const { data: told } = await anna.api.rpc("list_notifications", { page_size: 1 }).throwOnError();
  expect(told).toMatchObject([{ type: "phone_number_requested", task_id: task.id, actor_id: ben.id }]);
  await anna.api.rpc("update_contact", { phone_number: "+49 89 123456" }).throwOnError();
  await anna.api.rpc("share_phone_number", { task_id: task.id }).throwOnError();
  expect((await contact()).data).toEqual({ ...place, phone_number: "+49 89 123456", phone_status: "shared" });

  // and Anna sees that he looked, twice, because the second time he saw more
  const { data: reveals } = await anna.api.rpc("my_contact_reveals").throwOnError();
  const looked = { task_id: task.id, task_title: "Hang a shelf", viewer_id: ben.id, viewer_name: "Ben" };
  expect(reveals).toMatchObject([
    { ...looked, showed_place: true, showed_phone_number: true },
    { ...looked, showed_place: true, showed_phone_number: false },
  ]);
  expect((await carla.api.rpc("my_contact_reveals")).data).toEqual([]);

  // he does the work and says so
  const { data: started } = await ben.api.rpc("start_task", { task_id: task.id }).throwOnError();
  expect(started.status).toBe("in_progress");
  const { data: finished } = await ben.api.rpc("finish_task", { task_id: task.id, note: "It is level" }).throwOnError();
  expect(finished.status).toBe("pending_confirmation");

  // Anna confirms and the points arrive
  const { data: completed } = await anna.api.rpc("confirm_task", { task_id: task.id }).throwOnError();
  expect(completed).toMatchObject({ status: "completed", helper_id: ben.id });
  expect(completed.completed_at).not.toBeNull();
  const { data: account } = await ben.api.from("point_accounts").select("balance, earned, spent").single();
  expect(account).toEqual({ balance: 25, earned: 25, spent: 0 });
  const { data: profile } = await ben.api.from("users").select("points_balance").eq("id", ben.id).single();
  expect(profile).toEqual({ points_balance: 25 });

  // the history tells it, to each their own
  const { data: history } = await ben.api
    .from("point_transactions")
    .select("amount, type, balance_after, task:tasks(title)");
  expect(history).toEqual([{ amount: 25, type: "task_completed", balance_after: 25, task: { title: "Hang a shelf" } }]);
  expect((await anna.api.from("point_transactions").select()).data).toEqual([]);
  const { data: events } = await anna.api
    .from("task_events")
    .select("action, actor_id, details")
    .eq("task_id", task.id)
    .order("id");
  expect(events).toEqual([
    { action: "created", actor_id: anna.id, details: null },
    { action: "assigned", actor_id: anna.id, details: null },
    { action: "started", actor_id: ben.id, details: null },
    { action: "finished", actor_id: ben.id, details: { note: "It is level" } },
    { action: "confirmed", actor_id: anna.id, details: null },
  ]);
  expect((await carla.api.from("task_events").select()).data).toEqual([]);
});

test("signing in again on a second phone finds the same account, also after the first signed out", async () => {
  const email = `two-phones-${randomUUID()}@example.test`;
  const password = "correct horse battery";
  const phones = [1, 2].map(() =>
    createClient<Database>(stack.address.url, stack.address.publishableKey, { auth: { persistSession: false } }),
  );
  const [first, second] = phones as [Client, Client];
  const { data: session } = await first.auth.signUp({ email, password, options: { data: { name: "Dora" } } });
  const { error } = await second.auth.signInWithPassword({ email, password });
  expect(error).toBeNull();

  await first.rpc("update_profile", { bio: "On the first phone" }).throwOnError();
  const { data: seen } = await second
    .from("users")
    .select("bio")
    .eq("id", session.user?.id ?? "")
    .single();
  expect(seen).toEqual({ bio: "On the first phone" });

  await first.auth.signOut({ scope: "local" });
  expect((await first.rpc("update_profile", { bio: "Signed out" })).status).toBe(401);
  const { data: changed } = await second.rpc("update_profile", { bio: "On the second phone" }).throwOnError();
  expect(changed.bio).toBe("On the second phone");
});
