import { execFile } from "node:child_process";
import { globSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { paths } from "./base/paths.ts";

// dozens of processes, some of which load the whole stack
vi.setConfig({ testTimeout: 60_000, hookTimeout: 300_000 });

const read = (file: string): string => readFileSync(join(paths.root, file), "utf8");
const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
/** npm runs these by itself, around commands of its own. */
const LIFECYCLE = /^(?:pre|post)|^prepare$/u;
const names = Object.keys(scripts).filter((name) => !LIFECYCLE.test(name));

interface Outcome {
  code: number;
  out: string;
  err: string;
}

/** Runs a command as its npm script does, on a database that would be noticed, because nobody answers there. */
function run(...args: string[]): Promise<Outcome> {
  const env = { ...process.env, DATABASE_URL: "postgresql://nobody@127.0.0.1:1/nothing", NO_COLOR: "1" };
  return new Promise((resolve) => {
    execFile(process.execPath, ["dev/bootstrap.mjs", ...args], { cwd: paths.root, env }, (error, out, err) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? -1), out, err });
    });
  });
}

/** Runs all of them, two at a time. */
async function runAll(argsOf: (name: string) => string[]): Promise<Map<string, Outcome>> {
  const outcomes = new Map<string, Outcome>();
  const queue = [...names];
  const work = async () => {
    for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
      outcomes.set(name, await run(...argsOf(name)));
    }
  };
  await Promise.all([work(), work()]);
  return outcomes;
}

/** What the commands write, with the time of its last change; not the built client, which other steps of a run build meanwhile. */
const WRITTEN = [
  "src/client/*.types.ts",
  "supabase/{migrations,rollbacks,functions,functions/_shared/contracts}{,/*}",
  "supabase/{config.toml,tests/tasks/*}",
  "{bench/results,.local}",
];
function fingerprint(): string {
  const files = globSync(WRITTEN, { cwd: paths.root }).toSorted();
  expect(files.length).toBeGreaterThan(80);
  return files.map((file) => `${file} ${statSync(join(paths.root, file)).mtimeMs}`).join("\n");
}

it("every script of package.json goes through the bootstrap, under its own name", () => {
  expect(names.length).toBeGreaterThan(15);
  expect(names.map((name) => scripts[name])).toEqual(names.map((name) => `node dev/bootstrap.mjs ${name}`));
});

describe("npm run help", () => {
  const rows = (text: string, pattern: RegExp): [name: string, what: string][] =>
    [...text.matchAll(pattern)].map(([, name = "", what = ""]) => [name, what]);

  it("prints every command, and the table of docs/commands.md says the same", async () => {
    const { code, out } = await run("help");
    expect(code).toBe(0);
    const told = rows(out, /^ {2}(\S+) +(.+)$/gmu);
    expect(told.map(([name]) => name).toSorted()).toEqual(names.filter((name) => name !== "help").toSorted());

    const plain = read("docs/commands.md").replaceAll(/\[([^\]]+)\]\([^)]+\)/gu, "$1");
    const table = rows(plain, /^\| `npm (?:run )?([^` ]+)[^`]*` \| (.+) \|$/gmu);
    const inTable = table.map(([name, what]) => [name, what.replaceAll("`", "")]);
    expect(inTable.toSorted()).toEqual(told.toSorted());
  });

  it("names the commands after one that is unknown, or missing", async () => {
    const { out } = await run("help");
    expect(await run("nothing")).toEqual({ code: 2, out: "", err: `unknown command nothing\n\n${out}` });
    expect(await run()).toEqual({ code: 2, out: "", err: `which command?\n\n${out}` });
    expect(await run("help", "start")).toEqual({ code: 2, out: "", err: `npm run help takes no start\n\n${out}` });
  });
});

describe("every command", () => {
  let before = "";
  let helped = new Map<string, Outcome>();
  let refused = new Map<string, Outcome>();
  beforeAll(async () => {
    before = fingerprint();
    helped = await runAll((name) => [name, "--help"]);
    refused = await runAll((name) => [name, "--no-such-flag"]);
  });

  it.each(names)("%s --help explains itself and does nothing", (name) => {
    const { code, out, err } = helped.get(name) ?? { code: -1, out: "", err: "" };
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toMatch(name === "help" ? /^Usage: npm run <command>/u : usageOf(name));
    if (name !== "help") expect(out).toMatch(/^ {2}--help\s/mu);
  });

  it.each(names)("%s refuses an unknown flag with exit code 2 and its usage", (name) => {
    const { code, out, err } = refused.get(name) ?? { code: -1, out: "", err: "" };
    expect({ code, out }).toEqual({ code: 2, out: "" });
    if (name === "help") return expect(err).toMatch(/^npm run help takes no --no-such-flag\n\nUsage: /u);
    const [line = "", blank, ...usage] = err.split("\n");
    expect([line, blank]).toEqual(["Unknown option '--no-such-flag'", ""]);
    expect(usage.join("\n")).toMatch(usageOf(name));
  });

  it("has changed nothing by that", () => {
    expect(fingerprint()).toBe(before);
  });
});

/** How a usage begins: settings of the environment may stand before the command. */
const usageOf = (name: string): RegExp =>
  new RegExp(`^Usage: (?:[A-Z_]+=\\S+ )?npm (?:run )?(?:--silent )?${name}(?: |$)`, "mu");

it.each([
  [["functions:new"], "missing NAME"],
  [["functions:new", "Not_A_Name"], "Not_A_Name is no function name: use small letters, digits and hyphens"],
  [["functions:new", "greet", "--auth", "nobody"], "--auth nobody is unknown"],
  [["start", "here"], "this command takes only flags"],
  [["start", "--port", "many"], "--port many is not a port number"],
  [["start", "--db-port", "65536"], "--db-port 65536 is not a port number"],
  [["lint", "src"], "this command takes only flags"],
  [["bench", "--only", "nothing"], "there is no scenario nothing"],
])("%j is wrong usage: exit code 2", async (args, line) => {
  const { code, err } = await run(...args);
  expect({ code, line: err.split("\n")[0] }).toEqual({ code: 2, line });
});

it.each([
  [["functions:keys", "--rotate", "no-such-file"], /^✖ no-such-file cannot be read: ENOENT/u],
  [
    ["start", "--postgres", "--fresh", "--port", "0", "--data-dir", ".cache/never"],
    /^✖ --fresh does not empty a DATABASE_URL/u,
  ],
])("%j fails with one line and exit code 1", async (args, line) => {
  const { code, err } = await run(...args);
  expect(code).toBe(1);
  expect(err).toMatch(line);
  expect(err.trim().split("\n")).toHaveLength(1);
});
