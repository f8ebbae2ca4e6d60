import exifr from "exifr";
import type { Page } from "playwright-core";
import { beforeAll, expect, test } from "vitest";
import { gpsExif, photo } from "../client/support/photos.ts";
import type { Member } from "../support/use-stack.ts";
import { axe, choosePlace, cutNetwork, settle } from "./support/screens.ts";
import { useApp } from "./support/use-app.ts";
import { useBrowserStack } from "./support/use-browser-stack.ts";

const CREATE = "**/rest/v1/rpc/create_task";

const stack = useBrowserStack();
const app = useApp(stack);
let member: Member;
beforeAll(async () => {
  [member] = (await stack.members(1)) as [Member];
});

async function startPosting(title: string): Promise<Page> {
  const page = await app.signIn(member, { width: 320, path: "/tasks/new" });
  await page.getByLabel("What needs to be done?").fill(title);
  await page.getByLabel("What should helpers know?").fill("It is for a test.");
  await page.getByLabel("Category").selectOption("garten");
  return page;
}

const postedTasks = (title: string) =>
  stack.sql<{ id: string; image_paths: string[] }>("select id, image_paths from public.tasks where title = $1", [
    title,
  ]);
const post = (page: Page) => page.getByRole("button", { name: "Post", exact: true }).click();

test("a task is posted with the keyboard's place and a picture that no longer tells where it was taken", async () => {
  const page = await startPosting("Paint a gate");
  await page.getByText("The community gives these points").waitFor();
  await choosePlace(page);
  const taken = photo({ width: 640, height: 480, exif: gpsExif() });
  expect(await exifr.gps(taken)).toMatchObject({ latitude: 52.5 });
  await page.getByLabel("Add pictures").setInputFiles({ name: "gate.jpg", mimeType: "image/jpeg", buffer: taken });
  const picture = page.locator(".pictures img");
  await picture.waitFor();
  const address = (await picture.getAttribute("src")) ?? "";
  const stored = Buffer.from(await (await fetch(address)).arrayBuffer());
  expect(stored.subarray(0, 2).toString("hex")).toBe("ffd8");
  expect(await exifr.parse(stored)).toBeUndefined();
  await settle(page);
  expect(await axe(page)).toEqual([]);

  await post(page);
  await page.waitForURL(/\/tasks\/[0-9a-f-]{36}$/u);
  const [task] = await postedTasks("Paint a gate");
  expect(page.url()).toContain(task?.id);
  expect(task?.image_paths).toHaveLength(1);
});

test("what is missing is said at its field, which has the keyboard", async () => {
  const page = await startPosting("x");
  await post(page);
  await expect.poll(() => page.locator(".field-error").textContent()).toContain("at least 3 characters");
  expect(await page.locator("input:focus").getAttribute("aria-invalid")).toBe("true");
  await page.getByLabel("What needs to be done?").fill("A title");
  await expect.poll(() => page.locator(".field-error").count()).toBe(0);
  await post(page);
  await expect.poll(() => page.locator(".field-error").textContent()).toContain("choose the place");
  expect(await axe(page)).toEqual([]);
});

test("a draft survives the app, and a lost answer posts no second task", async () => {
  const page = await startPosting("Sweep the yard");
  await choosePlace(page);
  // the answer to the first attempt and to the client's two repetitions
  await cutNetwork(page, CREATE, 3);
  await post(page);
  await page.locator('[data-field="form"][role=alert]').waitFor();
  await page.reload();
  expect(await page.getByLabel("What needs to be done?").inputValue()).toBe("Sweep the yard");
  await post(page);
  await page.waitForURL(/\/tasks\/[0-9a-f-]{36}$/u);
  expect(await postedTasks("Sweep the yard")).toHaveLength(1);
});

test("a draft that was changed after a lost answer asks whether it is another task", async () => {
  const page = await startPosting("Wash the windows");
  await choosePlace(page);
  await cutNetwork(page, CREATE, 3);
  await post(page);
  await page.locator('[data-field="form"][role=alert]').waitFor();
  await page.getByLabel("What should helpers know?").fill("Also the frames.");
  await post(page);
  await page.getByRole("dialog", { name: "It was posted before" }).waitFor();
  await page.getByRole("button", { name: "Post as another task" }).click();
  await post(page);
  await page.waitForURL(/\/tasks\/[0-9a-f-]{36}$/u);
  expect(await postedTasks("Wash the windows")).toHaveLength(2);
});
