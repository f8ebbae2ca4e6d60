import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { createNeighbourhoodClient } from "../../src/client/index.ts";
import type { Member } from "../support/use-stack.ts";
import { axe, cutNetwork } from "./support/screens.ts";
import { useApp } from "./support/use-app.ts";
import { useBrowserStack } from "./support/use-browser-stack.ts";

/** The end of a task, when phones and network do not do what they should; story.test.ts plays it as it should be. */

const stack = useBrowserStack();
const app = useApp(stack);
const CONFIRM = "**/rpc/confirm_task*";
/** A command is sent once, and repeated twice, before the client gives up. */
const ATTEMPTS = 3;
const REWARD = 30;

/** Two members; the first has posted a task. */
async function posted(): Promise<{ ada: Member; bo: Member; task_id: string }> {
  const [ada, bo] = (await stack.members(2)) as [Member, Member];
  const { id } = await createNeighbourhoodClient(ada.api).tasks.create({
    title: "Carry a sofa upstairs",
    description: "Third floor, no lift.",
    category: "transport",
    latitude: 52.52,
    longitude: 13.405,
    points_reward: REWARD,
    address: "Musterweg 1",
  });
  return { ada, bo, task_id: id };
}

const phoneAt = (member: Member, path: string) => app.signIn(member, { width: 320, path });

const press = (page: Page, name: string | RegExp) => page.getByRole("button", { name }).first().click();

/** What the books say of a task: payments and the helper's balance. */
const books = (task_id: string, helper: Member) =>
  stack.sql(
    `select (select count(*)::integer from public.point_transactions where task_id = $1 and user_id = $2) as payments,
      (select balance from public.point_accounts where user_id = $2) as balance`,
    [task_id, helper.id],
  );

/** A task that the helper has reported as done. */
async function finished(): Promise<Awaited<ReturnType<typeof posted>>> {
  const { ada, bo, task_id } = await posted();
  const forBo = createNeighbourhoodClient(bo.api);
  const offer = await forBo.tasks.offerHelp(task_id);
  await createNeighbourhoodClient(ada.api).tasks.acceptOffer(offer.id);
  await forBo.tasks.start(task_id);
  await forBo.tasks.finish(task_id);
  return { ada, bo, task_id };
}

test.each([
  ["once: the client asks again by itself", 1],
  ["every time: the screen tells the truth in the end", ATTEMPTS],
])("the answer to a confirmation is lost %s; the points move once", async (_name, times) => {
  const { ada, bo, task_id } = await finished();
  const page = await phoneAt(ada, `/tasks/${task_id}`);
  await cutNetwork(page, CONFIRM, times);
  await press(page, `Confirm and give ${REWARD} points`);
  await page.getByText(new RegExp(`has received ${REWARD} points`, "u")).waitFor();
  await expect.poll(() => books(task_id, bo)).toEqual([{ payments: 1, balance: REWARD }]);
  await page.reload();
  await page.getByText(new RegExp(`has received ${REWARD} points`, "u")).waitFor();
});

test("both sides read when finished work confirms itself", async () => {
  const { ada, bo, task_id } = await finished();
  const [year] = await stack.sql<{ name: string }>("select to_char(now() + interval '14 days', 'YYYY') as name");
  for (const member of [ada, bo]) {
    const page = await phoneAt(member, `/tasks/${task_id}`);
    await page.getByText(new RegExp(`confirmed by itself on .+ ${year?.name}`, "u")).waitFor();
  }
});

test("two phones confirm in the same moment; the points move once", async () => {
  const { ada, bo, task_id } = await finished();
  const phones = await Promise.all([phoneAt(ada, `/tasks/${task_id}`), phoneAt(ada, `/tasks/${task_id}`)]);
  const confirm = `Confirm and give ${REWARD} points`;
  // both see the button before one of them takes it away from the other
  for (const page of phones) await page.getByRole("button", { name: confirm }).first().waitFor();
  await Promise.all(phones.map((page) => press(page, confirm)));
  for (const page of phones) await page.getByText(new RegExp(`has received ${REWARD} points`, "u")).waitFor();
  expect(await books(task_id, bo)).toEqual([{ payments: 1, balance: REWARD }]);
});

test("a task that is not for one to see has a screen that says so", async () => {
  const { task_id } = await finished();
  const [stranger] = (await stack.members(1)) as [Member];
  const page = await phoneAt(stranger, `/tasks/${task_id}`);
  await page.getByRole("heading", { name: "Not to be seen" }).waitFor();
  expect(await axe(page)).toEqual([]);
});
