import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect } from "vitest";
import { DEMO_PASSWORD } from "../../../dev/stack/demo.ts";
import type { Client, Member } from "../../support/use-stack.ts";
import type { BrowserStack } from "./use-browser-stack.ts";
import { watch } from "./watch.ts";

/** How a phone is set, where it matters: otherwise a small one, in English and by day. */
export interface Phone {
  readonly language?: "en" | "de";
  readonly width?: number;
  readonly colorScheme?: "light" | "dark";
  readonly hasServiceWorker?: boolean;
  /** The screen that it shows first. Default: the app's start, which draws the map. */
  readonly path?: string;
}

/** The example app in a browser, on the stack of a test file. */
export interface TestApp {
  /** A phone on which nobody is signed in. */
  open(phone?: Phone): Promise<Page>;
  /** A phone of its own for this member, `anna@example.test` of the demo neighbourhood or one of `stack.members`. */
  signIn(who: string | Member, phone?: Phone): Promise<Page>;
}

/**
 * Opens the app for the tests of this file. After each test its phones are closed, and the test fails when a screen
 * has thrown, written errors or asked another host.
 *
 * @example
 * const stack = useBrowserStack();
 * const app = useApp(stack);
 * test("Anna sees her points", async () => {
 *   const page = await app.signIn("anna@example.test", { path: "/points", language: "de" });
 * });
 */
export function useApp(stack: BrowserStack): TestApp {
  const { appUrl, browserUrl } = stack;
  let browser: Browser | undefined;
  const problems: (readonly string[])[] = [];
  beforeAll(async () => {
    browser = await chromium.connect(browserUrl);
  });
  afterEach(async () => {
    await Promise.all(browser?.contexts().map((context) => context.close()) ?? []);
    expect(problems.splice(0).flat()).toEqual([]);
  });
  afterAll(async () => {
    await browser?.close();
  });

  async function open(phone: Phone, session?: object) {
    const { path = "/", language = "en", width = 390, colorScheme = "light", hasServiceWorker = false } = phone;
    if (browser === undefined) throw new Error("the browser is not there yet");
    const context = await browser.newContext({
      locale: language === "de" ? "de-DE" : "en-GB",
      timezoneId: "Europe/Berlin",
      viewport: { width, height: 800 },
      colorScheme,
      // what moves is waited for, and drawn without a graphics card
      reducedMotion: "reduce",
      // only now, and not in every page: what the app changes or removes must stay so
      storageState: stateOf(stack, session, language),
      // what it asks for would pass by those who watch, and who cut the network
      serviceWorkers: hasServiceWorker ? "allow" : "block",
    });
    problems.push(watch(context, [new URL(appUrl).host, new URL(stack.url).host]));
    // one process answers all files, and some ask it for thousands of rows
    context.setDefaultTimeout(100_000);
    const page = await context.newPage();
    await page.goto(`${appUrl}${path}`);
    return page;
  }

  return {
    open: (phone = {}) => open(phone),
    signIn: async (who, phone = {}) => open(phone, await sessionOf(stack, who, phone)),
  };
}

/** What the app keeps in a browser in which this session goes on. */
export function stateOf(
  { url, appUrl }: Pick<BrowserStack, "url" | "appUrl">,
  session?: object,
  language = "en",
): StorageState {
  const stored = {
    language,
    // where supabase-js keeps it
    ...(session && { [`sb-${new URL(url).hostname.split(".")[0]}-auth-token`]: JSON.stringify(session) }),
  };
  const localStorage = Object.entries(stored).map(([name, value]) => ({ name, value }));
  return { cookies: [], origins: [{ origin: appUrl, localStorage }] };
}
type StorageState = Exclude<BrowserContextOptions["storageState"], string | undefined>;

/** A session of this member, who is signed in by password without typing it, or has a token; from now on the app speaks the phone's language. */
async function sessionOf(stack: BrowserStack, who: string | Member, { language = "en" }: Phone): Promise<object> {
  const client = typeof who === "string" ? stack.client() : who.api;
  const session = typeof who === "string" ? await signIn(client, who) : sessionWith(who);
  // not the phone's, but the one that the member chose
  await client.rpc("update_settings", { language }).throwOnError();
  return session;
}

async function signIn(client: Client, email: string): Promise<object> {
  const { data, error } = await client.auth.signInWithPassword({ email, password: DEMO_PASSWORD });
  if (error) throw error;
  return data.session;
}

/** The session that supabase-js would keep of a test's member. */
export function sessionWith({ id, token }: Member): object {
  return {
    access_token: token,
    token_type: "bearer",
    expires_in: 3600,
    expires_at: Math.floor(Date.now() / 1000) + 3600,
    refresh_token: "none",
    user: { id, aud: "authenticated", email: `${id}@example.test`, app_metadata: {}, user_metadata: {} },
  };
}
