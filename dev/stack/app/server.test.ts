import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import type { AppConfig } from "../../../examples/web/config-file.ts";
import { type AppState, reasonIn } from "./build.ts";
import { createAppServer } from "./server.ts";

const folder = mkdtempSync(join(tmpdir(), "app-server-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
mkdirSync(join(folder, "assets"));
writeFileSync(join(folder, "index.html"), "<!doctype html>app");
writeFileSync(join(folder, "service-worker.js"), "1");
writeFileSync(join(folder, "de.webmanifest"), "{}");
writeFileSync(join(folder, "config.json"), '{"supabase_url":"as built"}');
writeFileSync(join(folder, "assets/index-abc.js"), "2");
writeFileSync(`${folder}-secret.txt`, "beside the app");
afterAll(() => rmSync(`${folder}-secret.txt`));

const CONFIG: AppConfig = {
  supabase_url: "http://127.0.0.1:54321",
  publishable_key: "sb_publishable_x",
  vapid_public_key: "B",
  map_style: "https://tiles.example.org/styles/plain",
};

async function get(
  path: string,
  state: AppState = { kind: "ready", folder },
  { host = "127.0.0.1:3000", method = "GET", isStarting = false } = {},
) {
  const app = createAppServer({
    state: () => state,
    config: () => (isStarting ? undefined : CONFIG),
    port: () => 3000,
  });
  const response = await app.fetch(new Request(`http://127.0.0.1:3000${path}`, { method, headers: { host } }));
  return { status: response.status, text: await response.text(), header: (name: string) => response.headers.get(name) };
}

it.each([
  ["/", "text/html; charset=utf-8", "no-cache"],
  ["/index.html", "text/html; charset=utf-8", "no-cache"],
  ["/tasks/00000000-0000-4000-8000-000000000000", "text/html; charset=utf-8", "no-cache"],
  ["/settings/notifications?from=mail", "text/html; charset=utf-8", "no-cache"],
  ["/service-worker.js", "text/javascript; charset=utf-8", "no-cache"],
  ["/de.webmanifest", "application/manifest+json", "no-cache"],
  ["/assets/index-abc.js", "text/javascript; charset=utf-8", "public, max-age=31536000, immutable"],
])("%s is answered with %s, cached as %s", async (path, type, caching) => {
  const { status, header } = await get(path);
  expect([status, header("content-type"), header("cache-control")]).toEqual([200, type, caching]);
});

it("tells the app which project it is, and asks again each time", async () => {
  const { text, header } = await get("/config.json");
  expect(JSON.parse(text)).toEqual(CONFIG);
  expect(header("cache-control")).toBe("no-cache");
});

it("has no page for a file that is missing, and none beside the app", async () => {
  expect((await get("/assets/index-old.js")).status).toBe(404);
  const name = folder.split("/").at(-1);
  for (const path of [`/..%2f${name}-secret.txt`, `/%2e%2e/${name}-secret.txt`, "/assets/..%5c..%5cpackage.json"]) {
    expect([path, (await get(path)).status]).toEqual([path, 404]);
  }
});

it("lets the page reach the API and the map alone, and nobody frame it", async () => {
  for (const path of ["/", "/assets/index-abc.js", "/config.json"]) {
    const { header } = await get(path);
    const policy = new Map(
      (header("content-security-policy") ?? "").split("; ").map((part) => [part.split(" ")[0], part]),
    );
    expect(policy.get("default-src")).toBe("default-src 'self'");
    expect(policy.get("connect-src")).toBe(
      "connect-src 'self' http://127.0.0.1:54321 ws://127.0.0.1:54321 https://tiles.example.org",
    );
    expect(policy.get("frame-ancestors")).toBe("frame-ancestors 'none'");
    expect(policy.has("script-src")).toBe(false);
    expect(header("x-content-type-options")).toBe("nosniff");
    expect(header("referrer-policy")).toBe("same-origin");
  }
});

it("answers on its own address only, and takes nothing", async () => {
  for (const host of ["evil.example.test", "evil.example.test:3000", "127.0.0.1:3001"]) {
    expect((await get("/config.json", undefined, { host })).status).toBe(403);
  }
  expect((await get("/", undefined, { host: "localhost:3000" })).status).toBe(200);
  expect((await get("/", undefined, { method: "POST" })).status).toBe(405);
  expect(await get("/", undefined, { method: "HEAD" })).toMatchObject({ status: 200, text: "" });
});

it("shows a page that waits, until app and API are there", async () => {
  for (const page of [await get("/tasks", { kind: "building" }), await get("/", undefined, { isStarting: true })]) {
    expect([page.status, page.header("retry-after"), page.header("cache-control")]).toEqual([503, "1", "no-store"]);
    expect(page.text).toContain('<meta http-equiv="refresh" content="1">');
  }
  expect((await get("/config.json", undefined, { isStarting: true })).status).toBe(503);
});

it("shows why the app could not be built", async () => {
  const output = "error during build:\n[vite] Error: no <b>such</b> export\n  at somewhere";
  const { status, text } = await get("/", { kind: "failed", output });
  expect(status).toBe(500);
  expect(text).toContain("no &#60;b&#62;such&#60;/b&#62; export");
  expect(reasonIn(output)).toBe("[vite] Error: no <b>such</b> export");
});
