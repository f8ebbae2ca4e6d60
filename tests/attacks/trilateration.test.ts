import { beforeEach, describe, expect, test } from "vitest";
import { Random } from "../support/random.ts";
import { taskArgs } from "../support/scenario.ts";
import { changeSettings } from "../support/settings.ts";
import { type Member, rpc, useStack } from "../support/use-stack.ts";

/** Measuring from many points must not find a home: everything that shows is a function of the 300 m cell alone. */

const stack = useStack();
const { sql } = stack;

interface Place {
  latitude: number;
  longitude: number;
}

let creator: Member;
let attacker: Member;
beforeEach(async () => {
  [creator, attacker] = await stack.members(2);
});

const EARTH_RADIUS_M = 6_371_008.8;

/** Great-circle distance in metres. */
function metresBetween(a: Place, b: Place): number {
  const [lat1, lat2] = [a.latitude, b.latitude].map((degrees) => (degrees * Math.PI) / 180) as [number, number];
  const dLat = lat2 - lat1;
  const dLng = ((b.longitude - a.longitude) * Math.PI) / 180;
  const h = Math.sin(dLat / 2) ** 2 + Math.cos(lat1) * Math.cos(lat2) * Math.sin(dLng / 2) ** 2;
  return 2 * EARTH_RADIUS_M * Math.asin(Math.sqrt(h));
}

/** A point so many metres north and east. */
function moved({ latitude, longitude }: Place, north: number, east: number): Place {
  const degree = (EARTH_RADIUS_M * Math.PI) / 180;
  return {
    latitude: latitude + north / degree,
    longitude: longitude + east / (degree * Math.cos((latitude * Math.PI) / 180)),
  };
}

async function post(place: Place): Promise<Place & { id: string }> {
  const { id, latitude, longitude } = await rpc(creator, "create_task", taskArgs({ ...place, points_reward: 1 }));
  return { id, latitude, longitude };
}

/** Everything the search says about tasks, except the ids, the times and the cursors that carry both. */
async function searchFrom({ latitude, longitude }: Place, radius_m: number, sort: "newest" | "distance") {
  const { data } = await attacker.api
    .rpc("nearby_tasks", { latitude, longitude, radius_m, sort, page_size: 100 })
    .throwOnError();
  return data.map(({ id, latitude, longitude, distance_m }) => ({ id, latitude, longitude, distance_m }));
}

describe("two homes in one cell", () => {
  test("look the same from everywhere, at any radius, in any order", async () => {
    await changeSettings(sql, { open_task_limit: 100 });
    const centre = await post({ latitude: -10.0003, longitude: -20.0003 });
    const homes = [moved(centre, 130, 130), moved(centre, -130, -130), moved(centre, 130, -130), moved(centre, 0, 0)];
    const posted = [];
    for (const home of homes) posted.push(await post(home));
    for (const home of posted) expect([home.latitude, home.longitude]).toEqual([centre.latitude, centre.longitude]);

    const ids = [centre, ...posted].map(({ id }) => id).toSorted();
    const random = new Random(7);
    for (let probe = 0; probe < 60; probe++) {
      const from = moved(centre, (random.next() - 0.5) * 4000, (random.next() - 0.5) * 4000);
      const found = await searchFrom(from, random.integer(1, 3000), random.next() < 0.5 ? "newest" : "distance");
      // all of them or none of them, all at one distance
      expect(found.map(({ id }) => id).toSorted()).toEqual(found.length === 0 ? [] : ids);
      expect(new Set(found.map(({ distance_m }) => distance_m)).size).toBeLessThanOrEqual(1);
    }
  });

  test("leave the search at the same radius, to the metre", async () => {
    await changeSettings(sql, { open_task_limit: 100 });
    const centre = await post({ latitude: 10.0003, longitude: -20.0003 });
    await post(moved(centre, 130, 130));
    await post(moved(centre, -130, -130));
    const from = moved(centre, 700, 400);
    let [out, within] = [1, 2000];
    while (within - out > 1) {
      const radius = Math.floor((out + within) / 2);
      const count = (await searchFrom(from, radius, "newest")).length;
      expect([0, 3]).toContain(count);
      if (count === 0) out = radius;
      else within = radius;
    }
    expect(Math.abs(within - metresBetween(from, centre))).toBeLessThan(5);
  });
});

