import { describe, expect, test } from "vitest";
import { ApiError, apiErrorFrom, ERRORS, type ErrorSlug } from "../../src/client/index.ts";
import { fakeRest, json, noConnection, raised, refused } from "./support/fake-rest.ts";

async function errorOf(promise: Promise<unknown>): Promise<ApiError> {
  const error: unknown = await promise.then(
    () => new Error("nothing was thrown"),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ApiError)) throw error;
  return error;
}

// a command that is never repeated, so that each answer is seen as it is
const failedUpdate = (answer: () => Response): Promise<ApiError> =>
  errorOf(fakeRest(answer).client.tasks.update("22222222-2222-4222-8222-222222222222", {}));

describe("an error the database raised", () => {
  test("keeps slug, status, hint and detail, and speaks both languages", async () => {
    const error = await failedUpdate(() => raised(409, "task_not_open", "assigned", "This task is no longer open."));
    expect(error).toMatchObject({
      name: "ApiError",
      code: "task_not_open",
      status: 409,
      detail: "assigned",
      hint: "This task is no longer open.",
      isRetryable: false,
    });
    expect(error.text("de")).toBe("Diese Aufgabe ist nicht mehr offen.");
    expect(error.text("en")).toBe("This task is no longer open.");
    expect(error.message).toContain("task_not_open");
  });

  test("names the field and its limit", async () => {
    const error = await failedUpdate(() =>
      raised(400, "text_too_long", "title", "At most 255 characters are allowed."),
    );
    expect(error.limit).toBe(255);
    expect([error.text("en"), error.text("de")]).toEqual([
      "Title: at most 255 characters.",
      "Titel: höchstens 255 Zeichen.",
    ]);
  });

  test("which a contract refuses before it is sent is told in the same words", async () => {
    const { client } = fakeRest(() => json({}));
    const error = await errorOf(
      client.tasks.update("22222222-2222-4222-8222-222222222222", { title: "x".repeat(256) }),
    );
    expect(error).toMatchObject({ code: "text_too_long", detail: "title", limit: 255 });
    expect(error.text("de")).toBe("Titel: höchstens 255 Zeichen.");
  });

  test("with a slug of a later version is an unexpected response that keeps its cause", async () => {
    const error = await failedUpdate(() => raised(409, "slug_from_the_future"));
    expect(error).toMatchObject({ code: "unexpected_response", status: 409 });
    expect(error.cause).toMatchObject({ message: "slug_from_the_future" });
  });
});

describe("an error on the way", () => {
  const body = (code: string, message = "whatever"): object => ({
    code,
    message,
    details: "select secret",
    hint: "grant secret",
  });

  test.each<[string, () => Response, ErrorSlug, number, boolean]>([
    ["broken token", () => json(body("PGRST301"), 401), "not_signed_in", 401, false],
    ["no token", () => json(body("PGRST302"), 401), "not_signed_in", 401, false],
    ["expired token", () => json(body("PGRST303"), 401), "not_signed_in", 401, false],
    ["no right, without a login", () => json(body("42501"), 401), "not_signed_in", 401, false],
    ["no right, with a login", () => json(body("42501"), 403), "not_permitted", 403, false],
    ["database gone", () => json(body("PGRST001"), 503), "service_unavailable", 503, true],
    ["connection cut", () => json(body("57P01"), 500), "service_unavailable", 500, true],
    ["timeout", () => json(body("57014"), 500), "service_unavailable", 500, true],
    ["deadlock", () => json(body("40P01"), 500), "service_unavailable", 500, true],
    ["too many connections", () => json(body("53300"), 503), "service_unavailable", 503, true],
    ["gateway page", () => new Response("<html>Bad gateway</html>", { status: 502 }), "service_unavailable", 502, true],
    ["value of the wrong type", () => json(body("22P02"), 400), "validation_failed", 400, false],
    ["text that cannot be held", () => json(body("22P05"), 400), "validation_failed", 400, false],
    ["slug without its code", () => json(body("P0001", "task_not_open"), 400), "unexpected_response", 400, false],
    ["wrong key", () => json({ message: "Invalid API key" }, 401), "unexpected_response", 401, false],
    [
      "portal page",
      () => new Response("<html>Sign in to the Wi-Fi</html>", { status: 200 }),
      "unexpected_response",
      500,
      false,
    ],
    ["empty answer", () => new Response("", { status: 200 }), "unexpected_response", 500, false],
    ["empty not found", () => new Response("", { status: 404 }), "unexpected_response", 500, false],
    ["error that is null", () => json(null, 500), "unexpected_response", 500, false],
    ["error that is a text", () => json("broken", 500), "unexpected_response", 500, false],
  ])("%s", async (_name, answer, code, status, isRetryable) => {
    const error = await failedUpdate(answer);
    expect(error).toMatchObject({ code, status, isRetryable });
    expect(`${error.hint} ${error.detail}`).not.toContain("secret");
  });

  test("no connection is a network error", async () => {
    const error = await errorOf(
      fakeRest(noConnection).client.tasks.create({
        title: "Carry a sofa",
        description: "Third floor",
        category: "transport",
        latitude: 52,
        longitude: 13,
        points_reward: 5,
      }),
    );
    expect(error).toMatchObject({ code: "network_error", status: 0, isRetryable: true });
    expect(error.cause).toBeDefined();
  });
});

describe("an error body of an edge function", () => {
  test("keeps slug, status, hint and detail", () => {
    const body = {
      code: "price_changed",
      message: "The price has changed.",
      hint: "Show it.",
      detail: "60",
      request_id: "r",
    };
    expect(apiErrorFrom(body, 409)).toMatchObject({
      code: "price_changed",
      status: 409,
      hint: "Show it.",
      detail: "60",
    });
  });

  test.each(Object.entries(ERRORS))("%s is known and has its texts", async (slug, { status, de, en }) => {
    const body = await refused(status === 0 ? 400 : status, slug).json();
    const error = apiErrorFrom(body, status);
    expect(error).toMatchObject({ code: slug, status });
    expect([error.text("de"), error.text("en")]).toEqual([de, en]);
    expect(error.cause).toMatchObject({ request_id: "request-1" });
  });
});

test("an input is refused before anything is sent", async () => {
  const { client, requests } = fakeRest(() => json([]));
  expect(await errorOf(client.tasks.confirm("7"))).toMatchObject({
    code: "task_not_found",
    status: 404,
    detail: "task_id",
  });
  expect(
    await errorOf(client.tasks.rejectCompletion("22222222-2222-4222-8222-222222222222", { reason: " " })),
  ).toMatchObject({
    code: "text_blank",
    status: 400,
    detail: "reason",
  });
  expect(requests).toEqual([]);
});

test("errors of one's own queries can be translated as well", async () => {
  const { supabase } = fakeRest(() => raised(403, "user_banned"));
  const { error, status } = await supabase.from("users").select();
  expect(apiErrorFrom(error, status)).toMatchObject({ code: "user_banned", status: 403 });
});
