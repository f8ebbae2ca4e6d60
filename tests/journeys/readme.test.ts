import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { blocksOf, GuideReader, stepsOf } from "../support/guide.ts";
import { startThrowawayStack, type ThrowawayStack } from "../support/throwaway-stack.ts";

/** README.md and docs/start.md, from the first call to the whole story, as a newcomer would follow them on the demo data. */

const blocks = ["README.md", "docs/start.md"].flatMap((page) =>
  blocksOf(readFileSync(new URL(`../../${page}`, import.meta.url), "utf8")),
);
const steps = stepsOf(blocks.filter(({ language }) => language !== "sh"));
const reader = new GuideReader({});
let started: ThrowawayStack;
beforeAll(async () => {
  started = await startThrowawayStack("readme", { seed: true });
});
afterAll(() => started?.remove());

/** The block with what the reader takes from the output of `npm start`. */
function filledIn(text: string): string {
  const { url, publishableKey, demoPartnerKey = "" } = started.stack;
  const filled = text
    .replaceAll("http://127.0.0.1:54321", url)
    .replaceAll("<publishable key>", publishableKey)
    .replaceAll("<demo partner key>", demoPartnerKey);
  expect(filled).not.toMatch(/"<[a-z ]+>/u);
  return filled;
}

test.each(steps.map((step) => [step.line, step] as const))(
  "the block in line %i does what it says",
  async (_, step) => {
    await reader.follow({ ...step, text: filledIn(step.text) });
  },
);

test("all blocks were followed, but the commands that start and test everything, and the books are right", async () => {
  expect(blocks.filter(({ language }) => language === "sh").map(({ text }) => text.match(/npm \w+/gu))).toEqual([
    ["npm start", "npm test"],
    ["npm start"],
  ]);
  expect(steps).toHaveLength(4);
  expect(await started.stack.sql("select * from ops.audit_books()")).toEqual([]);
});
