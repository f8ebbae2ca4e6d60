import { randomUUID } from "node:crypto";
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { offerReward, openPartner } from "../support/redemptions.ts";
import type { Member } from "../support/use-stack.ts";
import { axe, choosePlace, cutNetwork, overflow } from "./support/screens.ts";
import { useApp } from "./support/use-app.ts";
import { useBrowserStack } from "./support/use-browser-stack.ts";
import { useTill } from "./support/use-till.ts";

const stack = useBrowserStack();
const app = useApp(stack);
const till = useTill(stack);
const REWARD = 30;
const PRICE = 20;
const RECEIPT = /^Receipt number: (till-7\/\S+)$/u;

const press = (page: Page, name: string | RegExp) => page.getByRole("button", { name }).first().click();
const follow = (page: Page, name: string | RegExp) => page.getByRole("link", { name }).first().click();
const says = (page: Page, text: string | RegExp) => page.getByText(text).first().waitFor();
const expectWellMade = async (page: Page) => expect([await axe(page), await overflow(page)]).toEqual([[], 0]);

test("two members and a cashier: help, points, ratings, and a loaf for them, with their screens alone", async () => {
  // another run of this test may have left the same words
  const number = randomUUID().slice(0, 8);
  const loaf = `A loaf ${number}`;
  const partner = await openPartner(stack.sql);
  await offerReward(stack.sql, partner, { points_cost: PRICE, title_en: loaf });
  const [ada, bo] = (await stack.members(2)) as [Member, Member];
  const books = () =>
    stack.sql(
      `select balance, (select count(*)::integer from public.point_transactions p where p.user_id = a.user_id) as bookings
       from public.point_accounts a where user_id = $1`,
      [bo.id],
    );

  const hers = await app.signIn(ada, { width: 320, path: "/tasks/new" });
  await hers.getByLabel("What needs to be done?").fill(`Carry sofa ${number}`);
  await hers.getByLabel("What should helpers know?").fill("Third floor, no lift.");
  await hers.getByLabel("Category").selectOption("transport");
  await hers.getByLabel("Points").fill(String(REWARD));
  await hers.getByLabel("Address").fill("Musterweg 1");
  await choosePlace(hers);
  await press(hers, "Post");
  await hers.waitForURL(/\/tasks\/[0-9a-f-]{36}$/u);
  const task = hers.url();

  const his = await app.signIn(bo, { width: 320 });
  await his.getByLabel("Search tasks").fill(number);
  await follow(his, new RegExp(`Carry sofa ${number}`, "u"));
  await his.getByRole("textbox").fill("Tonight?");
  await press(his, "Offer help");
  await says(his, /^You have offered help\./u);

  // the other phone follows by itself as soon as it looks again
  await hers.reload();
  await says(hers, "Tonight?");
  await expectWellMade(hers);
  await press(hers, /^Choose /u);
  await says(hers, /will help you/u);

  await his.reload();
  await press(his, "Start");
  await says(his, /You are at it\./u);
  expect(await his.getByText("Musterweg 1").count()).toBe(0);
  await press(his, "Show address and phone number");
  await says(his, "Musterweg 1");
  await expectWellMade(his);

  await follow(his, /^Write to /u);
  await his.getByRole("textbox").fill("Is the door open?");
  await press(his, "Send");
  await his.getByRole("log").getByText("Is the door open?").waitFor();
  await follow(hers, /^Write to /u);
  await hers.getByRole("log").getByText("Is the door open?").waitFor();
  // back to where one came from
  await his.goBack();
  await press(his, "I am done");
  await press(his, "Report as done");
  await says(his, /has to confirm now/u);

  await hers.goto(task);
  await press(hers, `Confirm and give ${REWARD} points`);
  await says(hers, new RegExp(`has received ${REWARD} points`, "u"));
  await expect.poll(books).toEqual([{ balance: REWARD, bookings: 1 }]);

  await his.reload();
  await his.getByRole("radio", { name: "4 stars" }).waitFor();
  await press(his, "Rate");
  await says(his, "Please choose one to five stars.");
  await his.getByRole("radio", { name: "4 stars" }).check({ force: true });
  await his.getByRole("textbox").fill("Nice stairs.");
  await press(his, "Rate");
  await says(his, "Your rating");
  await hers.reload();
  expect(await hers.getByText("Nice stairs.").count()).toBe(0);
  await hers.getByRole("radio", { name: "5 stars" }).check({ force: true });
  await press(hers, "Rate");
  await says(hers, "Nice stairs.");

  await follow(his, "Rewards");
  await follow(his, new RegExp(loaf, "u"));
  await press(his, /^Redeem/u);
  await press(his, `Spend ${PRICE} points`);
  await his.getByRole("img", { name: /^QR code of /u }).waitFor();
  expect(await books()).toEqual([{ balance: REWARD - PRICE, bookings: 2 }]);
  const code = (await his.locator("figcaption").textContent()) ?? "";

  const cashier = await till.open(partner.key, code);
  await press(cashier, "Scan with the camera");
  await cashier.getByRole("heading", { name: "This code is good" }).waitFor();
  await expectWellMade(cashier);
  await cutNetwork(cashier, "**/api/use");
  await cashier.keyboard.press("Enter");
  // the answer was lost, so it was asked again, with the same number
  await cashier.getByRole("heading", { name: "Done already: this is the same sale" }).waitFor();
  const [, receipt] = RECEIPT.exec((await cashier.getByText(RECEIPT).textContent()) ?? "") ?? [];
  await says(his, /^Used at the till/u);
  expect(await stack.sql("select status, till_reference from public.redemptions where user_id = $1", [bo.id])).toEqual([
    { status: "used", till_reference: receipt },
  ]);

  // the same code again, as a scanner types it, wherever the keyboard is
  await cashier.keyboard.type(code);
  await cashier.keyboard.press("Enter");
  await says(cashier, `This till has just taken it, with receipt number ${receipt}.`);
});
