import { expect, test } from "vitest";
import { createNeighbourhoodClient } from "../../src/client/index.ts";
import { runDueJobs } from "../support/admin.ts";
import { useStack } from "../support/use-stack.ts";

/** What brings members back, through the typed client: rating, recommendation, search, leaderboard, notification, picture. */

const { sql, members } = useStack();

async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const collected: Item[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}

/** Far from every other story. */
let longitude = 20;
function elsewhere(): { latitude: number; longitude: number } {
  longitude += 1;
  return { latitude: -45, longitude };
}

async function neighbours() {
  const [first, second, third] = await members(3);
  const [anna, ben, carla] = [first, second, third].map(({ api }) => createNeighbourhoodClient(api)) as [
    ReturnType<typeof createNeighbourhoodClient>,
    ReturnType<typeof createNeighbourhoodClient>,
    ReturnType<typeof createNeighbourhoodClient>,
  ];
  await Promise.all([
    anna.users.updateProfile({ name: "Anna" }),
    ben.users.updateProfile({ name: "Ben" }),
    carla.users.updateProfile({ name: "Carla" }),
  ]);
  return { anna, ben, carla, ids: { anna: first.id, ben: second.id, carla: third.id } };
}

type People = Awaited<ReturnType<typeof neighbours>>;

/** Ben helps Anna, from posting to confirmation. */
async function help({ anna, ben }: People, title = "Hang a shelf"): Promise<string> {
  const task = await anna.tasks.create({
    title,
    description: "One shelf, the drill is here.",
    category: "handwerk",
    points_reward: 25,
    ...elsewhere(),
  });
  const offer = await ben.tasks.offerHelp(task.id);
  await anna.tasks.acceptOffer(offer.id);
  await ben.tasks.finish(task.id);
  await anna.tasks.confirm(task.id);
  return task.id;
}

test("rating: blind until both have spoken, changed within a day, explained", async () => {
  const people = await neighbours();
  const { anna, ben, carla, ids } = people;
  const taskId = await help(people);

  await anna.ratings.rate(taskId, { score: 3, comment: "Came late" });
  expect(await ben.ratings.ofTask(taskId)).toEqual([]);
  expect((await ben.users.me()).rating_count).toBe(0);
  await anna.ratings.rate(taskId, { score: 4, comment: "Came late, worked well" });
  expect(await collect(anna.ratings.given())).toMatchObject([{ task_id: taskId, score: 4, revealed_at: null }]);

  await ben.ratings.rate(taskId, { score: 5 });
  expect(await collect(carla.ratings.about({ user_id: ids.ben }))).toMatchObject([
    { task_id: taskId, score: 4, comment: "Came late, worked well", rater_name: "Anna" },
  ]);
  const me = await ben.users.me();
  expect(me).toMatchObject({ rating_average: 4, rating_count: 1 });
  const parts = await carla.ratings.explainTrust(ids.ben);
  expect(parts.reduce((sum, { amount }) => sum + amount, 0)).toBeCloseTo(me.trust_score, 10);

  await expect(carla.ratings.rate(taskId, { score: 1 })).rejects.toMatchObject({ code: "task_not_found" });
});

test("rating: appears by itself when the other side stays silent for a week", async () => {
  const people = await neighbours();
  const taskId = await help(people);
  await people.anna.ratings.rate(taskId, { score: 5 });
  await sql("update public.ratings set created_at = created_at - interval '6 days 23 hours' where task_id = $1", [
    taskId,
  ]);
  await runDueJobs(sql, "now()");
  expect(await people.ben.ratings.ofTask(taskId)).toEqual([]);
  await sql("update public.ratings set created_at = created_at - interval '1 hour' where task_id = $1", [taskId]);
  await runDueJobs(sql, "now()");
  expect(await people.ben.ratings.ofTask(taskId)).toMatchObject([{ score: 5 }]);
});

test("recommendation: likes order tasks and places, and creators find neighbours who like the work", async () => {
  const { anna, ben, carla, ids } = await neighbours();
  const place = elsewhere();
  const post = (category: string, title: string) =>
    anna.tasks.create({ title, description: "Half an hour.", category, points_reward: 10, ...place });
  const [garden, move] = [await post("garten", "Water the roses"), await post("transport", "Carry a sofa")];
  const cafe = await carla.places.add({ name: "Café on the corner", category: "cafe", ...place });
  const gym = await carla.places.add({ name: "Gym in the cellar", category: "sport", ...place });
  await carla.places.review({ place_id: gym.id, rating: 5, comment: "Empty in the mornings" });

  const [first, second] = await Promise.all([
    collect(ben.recommendations.tasks(place)),
    collect(ben.recommendations.places(place)),
  ]);
  expect(first.map(({ id }) => id).toSorted()).toEqual([garden.id, move.id].toSorted());
  expect(second.map(({ id }) => id)).toEqual([gym.id, cafe.id]);

  await ben.recommendations.setPreference({ category: "transport", rating: 5 });
  await ben.recommendations.setPreference({ category: "garten", rating: 0 });
  await ben.recommendations.setPreference({ category: "cafe", rating: 5 });
  const tasks = await collect(ben.recommendations.tasks(place));
  expect(tasks.map(({ id }) => id)).toEqual([move.id, garden.id]);
  expect(tasks[0]).toMatchObject({ part_preference: 1, explanation_de: expect.stringContaining("5 von 5") });
  expect((await collect(ben.recommendations.places(place))).map(({ id }) => id)).toEqual([cafe.id, gym.id]);

  await ben.users.updateContact(place);
  expect(await anna.recommendations.helpers(garden.id)).toEqual([]);
  await ben.users.updateSettings({ is_open_to_suggestions: true });
  expect(await anna.recommendations.helpers(move.id)).toMatchObject([
    { user_id: ids.ben, distance_band: "under_1_km", part_preference: 1 },
  ]);
});

