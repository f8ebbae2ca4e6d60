import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import nodemailer from "nodemailer";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from "vitest";
import { Mailbox } from "../../dev/stack/mailbox.ts";
import { openBrowser } from "./page.ts";

/** What a mail tries to reach comes here. */
const reached: string[] = [];
const elsewhere = createServer(({ url }, response) => {
  reached.push(url ?? "");
  response.end("<title>elsewhere</title>");
});
let mailbox: Mailbox;
let browser: Browser;
const server = createServer(getRequestListener((request) => mailbox.page(request)));
const addressOf = (listening: typeof server): string => `http://127.0.0.1:${(listening.address() as AddressInfo).port}`;

beforeAll(async () => {
  mailbox = await Mailbox.open();
  for (const each of [server, elsewhere]) {
    await new Promise<void>((resolve) => each.listen(0, "127.0.0.1", resolve));
  }
  browser = await openBrowser();
});
afterAll(async () => {
  await browser?.close();
  server.close();
  elsewhere.close();
  await mailbox?.close();
});
beforeEach(() => {
  mailbox.reset();
  reached.length = 0;
});

async function openMail(mail: { subject?: string; text?: string; html?: string }): Promise<Page> {
  const transport = nodemailer.createTransport({ host: "127.0.0.1", port: mailbox.port, ignoreTLS: true });
  await transport.sendMail({ from: "Post <post@example.org>", to: "kim@example.org", ...mail });
  const page = await browser.newPage();
  onTestFinished(() => page.close());
  await page.goto(addressOf(server));
  return page;
}

test("a mail is shown as HTML, as text and with its headers", async () => {
  const page = await openMail({ subject: "Grüße", text: "as text", html: "<h1>as HTML</h1>" });
  const frame = page.frameLocator("iframe");
  await frame.getByRole("heading", { name: "as HTML" }).waitFor();
  expect(await page.getByRole("heading", { name: "Grüße" }).isVisible()).toBe(true);
  expect(await page.getByText("as text").isVisible()).toBe(false);

  await page.getByLabel("Text").check();
  expect(await page.getByText("as text").isVisible()).toBe(true);
  expect(await page.locator("iframe").isVisible()).toBe(false);

  await page.getByLabel("Headers").check();
  expect(await page.getByRole("row", { name: /^from Post/u }).isVisible()).toBe(true);
});

test("a link opens in a tab of its own, from HTML and from text", async () => {
  const url = `${addressOf(elsewhere)}/linked`;
  const page = await openMail({ text: `See ${url}`, html: `<a href="${url}">See</a>` });
  const opened = async (click: () => Promise<void>) => {
    const [tab] = await Promise.all([page.context().waitForEvent("page"), click()]);
    await tab.waitForLoadState();
    return [tab.url(), await tab.title(), await tab.evaluate("window.opener")];
  };
  expect(await opened(() => page.frameLocator("iframe").getByRole("link").click())).toEqual([url, "elsewhere", null]);
  await page.getByLabel("Text").check();
  expect(await opened(() => page.getByRole("link", { name: url }).click())).toEqual([url, "elsewhere", null]);
});

test("a hostile mail runs nothing, loads nothing and leads nowhere", async () => {
  const evil = addressOf(elsewhere);
  const page = await openMail({
    subject: "<script>document.title = 'ran'</script>",
    html: `<base href="${evil}/"><meta http-equiv="refresh" content="0;url=${evil}/refresh">
      <script>top.document.title = "ran"; location = "${evil}/script"</script>
      <link rel="stylesheet" href="${evil}/style"><style>body { background: url(${evil}/background) }</style>
      <img src="${evil}/image" onerror="top.document.title = 'ran'"><svg onload="top.document.title = 'ran'"></svg>
      <iframe src="${evil}/frame"></iframe><video src="${evil}/video" autoplay></video>
      <form action="${evil}/form" target="_top"><button>Send</button></form>
      <a id="top" href="${evil}/top" target="_top">top</a><a id="self" href="${evil}/self" target="_self">self</a>
      <a id="run" href="javascript:top.document.title='ran'" target="_self">run</a>`,
  });
  const title = await page.title();
  const frame = page.frameLocator("iframe[sandbox]");
  for (const inside of ["button", "#run", "#top", "#self"]) await frame.locator(inside).click();
  // what was refused shows nothing to wait for
  await page.waitForTimeout(1_000);
  expect(reached).toEqual([]);
  expect([await page.title(), page.url()]).toEqual([title, `${addressOf(server)}/`]);
});
