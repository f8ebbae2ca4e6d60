import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { paths } from "../../dev/base/paths.ts";
import { type Block, blocksOf, chapterOf, GuideReader } from "../support/guide.ts";
import { startThrowawayStack, type ThrowawayStack } from "../support/throwaway-stack.ts";
import { createApp, run } from "./support/app.ts";

/** docs/client.md, as somebody who writes an app follows it: with the tarball, in a folder of its own, on the demo data. */

const guide = readFileSync(join(paths.root, "docs/client.md"), "utf8");
const tarball = inject("tarball");
const drivers = join(paths.root, "tests/package/drivers");
const seen: Block[] = [];
let started: ThrowawayStack;
beforeAll(async () => {
  started = await startThrowawayStack("apps", { seed: true });
});
afterAll(() => started?.remove());

/** The blocks of a chapter. */
function chapter(title: string): Block[] {
  const blocks = blocksOf(chapterOf(guide, title));
  seen.push(...blocks);
  return blocks;
}

const variables = (prefix = "") => ({
  [`${prefix}SUPABASE_URL`]: started.stack.url,
  [`${prefix}SUPABASE_PUBLISHABLE_KEY`]: started.stack.publishableKey,
});

test("Install: these commands pack the client and install it with two packages", () => {
  const [{ text = "" } = {}] = chapter("Install");
  expect(text).toBe(
    `npm pack ./src/client --pack-destination ../my-app\nnpm install ./${tarball.path.split(/[\\/]/u).at(-1)} @supabase/supabase-js\n`,
  );
  // and bring nothing else along but zod
  expect(createApp(tarball).installed.sort()).toEqual([tarball.name, "@supabase/supabase-js", "zod"]);
});

test("Node, and what every app does: types hold, and each file prints what the guide says", async () => {
  const blocks = [...chapter("Node"), ...chapter("In every app")];
  const app = createApp(tarball, blocks);
  await app.checkTypes(["node"]);
  const reader = new GuideReader(variables(), app.folder);
  let followed = 0;
  for (const [index, { file, text, line }] of blocks.entries()) {
    const outcome = blocks[index + 1];
    if (file === undefined || outcome?.language !== "text") continue;
    await reader.follow({ language: "js", file, text, line, expected: outcome.text });
    followed += 1;
  }
  expect(followed).toBe(blocks.filter(({ language }) => language === "text").length);
  expect(blocks.filter(({ file }) => file !== undefined)).toHaveLength(followed + 1); // and what they all import
});

test("Vite: types hold, and the app is built; tests/browser opens it", async () => {
  const app = createApp(tarball, chapter("Vite"), ["vite"]);
  await app.checkTypes(["vite/client"]);
  await run(app.folder, [join(paths.nodeModules, "vite/bin/vite.js"), "build"], variables("VITE_"));
  expect(readFileSync(join(app.folder, "dist/index.html"), "utf8")).toMatch(/<script type="module" crossorigin src=/u);
});

test("Next.js: types hold, members at once stay themselves, and a session is renewed before the page", async () => {
  const app = createApp(tarball, chapter("Next.js"), ["@supabase/ssr", "next"]);
  await app.checkTypes(["node"]);
  const folder = await app.bundle(["lib/server.ts", "lib/browser.ts", "proxy.ts", "app/points/route.ts"]);
  const printed = await run(app.folder, [join(drivers, "next-server.ts"), folder], variables("NEXT_PUBLIC_"));
  const { annas, bens, stranger, annasLater, annasAgain } = JSON.parse(printed);
  expect(annas).toMatchObject({ status: 200, body: { balance: expect.any(Number) }, renewed: false });
  expect(bens).toMatchObject({ status: 200, body: { balance: expect.any(Number) } });
  expect(annas.body.user_id).not.toBe(bens.body.user_id);
  expect(stranger).toMatchObject({
    status: 401,
    body: { code: "not_signed_in", message: "Bitte melde dich zuerst an." },
  });
  expect(annasLater).toMatchObject({ status: 200, body: annas.body, renewed: true });
  expect(annasLater.caching).toContain("no-store");
  expect(annasAgain).toMatchObject({ status: 200, body: annas.body, renewed: false });
});

test("Expo: types hold, the session outlives the app, and a redemption that was cut off is made once", async () => {
  const packages = ["react-native", "@react-native-async-storage/async-storage", "expo-crypto"];
  const app = createApp(tarball, chapter("Expo and React Native"), packages);
  await app.checkTypes(["node"]);
  app.write("phone.ts", `export * from "./lib/neighbourhood";\nexport * from "./lib/redeem";\n`);
  const folder = await app.bundle(["phone.ts"]);
  const printed = await run(app.folder, [join(drivers, "phone.ts"), folder], variables("EXPO_PUBLIC_"));
  expect(JSON.parse(printed)).toEqual({
    inFront: ["start"],
    behind: ["stop"],
    cutOff: "network_error",
    sent: 3,
    keptWhileOpen: 1,
    signedInAgain: "ben@example.test",
    isTheSame: true,
    newOnes: 0,
    keptInTheEnd: 0,
  });
});

test("no block was left out", () => {
  expect(seen.map(({ text }) => text).sort()).toEqual(
    blocksOf(guide)
      .map(({ text }) => text)
      .sort(),
  );
});
