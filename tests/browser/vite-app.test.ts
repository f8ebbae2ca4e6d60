import { readFileSync } from "node:fs";
import { join } from "node:path";
import { preview } from "vite";
import { beforeAll, expect, inject, onTestFinished, test } from "vitest";
import { paths } from "../../dev/base/paths.ts";
import { type App, createApp, run } from "../package/support/app.ts";
import { blocksOf, chapterOf } from "../support/guide.ts";
import { openBrowser } from "./page.ts";
import { useBrowserStack } from "./support/use-browser-stack.ts";

const VITE = join(paths.nodeModules, "vite/bin/vite.js");
const guide = readFileSync(join(paths.root, "docs/client.md"), "utf8");
const stack = useBrowserStack();
let app: App;
beforeAll(async () => {
  const { url, publishableKey } = stack;
  app = createApp(inject("tarball"), blocksOf(chapterOf(guide, "Vite")), ["vite"]);
  const environment = { VITE_SUPABASE_URL: url, VITE_SUPABASE_PUBLISHABLE_KEY: publishableKey };
  await run(app.folder, [VITE, "build"], environment);
});

test("the Vite app of docs/client.md shows Ben his points and tasks, also after a reload", async () => {
  const browser = await openBrowser();
  onTestFinished(() => browser.close());
  const page = await browser.newPage();
  const server = await preview({ root: app.folder, configFile: false, preview: { host: "127.0.0.1", port: 0 } });
  onTestFinished(() => server.close());
  const [address = ""] = server.resolvedUrls?.local ?? [];
  const titles = await stack.sql<{ title: string }>(
    "select title from public.tasks t join auth.users u on u.id = t.creator_id where u.email = 'ben@example.test'",
  );
  expect(titles.length).toBeGreaterThan(0);
  const wanted = ["40 points", ...titles.map(({ title }) => title)].sort();
  const shown = async () => (await page.locator("li").allTextContents()).sort();

  await page.goto(address);
  await expect.poll(shown, { timeout: 20_000 }).toEqual(wanted);

  const signIns: string[] = [];
  page.on("request", (request) => {
    if (request.url().includes("grant_type=password")) signIns.push(request.url());
  });
  await page.reload();
  await expect.poll(shown, { timeout: 20_000 }).toEqual(wanted);
  expect(signIns).toEqual([]);
});
