import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { AxeResults } from "axe-core";
import type { Page } from "playwright-core";
import { expect } from "vitest";
import { paths } from "../../../dev/base/paths.ts";
import { countUnderWay } from "./watch.ts";

/** Small phone, tablet, desktop. */
export const WIDTHS = [320, 768, 1280] as const;
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

const MOMENT_MS = 100;
const PATIENCE_MS = 60_000;

/** Waits until the screen stands still: it has content, nothing loads, and no request was under way for a moment. */
export async function settle(page: Page): Promise<void> {
  const until = Date.now() + PATIENCE_MS;
  for (let quiet = 0; quiet < 2; ) {
    if (Date.now() > until) throw new Error(`${page.url()} does not come to rest`);
    await page.waitForTimeout(MOMENT_MS);
    const isLoading = await page.evaluate(
      "!document.querySelector('#app')?.hasChildNodes() || document.querySelector('.loading') !== null",
    );
    quiet = isLoading || countUnderWay(page) > 0 ? 0 : quiet + 1;
  }
}

/** What axe finds wrong with the screen by WCAG 2.2 AA, one line for each element; nothing when it is right. */
export async function axe(page: Page): Promise<string[]> {
  if (await page.evaluate("globalThis.axe === undefined")) await page.evaluate(AXE);
  // the rest of what it tells is large
  const violations = (await page.evaluate(
    `axe.run({ runOnly: ${JSON.stringify(RULES)}, resultTypes: ["violations"] }).then(({ violations }) => violations)`,
  )) as AxeResults["violations"];
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, html, failureSummary = "" }) => {
      const why = failureSummary.replaceAll(/\s+/gu, " ");
      return `${id}: ${target.join(" ")} ${html.slice(0, 160)} ${why}`;
    }),
  );
}

/** By how many pixels the screen is wider than its window: people would have to scroll sideways. */
export async function overflow(page: Page): Promise<number> {
  return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth");
}

/** Keeps a picture of the screen for people to look at, in `.cache/browser/screenshots`. */
export async function screenshot(page: Page, name: string, language: string): Promise<void> {
  const width = page.viewportSize()?.width ?? 0;
  const path = join(paths.cache, "browser/screenshots", `${name}-${width}-${language}.png`);
  await page.screenshot({ path, animations: "disabled" });
}

/** Loses the answers to the next requests of this kind (once, unless said otherwise): the server has done them, the phone does not know. */
export async function cutNetwork(page: Page, pattern: string | RegExp, times = 1): Promise<void> {
  await page.route(
    pattern,
    async (route) => {
      await route.fetch();
      await route.abort("connectionreset");
    },
    { times },
  );
}

/** Chooses a place on the map of a form with the keyboard: a little north of where it begins. */
export async function choosePlace(page: Page): Promise<void> {
  await page.locator('.picker-map .map-canvas[data-map="ready"]').waitFor();
  await page.locator(".picker-map .maplibregl-canvas").focus();
  await expect
    .poll(async () => {
      await page.keyboard.press("ArrowUp");
      return page.locator(".picker-status").textContent();
    })
    .toContain("about 300 metres wide");
}
