import { describe, expect, test } from "vitest";
import { splitSnippet } from "../../src/client/index.ts";
import { checkInput, searchPlacesInput, searchTasksInput } from "../../supabase/functions/_shared/contracts/index.ts";
import { fakeRest, json } from "./support/fake-rest.ts";

const ID = "22222222-2222-4222-8222-222222222222";
const here = { latitude: 52.5, longitude: 13.4 };

/** Three rows in pages of two, as both searches page them. */
const threeRows = () =>
  fakeRest(({ body }) => {
    const after = typeof body === "object" && body !== null && "after" in body ? body.after : undefined;
    return json(
      after === "c2"
        ? [{ id: "3", cursor: "c3" }]
        : [
            { id: "1", cursor: "c1" },
            { id: "2", cursor: "c2" },
          ],
    );
  });

describe("the search for tasks", () => {
  test("asks for exactly what was given, page after page, and keeps words and place out of the address", async () => {
    const { client, requests } = threeRows();
    const ids: string[] = [];
    const wish = { query: "Rasen", ...here, category: "garten", neighbourhood_id: ID, page_size: 2 };
    for await (const { id } of client.search.tasks(wish)) ids.push(id);
    expect(ids).toEqual(["1", "2", "3"]);
    expect(requests.map(({ method, path, query }) => `${method} ${path} ${query.size}`)).toEqual([
      "POST rpc/search_tasks 0",
      "POST rpc/search_tasks 0",
    ]);
    expect(requests[1]?.body).toEqual({
      query: "Rasen",
      ...here,
      radius_m: 5000,
      category: "garten",
      neighbourhood_id: ID,
      page_size: 2,
      after: "c2",
    });
  });

  test("gives a page with where the next one starts", async () => {
    const { client } = threeRows();
    expect(await client.search.tasksPage({ query: "x", ...here, page_size: 2 })).toMatchObject({ next: "c2" });
    expect(await client.search.tasksPage({ query: "x", ...here, page_size: 3 })).toMatchObject({ next: null });
  });
});

describe("the search for places", () => {
  test("asks for exactly what was given, page after page", async () => {
    const { client, requests } = threeRows();
    const ids: string[] = [];
    for await (const { id } of client.search.places({
      query: "Café",
      ...here,
      radius_m: 1e9,
      category: "cafe",
      page_size: 2,
    })) {
      ids.push(id);
    }
    expect(ids).toEqual(["1", "2", "3"]);
    expect(requests.map(({ path }) => path)).toEqual(["rpc/search_places", "rpc/search_places"]);
    expect(requests[0]?.body).toEqual({ query: "Café", ...here, radius_m: 50_000, category: "cafe", page_size: 2 });
  });

  test("gives a page with where the next one starts", async () => {
    const { client } = threeRows();
    expect(await client.search.placesPage({ query: "x", ...here, page_size: 2 })).toMatchObject({ next: "c2" });
  });
});

describe("any text is a query", () => {
  test.each([
    ["", ""],
    ["'; drop table tasks; -- & | ! :*", "'; drop table tasks; -- & | ! :*"],
    ["a\u0000b", "a b"],
    ["a\uD800b\uDC00", "a b "],
    ["🐶".repeat(600), "🐶".repeat(500)],
    [`x${"🐶".repeat(600)}`, `x${"🐶".repeat(499)} `],
    ["x".repeat(10_000), "x".repeat(1000)],
  ])("%j is sent as text that the database can hold", async (query, sent) => {
    const { client, requests } = fakeRest(() => json([]));
    expect(await client.search.tasksPage({ query, ...here })).toEqual({ items: [], next: null });
    expect(await client.search.placesPage({ query, ...here })).toEqual({ items: [], next: null });
    expect(requests.map(({ body }) => body)).toEqual([
      expect.objectContaining({ query: sent }),
      expect.objectContaining({ query: sent }),
    ]);
  });
});

test.each([
  [searchTasksInput, { query: 7 }, "validation_failed"],
  [searchTasksInput, { latitude: 91 }, "coordinates_invalid"],
  [searchTasksInput, { category: "" }, "category_not_found"],
  [searchTasksInput, { neighbourhood_id: "here" }, "neighbourhood_not_found"],
  [searchTasksInput, { after: "" }, "cursor_invalid"],
  [searchTasksInput, { starts_from: "Saturday" }, "validation_failed"],
  [searchTasksInput, { sort: "newest" }, "validation_failed"],
  [searchPlacesInput, { category: "haircutter" }, "validation_failed"],
  [searchPlacesInput, { longitude: 181 }, "coordinates_invalid"],
])("what the database would refuse never leaves the client: %#", (schema, wrong, code) => {
  expect(checkInput(schema, { query: "x", ...here })).toMatchObject({ success: true });
  expect(checkInput(schema, { query: "x", ...here, ...wrong })).toMatchObject({ success: false, problem: { code } });
});

test.each([
  ["", []],
  ["no hit", [{ text: "no hit", isHit: false }]],
  [
    "«Rasen» <b>mähen</b>, ‹bald›",
    [
      { text: "Rasen", isHit: true },
      { text: " <b>mähen</b>, ‹bald›", isHit: false },
    ],
  ],
  [
    "a «b»«c»",
    [
      { text: "a ", isHit: false },
      { text: "b", isHit: true },
      { text: "c", isHit: true },
    ],
  ],
])("a snippet comes apart: %j", (snippet, parts) => {
  expect(splitSnippet(snippet)).toEqual(parts);
});
