import { createClient } from "@supabase/supabase-js";
import type { Page } from "playwright-core";
import { runCommand } from "../dev/commands/command.ts";
import { DEMO_PASSWORD } from "../dev/stack/demo.ts";
import { openBrowser } from "../tests/browser/page.ts";
import { postManyTasks } from "../tests/browser/support/many-tasks.ts";
import { stateOf } from "../tests/browser/support/use-app.ts";
import { startThrowawayStack } from "../tests/support/throwaway-stack.ts";
import { median, medianRatio, quantile } from "./statistics.ts";

const TASKS = 5000;
const ROUNDS = 5;
/** How far and how often the map is pulled, there and back. */
const PULL = { pixels: 120, steps: 30, times: 2 };
const PHONE = { width: 390, height: 800 };
/** Words that no task has: the map is drawn with nothing on it. */
const EMPTY = "/?q=zzzzzz";
const MAPS = { "a town, its tasks counted": "/", "a kilometre, its tasks in cells": "/?km=1" };

await runCommand({
  usage: `Usage: node bench/frames.ts

Measures how long the frames of the app's map take while it is pulled, with ${TASKS} tasks nearby and with none, in this machine's
Chromium: of ${ROUNDS} rounds the median, for the middle frame and for the slowest but one in twenty. Without a graphics card
the milliseconds mean little, the ratios what tasks add.`,
  options: {},
  async run() {
    console.log("Starting a stack with the app …");
    const { stack, remove } = await startThrowawayStack("frames", { database: "embedded", seed: true, app: true });
    // as fast as it can: at 60 frames a second both maps would be alike
    const browser = await openBrowser(["--disable-frame-rate-limit", "--disable-gpu-vsync"]);
    try {
      await stack.appBuilt;
      const { url, appUrl } = stack;
      if (appUrl === undefined) throw new Error("there is no app");
      await postManyTasks(stack.sql, TASKS);
      const credentials = { email: "anna@example.test", password: DEMO_PASSWORD };
      const { data } = await createClient(url, stack.publishableKey).auth.signInWithPassword(credentials);
      const context = await browser.newContext({
        viewport: PHONE,
        serviceWorkers: "block",
        storageState: stateOf({ url, appUrl }, data.session ?? {}),
      });
      const page = await context.newPage();
      const framesOf = async (path: string) => {
        await page.goto(`${appUrl}${path}`);
        await page.locator('.tasks-map .map-canvas[data-map="ready"][aria-busy="false"]').waitFor();
        await page.waitForLoadState("networkidle");
        return pull(page);
      };
      for (const [name, path] of Object.entries(MAPS)) report(name, await interleave(framesOf, path));
    } finally {
      await browser.close();
      await remove();
    }
  },
});

/** The middle and the slow frames of a round, in milliseconds. */
interface Frames {
  readonly middle: number;
  readonly slow: number;
}

async function interleave(framesOf: (path: string) => Promise<Frames>, path: string) {
  const rounds: { empty: Frames; full: Frames }[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    rounds.push({ empty: await framesOf(EMPTY), full: await framesOf(path) });
  }
  return rounds;
}

function report(name: string, rounds: Awaited<ReturnType<typeof interleave>>): void {
  for (const kind of ["middle", "slow"] as const) {
    const [empty, full] = [rounds.map((round) => round.empty[kind]), rounds.map((round) => round.full[kind])];
    const ratio = medianRatio(full, empty).toFixed(2);
    console.log(
      `${name}, ${kind}: ${median(full).toFixed(1)} ms, empty ${median(empty).toFixed(1)} ms, ${ratio} times`,
    );
  }
}

/** Pulls the map there and back, and takes the times between its frames. */
async function pull(page: Page): Promise<Frames> {
  const box = await page.locator(".tasks-map .map-canvas").boundingBox();
  if (box === null) throw new Error("there is no map");
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  await page.evaluate(`{
    globalThis.frames = [];
    const note = (time) => { globalThis.frames.push(time); globalThis.noting = requestAnimationFrame(note); };
    globalThis.noting = requestAnimationFrame(note);
  }`);
  await page.mouse.move(x, y);
  await page.mouse.down();
  for (let times = 0; times < PULL.times; times += 1) {
    await page.mouse.move(x + PULL.pixels, y, { steps: PULL.steps });
    await page.mouse.move(x - PULL.pixels, y, { steps: PULL.steps });
  }
  await page.mouse.up();
  const moments = await page.evaluate<number[]>("cancelAnimationFrame(globalThis.noting), globalThis.frames");
  const times = moments.slice(1).map((moment, index) => moment - (moments[index] ?? 0));
  return { middle: median(times), slow: quantile(times, 0.95) };
}
