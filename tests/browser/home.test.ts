import type { Page } from "playwright-core";
import { beforeAll, expect, test } from "vitest";
import type { Member } from "../support/use-stack.ts";
import { postManyTasks } from "./support/many-tasks.ts";
import { axe, overflow, settle } from "./support/screens.ts";
import { useApp } from "./support/use-app.ts";
import { useBrowserStack } from "./support/use-browser-stack.ts";

const MANY = 5000;

const stack = useBrowserStack();
const app = useApp(stack);
let member: Member;
beforeAll(async () => {
  await postManyTasks(stack.sql, MANY);
  [member] = (await stack.members(1)) as [Member];
});

const mapOf = (page: Page) => page.locator('.tasks-map .map-canvas[data-map="ready"]');
const inView = (page: Page) => page.locator(".in-view summary");
const shown = (page: Page) => page.locator(".home-list > [role=status]");
/** The number that a text begins with, or has after "More than". */
const numberIn = (text: string | null) => Number(/[\d.,]+/u.exec(text ?? "")?.[0].replaceAll(/[.,]/gu, ""));

test("5,000 tasks are on the map, counted, and in the list, of which little is drawn", async () => {
  const page = await app.signIn(member, { width: 320 });
  await mapOf(page).waitFor();
  await expect.poll(async () => numberIn(await inView(page).textContent())).toBeGreaterThan(1000);
  await expect.poll(() => shown(page).textContent()).toBe("50 tasks shown, there are more");

  const scrollDown = async () => {
    await page.evaluate("window.scrollTo(0, document.body.scrollHeight)");
    return numberIn(await shown(page).textContent());
  };
  await expect.poll(scrollDown).toBeGreaterThanOrEqual(300);
  expect(await page.locator(".virtual-list li").count()).toBeLessThan(50);
  expect(await overflow(page)).toBe(0);
});

test("the keyboard reaches what is on the map, from a crowd down to a task", async () => {
  const page = await app.signIn(member);
  await mapOf(page).waitFor();
  await inView(page).focus();
  await page.keyboard.press("Enter");
  const entries = page.locator(".in-view li");
  await settle(page);
  while ((await page.locator(".in-view .cell-link").count()) === 0) {
    const text = await inView(page).textContent();
    await entries
      .getByRole("button", { name: /zoom in/u })
      .first()
      .press("Enter");
    await expect.poll(() => inView(page).textContent()).not.toBe(text);
    await settle(page);
  }
  await page.locator(".in-view .cell-link").first().press("Enter");
  await page.waitForURL(/\/tasks\/[0-9a-f-]{36}$/u);
});

test("filters stand in the address: the back button undoes them, a link shares them", async () => {
  const page = await app.signIn(member, { width: 1280 });
  await page.getByText("Filters", { exact: true }).click();
  await page.getByLabel("Category").selectOption("garten");
  await page.waitForURL(/category=garten/u);
  await page.getByLabel("When").selectOption("dates");
  const tomorrow = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10);
  await page.getByLabel("From").fill(tomorrow);
  await page.waitForURL(/from=/u);
  await expect.poll(() => page.locator(".virtual-list .card").first().textContent()).toContain("Gathering");
  const shared = page.url();
  await settle(page);
  expect(await axe(page)).toEqual([]);

  for (const left of [/when=dates$/u, /\?category=garten$/u, /\/$/u]) {
    await page.goBack();
    await page.waitForURL(left);
  }
  await expect.poll(() => page.getByLabel("Category").inputValue()).toBe("");

  await page.goto(shared);
  await page.getByText("Filters (2)").click();
  await expect.poll(() => page.getByLabel("Category").inputValue()).toBe("garten"); // once the categories are there
  expect(await page.getByLabel("From").inputValue()).toBe(tomorrow);
});

test("words are looked for while they are typed, and marked where they stand", async () => {
  const page = await app.signIn(member);
  await page.getByLabel("Search tasks").pressSequentially("gather", { delay: 30 });
  await page.waitForURL(/q=gather$/u);
  await expect.poll(() => page.locator("mark").first().textContent()).toBe("Gathering");
  await page.goBack();
  await expect.poll(() => page.getByLabel("Search tasks").inputValue()).toBe("");
  await expect.poll(() => page.locator("mark").count()).toBe(0);
});

test("without WebGL the app says so, and the list goes on", async () => {
  const page = await app.signIn(member);
  await page.addInitScript("HTMLCanvasElement.prototype.getContext = () => null");
  await page.reload();
  await expect.poll(() => page.locator(".home-map").textContent()).toContain("cannot show the map");
  await expect.poll(() => page.locator(".virtual-list .card").count()).toBeGreaterThan(5);
});
