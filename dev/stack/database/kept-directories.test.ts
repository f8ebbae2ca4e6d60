import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { KeptDirectories, versionOf } from "./kept-directories.ts";

let folder: string;
let kept: KeptDirectories;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "nh-kept-"));
  kept = new KeptDirectories(folder);
});
afterEach(() => rmSync(folder, { recursive: true }));

const bytes = (text: string): ArrayBuffer => new TextEncoder().encode(text).buffer;
const age = (file: string, minutes: number): void => {
  const then = new Date(Date.now() - minutes * 60_000);
  utimesSync(join(folder, file), then, then);
};

test("what was kept is found by its version, byte for byte", async () => {
  expect(kept.read("a")).toBeUndefined();
  kept.keep("a", bytes("content"));
  expect(new TextDecoder().decode(await kept.read("a")?.arrayBuffer())).toBe("content");
});

test("the one that was used last is the newest, of those that begin alike and know their origin", () => {
  kept.keep("x-1", bytes("1"), "from 1");
  kept.keep("x-2", bytes("2"), "from 2");
  kept.keep("y-3", bytes("3"), "from 3");
  kept.keep("x-4", bytes("4"));
  age("x-2.tar", 1);
  expect(kept.newest("x-")).toEqual(["x-1", "from 1"]);
  age("x-1.tar", 2);
  expect(kept.newest("x-")).toEqual(["x-2", "from 2"]);
  kept.read("x-1"); // is used again
  expect(kept.newest("x-")).toEqual(["x-1", "from 1"]);
  expect(kept.newest("z-")).toBeUndefined();
});

test("only what was used lately stays, with its origin; what is being written is left alone", () => {
  for (const number of [1, 2, 3, 4, 5]) {
    kept.keep(`v-${number}`, bytes("x"), "origin");
    age(`v-${number}.tar`, 60 - number);
  }
  writeFileSync(join(folder, "w.tar.123"), "half");
  writeFileSync(join(folder, "w.tar.124"), "abandoned");
  age("w.tar.124", 120);
  kept.keep("v-6", bytes("x"), "origin");
  expect(readdirSync(folder).toSorted()).toEqual([
    ...["v-3", "v-4", "v-5", "v-6"].flatMap((version) => [`${version}.json`, `${version}.tar`]),
    "w.tar.123",
  ]);
});

test("what several ask for at once is made once", async () => {
  const made: string[] = [];
  const ask = (name: string) =>
    kept.readOrMake("a", async () => {
      made.push(name);
      await setTimeout(50);
      return bytes(name);
    });
  const answers = await Promise.all([ask("one"), ask("two"), ask("three")]);
  expect(made).toEqual(["one"]);
  const texts = await Promise.all(answers.map(async (answer) => new TextDecoder().decode(await answer.arrayBuffer())));
  expect(texts).toEqual(["one", "one", "one"]);
  expect(readdirSync(folder)).toEqual(["a.tar"]);
});

test("whoever cannot make it, or was killed meanwhile, holds nobody up", async () => {
  await expect(kept.readOrMake("a", () => Promise.reject(new Error("full")))).rejects.toThrow("full");
  expect(await kept.readOrTakeTurn("a")).toBeTypeOf("function");
  writeFileSync(join(folder, "b.lock"), String(spawnSync(process.execPath, ["--version"]).pid));
  expect(await kept.readOrTakeTurn("b")).toBeTypeOf("function");
  writeFileSync(join(folder, "c.lock"), String(process.pid)); // a number that another program has now
  age("c.lock", 6);
  expect(await kept.readOrTakeTurn("c")).toBeTypeOf("function");
  writeFileSync(join(folder, "d.lock"), ""); // its process ended between making and writing the file
  age("d.lock", 1);
  expect(await kept.readOrTakeTurn("d")).toBeTypeOf("function");
});

test("a version tells texts and their borders apart", () => {
  expect(versionOf(["a", "b"])).not.toBe(versionOf(["ab"]));
  expect(versionOf(["a", "b"])).toBe(versionOf(["a", "b"]));
});
