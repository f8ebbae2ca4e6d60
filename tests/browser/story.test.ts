import { expect, test } from "vitest";
import { createNeighbourhoodClient } from "../../src/client/index.ts";
import { offerReward, openPartner, redeemed } from "../support/redemptions.ts";
import type { Member } from "../support/use-stack.ts";
import { axe, cutNetwork, overflow } from "./support/screens.ts";
import { useApp } from "./support/use-app.ts";
import { useBrowserStack } from "./support/use-browser-stack.ts";
import { useTill } from "./support/use-till.ts";

const stack = useBrowserStack();
const app = useApp(stack);
const till = useTill(stack);
const clientOf = (member: Member) => createNeighbourhoodClient(member.api);
const RECEIPT = /^Receipt number: (till-7\/\S+)$/u;

test("points are earned with help, spent on a code, and the code is used once at the till", async () => {
  const partner = await openPartner(stack.sql);
  const reward = await offerReward(stack.sql, partner, { points_cost: 20 });
  const [ada, bo] = (await stack.members(2)) as [Member, Member];
  const [forAda, forBo] = [clientOf(ada), clientOf(bo)];
  const task = await forAda.tasks.create({
    title: "Carry a sofa upstairs",
    description: "Third floor, no lift.",
    category: "transport",
    latitude: 52.52,
    longitude: 13.405,
    points_reward: 30,
  });
  const offer = await forBo.tasks.offerHelp(task.id);
  await forAda.tasks.acceptOffer(offer.id);
  await forBo.tasks.start(task.id);
  await forBo.tasks.finish(task.id);
  await forAda.tasks.confirm(task.id);
  expect((await forBo.points.account()).balance).toBe(30);
  await forAda.ratings.rate(task.id, { score: 5 });
  await forBo.ratings.rate(task.id, { score: 5 });
  expect(await forAda.ratings.ofTask(task.id)).toHaveLength(2);

  const { code, redemption } = await redeemed(stack, bo, reward);
  expect((await forBo.points.account()).balance).toBe(10);
  const phone = await app.signIn(bo, { path: `/redemptions/${redemption.id}` });
  await phone.getByText(code).first().waitFor();

  const cashier = await till.open(partner.key, code);
  await cashier.getByRole("button", { name: "Scan with the camera" }).click();
  await cashier.getByRole("heading", { name: "This code is good" }).waitFor();
  expect(await axe(cashier)).toEqual([]);
  expect(await overflow(cashier)).toBe(0);
  await cutNetwork(cashier, "**/api/use");
  await cashier.keyboard.press("Enter");
  // the answer was lost, so it was asked again, with the same number
  await cashier.getByRole("heading", { name: "Done already: this is the same sale" }).waitFor();
  const [, receipt] = RECEIPT.exec((await cashier.getByText(RECEIPT).textContent()) ?? "") ?? [];
  await expect.poll(() => forBo.redemptions.get(redemption.id)).toMatchObject({ redemption: { status: "used" } });
  const [stored] = await stack.sql<{ till_reference: string }>(
    "select till_reference from public.redemptions where id = $1",
    [redemption.id],
  );
  expect(stored?.till_reference).toBe(receipt);

  // the same code again, as a scanner types it, wherever the keyboard is
  await cashier.keyboard.type(code);
  await cashier.keyboard.press("Enter");
  await cashier.getByText(`This till has just taken it, with receipt number ${receipt}.`).waitFor();
});

test("a cashier is told in German what to do, and gives points back for what is sold out", async () => {
  const partner = await openPartner(stack.sql);
  const reward = await offerReward(stack.sql, partner, { points_cost: 20 });
  const [member] = (await stack.members(1, 50)) as [Member];
  const { code } = await redeemed(stack, member, reward);
  const cashier = await till.open(partner.key, undefined, "de");
  const type = async (text: string) => {
    await cashier.getByLabel("Code", { exact: true }).fill(text);
    await cashier.keyboard.press("Enter");
  };
  await type(`${code.slice(0, -1)}${code.endsWith("A") ? "B" : "A"}`);
  await cashier.getByText("ein Zeichen ist falsch, fehlt oder ist zu viel").waitFor();
  await type("BROT-0000");
  await cashier.getByText("Diesen Code gibt es nicht.").waitFor();

  await type(code.toLowerCase().replaceAll("-", " "));
  await cashier.getByRole("button", { name: "Punkte zurückgeben" }).click();
  await cashier.getByRole("button", { name: "Punkte zurückgeben" }).click();
  await cashier.getByText("Die Punkte sind wieder beim Mitglied.").waitFor();
  expect((await clientOf(member).points.account()).balance).toBe(50);

  await cashier.context().setOffline(true);
  await cashier.getByText("Diese Kasse ist offline.").waitFor();
  expect(await axe(cashier)).toEqual([]);
});

test("the key stays on the server, which answers its own page alone", async () => {
  const partner = await openPartner(stack.sql);
  const cashier = await till.open(partner.key);
  const answers: Promise<string>[] = [];
  cashier.on("response", (response) => answers.push(response.text().catch(() => "")));
  await cashier.reload({ waitUntil: "networkidle" });
  expect((await Promise.all(answers)).filter((text) => text.includes(partner.key))).toEqual([]);
  const elsewhere = await fetch(new URL("/api/till", cashier.url()), { headers: { "sec-fetch-site": "cross-site" } });
  expect(elsewhere.status).toBe(403);
});
