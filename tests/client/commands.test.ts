import { expect, test } from "vitest";
import { getApiVersion, type NeighbourhoodClient } from "../../src/client/index.ts";
import { fakeRest, json } from "./support/fake-rest.ts";

const ID = "22222222-2222-4222-8222-222222222222";
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const place = { latitude: 52.5, longitude: 13.4 };
const task = { title: "Carry a sofa", description: "Third floor", category: "transport", ...place, points_reward: 50 };
const rpcTask = {
  title: "Carry a sofa",
  description: "Third floor",
  category: "transport",
  ...place,
  points_reward: 50,
};
const optional = {
  address: "Main road 1",
  image_paths: [`${ID}/a.jpg`],
  expires_at: "2027-01-01T00:00:00Z",
  starts_at: "2026-12-24T18:00:00+01:00",
  ends_at: "2026-12-24T20:00:00+01:00",
  is_flexible: true,
  metadata: { floor: 3 },
};
const rpcOptional = {
  address: "Main road 1",
  image_paths: [`${ID}/a.jpg`],
  expires_at: "2027-01-01T00:00:00Z",
  starts_at: "2026-12-24T18:00:00+01:00",
  ends_at: "2026-12-24T20:00:00+01:00",
  is_flexible: true,
  metadata: { floor: 3 },
};

test.each<[string, (client: NeighbourhoodClient) => Promise<unknown>, object]>([
  ["create_task", ({ tasks }) => tasks.create(task), { ...rpcTask, idempotency_key: expect.stringMatching(UUID) }],
  [
    "create_task",
    ({ tasks }) => tasks.create({ ...task, ...optional, idempotency_key: ID }),
    { ...rpcTask, ...rpcOptional, idempotency_key: ID },
  ],
  ["update_task", ({ tasks }) => tasks.update(ID, {}), { task_id: ID }],
  [
    "update_task",
    ({ tasks }) => tasks.update(ID, { ...task, ...optional }),
    { task_id: ID, ...rpcTask, ...rpcOptional },
  ],
  ["update_task", ({ tasks }) => tasks.update(ID, { address: "" }), { task_id: ID, address: "" }],
  ["offer_help", ({ tasks }) => tasks.offerHelp(ID), { task_id: ID }],
  ["offer_help", ({ tasks }) => tasks.offerHelp(ID, { message: "me" }), { task_id: ID, message: "me" }],
  [
    "update_task",
    ({ tasks }) => tasks.update(ID, { starts_at: "", ends_at: "" }),
    { task_id: ID, starts_at: "", ends_at: "" },
  ],
  ["renew_offer", ({ tasks }) => tasks.renewOffer(ID), { offer_id: ID }],
  ["renew_offer", ({ tasks }) => tasks.renewOffer(ID, { terms_version: 2 }), { offer_id: ID, terms_version: 2 }],
  ["withdraw_offer", ({ tasks }) => tasks.withdrawOffer(ID), { offer_id: ID }],
  ["decline_offer", ({ tasks }) => tasks.declineOffer(ID), { offer_id: ID }],
  ["accept_offer", ({ tasks }) => tasks.acceptOffer(ID), { offer_id: ID }],
  ["start_task", ({ tasks }) => tasks.start(ID), { task_id: ID }],
  ["finish_task", ({ tasks }) => tasks.finish(ID, { note: "done" }), { task_id: ID, note: "done" }],
  ["rate_task", ({ ratings }) => ratings.rate(ID, { score: 4 }), { task_id: ID, score: 4 }],
  [
    "rate_task",
    ({ ratings }) => ratings.rate(ID, { score: 5, comment: "Kind" }),
    { task_id: ID, score: 5, comment: "Kind" },
  ],
  ["confirm_task", ({ tasks }) => tasks.confirm(ID), { task_id: ID }],
  ["reject_completion", ({ tasks }) => tasks.rejectCompletion(ID, { reason: "no" }), { task_id: ID, reason: "no" }],
  ["release_task", ({ tasks }) => tasks.release(ID, { reason: "ill" }), { task_id: ID, reason: "ill" }],
  ["replace_helper", ({ tasks }) => tasks.replaceHelper(ID, { reason: "late" }), { task_id: ID, reason: "late" }],
  [
    "contest_no_show",
    ({ users }) => users.contestNoShow(7, { statement: "I rang." }),
    { no_show_id: 7, statement: "I rang." },
  ],
  ["cancel_task", ({ tasks }) => tasks.cancel(ID), { task_id: ID }],
  [
    "update_profile",
    ({ users }) => users.updateProfile({ name: "Kim", avatar_path: "" }),
    { name: "Kim", avatar_path: "" },
  ],
  [
    "update_contact",
    ({ users }) => users.updateContact({ phone_number: "030 1234", ...place, remove_home: false }),
    { phone_number: "030 1234", ...place, remove_home: false },
  ],
  [
    "update_settings",
    ({ users }) =>
      users.updateSettings({
        language: "en",
        time_zone: "Europe/Vienna",
        show_on_leaderboard: true,
        is_open_to_suggestions: false,
        phone_sharing: "on_shared_tasks",
      }),
    {
      language: "en",
      time_zone: "Europe/Vienna",
      show_on_leaderboard: true,
      is_open_to_suggestions: false,
      phone_sharing: "on_shared_tasks",
    },
  ],
  ["block_user", ({ users }) => users.block(ID), { user_id: ID }],
  [
    "add_place",
    ({ places }) => places.add({ name: "Bench", category: "other", ...place, types: ["view"], description: "Wood." }),
    { name: "Bench", category: "other", ...place, types: ["view"], description: "Wood." },
  ],
  [
    "review_place",
    ({ places }) => places.review({ place_id: ID, rating: 4, comment: "Nice." }),
    { place_id: ID, rating: 4, comment: "Nice." },
  ],
  ["review_place", ({ places }) => places.review({ place_id: ID, rating: 4 }), { place_id: ID, rating: 4 }],
  [
    "set_preference",
    ({ recommendations }) => recommendations.setPreference({ category: "garten", rating: 0 }),
    { category: "garten", rating: 0 },
  ],
  ["suggest_helpers", ({ recommendations }) => recommendations.helpers(ID), { task_id: ID }],
])("%s is called with exactly what was given (%#)", async (name, call, body) => {
  const { client, requests } = fakeRest(() => json({ id: ID }));
  expect(await call(client)).toEqual({ id: ID });
  expect(requests.map(({ method, path, body: sent }) => [method, path, sent])).toEqual([["POST", `rpc/${name}`, body]]);
});

