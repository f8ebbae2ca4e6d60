import { afterAll, beforeAll, expect, it } from "vitest";
import { findFreePort } from "../../dev/stack/database/free-port.ts";
import { describeStack } from "../../dev/stack/describe-stack.ts";
import { planStart, type Stack } from "../../dev/stack/start-stack.ts";
import { clientOf, signUp, startFixtureStack } from "./support/fixture-stack.ts";

let stack: Stack;
let app: string;
beforeAll(async () => {
  stack = await startFixtureStack({ app: true });
  app = stack.appUrl ?? "";
});
afterAll(() => stack.stop());

it("builds the app beside the start, serves it for this stack, and prints its address first", async () => {
  const waiting = await fetch(app);
  expect([200, 503]).toContain(waiting.status); // built before, or not yet
  expect(await stack.appBuilt).toMatchObject({ kind: "ready" });
  const page = await (await fetch(`${app}/tasks/1`)).text();
  const [, script = ""] = /src="(\/assets\/[^"]+\.js)"/u.exec(page) ?? [];
  expect((await fetch(`${app}${script}`)).status).toBe(200);
  expect(await (await fetch(`${app}/config.json`)).json()).toEqual({
    supabase_url: stack.url,
    publishable_key: stack.publishableKey,
    vapid_public_key: stack.vapidPublicKey,
    map_style: "",
  });
  const [first] = (await describeStack(stack)).trim().split("\n");
  expect(first).toMatch(new RegExp(`^App +${app}$`, "u"));
});

it("asks whoever comes before the API to wait", async () => {
  const port = await findFreePort();
  const start = planStart({ dataDir: "memory", port: 0, app: true, appPort: port });
  try {
    await start.steps.find(({ title }) => title === "App")?.run(() => undefined);
    for (const path of ["/", "/config.json"]) expect((await fetch(`http://127.0.0.1:${port}${path}`)).status).toBe(503);
  } finally {
    await start.abort();
  }
});

/** Where the link of the only mail leads when somebody opens it. */
async function linkOpened(): Promise<URL> {
  const [mail] = stack.mailbox.mails;
  const response = await fetch(/https?:\S+/u.exec(mail?.text ?? "")?.[0] ?? "", { redirect: "manual" });
  return new URL(response.headers.get("location") ?? "");
}

it.each([
  [undefined, () => app],
  [() => `${app}/new-password`, () => `${app}/new-password`],
  [() => `${app.replace("127.0.0.1", "localhost")}/welcome`, () => `${app.replace("127.0.0.1", "localhost")}/welcome`],
  [() => "https://evil.test/", () => app],
])("a link in an e-mail leads to the app where it runs, case %#", async (wanted, expected) => {
  stack.mailbox.reset();
  const { client } = await signUp(stack);
  const { data } = await client.auth.getUser();
  const options = wanted === undefined ? {} : { emailRedirectTo: wanted() };
  await clientOf(stack).auth.signInWithOtp({ email: data.user?.email ?? "", options });
  const target = await linkOpened();
  expect(`${target.origin}${target.pathname}`.replace(/\/$/u, "")).toBe(expected());
});
