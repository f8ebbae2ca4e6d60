import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { ERRORS, type ErrorSlug } from "../_shared/contracts/errors.ts";
import { DatabaseUnavailable } from "../_shared/database.ts";
import { describeApi } from "./openapi.ts";
import { errorsOf, type Route } from "./route.ts";
import { ROUTES } from "./routes.ts";
import {
  answersOf,
  assertError,
  code,
  ID,
  KEY,
  KEY_HASH,
  methodOf,
  NAMES,
  OTHER_ID,
  partnerRow,
  refusal,
  request,
  SERVER,
  type Sent,
  scene,
  send,
  VISITS,
  visit,
} from "./test-scene.ts";

/** Secrets and test codes are new every time. */
const withoutSecret = (value: unknown) =>
  JSON.parse(JSON.stringify(value), (key, entry) => (key === "secret" || /^NH/u.test(entry) ? undefined : entry));

for (const name of NAMES) {
  const { command, args, row, answer = row } = VISITS[name];
  const route: Route = ROUTES[name];

  Deno.test(`${name} asks one command and answers what the contract names`, async () => {
    const { status, body, asked } = await visit(name);
    strictEqual(status, route.answer.status);
    deepStrictEqual(withoutSecret(body), withoutSecret(answer));
    const last = asked.at(-1);
    strictEqual(last?.command, command);
    if (args !== undefined) deepStrictEqual(last?.args, { api_key_hash: KEY_HASH, ...args });
    deepStrictEqual(
      asked.map((one) => one.command),
      [...(route.isCostly ? ["read_partner"] : []), ...(command === undefined ? [] : [command])],
    );
  });

  if (route.scope === undefined || command === undefined) continue;

  Deno.test(`${name} passes on every refusal it documents, and no other text`, async () => {
    for (const slug of errorsOf(route)) {
      const error = slug === "service_unavailable" ? new DatabaseUnavailable("away") : refusal(slug);
      const failed = slug === "internal_error" ? new Error("relation private.secrets is broken") : error;
      const result = await visit(name, {}, { answers: { [command]: failed } });
      assertError(result, slug);
      ok(!result.text.includes("private.secrets"));
      strictEqual(result.headers.get("www-authenticate") !== null, result.status === 401);
    }
  });

  Deno.test(`${name} without anything like a key is 401 and asks nobody`, async () => {
    const keys = ["", "Bearer", `Basic ${KEY}`, `Bearer ${KEY}0`, `Bearer ${KEY.toUpperCase()}`, `Bearer x${KEY}`];
    for (const authorization of [...keys, "Bearer sb_publishable_x", "Bearer eyJhbGciOiJIUzI1NiJ9.e30.x"]) {
      const result = await visit(name, { headers: { authorization } });
      assertError(result, "api_key_invalid");
      strictEqual(result.headers.get("www-authenticate"), 'Bearer realm="partner"');
      deepStrictEqual(result.asked, []);
    }
  });

  if (route.body !== undefined) {
    Deno.test(`${name} takes a body of the right type, size, depth and fields only`, async () => {
      const nested = `${"[".repeat(21)}${"]".repeat(21)}`;
      const cases: [Sent, ErrorSlug][] = [
        [{ body: "{}", headers: { "content-type": "text/plain" } }, "content_type_unsupported"],
        [{ body: "{}", headers: { "content-type": "application/x-www-form-urlencoded" } }, "content_type_unsupported"],
        [{ body: "{" }, "json_invalid"],
        [{ body: nested }, "json_invalid"],
        [{ body: `{"code":"${"x".repeat(1024 * 1024)}"}` }, "payload_too_large"],
        [{ body: "null" }, "validation_failed"],
      ];
      for (const [sent, slug] of cases) {
        const result = await visit(name, sent);
        if (slug === "validation_failed") strictEqual(result.status, 400);
        else strictEqual(result.body.code, slug);
        ok(!result.asked.some((one) => one.command === command));
      }
      const body = { ...(VISITS[name].body as object), surprise: 1 };
      assertError(await visit(name, { body }), "validation_failed", { detail: "surprise" });
    });
  }

  if (route.params !== undefined && name !== "readSettlement") {
    Deno.test(`${name} with an id that cannot exist is as good as not found`, async () => {
      const path = VISITS[name].path.replace(/\/(?:9b0c[^/]+|12)/u, "/x");
      const { status, body, asked } = await send(
        methodOf(name),
        path,
        { body: VISITS[name].body },
        { answers: answersOf(name) },
      );
      strictEqual(status, 404);
      ok(errorsOf(route).includes(body.code));
      ok(!asked.some((one) => one.command === command));
    });
  }

  Deno.test(`${name} refuses parameters it does not know`, async () => {
    const { path, body } = VISITS[name];
    const unknown = await send(methodOf(name), `${path}?surprise=1`, { body }, { answers: answersOf(name) });
    assertError(unknown, "validation_failed", { detail: "surprise" });
    ok(!unknown.asked.some((one) => one.command === command));
  });

  if (route.query !== undefined) {
    Deno.test(`${name} refuses parameters that come twice`, async () => {
      const { path, body } = VISITS[name];
      const answers = answersOf(name);
      const [parameter = "", value = ""] =
        name === "addCodes"
          ? ["all_or_nothing", "true"]
          : name === "readSettlement"
            ? ["format", "excel"]
            : ["page_size", "5"];
      const known = `${parameter}=${value}&${parameter}=${value}`;
      strictEqual(
        (await send(methodOf(name), `${path}?${known}`, { body }, { answers })).body.code,
        "validation_failed",
      );
    });
  }
}