test("search: by stem, by umlaut written out, by a typing error, and not what is done", async () => {
  const { anna, ben } = await neighbours();
  const place = elsewhere();
  const task = await anna.tasks.create({
    title: "Gärtner für die Rosen gesucht",
    description: "Drei Stöcke schneiden.",
    category: "garten",
    points_reward: 10,
    ...place,
  });
  for (const query of ["Gaertner", "gärt", "Rose", "Gertner", "schneiden rosen"]) {
    const found = await collect(ben.search.tasks({ query, ...place }));
    expect([query, found.map(({ id }) => id)]).toEqual([query, [task.id]]);
  }
  expect((await ben.search.tasksPage({ query: "gaertner", ...place })).items[0]?.snippet).toContain("«Gärtner»");
  expect(await collect(ben.search.tasks({ query: "Klavier", ...place }))).toEqual([]);
  await anna.tasks.cancel(task.id);
  expect(await collect(ben.search.tasks({ query: "Gaertner", ...place }))).toEqual([]);

  const shelf = await anna.places.add({ name: "Bücherschrank", category: "culture", ...place });
  expect((await collect(ben.search.places({ query: "buecher", ...place }))).map(({ id }) => id)).toEqual([shelf.id]);
});

test("leaderboard: who helped, once they agreed; one's own place always", async () => {
  const people = await neighbours();
  const { anna, ben, carla, ids } = people;
  await help(people);
  await runDueJobs(sql, "now()");
  const mine = async ({ statistics }: People["anna"]) =>
    (await statistics.leaderboard({ period: "week", page_size: 100 })).filter(({ user_id }) =>
      Object.values(ids).includes(user_id),
    );
  expect(await mine(ben)).toMatchObject([{ user_id: ids.ben, points: 25, tasks_helped: 1, is_me: true }]);
  expect(await mine(carla)).toMatchObject([{ user_id: ids.carla, points: 0, is_me: true }]);

  await ben.users.updateSettings({ show_on_leaderboard: true });
  await runDueJobs(sql, "now()");
  expect(await mine(carla)).toMatchObject([
    { user_id: ids.ben, name: "Ben", points: 25, is_me: false },
    { user_id: ids.carla, points: 0, is_me: true },
  ]);
  expect(await ben.statistics.ofUser()).toMatchObject({ tasks_helped: 1, points_earned: 25 });
  expect(await anna.statistics.ofUser(ids.ben)).toMatchObject({ tasks_helped: 1, points_earned: null });
});

test("notification: the other side hears of it at once, in both languages, until it is read", async () => {
  const people = await neighbours();
  const { anna, ben, carla } = people;
  const taskId = await help(people, "Hang a mirror");

  const inbox = await collect(anna.notifications.list());
  expect(inbox.map(({ type }) => type)).toEqual(["task_finished", "offer_received"]);
  expect(inbox[1]).toMatchObject({
    task_id: taskId,
    body_en: expect.stringMatching(/Ben .*Hang a mirror/u),
    read_at: null,
  });
  expect(inbox[1]?.body_de).toMatch(/Ben .*Hang a mirror/u);
  expect((await collect(ben.notifications.list())).map(({ type }) => type)).toEqual([
    "task_confirmed",
    "offer_accepted",
  ]);
  expect(await collect(carla.notifications.list())).toEqual([]);

  expect(await anna.notifications.countUnread()).toBe(2);
  expect(await anna.notifications.markRead([inbox[0]?.id ?? 0])).toBe(1);
  expect((await collect(anna.notifications.list({ only_unread: true }))).map(({ id }) => id)).toEqual([inbox[1]?.id]);
  expect(await anna.notifications.markRead()).toBe(1);
  expect(await anna.notifications.countUnread()).toBe(0);

  // a rating is told when it is revealed, not before
  await anna.ratings.rate(taskId, { score: 5 });
  expect(await ben.notifications.countUnread()).toBe(2);
  await ben.ratings.rate(taskId, { score: 5 });
  expect((await collect(ben.notifications.list()))[0]?.type).toBe("rating_received");
  expect(await anna.notifications.countUnread()).toBe(1);
});

test("notification: mail waits in the outbox for those who want it, and not for others", async () => {
  const people = await neighbours();
  await people.anna.notifications.setPreference({ type: "offer_received", channel: "email", is_enabled: true });
  await people.ben.notifications.updateSettings({ is_email_enabled: false });
  await help(people);
  await runDueJobs(sql, "now()");
  const waiting = await sql<{ user_id: string; type: string }>(
    `select d.user_id, n.type from private.notification_deliveries d
     join public.notifications n on n.user_id = d.user_id and n.id = d.notification_id
     where d.channel = 'email' and d.user_id = any ($1::uuid[]) order by n.id`,
    [[people.ids.anna, people.ids.ben]],
  );
  expect(waiting.map(({ user_id }) => user_id)).not.toContain(people.ids.ben);
  expect(waiting).toContainEqual({ user_id: people.ids.anna, type: "offer_received" });
});