test("unblock_user returns nothing", async () => {
  const { client, requests } = fakeRest(() => new Response(null, { status: 204 }));
  expect(await client.users.unblock(ID)).toBeUndefined();
  expect(requests.map(({ path, body }) => [path, body])).toEqual([["rpc/unblock_user", { user_id: ID }]]);
});

test("a contact is the row of its answer; to ask for a phone number, and to share it, returns nothing", async () => {
  const contact = { user_id: ID, address: "Main road 1", phone_status: "on_request" };
  const { client, requests } = fakeRest(({ path }) =>
    path === "rpc/reveal_task_contact" ? json([contact]) : new Response(null, { status: 204 }),
  );
  expect(await client.tasks.revealContact(ID)).toEqual(contact);
  expect(await client.tasks.requestPhoneNumber(ID)).toBeUndefined();
  expect(await client.tasks.sharePhoneNumber(ID)).toBeUndefined();
  await expect(client.users.updateSettings({ phone_sharing: "always" as "never" })).rejects.toMatchObject({
    code: "phone_sharing_invalid",
  });
  expect(requests.map(({ method, path, body }) => [method, path, body])).toEqual([
    ["POST", "rpc/reveal_task_contact", { task_id: ID }],
    ["POST", "rpc/request_phone_number", { task_id: ID }],
    ["POST", "rpc/share_phone_number", { task_id: ID }],
  ]);
});

test("delete_review returns nothing, and a preference that is taken back is null", async () => {
  const { client, requests } = fakeRest(({ path }) =>
    path === "rpc/delete_review" ? new Response(null, { status: 204 }) : json({ user_id: null, category: null }),
  );
  expect(await client.places.deleteReview(ID)).toBeUndefined();
  expect(await client.recommendations.setPreference({ category: "garten", rating: null })).toBeNull();
  expect(requests.map(({ path, body }) => [path, body])).toEqual([
    ["rpc/delete_review", { place_id: ID }],
    ["rpc/set_preference", { category: "garten", rating: null }],
  ]);
});

test("a place that was added has no geography", async () => {
  const { client } = fakeRest(() => json({ id: ID, location: { type: "Point" } }));
  expect(await client.places.add({ name: "Bench", category: "other", ...place })).toEqual({ id: ID });
});

test("the version needs nobody signed in", async () => {
  const { supabase } = fakeRest(() => json("0.1.0"));
  expect(await getApiVersion(supabase)).toBe("0.1.0");
});
