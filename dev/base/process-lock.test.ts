import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, expect, test } from "vitest";
import { takeLock } from "./process-lock.mjs";

const folder = mkdtempSync(join(tmpdir(), "nh-lock-"));
afterAll(() => rmSync(folder, { recursive: true }));

const NOBODY = "999999999";
const RACERS = 4;
const ROUNDS = 300;
const ROUND_MS = 4;

/** Takes the lock of each round at the same moment as the others, and prints the rounds in which it got it. */
const RACER = `
  const { readdirSync, writeFileSync } = await import("node:fs");
  const { setTimeout } = await import("node:timers/promises");
  const { takeLock } = await import(process.argv[1]);
  const [, , folder, start] = process.argv;
  for (let round = 0; round < ${ROUNDS}; round += 1) {
    while (Date.now() < Number(start) + round * ${ROUND_MS});
    if (takeLock(folder + "/" + round + ".lock")) console.log(round);
  }
  // what a process that has ended took is abandoned again
  writeFileSync(folder + "/" + process.pid + ".done", "");
  while (readdirSync(folder).filter((name) => name.endsWith(".done")).length < ${RACERS}) await setTimeout(10);`;

test("of many that find an abandoned lock, one gets it", async () => {
  for (let round = 0; round < ROUNDS; round += 1) writeFileSync(join(folder, `${round}.lock`), NOBODY);
  const start = String(Date.now() + 1_000);
  const url = new URL("process-lock.mjs", import.meta.url).href;
  const racers = Array.from({ length: RACERS }, () =>
    promisify(execFile)(process.execPath, ["--input-type=module", "--eval", RACER, url, folder, start]),
  );
  const won = (await Promise.all(racers)).flatMap(({ stdout }) => stdout.trim().split("\n").filter(Boolean));
  expect(won.toSorted()).toEqual(Array.from({ length: ROUNDS }, (_, round) => String(round)).toSorted());
});

test("a lock that was taken over is not given back by the one before", () => {
  const file = join(folder, "slow.lock");
  const release = takeLock(file);
  writeFileSync(file, "1 of another");
  release?.();
  expect(readFileSync(file, "utf8")).toBe("1 of another");
});
