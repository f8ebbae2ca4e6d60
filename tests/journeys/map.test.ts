import { expect, test } from "vitest";
import { createNeighbourhoodClient } from "../../src/client/index.ts";
import { restOf } from "../support/rest.ts";
import { useStack } from "../support/use-stack.ts";

const { sql, members, address } = useStack();

test("a map shows clusters, falls apart where it is told to, and ends with the tasks of one cell", async () => {
  const [creator, helper] = await members(2);
  const anna = createNeighbourhoodClient(creator.api);
  const ben = createNeighbourhoodClient(helper.api);
  const post = (title: string, latitude: number, longitude: number, starts_at?: Date) =>
    anna.tasks.create({
      title,
      description: "An hour.",
      category: "garten",
      points_reward: 5,
      latitude,
      longitude,
      ...(starts_at && { starts_at }),
    });
  const saturday = new Date(Date.now() + 50 * 3_600_000);
  const first = await post("Mow the lawn", -34.9287, 138.5999);
  const second = await post("Cut the hedge", -34.9288, 138.5998, saturday);
  const far = await post("Water the roses", -34.8, 138.6);

  // the whole world, as a map gives it that shows it twice: others have tasks there, too
  const world = await ben.tasks.map({ west: -400, south: -85, east: 400, north: 85, zoom: 0.4 });
  expect(world.reduce((sum, { task_count }) => sum + task_count, 0)).toBeGreaterThanOrEqual(3);
  const around = { west: 138.5, south: -35, east: 138.7, north: -34.7 };
  const [cluster] = await ben.tasks.map({ ...around, zoom: 3.9 });
  expect(cluster).toMatchObject({ task_count: 3, tasks: null });
  if (cluster?.splits_at_zoom == null) throw new Error("there is no cluster");

  // as far as it says it has to be zoomed in
  const apart = await ben.tasks.map({ ...around, zoom: cluster.splits_at_zoom });
  expect(apart.map(({ task_count }) => task_count).toSorted()).toEqual([1, 2]);
  expect(await ben.tasks.map({ ...around, zoom: cluster.splits_at_zoom - 1 })).toMatchObject([{ task_count: 3 }]);

  const street = { west: 138.598, south: -34.931, east: 138.602, north: -34.927, zoom: 17 };
  const [marker, ...others] = await ben.tasks.map(street);
  expect(others).toEqual([]);
  expect(marker).toEqual({
    latitude: first.latitude,
    longitude: first.longitude,
    task_count: 2,
    splits_at_zoom: null,
    tasks: [second, first].map(({ id, title, category, points_reward, starts_at }) => ({
      id,
      title,
      category,
      points_reward,
      starts_at,
    })),
  });
  expect([second.latitude, second.longitude]).toEqual([first.latitude, first.longitude]);

  // what is filtered is not counted
  const weekend = {
    starts_from: new Date(saturday.getTime() - 3_600_000),
    starts_until: new Date(saturday.getTime() + 3_600_000),
  };
  expect(await ben.tasks.map({ ...around, ...weekend, zoom: 3 })).toMatchObject([
    { task_count: 1, tasks: [{ id: second.id }] },
  ]);
  expect(await ben.tasks.map({ ...around, category: "transport", zoom: 3 })).toEqual([]);
  await expect(ben.tasks.map({ ...around, category: "no-such", zoom: 3 })).rejects.toMatchObject({
    code: "category_not_found",
  });

  // nor what one may not see, or what is no longer open
  expect(await anna.tasks.map(street)).toEqual([]);
  await anna.tasks.cancel(far.id);
  expect(await ben.tasks.map({ ...around, zoom: 3 })).toMatchObject([{ task_count: 2, splits_at_zoom: null }]);
  await ben.users.block(creator.id);
  expect(await ben.tasks.map({ ...around, zoom: 3 })).toEqual([]);
  await ben.users.unblock(creator.id);
  await sql("select ops.ban_user($1, 'Spam')", [creator.id]);
  expect(await ben.tasks.map({ ...around, zoom: 3 })).toEqual([]);
});

test("what is no map is refused, to visitors, too", async () => {
  const [member] = await members(1);
  const rest = restOf(address);
  const ask = async (query: string, token?: string) => {
    const { status, text } = await rest(`rpc/map_tasks?${query}`, token === undefined ? {} : { token });
    return `${status} ${JSON.parse(text).message}`;
  };
  const bounds = "west=138&south=-35&east=139&north=-34";
  expect(await ask(`${bounds}&zoom=12`)).toMatch(/^401 /);
  expect(await ask("west=138&south=-34&east=139&north=-35&zoom=12", member.token)).toBe("400 validation_failed");
  expect(await ask("west=NaN&south=-35&east=139&north=-34&zoom=12", member.token)).toBe("400 coordinates_invalid");
  expect(await ask("west=181&south=-35&east=139&north=-34&zoom=12", member.token)).toBe("400 coordinates_invalid");
  expect(await ask(`${bounds}&zoom=much`, member.token)).toMatch(/^400 /);
  expect(await ask(bounds, member.token)).toMatch(/^404 /);
});
