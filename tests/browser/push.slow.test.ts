import { createECDH, randomBytes } from "node:crypto";
import { createServer, type Server } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import type { Browser, BrowserContext, CDPSession, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { AppConfig } from "../../examples/web/config-file.ts";
import { createNeighbourhoodClient } from "../../src/client/index.ts";
import type { Member } from "../support/use-stack.ts";
import { openBrowser } from "./page.ts";
import { sessionWith, stateOf } from "./support/use-app.ts";
import { useBrowserStack } from "./support/use-browser-stack.ts";

/**
 * From the switch in the settings to the notification on the screen. Headless Chromium has no push service, so two links of the
 * chain are ours: what it would answer to `subscribe`, and the push service, which hands the message on by the debugging protocol.
 */
const { decrypt } = createRequire(import.meta.url)("http_ece") as {
  decrypt(body: Buffer, options: { version: "aes128gcm"; privateKey: object; authSecret: string }): Buffer;
};
const keyPair = createECDH("prime256v1");
const keys = { p256dh: keyPair.generateKeys("base64url"), auth: randomBytes(16).toString("base64url") };
const ENDPOINT = "https://push.example.test/this-browser";
/** What a browser's push service would give. */
const STUB = `
  let current = null;
  const json = ${JSON.stringify({ endpoint: ENDPOINT, keys })};
  PushManager.prototype.getSubscription = async () => current;
  PushManager.prototype.subscribe = async (options) => {
    globalThis.subscribedWith = options;
    current = { endpoint: json.endpoint, toJSON: () => json, unsubscribe: async () => { current = null; return true; } };
    return current;
  };`;

const stack = useBrowserStack();
const { appUrl: app, sql } = stack;
let ada: Member;
let bo: Member;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let service: Server;
const pushed: Buffer[] = [];
beforeAll(async () => {
  [ada, bo] = (await stack.members(2)) as [Member, Member];
  service = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      pushed.push(Buffer.concat(chunks));
      response.writeHead(201).end();
    });
  });
  await new Promise<void>((resolve) => service.listen(0, "127.0.0.1", resolve));
  browser = await openBrowser([], { isWhole: true });
  context = await browser.newContext({
    locale: "en-GB",
    viewport: { width: 390, height: 800 },
    storageState: stateOf(stack, sessionWith(ada)),
  });
  await ada.api.rpc("update_settings", { language: "en" }).throwOnError();
  await context.grantPermissions(["notifications"], { origin: app });
  await context.addInitScript(STUB);
  page = await context.newPage();
});
afterAll(async () => {
  await browser?.close();
  service?.close();
});

const pushSwitch = () => page.getByLabel("Push messages on this device");
const subscriptions = () =>
  sql<{ endpoint: string }>("select endpoint from private.push_subscriptions where user_id = $1", [ada.id]);
const moveTo = (endpoint: string) =>
  sql("update private.push_subscriptions set endpoint = $2 where user_id = $1", [ada.id, endpoint]);

/** The service worker of the app, by the debugging protocol. */
async function workerOf(session: CDPSession): Promise<string> {
  const found = new Promise<string>((resolve) => {
    session.on("ServiceWorker.workerRegistrationUpdated", ({ registrations }) => {
      const own = registrations.find(({ scopeURL }) => scopeURL === `${app}/`);
      if (own !== undefined) resolve(own.registrationId);
    });
  });
  await session.send("ServiceWorker.enable");
  return found;
}

test("a member switches pushes on, is told of an offer, opens it, and is told nothing after the switch is off", async () => {
  await page.goto(`${app}/settings/notifications`);
  await page.evaluate("navigator.serviceWorker.ready");
  await pushSwitch().click();
  await expect.poll(subscriptions).toEqual([{ endpoint: ENDPOINT }]);
  const { vapid_public_key } = (await (await fetch(`${app}/config.json`)).json()) as AppConfig;
  expect(await page.evaluate("globalThis.subscribedWith")).toEqual({
    userVisibleOnly: true,
    applicationServerKey: vapid_public_key,
  });

  // members cannot save an address of this machine
  const { port } = service.address() as AddressInfo;
  await moveTo(`http://127.0.0.1:${port}/push`);
  const task = await createNeighbourhoodClient(ada.api).tasks.create({
    title: "Carry a shelf",
    description: "It is heavy.",
    category: "transport",
    points_reward: 10,
    latitude: 52.52,
    longitude: 13.405,
  });
  await createNeighbourhoodClient(bo.api).tasks.offerHelp(task.id);
  await stack.sql("select ops.run_due_jobs(now())");
  await fetch(`${stack.url}/functions/v1/send-notifications`, {
    method: "POST",
    headers: { apikey: stack.secretKey },
  });
  expect(pushed).toHaveLength(1);
  const message = decrypt(pushed[0] ?? Buffer.alloc(0), {
    version: "aes128gcm",
    privateKey: keyPair,
    authSecret: keys.auth,
  }).toString();
  expect(JSON.parse(message)).toMatchObject({ type: "offer_received", url: `${app}/tasks/${task.id}` });

  const session = await context.newCDPSession(page);
  const registrationId = await workerOf(session);
  const deliver = (data: string) =>
    session.send("ServiceWorker.deliverPushMessage", { origin: app, registrationId, data });
  const shown = (): Promise<{ title: string; body: string; tag: string; path: string }[]> =>
    page.evaluate(`navigator.serviceWorker.ready
      .then((registration) => registration.getNotifications())
      .then((all) => all.map(({ title, body, tag, data }) => ({ title, body, tag, path: data.path })))`);
  const { title, body, id } = JSON.parse(message);
  // told again until it is shown, and shown once: a worker that is just starting may not hear the first time
  const told = async () => {
    await deliver(message);
    return await shown();
  };
  await expect.poll(told).toEqual([{ title, body, tag: `notification-${id}`, path: `/tasks/${task.id}` }]);
  await deliver(JSON.stringify({ id: 7, title: "Elsewhere", body: "", url: "https://evil.test/tasks" }));
  await deliver("no message of ours");
  await expect
    .poll(async () => (await shown()).map(({ path }) => path).toSorted())
    .toEqual(["/notifications", "/notifications", `/tasks/${task.id}`]);

  // the window that is open goes there; only a thumb could bring it to the front
  const [worker] = context.serviceWorkers();
  await worker?.evaluate(`registration.getNotifications({ tag: "notification-${id}" }).then(([notification]) =>
    dispatchEvent(new NotificationEvent("notificationclick", { notification })))`);
  await page.waitForURL(`${app}/tasks/${task.id}`);
  expect((await shown()).map(({ path }) => path)).not.toContain(`/tasks/${task.id}`);

  // still on after a reload, though the service replaced the address in between
  await moveTo(ENDPOINT);
  await page.evaluate(
    "history.pushState(null, '', '/settings/notifications'); dispatchEvent(new PopStateEvent('popstate'))",
  );
  await pushSwitch().click();
  await expect.poll(subscriptions).toEqual([]);
});
