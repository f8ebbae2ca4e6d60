import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { DatabaseRefusal, DatabaseUnavailable } from "./database.ts";
import type { LogFields } from "./log.ts";
import { KeysUnavailable, Problem, problemResponse } from "./problem.ts";

function answerTo(error: unknown) {
  const logged: (LogFields | undefined)[] = [];
  const response = problemResponse(error, "request-1", (_level, _message, fields) => logged.push(fields));
  return { response, logged };
}

Deno.test("a problem is answered with its status, text, detail, hint and headers", async () => {
  const { response, logged } = answerTo(
    new Problem("payload_too_large", { detail: "4096", hint: "Send less.", headers: { "x-limit": "4096" } }),
  );
  strictEqual(response.status, 413);
  deepStrictEqual(await response.json(), {
    code: "payload_too_large",
    message: "This request is too large.",
    hint: "Send less.",
    detail: "4096",
    request_id: "request-1",
  });
  strictEqual(response.headers.get("x-limit"), "4096");
  deepStrictEqual(logged, []);
});

Deno.test("a refusal of the database is passed on", async () => {
  const { response, logged } = answerTo(new DatabaseRefusal("price_changed", 409, "120"));
  strictEqual(response.status, 409);
  deepStrictEqual(await response.json(), {
    code: "price_changed",
    message: "The price has changed. Please check it and try again.",
    detail: "120",
    request_id: "request-1",
  });
  deepStrictEqual(logged, []);
});

Deno.test("who tried too many codes is told how long to wait", () => {
  const { response } = answerTo(new DatabaseRefusal("too_many_wrong_codes", 429, "37"));
  strictEqual(response.status, 429);
  strictEqual(response.headers.get("retry-after"), "37");
});

Deno.test("what broke inside is logged and not told", async () => {
  for (const [error, status, code] of [
    [new Error("password of db-host wrong"), 500, "internal_error"],
    [
      new DatabaseUnavailable("no answer", { cause: new Error("password of db-host wrong") }),
      503,
      "service_unavailable",
    ],
    [new KeysUnavailable("password of db-host wrong"), 503, "service_unavailable"],
    ["password of db-host wrong", 500, "internal_error"],
  ] as const) {
    const { response, logged } = answerTo(error);
    strictEqual(response.status, status);
    const body = await response.text();
    ok(!body.includes("password"));
    strictEqual(JSON.parse(body).code, code);
    ok(String(logged[0]?.["reason"]).includes("password of db-host wrong"));
    strictEqual(logged[0]?.["request_id"], "request-1");
  }
});
