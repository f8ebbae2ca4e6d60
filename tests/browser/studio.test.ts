import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import type { Stack } from "../../dev/stack/start-stack.ts";
import { startFixtureStack } from "../stack/support/fixture-stack.ts";
import { openBrowser } from "./page.ts";

let stack: Stack;
beforeAll(async () => {
  stack = await startFixtureStack({ studio: true, studioPort: 0 });
  await stack.sql("insert into public.notes (author_id, text) values (gen_random_uuid(), 'as it was')");
});
afterAll(() => stack?.stop());

test("Studio shows rows and says that it only looks; an edit is refused aloud, and the row stands as it was", async () => {
  const browser = await openBrowser();
  onTestFinished(() => browser.close());
  const page = await browser.newPage();
  const told: string[] = [];
  page.on("dialog", async (dialog) => {
    told.push(dialog.message());
    await dialog.accept();
  });
  await page.goto(`${stack.studioUrl}/editor/public.notes`);
  expect(await page.getByRole("note").textContent()).toMatch(/^The local Studio is for looking: npm run sql edits/u);

  await page.getByRole("gridcell", { name: "as it was" }).dblclick();
  await page.keyboard.press("ControlOrMeta+a");
  await page.keyboard.type("changed");
  await page.keyboard.press("Enter");
  await expect.poll(() => told).toEqual([expect.stringContaining("The local Studio is for looking")]);
  await page.getByRole("gridcell", { name: "as it was" }).waitFor();
  expect(await stack.sql("select text from public.notes")).toEqual([{ text: "as it was" }]);
});
