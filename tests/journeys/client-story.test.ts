import { expect, test } from "vitest";
import { createNeighbourhoodClient } from "../../src/client/index.ts";
import { useStack } from "../support/use-stack.ts";

const { members } = useStack();

async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const collected: Item[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}

test("the story through the typed client", async () => {
  const [creator, helper, other] = await members(3);
  const anna = createNeighbourhoodClient(creator.api);
  const ben = createNeighbourhoodClient(helper.api);
  const carla = createNeighbourhoodClient(other.api);
  await anna.users.updateProfile({ name: "Anna" });
  await ben.users.updateProfile({ name: "Ben", bio: "I fix bicycles" });

  const place = { latitude: -33.86, longitude: 151.21 };
  const task = await anna.tasks.create({
    title: "Hang a shelf",
    description: "One shelf, the drill is here.",
    category: "handwerk",
    points_reward: 25,
    ...place,
  });
  const found = await collect(ben.tasks.nearby({ ...place, radius_m: 1000 }));
  expect(found.map(({ id }) => id)).toEqual([task.id]);

  await ben.tasks.offerHelp(task.id, { message: "I have tools" });
  await carla.tasks.offerHelp(task.id);
  const offers = await anna.tasks.offers(task.id);
  const chosen = offers.find((offer) => offer.helper_id === helper.id);
  await anna.tasks.acceptOffer(chosen?.id ?? "");
  expect(await anna.tasks.location(task.id)).toMatchObject(place);
  expect(await ben.tasks.revealContact(task.id)).toMatchObject({ ...place, phone_status: "on_request" });
  await expect(carla.tasks.revealContact(task.id)).rejects.toMatchObject({ code: "task_not_found" });
  const [reveal] = (await anna.users.contactRevealsPage()).items;
  expect(reveal).toMatchObject({ task_id: task.id, showed_place: true, showed_phone_number: false });
  await ben.tasks.requestPhoneNumber(task.id);
  await anna.users.updateContact({ phone_number: "+49 30 123456" });
  await anna.tasks.sharePhoneNumber(task.id);
  expect(await ben.tasks.revealContact(task.id)).toMatchObject({
    phone_number: "+49 30 123456",
    phone_status: "shared",
  });
  await ben.tasks.start(task.id);
  await ben.tasks.finish(task.id, { note: "Done" });
  await anna.tasks.rejectCompletion(task.id, { reason: "The lid is missing" });
  await ben.tasks.finish(task.id);
  const completed = await anna.tasks.confirm(task.id);
  expect(completed).toMatchObject({ id: task.id, status: "completed", helper_id: helper.id });

  expect(await ben.points.account()).toMatchObject({ balance: 25, earned: 25 });
  expect(await collect(ben.points.history())).toMatchObject([
    { amount: 25, type: "task_completed", balance_after: 25 },
  ]);
  const mine = await collect(ben.tasks.mine({ as: "helper" }));
  expect(mine).toMatchObject([{ id: task.id, status: "completed" }]);
  await expect(carla.tasks.confirm(task.id)).rejects.toMatchObject({
    name: "ApiError",
    code: "task_not_found",
    status: 404,
  });
});
