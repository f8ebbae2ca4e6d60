import { expect, test } from "vitest";
import { createNeighbourhoodClient } from "../../src/client/index.ts";
import { offerReward, openPartner, redeemed } from "../support/redemptions.ts";
import type { Member } from "../support/use-stack.ts";
import { axe } from "./support/screens.ts";
import { useBrowserStack } from "./support/use-browser-stack.ts";
import { useTill } from "./support/use-till.ts";

const stack = useBrowserStack();
const till = useTill(stack);

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
  expect((await createNeighbourhoodClient(member.api).points.account()).balance).toBe(50);

  await cashier.context().setOffline(true);
  await cashier.getByText("Diese Kasse ist offline.").waitFor();
  expect(await axe(cashier)).toEqual([]);
});

test("no code is taken before the till knows its name, which every receipt begins with", async () => {
  const cashier = await till.open((await openPartner(stack.sql)).key);
  const { promise: told, resolve: tell } = Promise.withResolvers<void>();
  await cashier.route("**/api/till", async (route) => {
    await told;
    await route.continue();
  });
  await cashier.reload({ waitUntil: "commit" });
  const field = cashier.getByLabel("Code", { exact: true });
  await expect.poll(() => field.isDisabled()).toBe(true);
  await cashier.keyboard.type("BREAD");
  expect(await field.inputValue()).toBe("");
  tell();
  await expect.poll(() => field.isEnabled()).toBe(true);
  await cashier.keyboard.type("BREAD");
  expect(await field.inputValue()).toBe("BREAD");
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
