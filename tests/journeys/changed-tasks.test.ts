import { expect, test } from "vitest";
import { createNeighbourhoodClient } from "../../src/client/index.ts";
import { runDueJobs } from "../support/admin.ts";
import { useStack } from "../support/use-stack.ts";

const { sql, members } = useStack();

function inHours(hours: number): string {
  return new Date(Date.now() + hours * 3_600_000).toISOString();
}

async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const collected: Item[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}

test("a task with a time is found by it, changed after an offer, renewed, given away and reminded of", async () => {
  const [creator, helper, other] = await members(3);
  const anna = createNeighbourhoodClient(creator.api);
  const ben = createNeighbourhoodClient(helper.api);
  const carla = createNeighbourhoodClient(other.api);
  const place = { latitude: -31.95, longitude: 115.86 };
  const near = { ...place, radius_m: 1000 };
  const told = async (client: typeof anna) => (await collect(client.notifications.list())).map(({ type }) => type);

  const task = await anna.tasks.create({
    title: "Carry a sofa",
    description: "Third floor, no lift.",
    category: "transport",
    points_reward: 25,
    ...place,
    starts_at: inHours(50),
    ends_at: inHours(52),
  });
  expect(task).toMatchObject({ is_flexible: false, terms_version: 1 });
  const thisWeekend = { starts_from: inHours(48), starts_until: new Date(Date.now() + 72 * 3_600_000) };
  expect(await collect(ben.tasks.nearby({ ...near, ...thisWeekend }))).toMatchObject([{ id: task.id }]);
  expect(await collect(ben.tasks.nearby({ ...near, starts_from: inHours(51) }))).toEqual([]);
  expect(await collect(ben.search.tasks({ query: "sofa", ...near, ...thisWeekend }))).toMatchObject([{ id: task.id }]);
  expect(await collect(ben.search.tasks({ query: "sofa", ...near, starts_until: inHours(49) }))).toEqual([]);

  const offer = await ben.tasks.offerHelp(task.id);
  await anna.tasks.update(task.id, { starts_at: new Date(Date.now() + 30 * 3_600_000), ends_at: "" });
  expect(await told(ben)).toEqual(["task_changed"]);
  expect((await collect(ben.notifications.list()))[0]?.body_en).toBe(
    "“Carry a sofa” was changed: time. Would you still like to help? Then renew your offer.",
  );
  expect((await ben.tasks.events(task.id)).map(({ action, details }) => [action, details])).toEqual([
    [
      "updated",
      {
        starts_at: expect.any(String),
        starts_at_before: expect.any(String),
        ends_at: null,
        ends_at_before: expect.any(String),
        terms_version: 2,
        terms_version_before: 1,
      },
    ],
  ]);
  expect(await carla.tasks.events(task.id)).toEqual([]);
  expect(await anna.tasks.offers(task.id)).toMatchObject([{ id: offer.id, is_outdated: true }]);
  expect(await collect(ben.tasks.myOffers())).toMatchObject([{ id: offer.id, is_outdated: true }]);
  await expect(anna.tasks.acceptOffer(offer.id)).rejects.toMatchObject({ code: "offer_outdated", status: 409 });
  await expect(carla.tasks.renewOffer(offer.id)).rejects.toMatchObject({ code: "offer_not_found", status: 404 });

  await anna.tasks.update(task.id, { description: "Fourth floor, no lift." });
  await expect(ben.tasks.renewOffer(offer.id, { terms_version: 2 })).rejects.toMatchObject({ code: "offer_outdated" });
  expect(await ben.tasks.renewOffer(offer.id, { terms_version: 3 })).toMatchObject({ terms_version: 3 });
  expect(await told(anna)).toEqual(["offer_renewed", "offer_received"]);
  const [mine] = await collect(anna.tasks.mine({ as: "creator" }));
  expect(mine?.offers).toMatchObject([{ id: offer.id, is_outdated: false }]);
  await anna.tasks.update(task.id, { points_reward: 30 });
  expect(await anna.tasks.acceptOffer(offer.id)).toMatchObject({ status: "assigned", helper_id: helper.id });

  await runDueJobs(sql, "now() + interval '7 hours'");
  await runDueJobs(sql, "now() + interval '8 hours'");
  expect((await told(anna)).filter((type) => type === "task_starts_soon")).toHaveLength(1);
  expect((await told(ben)).filter((type) => type === "task_starts_soon")).toHaveLength(1);
  expect((await collect(ben.notifications.list()))[0]?.body_de).toBe("„Carry a sofa“ beginnt in 29 Stunden.");
});

test("an open task ends at its start, unless that is flexible", async () => {
  const [creator] = await members(1);
  const anna = createNeighbourhoodClient(creator.api);
  const input = {
    title: "Feed the cat",
    description: "One tin.",
    category: "sonstiges",
    points_reward: 5,
    latitude: -32,
    longitude: 116,
    starts_at: inHours(3),
  };
  const fixed = await anna.tasks.create(input);
  const flexible = await anna.tasks.create({ ...input, is_flexible: true });
  await runDueJobs(sql, "now() + interval '4 hours'");
  expect(await anna.tasks.get(fixed.id)).toMatchObject({ status: "expired" });
  expect(await anna.tasks.get(flexible.id)).toMatchObject({ status: "open" });
});
