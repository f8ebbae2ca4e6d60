import { ok, rejects, strictEqual, throws } from "node:assert/strict";
import { requireSecretKey } from "../_shared/callers.ts";
import { DatabaseUnavailable } from "../_shared/database.ts";
import { fakeDatabase } from "../_shared/testing.ts";
import { CONTENT_TYPE, type Figure, formatMetrics, METRICS } from "./format.ts";
import { createHandler } from "./handler.ts";

const FIGURES: Figure[] = [
  { name: "connections", labels: { role: "authenticator", state: "idle" }, value: 3 },
  { name: "sign_ups_total", labels: {}, value: 12 },
  { name: "connections", labels: { role: 'a "b"\\\n', state: "active" }, value: 1 },
  { name: "alert_value", labels: { alert: "alerts_of_x" }, value: null },
];
const KEY = "sb_secret_of_this_test";
const PROJECT = { url: "http://localhost", publishableKeys: {}, secretKeys: { default: KEY }, jwks: { keys: [] } };

function handlerWith(answer: () => unknown = () => FIGURES) {
  const { database, calls } = fakeDatabase({ read_metrics: answer });
  const handle = createHandler({
    authenticate: (request) => requireSecretKey(request, PROJECT),
    database,
    log: () => undefined,
  });
  return { handle, calls };
}

const get = (headers: Record<string, string> = { apikey: KEY }) => new Request("http://localhost/metrics", { headers });

Deno.test("each metric stands once with help and type, its figures below, and what is unknown is left out", async () => {
  const { handle, calls } = handlerWith();
  const response = await handle(get());
  strictEqual(response.status, 200);
  strictEqual(response.headers.get("content-type"), CONTENT_TYPE);
  strictEqual(response.headers.get("cache-control"), "no-store");
  strictEqual(
    await response.text(),
    `# HELP neighbourhood_connections Connections of clients by role and state.
# TYPE neighbourhood_connections gauge
neighbourhood_connections{role="authenticator",state="idle"} 3
neighbourhood_connections{role="a \\"b\\"\\\\\\n",state="active"} 1
# HELP neighbourhood_sign_ups_total Members who signed up.
# TYPE neighbourhood_sign_ups_total counter
neighbourhood_sign_ups_total 12
`,
  );
  strictEqual(calls.length, 1);
});

Deno.test("the key may also come as a token, as older versions of Prometheus send it", async () => {
  strictEqual((await handlerWith().handle(get({ authorization: `Bearer ${KEY}` }))).status, 200);
});

Deno.test("without a secret key nothing is told, and the database is not asked", async () => {
  const publishable = "sb_publishable_of_this_test";
  for (const headers of [
    {},
    { apikey: publishable },
    { apikey: `${KEY}x` },
    { authorization: `Bearer ${publishable}` },
    { authorization: `Bearer ${KEY}x` },
    { authorization: `Basic ${KEY}` },
    { apikey: publishable, authorization: `Bearer ${KEY}` },
  ]) {
    const { handle, calls } = handlerWith();
    strictEqual((await handle(get(headers as Record<string, string>))).status, 403, JSON.stringify(headers));
    strictEqual(calls.length, 0);
  }
});

Deno.test("a database that is away is 503, so that the scrape counts as failed", async () => {
  const { handle } = handlerWith(() => {
    throw new DatabaseUnavailable("read_metrics got no answer: password of db-host wrong");
  });
  const response = await handle(get());
  strictEqual(response.status, 503);
  ok(!(await response.text()).includes("password"));
});

Deno.test("other methods are refused", async () => {
  const { handle } = handlerWith();
  strictEqual((await handle(new Request("http://localhost/metrics", { method: "POST" }))).status, 405);
});

Deno.test("a figure that nobody described is a mistake, not a line", async () => {
  throws(() => formatMetrics([{ name: "unknown", labels: {}, value: 1 }]), /unknown is no metric/u);
  await rejects(async () => formatMetrics([{ name: "constructor", labels: {}, value: 1 }]));
});

Deno.test("counters end in _total, and nothing else does", () => {
  for (const [name, { type, help }] of Object.entries(METRICS)) {
    strictEqual(name.endsWith("_total"), type === "counter", name);
    ok(help.endsWith("."), name);
  }
});
