import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { widened } from "../../src/client/bounds.ts";
import { fakeRestSignedIn, json } from "./support/fake-rest.ts";

const degrees = (least: number, most: number) => fc.double({ min: least, max: most, noNaN: true });
/** Bounds as maps on screens give them: up to two worlds away from where one begins to count. */
const anyBounds = fc
  .tuple(degrees(-900, 900), degrees(0, 400), degrees(-90, 90), degrees(0, 180))
  .map(([west, width, south, height]) => ({ west, south, east: west + width, north: Math.min(south + height, 90) }));

describe("bounds of a map", () => {
  test("become wider by less than 300 m on each side, and whole steps", () => {
    const { west, south, east, north } = widened({ west: 13.3001, south: 52.4001, east: 13.5001, north: 52.6001 });
    for (const edge of [west, south, east, north])
      expect(Math.abs(edge * 370 - Math.round(edge * 370))).toBeLessThan(1e-6);
    for (const [wide, narrow] of [
      [-west, -13.3001],
      [-south, -52.4001],
      [east, 13.5001],
      [north, 52.6001],
    ] as const) {
      expect(wide - narrow).toBeGreaterThanOrEqual(0);
      expect(wide - narrow).toBeLessThan(1 / 370);
    }
  });

  test("stay when they are whole steps already", () => {
    const once = widened({ west: 13.3001, south: -52.4001, east: 13.5001, north: -52.3001 });
    const twice = widened(once);
    for (const edge of ["west", "south", "east", "north"] as const) {
      expect(Math.abs(twice[edge] - once[edge])).toBeLessThanOrEqual(1 / 370 + 1e-9);
    }
  });

  test.each([
    ["across the date line, as maps count on", { west: 179, east: 181 }, { west: 179, east: -179 }],
    ["across it from the other side", { west: -181, east: -179 }, { west: 179, east: -179 }],
    ["across it, as the database takes it", { west: 179, east: -179 }, { west: 179, east: -179 }],
    ["a world away", { west: 370, east: 371 }, { west: 10, east: 11 }],
    ["wider than the world", { west: -200, east: 200 }, { west: -180, east: 180 }],
    ["up to the date line", { west: 170, east: 180 }, { west: 170, east: 180 }],
    ["from the date line", { west: 180, east: 190 }, { west: -180, east: -170 }],
  ])("%s", (_name, given, wanted) => {
    const { west, east } = widened({ ...given, south: 1, north: 2 });
    expect([west, east].map(Math.round)).toEqual([wanted.west, wanted.east]);
  });

  test("are always such that the database takes them, and hold what they held", () => {
    fc.assert(
      fc.property(anyBounds, degrees(0, 1), (bounds, share) => {
        const { west, south, east, north } = widened(bounds);
        for (const longitude of [west, east]) expect(Math.abs(longitude)).toBeLessThanOrEqual(180);
        expect([south >= -90, north <= 90, south <= bounds.south, north >= bounds.north]).toEqual([
          true,
          true,
          true,
          true,
        ]);
        const within = bounds.west + share * (bounds.east - bounds.west);
        const longitude = within - 360 * Math.floor((within + 180) / 360);
        const isIn = west <= east ? longitude >= west && longitude <= east : longitude >= west || longitude <= east;
        // the date line is both of its sides; how near this sum comes to it, its roundings decide
        expect(isIn || Math.abs(Math.abs(longitude) - 180) < 1e-9).toBe(true);
      }),
    );
  });
});

test("the map is asked in the body of a request, with wider bounds and a whole zoom", async () => {
  const { client, requests } = await fakeRestSignedIn(() => json([]));
  await client.tasks.map({
    west: 13.3001,
    south: 52.4001,
    east: 13.5001,
    north: 52.6001,
    zoom: 12.7,
    category: "garten",
  });
  expect(requests.map(({ method, path, body }) => [method, path, body])).toEqual([
    [
      "POST",
      "rpc/map_tasks",
      {
        west: 4921 / 370,
        south: 19388 / 370,
        east: 4996 / 370,
        north: 19463 / 370,
        zoom: 12,
        category: "garten",
      },
    ],
  ]);
});

test("bounds that are none never leave the phone", async () => {
  const { client, requests } = await fakeRestSignedIn(() => json([]));
  await expect(client.tasks.map({ west: 1, south: 3, east: 2, north: 2, zoom: 5 })).rejects.toMatchObject({
    code: "validation_failed",
    detail: "north",
  });
  expect(requests).toEqual([]);
});