Deno.test("routes that work before the command check the key before the work", async () => {
  const costly = NAMES.filter((name) => (ROUTES[name] as Route).isCostly);
  deepStrictEqual(costly, ["addCodes", "withdrawCodes", "connectPartner", "createWebhookEndpoint"]);
  for (const name of costly) {
    const unknown = await visit(name, {}, { answers: { read_partner: refusal("api_key_invalid") } });
    assertError(unknown, "api_key_invalid");
    const key = { ...partnerRow.key, scopes: ["rewards:read"] };
    const unfit = await visit(name, {}, { answers: { read_partner: { ...partnerRow, key } }, reason: "told too much" });
    assertError(unfit, "scope_missing", { detail: ROUTES[name].scope });
    deepStrictEqual(
      unfit.asked.map(({ command }) => command),
      ["read_partner"],
    );
  }
});

Deno.test("hono serves exactly the documented routes", () => {
  const served = scene().app.routes.map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/gu, "{$1}")}`);
  const documented = Object.entries(describeApi(SERVER).paths ?? {}).flatMap(([path, item]) =>
    Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`),
  );
  // Another function takes what partners tell.
  deepStrictEqual([...new Set(served), "POST /{partner_id}"].sort(), documented.sort());
});

Deno.test("HEAD works where GET does, other methods are 405, other paths 404", async () => {
  const { handle } = scene({ answers: { read_partner: partnerRow } });
  const head = await handle(request("HEAD", "/v1/me"));
  deepStrictEqual([head.status, await head.text()], [200, ""]);
  for (const name of NAMES) {
    const { path } = VISITS[name];
    const result = await send("OPTIONS", path);
    assertError(result, "method_not_allowed");
    const allowed = NAMES.filter((other) => ROUTES[other].path === ROUTES[name].path).map(methodOf);
    ok(allowed.every((method) => result.headers.get("allow")?.split(", ").includes(method)));
  }
  for (const path of ["", "/", "/v1", "/v2/me", "/v1/me/", "/v1/rewards/x/y", "/v1/%E0%A4%A"]) {
    assertError(await send("GET", path), "route_not_found");
  }
});

Deno.test("a page of another origin gets no permission to read", async () => {
  const result = await send(
    "GET",
    "/v1/me",
    { headers: { origin: "https://evil.example" } },
    { answers: { read_partner: partnerRow } },
  );
  strictEqual(result.status, 200);
  strictEqual(result.headers.get("access-control-allow-origin"), null);
});

Deno.test("lists take filters and cursors", async () => {
  const list = { items: [], next: null };
  const rewards = await send(
    "GET",
    `/v1/rewards?page_size=100&after=${ID}`,
    {},
    { answers: { list_partner_rewards: list } },
  );
  deepStrictEqual(rewards.asked[0]?.args, { api_key_hash: KEY_HASH, page_size: 100, after: ID });

  const query = `status=used&reward_id=${ID}&since=2026-11-01T00:00:00Z&until=2026-12-01T00:00:00%2B01:00&page_size=1&after=${OTHER_ID}`;
  const found = await send("GET", `/v1/redemptions?${query}`, {}, { answers: { list_partner_redemptions: list } });
  deepStrictEqual(found.asked[0]?.args, {
    api_key_hash: KEY_HASH,
    status: "used",
    reward_id: ID,
    since: "2026-11-01T00:00:00Z",
    until: "2026-12-01T00:00:00+01:00",
    page_size: 1,
    after: OTHER_ID,
  });

  const messages = await send(
    "GET",
    "/v1/webhook-messages?status=dead&after=77",
    {},
    { answers: { list_webhook_messages: list } },
  );
  deepStrictEqual(messages.asked[0]?.args, { api_key_hash: KEY_HASH, status: "dead", page_size: 20, after: 77 });

  const refused: [string, ErrorSlug][] = [
    ["/v1/rewards?page_size=0", "validation_failed"],
    ["/v1/rewards?page_size=101", "validation_failed"],
    ["/v1/rewards?page_size=1e1", "validation_failed"],
    ["/v1/rewards?page_size=", "validation_failed"],
    ["/v1/rewards?after=1", "cursor_invalid"],
    ["/v1/redemptions?status=lost", "validation_failed"],
    ["/v1/redemptions?since=yesterday", "validation_failed"],
    ["/v1/redemptions?reward_id=1", "reward_not_found"],
    ["/v1/redemptions?after=", "cursor_invalid"],
    ["/v1/webhook-messages?after=0", "cursor_invalid"],
    ["/v1/webhook-messages?after=1;drop", "cursor_invalid"],
    ["/v1/webhook-messages?status=lost", "validation_failed"],
  ];
  for (const [path, slug] of refused) {
    const result = await send("GET", path);
    deepStrictEqual([result.status, result.body.code, result.asked], [ERRORS[slug].status, slug, []]);
  }
});

Deno.test("neither codes nor keys nor secrets are logged", async () => {
  const { logged } = await visit("verifyCode", {}, { answers: { verify_code: new Error("no answer") } });
  strictEqual(logged.length, 1);
  ok(!JSON.stringify(logged).includes(code) && !JSON.stringify(logged).includes(KEY));
});

Deno.test("the description needs no key", async () => {
  const result = await send("GET", "/v1/openapi.json", { headers: { authorization: "" } });
  deepStrictEqual([result.status, result.body.openapi, result.body.servers], [200, "3.1.1", [{ url: SERVER }]]);
});
