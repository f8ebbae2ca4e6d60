import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect } from "vitest";
import { DEMO_PASSWORD } from "../../../dev/stack/demo.ts";
import type { FunctionStack } from "../../support/use-function-stack.ts";
import type { Member } from "../../support/use-stack.ts";
import { openBrowser } from "../page.ts";
import { watch } from "./watch.ts";

/** How a phone is set, where it matters: otherwise a small one, in English and by day. */
export interface Phone {
  readonly language?: "en" | "de";
  readonly width?: number;
  readonly colorScheme?: "light" | "dark";
  readonly hasServiceWorker?: boolean;
}

/** The example app in a browser, on the stack of a test file. */
export interface TestApp {
  readonly url: string;
  /** A phone on which nobody is signed in, at this path of the app. */
  open(path?: string, phone?: Phone): Promise<Page>;
  /** A phone of its own for this member, `anna@example.test` of the demo neighbourhood or one of `stack.members`, at the app's start. */
  signIn(who: string | Member, phone?: Phone): Promise<Page>;
}

/**
 * Opens the app for the tests of this file. After each test its phones are closed, and the test fails when a screen
 * has thrown, written errors or asked another host.
 *
 * @example
 * const stack = useFunctionStack({}, { seed: true, app: true });
 * const app = useApp(stack);
 * test("Anna sees her points", async () => {
 *   const page = await app.signIn("anna@example.test", { language: "de" });
 *   await page.goto(`${app.url}/points`);
 * });
 */
export function useApp(stack: FunctionStack): TestApp {
  let browser: Browser | undefined;
  let url = "";
  const problems: (readonly string[])[] = [];
  beforeAll(async () => {
    [browser, url] = await Promise.all([openBrowser(), stack.app()]);
  });
  afterEach(async () => {
    await Promise.all(browser?.contexts().map((context) => context.close()) ?? []);
    expect(problems.splice(0).flat()).toEqual([]);
  });
  afterAll(async () => {
    await browser?.close();
  });

  async function open(path: string, phone: Phone, session?: object) {
    const { language = "en", width = 390, colorScheme = "light", hasServiceWorker = false } = phone;
    if (browser === undefined) throw new Error("the app is not served yet");
    const { hostname } = new URL(stack.url);
    const stored = {
      language,
      // where supabase-js keeps it
      ...(session && { [`sb-${hostname.split(".")[0]}-auth-token`]: JSON.stringify(session) }),
    };
    const localStorage = Object.entries(stored).map(([name, value]) => ({ name, value }));
    const context = await browser.newContext({
      locale: language === "de" ? "de-DE" : "en-GB",
      timezoneId: "Europe/Berlin",
      viewport: { width, height: 800 },
      colorScheme,
      // only now, and not in every page: what the app changes or removes must stay so
      storageState: { cookies: [], origins: [{ origin: url, localStorage }] },
      // what it asks for would pass by those who watch, and who cut the network
      serviceWorkers: hasServiceWorker ? "allow" : "block",
    });
    problems.push(await watch(context, [new URL(url).host, new URL(stack.url).host]));
    const page = await context.newPage();
    await page.goto(`${url}${path}`);
    return page;
  }

  return {
    get url() {
      return url;
    },
    open: (path = "/", phone = {}) => open(path, phone),
    signIn: async (who, phone = {}) => open("/", phone, await sessionOf(stack, who, phone)),
  };
}

/** The session that supabase-js would keep: signed in by password, without typing it, or with the token of a test's member. */
async function sessionOf(stack: FunctionStack, who: string | Member, { language = "en" }: Phone): Promise<object> {
  if (typeof who === "string") {
    const client = stack.client();
    const { data, error } = await client.auth.signInWithPassword({ email: who, password: DEMO_PASSWORD });
    if (error) throw error;
    // the app speaks the language that the member chose, whatever the phone's is
    await client.rpc("update_settings", { language }).throwOnError();
    return data.session;
  }
  return {
    access_token: who.token,
    token_type: "bearer",
    expires_in: 3600,
    expires_at: Math.floor(Date.now() / 1000) + 3600,
    refresh_token: "none",
    user: { id: who.id, aud: "authenticated", email: `${who.id}@example.test`, app_metadata: {}, user_metadata: {} },
  };
}
