import { randomUUID } from "node:crypto";
import type { Page } from "playwright-core";
import { beforeAll, expect, test } from "vitest";
import { axe, overflow, screenshot, settle, WIDTHS } from "./support/screens.ts";
import { useApp } from "./support/use-app.ts";
import { useBrowserStack } from "./support/use-browser-stack.ts";

const ANNA = "anna@example.test";
/** Tasks of the demo neighbourhood by what has become of them; Anna has asked for the first four. */
const task = (number: number) => `d0000000-0000-4000-8000-${String(number).padStart(12, "0")}`;
const OPEN_WITH_OFFERS = task(12);

const stack = useBrowserStack();
const app = useApp(stack);

/** What stands for the parameters of routes. */
const samples: Record<string, readonly string[]> = {
  $task_id: [OPEN_WITH_OFFERS, task(4), task(1), task(3), task(6), task(20)],
  $user_id: ["00000000-0000-4000-8000-0000000000b2"],
  $reward_id: ["e2000000-0000-4000-8000-000000000001", "e2000000-0000-4000-8000-000000000003"],
  $place_id: ["e1000000-0000-4000-8000-000000000001"],
};
beforeAll(async () => {
  const offers = await stack.sql<{ id: string }>(
    `select o.id from public.task_offers o join auth.users u on u.id = o.helper_id
     where u.email = $1 and o.task_id = $2`,
    [ANNA, task(6)],
  );
  samples["$offer_id"] = offers.map(({ id }) => id);
  samples["$redemption_id"] = [await redeemSomething()];
});

async function redeemSomething(): Promise<string> {
  const anna = stack.client();
  await anna.auth.signInWithPassword({ email: ANNA, password: "neighbour-demo" });
  const body = {
    reward_id: "e2000000-0000-4000-8000-000000000002",
    expected_points: 10,
    idempotency_key: randomUUID(),
  };
  const { data, error } = await anna.functions.invoke<{ redemption: { id: string } }>("redeem", { body });
  if (error || data === null) throw error;
  return data.redemption.id;
}

interface Screen {
  readonly path: string;
  /** Of its picture. */
  readonly name: string;
  readonly isForMembers: boolean;
}

/** Every screen that the app's router knows. */
async function screensOf(page: Page): Promise<Screen[]> {
  const routes = (await page.evaluate(
    "Object.values(__TSR_ROUTER__.routesByPath).map(({ id, fullPath }) => ({ id, fullPath }))",
  )) as { id: string; fullPath: string }[];
  return routes.flatMap(({ id, fullPath }) =>
    pathsOf(fullPath).map((path, index) => ({
      path,
      name: `${fullPath.slice(1).replaceAll(/\W+/gu, "-") || "home"}-${index + 1}`,
      isForMembers: id.startsWith("/member"),
    })),
  );
}

/** A route's addresses, one for each sample of its parameter; only an open task of one's own can be edited. */
function pathsOf(route: string): string[] {
  const [parameter] = route.match(/\$\w+/u) ?? [];
  if (parameter === undefined) return [route];
  const values = samples[parameter];
  if (values === undefined) throw new Error(`${route}: name something of the demo neighbourhood for ${parameter}`);
  return (route.endsWith("/edit") ? [OPEN_WITH_OFFERS] : values).map((value) => route.replace(parameter, value));
}

const MINUTES = 60_000;

test.each([
  ["English, by day", "en", "light"],
  ["German, by night", "de", "dark"],
] as const)(
  "every screen is accessible, and fits a small phone: %s",
  async (_title, language, colorScheme) => {
    const phone = { language, colorScheme };
    const stranger = await app.open({ ...phone, path: "/welcome" });
    await settle(stranger);
    const member = await app.signIn(ANNA, { ...phone, path: "/settings" });
    await settle(member);
    const screens = await screensOf(stranger);
    expect(screens.length).toBeGreaterThan(20);
    const wrong: Record<string, unknown> = {};
    for (const { path, name, isForMembers } of screens) {
      const page = isForMembers ? member : stranger;
      // as a link does it: the app starts once, not for each screen
      await page.evaluate(`__TSR_ROUTER__.navigate({ to: ${JSON.stringify(path)} })`);
      await settle(page);
      for (const width of WIDTHS) {
        await page.setViewportSize({ width, height: 800 });
        const tooWide = await overflow(page);
        if (tooWide > 0) wrong[`${path} at ${width}`] = `${tooWide} px too wide`;
        await screenshot(page, name, language);
      }
      const found = await axe(page);
      if (found.length > 0) wrong[path] = found;
    }
    expect(wrong).toEqual({});
  },
  10 * MINUTES,
);
