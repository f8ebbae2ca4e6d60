import { setTimeout } from "node:timers/promises";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openBrowser } from "./page.ts";
import { axe, overflow, settle } from "./support/screens.ts";
import { useBrowserStack } from "./support/use-browser-stack.ts";

const PASSWORD = "a rather long password";
const stack = useBrowserStack();
const app = stack.appUrl;
let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(async () => {
  await browser?.close();
});

/** A phone on which nobody has been here. */
async function openPhone(locale: "de-DE" | "en-GB" = "en-GB"): Promise<Page> {
  const context = await browser.newContext({
    locale,
    timezoneId: locale === "de-DE" ? "America/Lima" : "Asia/Tokyo",
    viewport: { width: 320, height: 800 },
    serviceWorkers: "block",
  });
  const page = await context.newPage();
  page.setDefaultTimeout(100_000);
  return page;
}

async function fill(page: Page, values: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, value] of Object.entries(values)) await page.locator(`main [name=${name}]`).fill(value);
  await page.locator("main [type=submit]").click();
}

/** A new member, who is on the screen of the first steps. */
async function signUp(page: Page, name = "Nora"): Promise<string> {
  const email = `${name}-${crypto.randomUUID()}@example.test`.toLowerCase();
  await page.goto(`${app}/sign-up`);
  await fill(page, { name, email, password: PASSWORD });
  await page.waitForURL(`${app}/first-steps`);
  return email;
}

/** The link in the newest mail to an address, as the mailbox shows it. */
async function mailedLink(email: string): Promise<string> {
  const page = await openPhone();
  const mail = page
    .getByRole("navigation")
    .getByRole("link")
    .filter({ hasText: `to ${email}` });
  await expect
    .poll(async () => {
      await page.goto(`${stack.url}/mailbox`);
      return mail.count();
    })
    .toBeGreaterThan(0);
  await mail.first().click();
  const link = page.frameLocator("iframe").getByRole("link");
  return (await link.first().getAttribute("href")) ?? "";
}

test("who signs up is asked for a home, and gets the language and time zone of the phone", async () => {
  const page = await openPhone("de-DE");
  const email = await signUp(page, "Nora");
  await settle(page);
  expect(await axe(page)).toEqual([]);
  expect(await overflow(page)).toBe(0);
  const chosen = () =>
    stack.sql(
      `select s.language, s.time_zone, m.name from public.user_settings s join public.users m on m.id = s.user_id
       join auth.users u on u.id = m.id where u.email = $1`,
      [email],
    );
  // they came with the sign-up, before the app asked for anything
  expect(await chosen()).toEqual([{ language: "de", time_zone: "America/Lima", name: "Nora" }]);
  await page.getByRole("link", { name: "Später" }).click();
  await page.waitForURL(`${app}/`);

  // whoever has arrived once is not new on the next device
  const isNew =
    "select s.updated_at = m.created_at as is_new from public.user_settings s join public.users m on m.id = s.user_id";
  await expect
    .poll(() => stack.sql(`${isNew} join auth.users u on u.id = m.id where u.email = $1`, [email]))
    .toEqual([{ is_new: false }]);
  const tablet = await openPhone("en-GB");
  await tablet.goto(`${app}/welcome`);
  await fill(tablet, { email, password: PASSWORD });
  await tablet.waitForURL(`${app}/`);
  await expect.poll(() => tablet.locator("html").getAttribute("lang")).toBe("de");
  expect(await chosen()).toEqual([{ language: "de", time_zone: "America/Lima", name: "Nora" }]);
});

test("a member's invitation leads a neighbour to the first screen", async () => {
  const page = await openPhone();
  await signUp(page, "Inga");
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.goto(`${app}/invite`);
  await page.getByRole("button", { name: "Copy the link" }).click();
  await page.getByRole("status").getByText("The link is copied.").waitFor();
  const neighbour = await openPhone("de-DE");
  await neighbour.goto(String(await page.evaluate("navigator.clipboard.readText()")));
  await neighbour.getByRole("heading", { name: "Nachbarn helfen einander" }).waitFor();
});

