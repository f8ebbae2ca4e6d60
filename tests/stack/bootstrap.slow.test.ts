import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { paths } from "../../dev/base/paths.ts";
import { runProcess } from "./support/command.ts";
import { temporaryDirectory } from "./support/temporary-directory.ts";

/** A checkout with one dependency, whose npm is the given script. */
function checkout(npm: string) {
  const root = temporaryDirectory();
  for (const folder of ["dev/base", "dev/stack/start"]) mkdirSync(join(root, folder), { recursive: true });
  mkdirSync(join(root, "supabase"));
  for (const file of [
    "dev/bootstrap.mjs",
    "dev/base/install.mjs",
    "dev/base/process-lock.mjs",
    "dev/stack/start/ports.mjs",
  ]) {
    copyFileSync(join(paths.root, file), join(root, file));
  }
  writeFileSync(join(root, "supabase/config.toml"), "[api]\nport = 0\n[db]\nport = 0\n[studio]\nport = 0\n");
  writeFileSync(join(root, "dev/stack/main.ts"), "console.log('started with', process.argv.slice(2).join(' '));");
  const lock = {
    packages: {
      "": {},
      "node_modules/node": { version: "24.0.0" },
      "node_modules/other": { version: "1.0.0", optional: true },
      "examples/web": { version: "0.0.0" },
      "node_modules/web": { resolved: "examples/web", link: true },
    },
  };
  writeFileSync(join(root, "package-lock.json"), JSON.stringify(lock));
  writeFileSync(join(root, "npm.js"), npm);
  return {
    root,
    run: (options: string[] = [], flags: string[] = ["--flag"]) =>
      runProcess(
        process.execPath,
        [...options, join(root, "dev/bootstrap.mjs"), "start", ...flags],
        { npm_execpath: join(root, "npm.js"), PINNED: process.execPath },
        root,
      ),
    installs: () => readFileSync(join(root, "installs.log"), "utf8").split("\n").filter(Boolean).length,
  };
}

/** Installs what the lock file asks for, and notes that it did. */
const WORKING_NPM = `
const fs = require("node:fs");
fs.appendFileSync("installs.log", process.argv.slice(2).join(" ") + "\\n");
setTimeout(() => {
  fs.mkdirSync("node_modules/node/bin", { recursive: true });
  fs.rmSync("node_modules/node/bin/node", { force: true });
  fs.symlinkSync(process.env.PINNED, "node_modules/node/bin/node");
  fs.writeFileSync("node_modules/.package-lock.json", JSON.stringify({ packages: { "node_modules/node": { version: "24.0.0" } } }));
}, 300);`;

it("installs the packages once, and again when the lock file changes", async () => {
  const { root, run, installs } = checkout(WORKING_NPM);
  const first = run();
  expect(await first.exit).toBe(0);
  expect(first.output()).toContain("Installing packages");
  expect(first.output()).toContain("started with --flag");
  const second = run();
  expect(await second.exit).toBe(0);
  expect(second.output()).toBe("started with --flag\n");
  expect(installs()).toBe(1);

  // of an example, beside it because the root has another version of it
  const newer = { packages: { "examples/web/node_modules/other": { version: "1.0.1" } } };
  writeFileSync(join(root, "package-lock.json"), JSON.stringify(newer));
  expect(await run().exit).toBe(0);
  expect(installs()).toBe(2);
});

it("installs once when two commands start together", async () => {
  const { run, installs } = checkout(WORKING_NPM);
  const both = [run(), run()];
  expect(await Promise.all(both.map((command) => command.exit))).toEqual([0, 0]);
  expect(both.map((command) => command.output()).join("")).toContain("Another command is installing the packages");
  expect(installs()).toBe(1);
});

it("says that a port is taken before it installs anything", async () => {
  const occupant = createServer().listen(0, "127.0.0.1");
  onTestFinished(() => void occupant.close());
  await new Promise((resolve) => occupant.once("listening", resolve));
  const address = occupant.address();
  const port = typeof address === "object" && address ? address.port : 0;

  const { root, run } = checkout(WORKING_NPM);
  const command = run([], ["--studio-port", String(port)]);
  expect(await command.exit).toBe(1);
  expect(command.output()).toBe(
    `✖ Studio port ${port} is in use: stop what listens there, or start with --studio-port N or --no-studio\n`,
  );
  expect(existsSync(join(root, "installs.log"))).toBe(false);
  expect(await run([], ["--studio-port", String(port), "--no-studio"]).exit).toBe(0);
});

it("takes over from an installation that was killed", async () => {
  const { root, run } = checkout(WORKING_NPM);
  mkdirSync(join(root, ".cache"));
  writeFileSync(join(root, ".cache/install.lock"), "999999999");
  expect(await run().exit).toBe(0);
});

it("says in one line that the registry cannot be reached", async () => {
  const { run } = checkout(
    'console.error("npm error code EAI_AGAIN\\nnpm error network request failed"); process.exit(1);',
  );
  const command = run();
  expect(await command.exit).toBe(1);
  expect(command.output()).toContain("✖ the packages cannot be downloaded: npm does not reach its registry");
});

it("passes on npm's own reason otherwise", async () => {
  const { run } = checkout('console.error("npm error code EUSAGE\\nnpm error out of sync"); process.exit(1);');
  const command = run();
  expect(await command.exit).toBe(1);
  expect(command.output()).toContain("✖ npm ci failed: out of sync");
});

it("refuses a Node that is too old", async () => {
  const { root, run } = checkout("");
  const pretend = join(root, "old-node.mjs");
  writeFileSync(
    pretend,
    'Object.defineProperty(process, "versions", { value: { ...process.versions, node: "18.20.0" } });',
  );
  const command = run(["--import", pretend]);
  expect(await command.exit).toBe(1);
  expect(command.output()).toBe("✖ Node 18.20.0 is too old: install Node 20 or newer from nodejs.org\n");
});
