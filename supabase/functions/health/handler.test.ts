import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import type { LogFields } from "../_shared/log.ts";
import { createHandler, type HealthDependencies, type Readiness } from "./handler.ts";

const URL_OF_HEALTH = "http://localhost/health";
const FIT: Readiness = { version: "1.2.3", migration: "20261121000100", jobs_ran_lately: true, stuck_queues: [] };
const noon = new Date("2026-11-21T12:00:00.000Z");

function handlerWith(overrides: Partial<HealthDependencies>) {
  return createHandler({
    readApiVersion: async () => "1.2.3",
    readReadiness: async () => FIT,
    newestMigration: "20261121000100",
    unusedQueues: [],
    now: () => noon,
    log: () => undefined,
    ...overrides,
  });
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

Deno.test("live asks nobody", async () => {
  const handle = handlerWith({
    readApiVersion: () => Promise.reject(new Error("asked")),
    readReadiness: () => Promise.reject(new Error("asked")),
  });
  const response = await handle(new Request(`${URL_OF_HEALTH}/live`));
  strictEqual(response.status, 200);
  deepStrictEqual(await response.json(), { status: "live", time: "2026-11-21T12:00:00.000Z" });
});

Deno.test("version tells the API's and the source's, and is 503 without a database", async () => {
  const version = (overrides: Partial<HealthDependencies>) =>
    handlerWith(overrides)(new Request(`${URL_OF_HEALTH}/version`));
  const response = await version({});
  strictEqual(response.status, 200);
  deepStrictEqual(await response.json(), { version: "1.2.3", newest_migration: "20261121000100" });
  strictEqual((await version({ readApiVersion: () => Promise.reject(new Error("away")) })).status, 503);
});

const READY = { database: true, migrations: true, jobs: true, outbox: true };
for (const [what, found, parts, overrides] of [
  ["everything is fit", {}, READY, {}],
  ["the database is newer than the function", { migration: "20270101000000" }, READY, {}],
  ["a channel is not set up", { stuck_queues: ["email"] }, READY, { unusedQueues: ["email", "web_push"] }],
  ["a migration is missing", { migration: "20261121000000" }, { ...READY, migrations: false }, {}],
  ["nobody keeps a history", { migration: null }, { ...READY, migrations: false }, {}],
  ["jobs do not run", { jobs_ran_lately: false }, { ...READY, jobs: false }, {}],
  [
    "a queue is stuck",
    { stuck_queues: ["email", "webhooks"] },
    { ...READY, outbox: false },
    { unusedQueues: ["email"] },
  ],
] as const) {
  const isReady = Object.values(parts).every((part) => part);
  Deno.test(`ready is ${isReady ? 200 : 503} when ${what}`, async () => {
    const readReadiness = async (): Promise<Readiness> => ({
      ...FIT,
      ...found,
      stuck_queues: [...(("stuck_queues" in found && found.stuck_queues) || [])],
    });
    const response = await handlerWith({ readReadiness, ...overrides })(new Request(`${URL_OF_HEALTH}/ready`));
    strictEqual(response.status, isReady ? 200 : 503);
    deepStrictEqual(await response.json(), {
      status: isReady ? "ready" : "not_ready",
      parts,
      time: "2026-11-21T12:00:00.000Z",
    });
  });
}

Deno.test("ready is 503 without a database, and says no word on why", async () => {
  const response = await handlerWith({ readReadiness: () => Promise.reject(new Error("password of db-host wrong")) })(
    new Request(`${URL_OF_HEALTH}/ready`),
  );
  strictEqual(response.status, 503);
  const body = await response.text();
  ok(!body.includes("password"));
  deepStrictEqual(JSON.parse(body).parts, { database: false, migrations: false, jobs: false, outbox: false });
});