test("a link from the mailbox signs in, once, and leads where the member wanted to go", async () => {
  const email = await signUp(await openPhone());
  const page = await openPhone();
  await page.goto(`${app}/settings/blocked`);
  await page.waitForURL(`${app}/welcome?next=**`);
  await page.getByRole("button", { name: "Without a password" }).click();
  await fill(page, { email });
  const link = await mailedLink(email);
  await page.goto(link);
  await page.getByRole("heading", { name: "Blocked members" }).waitFor();

  const other = await openPhone();
  await other.goto(link);
  await other.getByText("This link or code has expired or was used already.").waitFor();
  expect(new URL(other.url()).pathname).toBe("/welcome");
});

test("who forgot the password chooses a new one by mail", async () => {
  const email = await signUp(await openPhone());
  const page = await openPhone();
  await page.goto(`${app}/reset-password`);
  await fill(page, { email });
  await page.goto(await mailedLink(email));
  await page.waitForURL(`${app}/new-password**`);
  await fill(page, { password: "another long password" });
  await page.waitForURL(`${app}/`);

  const next = await openPhone();
  await next.goto(`${app}/welcome?next=/settings`);
  await fill(next, { email, password: PASSWORD });
  await next.getByText("E-mail or password is wrong.").waitFor();
  await fill(next, { email, password: "another long password" });
  await next.getByRole("heading", { name: "Settings" }).waitFor();
});

test("what somebody was writing outlives the session", async () => {
  const page = await openPhone();
  const email = await signUp(page);
  await page.goto(`${app}/profile/edit`);
  await page.locator("[name=bio]").fill("Not to be lost");
  // revoked elsewhere, and the token no longer holds
  await stack.sql("delete from auth.sessions s using auth.users u where u.id = s.user_id and u.email = $1", [email]);
  await page.evaluate(`
    const key = Object.keys(localStorage).find((name) => name.endsWith("-auth-token"));
    const session = JSON.parse(localStorage.getItem(key));
    localStorage.setItem(key, JSON.stringify({ ...session, access_token: "e.e.e", refresh_token: "revoked" }));
  `);
  await page.getByRole("button", { name: "Save" }).click();
  const dialog = page.getByRole("dialog", { name: "Please sign in again" });
  await dialog.locator("[name=password]").fill(PASSWORD);
  await dialog.locator("[type=submit]").click();
  await dialog.waitFor({ state: "detached" });
  expect(await page.locator("[name=bio]").inputValue()).toBe("Not to be lost");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Saved.").first().waitFor();
});

test("signing out ends it in all tabs, without a question", async () => {
  const page = await openPhone();
  await signUp(page);
  const other = await page.context().newPage();
  await other.goto(`${app}/profile`);
  await settle(other);
  await page.goto(`${app}/settings`);
  await page.getByRole("button", { name: "Sign out" }).click();
  for (const tab of [page, other]) {
    await tab.getByRole("heading", { name: "Neighbours help each other" }).waitFor();
    expect(await tab.getByRole("dialog").count()).toBe(0);
  }
});

test("the app speaks the member's language on every phone", async () => {
  const page = await openPhone();
  // what the app writes for a new member arrives late, and must not undo what they choose meanwhile
  await page.route(
    "**/rpc/update_settings",
    async (route) => {
      await setTimeout(3_000);
      await route.continue().catch(() => undefined); // the page that asked may have gone
    },
    { times: 2 },
  );
  const email = await signUp(page);
  await page.goto(`${app}/settings`);
  await page.getByLabel("Language").selectOption("de");
  await page.getByRole("heading", { name: "Einstellungen" }).waitFor();
  // the screen is ahead of the server, which has German from the beginning, too
  const chosen = () =>
    stack.sql(
      `select s.language from public.user_settings s join public.users m on m.id = s.user_id join auth.users u on u.id = m.id
       where u.email = $1 and s.updated_at > m.created_at`,
      [email],
    );
  await expect.poll(chosen).toEqual([{ language: "de" }]);

  const phone = await openPhone();
  await phone.goto(`${app}/welcome?next=/settings`);
  await fill(phone, { email, password: PASSWORD });
  // as text, so that a failure tells what stood there instead
  await expect.poll(() => phone.locator("body").textContent(), { timeout: 100_000 }).toContain("Einstellungen");
});
