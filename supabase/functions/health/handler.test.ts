import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import type { LogFields } from "../_shared/log.ts";
import { createHandler, type HealthDependencies } from "./handler.ts";

const URL_OF_HEALTH = "http://localhost/health";
const noon = new Date("2026-11-21T12:00:00.000Z");

function handlerWith(overrides: Partial<HealthDependencies>) {
  return createHandler({ readApiVersion: async () => "1.2.3", now: () => noon, log: () => undefined, ...overrides });
}

Deno.test("GET answers 200 with the version and the database's latency", async () => {
  const times = [noon, new Date(noon.getTime() + 7), noon];
  const response = await handlerWith({ now: () => times.shift() ?? noon })(new Request(URL_OF_HEALTH));

  strictEqual(response.status, 200);
  deepStrictEqual(await response.json(), {
    status: "ok",
    version: "1.2.3",
    database: { reachable: true, latency_ms: 7 },
    time: "2026-11-21T12:00:00.000Z",
  });
  strictEqual(response.headers.get("cache-control"), "no-store");
});

Deno.test("a database that fails is 503, and the reason is logged but not told", async () => {
  const logged: (LogFields | undefined)[] = [];
  const response = await handlerWith({
    readApiVersion: () => Promise.reject(new Error("password of db-host wrong")),
    log: (_level, _message, fields) => logged.push(fields),
  })(new Request(URL_OF_HEALTH, { headers: { "x-request-id": "request-1" } }));

  strictEqual(response.status, 503);
  const body = await response.text();
  ok(!body.includes("password"));
  strictEqual(JSON.parse(body).database.reachable, false);
  deepStrictEqual(logged, [{ request_id: "request-1", reason: "password of db-host wrong" }]);
});

Deno.test("a database that hangs is 503 after the time limit", async () => {
  const response = await handlerWith({
    timeoutMs: 20,
    readApiVersion: (signal) =>
      new Promise((_resolve, reject) => {
        // Keeps the event loop alive, as an open connection would.
        const connection = setTimeout(() => undefined, 10_000);
        signal.addEventListener("abort", () => {
          clearTimeout(connection);
          reject(signal.reason);
        });
      }),
  })(new Request(URL_OF_HEALTH));

  strictEqual(response.status, 503);
});

Deno.test("HEAD is allowed, other methods are 405 and say which ones are", async () => {
  strictEqual((await handlerWith({})(new Request(URL_OF_HEALTH, { method: "HEAD" }))).status, 200);
  for (const method of ["POST", "PUT", "PATCH", "DELETE"]) {
    const response = await handlerWith({})(new Request(URL_OF_HEALTH, { method }));
    strictEqual(response.status, 405);
    strictEqual(response.headers.get("allow"), "GET, HEAD");
    strictEqual((await response.json()).code, "method_not_allowed");
  }
});

Deno.test("a browser's preflight is answered", async () => {
  const response = await handlerWith({})(new Request(URL_OF_HEALTH, { method: "OPTIONS" }));
  strictEqual(response.status, 204);
  strictEqual(response.headers.get("access-control-allow-origin"), "*");
});
