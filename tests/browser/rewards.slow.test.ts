import { randomUUID } from "node:crypto";
import type { Page } from "playwright-core";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { offerReward, openPartner, type Partner, type Reward } from "../support/redemptions.ts";
import type { Member } from "../support/use-stack.ts";
import { axe, cutNetwork, overflow } from "./support/screens.ts";
import { useApp } from "./support/use-app.ts";
import { useBrowserStack } from "./support/use-browser-stack.ts";

const stack = useBrowserStack();
const app = useApp(stack);
const POINTS = 100;
const REDEEM = "**/functions/v1/redeem";
/** A command is sent once, and repeated twice, before the client gives up. */
const ATTEMPTS = 3;
let partner: Partner;
let reward: Reward;
let member: Member;
beforeAll(async () => {
  partner = await openPartner(stack.sql);
});
beforeEach(async () => {
  reward = await offerReward(stack.sql, partner, { return_days: 7 });
  [member] = (await stack.members(1, POINTS)) as [Member];
});

const screen = (page: Page) => ({
  redeem: page.getByRole("button", { name: /^Einlösen/u }),
  spend: page.getByRole("button", { name: /Punkte? ausgeben$/u }),
  code: page.getByRole("img", { name: /^QR-Code/u }),
});

/** What the books say: redemptions, debits, and what is left. */
async function books() {
  const [row] = await stack.sql<{ redemptions: number; debits: number; balance: number }>(
    `select (select count(*)::integer from public.redemptions r where r.user_id = $1) as redemptions,
      (select count(*)::integer from public.point_transactions p where p.user_id = $1 and p.type = 'redemption') as debits,
      (select a.balance from public.point_accounts a where a.user_id = $1) as balance`,
    [member.id],
  );
  return row;
}
const once = () => ({ redemptions: 1, debits: 1, balance: POINTS - reward.points_cost });
const never = () => ({ redemptions: 0, debits: 0, balance: POINTS });

/** A member's phone on the page of the reward. */
function atReward(phone: Parameters<typeof app.signIn>[1] = {}): Promise<Page> {
  return app.signIn(member, { language: "de", path: `/rewards/${reward.id}`, ...phone });
}

/** A member's phone with a code on it. */
async function withCode(phone: Parameters<typeof app.signIn>[1] = {}): Promise<Page> {
  const page = await atReward(phone);
  await screen(page).redeem.click();
  await screen(page).spend.click();
  await screen(page).code.waitFor();
  return page;
}

/** Names of the codes that the device keeps. */
const keptCodes = (page: Page) =>
  page.evaluate("Object.keys(localStorage).filter((name) => name.startsWith('redemption '))");

