import { gzipSync } from "node:zlib";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Member } from "../support/use-stack.ts";
import { openBrowser } from "./page.ts";
import { sessionWith, stateOf } from "./support/use-app.ts";
import { useBrowserStack } from "./support/use-browser-stack.ts";

/**
 * What somebody on a slow network waits for: files of the app that its first screen asks for, packed, without the map. 200 kB are
 * aimed at; a member's start has not reached them, and may only fall.
 */
const LIMITS = { signIn: 200_000, member: 255_000 };
/** Chunks of MapLibre, its worker and its looks. */
const IS_MAP = /\/(?:drawn-map|maplibre)[\w-]*\.(?:js|css)$/u;
/** A phone that costs little has about a quarter of the speed, says Lighthouse. */
const SLOWER = 4;
const BLOCKING_MS = 50;

const stack = useBrowserStack();
const app = stack.appUrl;
let browser: Browser;
let session: object;
beforeAll(async () => {
  // new members speak German, as this phone does
  const [member] = (await stack.members(1)) as [Member];
  session = sessionWith(member);
  browser = await openBrowser();
});
afterAll(async () => {
  await browser?.close();
});

/** A page in a browser that has never been here; the service worker would fetch what later screens need. */
async function openPage(isMember: boolean): Promise<Page> {
  const context = await browser.newContext({
    locale: "de-DE",
    viewport: { width: 390, height: 800 },
    serviceWorkers: "block",
    storageState: stateOf(stack, isMember ? session : undefined, "de"),
  });
  return context.newPage();
}

test.each([
  ["the sign-in screen", false, LIMITS.signIn],
  ["the start of a member", true, LIMITS.member],
])("%s weighs no more than it may", async (name, isMember, limit) => {
  const page = await openPage(isMember);
  const files = new Map<string, Promise<Buffer>>();
  page.on("response", (response) => {
    if (response.url().startsWith(app) && !IS_MAP.test(response.url())) files.set(response.url(), response.body());
  });
  await page.goto(app);
  await page.getByRole("heading", { level: 1 }).waitFor();
  await page.waitForLoadState("networkidle");
  const bodies = await Promise.all(files.values());
  const weight = bodies.reduce((sum, body) => sum + gzipSync(body).byteLength, 0);
  console.info(`${name}: ${Math.round(weight / 1000)} kB in ${bodies.length} files`);
  expect(bodies.length).toBeGreaterThan(3);
  expect(weight).toBeLessThanOrEqual(limit);
  await page.context().close();
});

/** When something is first to be seen, and how long the page did not answer a finger, in milliseconds. */
async function figuresOf(url: string, isMember: boolean): Promise<{ paint: number; blocked: number }> {
  const page = await openPage(isMember);
  await page.route(`${app}/nothing`, (route) => route.fulfill({ contentType: "text/html", body: "<h1>Nothing</h1>" }));
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("Emulation.setCPUThrottlingRate", { rate: SLOWER });
  await page.goto(url);
  await page.getByRole("heading", { level: 1 }).waitFor();
  await page.waitForLoadState("networkidle");
  // of a page without long tasks nothing is told
  const figures = await page.evaluate<{ paint: number; blocked: number }>(`new Promise((resolve) => {
    const told = (tasks) => resolve({
      paint: performance.getEntriesByName("first-contentful-paint")[0].startTime,
      blocked: tasks.reduce((sum, { duration }) => sum + Math.max(0, duration - ${BLOCKING_MS}), 0),
    });
    new PerformanceObserver((list) => told(list.getEntries())).observe({ type: "longtask", buffered: true });
    setTimeout(() => told([]), 500);
  })`);
  await page.context().close();
  return figures;
}

test("figures as Lighthouse takes them, beside those of an empty page of the same minute", async () => {
  const empty = await figuresOf(`${app}/nothing`, false);
  const told = [`empty page: first paint ${Math.round(empty.paint)} ms, blocked ${Math.round(empty.blocked)} ms`];
  for (const [name, isMember] of [
    ["sign-in", false],
    ["start of a member", true],
  ] as const) {
    const { paint, blocked } = await figuresOf(app, isMember);
    expect(paint).toBeGreaterThan(0);
    const times = Math.round(paint / empty.paint);
    told.push(`${name}: first paint ${Math.round(paint)} ms (${times} times), blocked ${Math.round(blocked)} ms`);
  }
  // told, not judged: how busy a machine is weighs more than the app
  console.info(told.join("\n"));
});
