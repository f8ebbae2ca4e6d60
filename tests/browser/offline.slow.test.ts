import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { buildApp } from "../../dev/stack/app/build.ts";
import { createAppServer } from "../../dev/stack/app/server.ts";
import { type Listener, listen } from "../../dev/stack/listen.ts";
import { openBrowser } from "./page.ts";

/** The built app as a web server has it, without a backend: what it does when there is none, and when a new version comes. */
const folder = mkdtempSync(join(tmpdir(), "app-"));
const worker = join(folder, "service-worker.js");
let browser: Browser;
let server: Listener;
let context: BrowserContext;
let page: Page;
beforeAll(async () => {
  const built = await buildApp().done;
  if (built.kind !== "ready") throw new Error(JSON.stringify(built));
  cpSync(built.folder, folder, { recursive: true });
  server = await listen(
    createAppServer({
      state: () => ({ kind: "ready", folder }),
      config: () => ({
        supabase_url: "http://127.0.0.1:1",
        publishable_key: "none",
        vapid_public_key: "",
        map_style: "",
      }),
      port: () => server.port,
    }),
    0,
    "app",
  );
  browser = await openBrowser();
});
afterAll(async () => {
  await browser?.close();
  await server?.close();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  await context?.close();
  context = await browser.newContext({ locale: "en-GB" });
  page = await context.newPage();
  await page.goto(address());
  await page.evaluate("navigator.serviceWorker.ready");
});

const address = () => `http://127.0.0.1:${server.port}/`;
const signIn = () => page.getByRole("heading", { level: 1 });
const versions = (): Promise<string[]> => page.evaluate("caches.keys()");
const cached = (): Promise<string[]> =>
  page.evaluate(`(async () => {
    const names = await caches.keys();
    const requests = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
    return requests.flat().map(({ url }) => new URL(url).pathname);
  })()`);

test("opens without a network, at any address, and keeps nothing but its own files", async () => {
  await page.reload();
  await signIn().waitFor();
  await context.setOffline(true);
  await page.goto(`${address()}sign-up`);
  await signIn().waitFor();
  expect(page.url()).toBe(`${address()}sign-up`);
  const files = await cached();
  expect(files).toEqual(expect.arrayContaining(["/index.html", "/config.json", "/en.webmanifest"]));
  expect(
    files.filter((path) => !/^\/(?:assets\/[\w.-]+|[\w-]+\.(?:html|json|png|svg|webmanifest))$/u.test(path)),
  ).toEqual([]);
});

test("a new version waits until the member asks for it, and then the old one's files are gone", async () => {
  await page.reload();
  await signIn().waitFor();
  const before = await versions();
  expect(before).toHaveLength(1);
  writeFileSync(worker, readFileSync(worker, "utf8").replace(/"?version"?:\s*(["'`])\w+\1/u, 'version:"later"'));
  await page.evaluate("navigator.serviceWorker.ready.then((registration) => registration.update())");
  const reload = page.getByRole("button", { name: "Reload" });
  await reload.waitFor();
  expect((await versions()).toSorted()).toEqual([...before, "app-later"].toSorted());
  await Promise.all([page.waitForEvent("load"), reload.click()]);
  await signIn().waitFor();
  await expect.poll(versions).toEqual(["app-later"]);
  expect(await reload.count()).toBe(0);
});

test("where the project cannot be read the first visitor is told, and may try again", async () => {
  await context.close();
  context = await browser.newContext({ locale: "en-GB", serviceWorkers: "block" });
  page = await context.newPage();
  await page.route("**/config.json", (route) => route.fulfill({ status: 404 }), { times: 1 });
  await page.goto(address());
  await page.getByRole("alert").getByText("Something went wrong in the app.").waitFor();
  await page.getByRole("button", { name: "Try again" }).click();
  await page.getByRole("heading", { level: 1 }).waitFor();
});