describe("the map", () => {
  /** The markers within bounds of a width in degrees whose lower left corner lies there. */
  async function markersIn(corner: Place, width: number, zoom: number) {
    const { latitude: south, longitude: west } = corner;
    const bounds = { west, south, east: west + width, north: south + width };
    const { data } = await attacker.api.rpc("map_tasks", { ...bounds, zoom }).throwOnError();
    return data;
  }

  test("tells no door of a cell from another, however its bounds are moved", async () => {
    await changeSettings(sql, { open_task_limit: 100 });
    const centre = await post({ latitude: -20.0003, longitude: -24.0003 });
    const homes = [moved(centre, 130, 130), moved(centre, -130, -130), moved(centre, 130, -130)];
    const ids = [centre.id];
    for (const home of homes) ids.push((await post(home)).id);
    const random = new Random(17);
    let seen = 0;
    for (let probe = 0; probe < 80; probe++) {
      const from = moved(centre, (random.next() - 0.8) * 1500, (random.next() - 0.8) * 1500);
      const markers = await markersIn(from, random.next() * 0.01, random.integer(12, 22));
      // all of them on one marker in the centre, or none
      for (const { latitude, longitude, task_count, tasks } of markers) {
        expect([latitude, longitude, task_count]).toEqual([centre.latitude, centre.longitude, ids.length]);
        expect(tasks?.map(({ id }) => id).toSorted()).toEqual(ids.toSorted());
      }
      expect(markers.length).toBeLessThanOrEqual(1);
      seen += markers.length;
    }
    expect(seen).toBeGreaterThan(20);
    expect(seen).toBeLessThan(80);
  });

  test("lets every door go at the same edge, to the metre", async () => {
    const centre = await post({ latitude: -21.0003, longitude: -25.0003 });
    const edgeOf = async (id: string): Promise<number> => {
      let [within, out] = [-2000, 2000];
      while (out - within > 1) {
        const middle = Math.floor((out + within) / 2);
        const markers = await markersIn(moved(centre, middle, -500), 0.01, 18);
        if (markers.some(({ tasks }) => tasks?.some((task) => task.id === id))) within = middle;
        else out = middle;
      }
      return within;
    };
    const edges = [await edgeOf(centre.id)];
    for (const door of [moved(centre, 130, 130), moved(centre, -130, -130)]) {
      edges.push(await edgeOf((await post(door)).id));
    }
    expect(new Set(edges).size).toBe(1);
  });

  test("counts what nobody may see for nobody", async () => {
    const spot = { latitude: -22.0003, longitude: -26.0003 };
    const atEachZoom = async () => {
      const answers = [];
      for (const zoom of [0, 5, 10, 18]) answers.push(await markersIn(moved(spot, -500, -500), 0.01, zoom));
      return answers;
    };
    await rpc(creator, "block_user", { user_id: attacker.id });
    const before = await atEachZoom();
    await post(spot);
    expect(await atEachZoom()).toEqual(before);
    await rpc(creator, "unblock_user", { user_id: attacker.id });
    expect(await markersIn(moved(spot, -500, -500), 0.01, 18)).toMatchObject([{ task_count: 1 }]);
  });
});

test("the distance shown is that to the cell centre, rounded to 100 m", async () => {
  const task = await post({ latitude: 47.5012, longitude: 9.7403 });
  const random = new Random(11);
  for (let probe = 0; probe < 30; probe++) {
    const from = moved(task, (random.next() - 0.5) * 20_000, (random.next() - 0.5) * 20_000);
    const [found] = (await searchFrom(from, 50_000, "distance")).filter(({ id }) => id === task.id);
    expect((found?.distance_m ?? -1) % 100).toBe(0);
    expect(Math.abs((found?.distance_m ?? -1) - metresBetween(from, task))).toBeLessThanOrEqual(100);
  }
});

test("posting again and again from one place always shows the same centre", async () => {
  await changeSettings(sql, { open_task_limit: 100 });
  const home = { latitude: 53.5432109, longitude: 9.9876543 };
  const centres = [];
  for (let turn = 0; turn < 10; turn++) centres.push(await post(home));
  expect(new Set(centres.map(({ latitude, longitude }) => `${latitude} ${longitude}`)).size).toBe(1);
});

test("the centre says nothing about where in the cell the home is", async () => {
  await changeSettings(sql, { open_task_limit: 1000, task_limit_per_day: 1000, points_limit_per_creator: 100_000 });
  const random = new Random(13);
  const distances: number[] = [];
  for (let turn = 0; turn < 40; turn++) {
    const home = { latitude: random.next() * 120 - 60, longitude: random.next() * 360 - 180 };
    const shown = await post(home);
    distances.push(metresBetween(home, shown));
  }
  // within half a diagonal of a 300 m cell, and spread like points in one: a third lies beyond 130 m
  expect(Math.max(...distances)).toBeLessThan(220);
  expect(distances.filter((distance) => distance > 100).length).toBeGreaterThan(10);
});

test("no column of the task holds more than the centre", async () => {
  const home = { latitude: 51.3397123, longitude: 12.3730456 };
  const { id, latitude, longitude } = await post(home);
  const [stored] = await sql(
    `select latitude, longitude,
       t::text like '%51.3397123%' or t::text like '%12.3730456%' as "hasExactPlace"
     from public.tasks t where id = $1`,
    [id],
  );
  expect(stored).toEqual({ latitude, longitude, hasExactPlace: false });
});

test("moving within the cell, or naming an address, changes nothing that shows", async () => {
  const task = await post({ latitude: 44.0003, longitude: 4.0003 });
  const before = await searchFrom(task, 1000, "distance");
  await rpc(creator, "update_task", { task_id: task.id, ...moved(task, 120, -120), address: "Another door" });
  expect(await searchFrom(task, 1000, "distance")).toEqual(before);
});
