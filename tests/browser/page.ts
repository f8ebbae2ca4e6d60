import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { type Browser, type BrowserServer, chromium, type LaunchOptions, type Page } from "playwright-core";
import { rolldown } from "rolldown";
import { afterAll, beforeAll } from "vitest";
import { findChromium } from "../../dev/test/chromium.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  // whoever asks another host is not answered
  "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
];

/** Bundles the code of an app as its build would; imports are relative to the repository. */
async function bundle(code: string): Promise<string> {
  const input = `${ROOT}app.ts`;
  const build = await rolldown({
    input,
    cwd: ROOT,
    platform: "browser",
    plugins: [
      { name: "app", resolveId: (id) => (id === input ? id : null), load: (id) => (id === input ? code : null) },
    ],
  });
  const { output } = await build.generate({ format: "esm" });
  await build.close();
  return output[0].code;
}

function launching(flags: readonly string[], isWhole: boolean): LaunchOptions {
  const executablePath = findChromium(isWhole);
  if (executablePath === undefined) throw new Error("Chromium is not installed");
  return { executablePath, headless: true, args: [...FLAGS, ...flags] };
}

/** Starts the machine's Chromium, with more flags where a test needs them, or all of it: some things its shell has not. */
export function openBrowser(flags: readonly string[] = [], { isWhole = false } = {}): Promise<Browser> {
  return chromium.launch(launching(flags, isWhole));
}

/** Starts one that other processes use, too. */
export function serveBrowser(): Promise<BrowserServer> {
  return chromium.launchServer(launching([], false));
}

/** A fresh page of an app that another origin than the stack's serves, with this code, in the machine's Chromium. */
export function usePage(code: string): { open(): Promise<Page> } {
  let browser: Browser | undefined;
  let server: Server | undefined;
  beforeAll(async () => {
    const script = await bundle(code);
    server = createServer((request, response) => {
      const isScript = request.url === "/app.js";
      response.setHeader("content-type", isScript ? "text/javascript" : "text/html; charset=utf-8");
      response.end(isScript ? script : '<!doctype html><script type="module" src="/app.js"></script>');
    });
    await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    server?.close();
  });
  return {
    async open() {
      if (browser === undefined || server === undefined) throw new Error("the browser has not been started yet");
      const page = await browser.newPage();
      // Another host name, too: ports alone would do, but nobody doubts this.
      await page.goto(`http://localhost:${(server.address() as AddressInfo).port}/`);
      await page.waitForFunction("window.app !== undefined");
      return page;
    },
  };
}