describe("redeeming", () => {
  test("asks with price and remainder, and then shows the code, large if wanted", async () => {
    const page = await atReward({ width: 320 });
    await screen(page).redeem.click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText(`${POINTS - reward.points_cost} Punkte`).waitFor();
    expect(await axe(page)).toEqual([]);
    expect(await books()).toEqual(never());

    await screen(page).spend.click();
    await screen(page).code.waitFor();
    expect(await books()).toEqual(once());
    expect([await axe(page), await overflow(page)]).toEqual([[], 0]);

    await page.getByRole("button", { name: "Groß zeigen, für die Kasse" }).click();
    await page.getByRole("dialog").getByRole("img").waitFor();
    expect(await axe(page)).toEqual([]);
  });

  test("twice in the same moment spends once", async () => {
    const page = await atReward();
    await screen(page).redeem.click();
    await screen(page).spend.dblclick();
    await screen(page).code.waitFor();
    expect(await books()).toEqual(once());
  });

  test("whose answer is lost repeats by itself, and spends once", async () => {
    const page = await atReward();
    await cutNetwork(page, REDEEM);
    await screen(page).redeem.click();
    await screen(page).spend.click();
    await screen(page).code.waitFor();
    expect(await books()).toEqual(once());
  });

  test("whose answers are all lost spends once, though the app was closed in between", async () => {
    const page = await atReward();
    await cutNetwork(page, REDEEM, ATTEMPTS);
    await screen(page).redeem.click();
    await screen(page).spend.click();
    await page.getByText(/^Es kam keine Antwort/u).waitFor();
    expect(await books()).toEqual(once());

    await page.reload();
    await page.getByText(/^Ein früherer Versuch/u).waitFor();
    await screen(page).redeem.click();
    await screen(page).spend.click();
    await screen(page).code.waitFor();
    expect(await books()).toEqual(once());
  });

  test("at a price that has changed spends nothing and tells the new one", async () => {
    const page = await atReward();
    await screen(page).redeem.click();
    await stack.sql("update public.rewards set points_cost = 33 where id = $1", [reward.id]);
    await screen(page).spend.click();
    await page.getByText("Es sind jetzt 33 Punkte").waitFor();
    expect(await books()).toEqual(never());

    await page.getByRole("button", { name: "33 Punkte ausgeben" }).click();
    await screen(page).code.waitFor();
    expect(await books()).toEqual({ redemptions: 1, debits: 1, balance: POINTS - 33 });
  });

  test("more often than one may says so", async () => {
    await stack.sql("update public.rewards set limit_per_member = 1 where id = $1", [reward.id]);
    const page = await withCode();
    await page.goto(`${stack.appUrl}/rewards/${reward.id}`);
    await screen(page).redeem.click();
    await screen(page).spend.click();
    await page
      .getByRole("alert")
      .getByText(/so oft eingelöst, wie es geht/u)
      .waitFor();
    expect(await books()).toEqual(once());
  });

  test("with too few points is not offered", async () => {
    await stack.sql("update public.rewards set points_cost = 120 where id = $1", [reward.id]);
    const page = await atReward();
    await page.getByText("Dafür fehlen dir noch 20 Punkte").waitFor();
    expect(await screen(page).redeem.count()).toBe(0);
  });
});

describe("a code", () => {
  test("that was opened is there without a network, also after a reload and with a token that has expired", async () => {
    const page = await withCode({ hasServiceWorker: true });
    await page.evaluate("navigator.serviceWorker.ready");
    await page.reload();
    await screen(page).code.waitFor();
    // first: with a network the app would renew the token
    await page.context().setOffline(true);
    await page.evaluate(`{
      const name = Object.keys(localStorage).find((key) => key.endsWith("-auth-token"));
      const session = JSON.parse(localStorage.getItem(name));
      localStorage.setItem(name, JSON.stringify({ ...session, expires_at: Math.floor(Date.now() / 1000) - 60 }));
    }`);
    await page.reload();
    await screen(page).code.waitFor();
    await page.getByText(/^Gerade war nichts zu erfahren/u).waitFor();
  });

  test("that the till takes says so on the phone that shows it, and is kept there no longer", async () => {
    const page = await withCode();
    expect(await keptCodes(page)).toHaveLength(1);
    const code = await page.locator("figcaption").textContent();
    const used = await stack.send("/functions/v1/partner/v1/redemptions/use", {
      method: "POST",
      headers: { authorization: `Bearer ${partner.key}` },
      body: { code, till_reference: randomUUID() },
    });
    expect(used.status).toBe(200);
    await page.getByText(/^An der Kasse eingelöst/u).waitFor();
    await expect.poll(() => keptCodes(page)).toEqual([]);
  });

  test("that is given back is gone, and its points are back", async () => {
    const page = await withCode();
    await page.getByRole("button", { name: "Code zurückgeben" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Code zurückgeben" }).click();
    await page.getByText("Du hast ihn zurückgegeben. Deine Punkte sind wieder da.").waitFor();
    expect(await books()).toEqual({ redemptions: 1, debits: 1, balance: POINTS });
    expect(await keptCodes(page)).toEqual([]);
  });

  test("leaves the device with the member who signs out", async () => {
    const page = await withCode();
    expect(await keptCodes(page)).toHaveLength(1);
    await page.goto(`${stack.appUrl}/settings`);
    await page.getByRole("button", { name: "Abmelden" }).click();
    await expect.poll(() => keptCodes(page)).toEqual([]);
  });
});
