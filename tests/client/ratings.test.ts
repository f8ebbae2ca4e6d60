import { describe, expect, test } from "vitest";
import type { z } from "zod";
import { checkInput, rateTaskInput, ratingsInput } from "../../supabase/functions/_shared/contracts/index.ts";
import { type Answer, fakeRest, json } from "./support/fake-rest.ts";

const ID = "22222222-2222-4222-8222-222222222222";
const idOf = (index: number): string => `00000000-0000-4000-8000-${String(index).padStart(12, "0")}`;

/** A list of `count` ratings, paged as `list_ratings` pages: after the row with this id. */
const listOf =
  (count: number): Answer =>
  ({ body }) => {
    const { page_size, after } = body as { page_size: number; after?: string };
    const ids = Array.from({ length: count }, (_, index) => idOf(index));
    const start = after === undefined ? 0 : ids.indexOf(after) + 1;
    return json(ids.slice(start, start + page_size).map((id) => ({ id })));
  };

describe("the ratings about a member", () => {
  test("are asked for with exactly what was given", async () => {
    const { client, requests } = fakeRest(() => json([]));
    expect(await client.ratings.aboutPage({ user_id: ID })).toEqual({ items: [], next: null });
    await client.ratings.aboutPage({ user_id: ID, page_size: 500, after: idOf(7) });
    expect(requests.map(({ path, body }) => [path, body])).toEqual([
      ["rpc/list_ratings", { user_id: ID, page_size: 20 }],
      ["rpc/list_ratings", { user_id: ID, page_size: 100, after: idOf(7) }],
    ]);
  });

  test("come page after page, each once and in order", async () => {
    const { client, requests } = fakeRest(listOf(7));
    const seen: string[] = [];
    for await (const { id } of client.ratings.about({ user_id: ID, page_size: 3 })) seen.push(id);
    expect(seen).toEqual([0, 1, 2, 3, 4, 5, 6].map(idOf));
    expect(requests).toHaveLength(3);
  });

  test("a cursor that is no id never leaves the client", async () => {
    const { client, requests } = fakeRest(() => json([]));
    await expect(client.ratings.aboutPage({ user_id: ID, after: "1 or 1=1" })).rejects.toMatchObject({
      code: "cursor_invalid",
    });
    await expect(client.ratings.givenPage({ after: "yesterday" })).rejects.toMatchObject({ code: "cursor_invalid" });
    await expect(client.ratings.aboutPage({ user_id: "nobody" })).rejects.toMatchObject({ code: "user_not_found" });
    await expect(client.ratings.explainTrust("nobody")).rejects.toMatchObject({ code: "user_not_found" });
    await expect(client.ratings.ofTask("none")).rejects.toMatchObject({ code: "task_not_found" });
    expect(requests).toEqual([]);
  });
});

test("trust is explained in its parts", async () => {
  const parts = [{ part: "average", amount: 4.5, text_de: "a", text_en: "b" }];
  const { client, requests } = fakeRest(() => json(parts));
  expect(await client.ratings.explainTrust(ID)).toEqual(parts);
  expect(requests.map(({ path, body }) => [path, body])).toEqual([["rpc/explain_trust", { user_id: ID }]]);
});

test.each([
  [{ score: 0 }, "score_out_of_range"],
  [{ score: 6 }, "score_out_of_range"],
  [{ score: 4.5 }, "score_out_of_range"],
  [{ score: Number.NaN }, "score_out_of_range"],
  [{ score: undefined }, "score_out_of_range"],
  [{ comment: "x".repeat(1001) }, "text_too_long"],
  [{ comment: "turned \u202E around" }, "text_has_control_characters"],
  [{ task_id: "none" }, "task_not_found"],
  [{ ratee_id: ID }, "validation_failed"],
])("a rating with %j is refused as %s", (change, code) => {
  const result = checkInput(rateTaskInput, { task_id: ID, score: 5, ...change });
  expect(result).toMatchObject({ success: false, problem: { code } });
});

test.each([
  [rateTaskInput, { task_id: ID, score: 1 }],
  [rateTaskInput, { task_id: ID, score: 5, comment: "x".repeat(1000) }],
  [rateTaskInput, { task_id: ID, score: 5, comment: "two\nlines" }],
  [rateTaskInput, { task_id: ID, score: 5, comment: "" }],
  [ratingsInput, { user_id: ID, after: ID }],
])("what fits passes (%#)", (schema, input) => {
  expect(checkInput<z.ZodType>(schema, input)).toMatchObject({ success: true, data: input });
});
