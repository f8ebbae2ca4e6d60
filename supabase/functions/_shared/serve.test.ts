import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { createClient, FunctionRegion } from "@supabase/supabase-js";
import { Hono } from "hono";
import type { LogFields } from "./log.ts";
import { Problem } from "./problem.ts";
import { type Handler, type ShellEnv, type ShellOptions, serve } from "./serve.ts";

const BASE = "http://localhost/example";

function handlerWith(options: Partial<ShellOptions<string>> = {}): {
  handle: Handler;
  logged: (LogFields | undefined)[];
} {
  const logged: (LogFields | undefined)[] = [];
  const routes = new Hono<ShellEnv<string>>()
    .get("/:id", (context) => context.json({ id: context.req.param("id"), caller: context.get("caller") }))
    .delete("/:id", () => new Response(null, { status: 204, headers: { "cache-control": "max-age=60" } }))
    .post("/:id/break", () => {
      throw new Error("password of db-host wrong");
    });
  const handle = serve("example", routes, {
    caller: async (request) => request.headers.get("authorization") ?? "nobody",
    log: (_level, _message, fields) => logged.push(fields),
    ...options,
  });
  return { handle, logged };
}

const { handle } = handlerWith();
const send = (method: string, path: string, headers: Record<string, string> = {}) =>
  handle(new Request(`${BASE}${path}`, { method, headers }));

Deno.test("a route answers, knows its caller, and is readable from any origin", async () => {
  const response = await send("GET", "/7", { authorization: "somebody" });
  deepStrictEqual([response.status, await response.json()], [200, { id: "7", caller: "somebody" }]);
  strictEqual(response.headers.get("access-control-allow-origin"), "*");
  strictEqual(response.headers.get("access-control-expose-headers"), "retry-after, sb-request-id");
  strictEqual(response.headers.get("cache-control"), "no-store");
  strictEqual((await send("DELETE", "/7")).headers.get("cache-control"), "max-age=60");
});

Deno.test("HEAD works where GET does, other methods are 405 and hear which ones work", async () => {
  const head = await send("HEAD", "/7");
  deepStrictEqual([head.status, await head.text()], [200, ""]);
  const response = await send("POST", "/7", { "x-request-id": "request-1" });
  deepStrictEqual([response.status, response.headers.get("allow")], [405, "GET, HEAD, DELETE"]);
  deepStrictEqual(await response.json(), {
    code: "method_not_allowed",
    message: "This method isn't possible here.",
    request_id: "request-1",
  });
});

Deno.test("what is no route is 404, whoever asks", async () => {
  const { handle: strict } = handlerWith({ caller: () => Promise.reject(new Problem("not_signed_in")) });
  for (const path of ["", "/", "/7/more", "/7/break/more", "/%E0%A4%A/x"]) {
    const response = await strict(new Request(`${BASE}${path}`));
    deepStrictEqual([response.status, (await response.json()).code], [404, "route_not_found"], path);
  }
  strictEqual((await strict(new Request("http://localhost/other/7"))).status, 404);
});

Deno.test("who may not call gets an answer that a browser can read", async () => {
  const { handle: strict } = handlerWith({ caller: () => Promise.reject(new Problem("not_signed_in")) });
  const response = await strict(new Request(`${BASE}/7`));
  deepStrictEqual([response.status, (await response.json()).code], [401, "not_signed_in"]);
  strictEqual(response.headers.get("access-control-allow-origin"), "*");
  strictEqual(response.headers.get("cache-control"), "no-store");
});

Deno.test("what breaks is logged under the request's id and not told", async () => {
  const { handle: broken, logged } = handlerWith();
  const ids = [];
  const named = { "sb-request-id": "request-1", "x-request-id": "request-2" };
  for (const headers of [new Headers(named), new Headers()]) {
    const response = await broken(new Request(`${BASE}/7/break`, { method: "POST", headers }));
    const text = await response.text();
    deepStrictEqual([response.status, text.includes("password")], [500, false]);
    ids.push(JSON.parse(text).request_id);
  }
  strictEqual(ids[0], "request-1");
  ok(/^[0-9a-f-]{36}$/u.test(ids[1]));
  deepStrictEqual(
    logged,
    ids.map((id) => ({ request_id: id, reason: "password of db-host wrong" })),
  );
});

Deno.test("a preflight needs no caller and allows what the path can do", async () => {
  const { handle: strict } = handlerWith({ caller: () => Promise.reject(new Problem("not_signed_in")) });
  const response = await strict(new Request(`${BASE}/7`, { method: "OPTIONS" }));
  deepStrictEqual([response.status, await response.text()], [204, ""]);
  strictEqual(response.headers.get("access-control-allow-origin"), "*");
  strictEqual(response.headers.get("access-control-allow-methods"), "GET, HEAD, DELETE");
});

Deno.test("a preflight allows every header that supabase-js sends", async () => {
  const allowed = (await send("OPTIONS", "/7")).headers.get("access-control-allow-headers")?.split(", ") ?? [];
  // Safelisted by the Fetch standard, or set by the browser itself.
  const free = ["accept", "accept-language", "content-language", "content-length"];
  const sent = new Set<string>();
  const client = createClient("http://localhost:54321", "sb_publishable_x", {
    auth: { persistSession: false, autoRefreshToken: false },
    global: {
      fetch: async (_input, init) => {
        for (const [name] of new Headers(init?.headers)) sent.add(name);
        return Response.json({});
      },
    },
  });
  await client.functions.invoke("example", { body: { a: 1 }, region: FunctionRegion.EuCentral1 });
  await client.functions.invoke("example", { method: "GET" });
  for (const name of ["authorization", "apikey", "content-type", "x-client-info", "x-region"]) {
    ok(sent.has(name), `${name} is sent`);
  }
  deepStrictEqual(
    [...sent].filter((name) => !allowed.includes(name) && !free.includes(name)),
    [],
  );
  // Sent where OpenTelemetry is installed, which it is not here.
  for (const name of ["traceparent", "tracestate", "baggage"]) ok(allowed.includes(name), name);
});

Deno.test("between servers browsers get no permission, and OPTIONS is a method like any other", async () => {
  const { handle: closed } = handlerWith({ isForServers: true });
  for (const method of ["GET", "OPTIONS", "POST"]) {
    const response = await closed(new Request(`${BASE}/7`, { method }));
    strictEqual(response.status, method === "GET" ? 200 : 405);
    strictEqual(response.headers.get("cache-control"), "no-store");
    deepStrictEqual(
      [...response.headers.keys()].filter((name) => name.startsWith("access-control-")),
      [],
    );
  }
});
