import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { paths } from "../../dev/base/paths.ts";
import { descendantsOf, isAlive, runBootstrap, runProcess } from "./support/command.ts";
import { databases } from "./support/databases.ts";
import { temporaryDirectory } from "./support/temporary-directory.ts";

it("functions:keys prints an env file, and with --rotate puts a new key in front of the old one", async () => {
  const first = runBootstrap(["functions:keys"]);
  expect(await first.exit).toBe(0);
  const [, pair, rest = "none"] = /^SEALING_KEYS=(\w+:[\w-]{43})\n([\s\S]+)$/.exec(first.output()) ?? [];
  expect(rest).toMatch(
    /^CODE_INDEX_KEY=[\w-]{43}\nNOTIFICATION_SIGNING_KEY=[\w-]{43}\nVAPID_PUBLIC_KEY=[\w-]{87}\nVAPID_PRIVATE_KEY=[\w-]{43}\n$/,
  );

  const file = join(temporaryDirectory(), "functions.env");
  writeFileSync(file, first.output());
  const second = runBootstrap(["functions:keys", "--rotate", file]);
  expect(await second.exit).toBe(0);
  expect(second.output()).toMatch(new RegExp(`^SEALING_KEYS=\\w+:[\\w-]{43},${pair}\n${rest}$`));

  writeFileSync(file, first.output().split("\n").slice(0, 2).join("\n"));
  const older = runBootstrap(["functions:keys", "--rotate", file]);
  expect(await older.exit).toBe(0);
  expect(older.output()).toMatch(
    /\nNOTIFICATION_SIGNING_KEY=[\w-]{43}\nVAPID_PUBLIC_KEY=[\w-]{87}\nVAPID_PRIVATE_KEY=/,
  );

  writeFileSync(file, "OTHER=1");
  const lacking = runBootstrap(["functions:keys", "--rotate", file]);
  expect(await lacking.exit).toBe(1);
  expect(lacking.output()).toBe(`✖ ${file} lacks SEALING_KEYS or CODE_INDEX_KEY\n`);
});

it.each([
  [["db:push"], {}, "✖ DATABASE_URL is not set: DATABASE_URL=postgresql://"],
  [["db:push"], { DATABASE_URL: "nonsense" }, "✖ DATABASE_URL is no address"],
  [["db:reset"], { DATABASE_URL: "postgresql://nobody@127.0.0.1:1/x" }, "✖ this empties the database 127.0.0.1:1/x"],
  [
    ["start", "--postgres", "--port", "0"],
    { DATABASE_URL: "postgresql://nobody@127.0.0.1:1/x" },
    "✖ nothing listens at 127.0.0.1:1/x",
  ],
])("%s says in one line what is wrong", async (args, env, line) => {
  const command = runBootstrap(
    [...args, ...(args[0] === "start" ? ["--data-dir", temporaryDirectory(), "--quiet"] : [])],
    env,
  );
  expect(await command.exit).toBe(1);
  expect(command.output().startsWith(line)).toBe(true);
  expect(command.output().trim().split("\n")).toHaveLength(1);
});

describe.each(databases)("npm start on the %s database", (database) => {
  const start = () => {
    const dataDir = temporaryDirectory();
    const flags = ["--data-dir", dataDir, "--port", "0", ...(database === "cluster" ? ["--postgres"] : [])];
    return { dataDir, command: runBootstrap(["start", ...flags]) };
  };

  it("prints what one needs, and stops everything on Ctrl-C", async () => {
    const { dataDir, command } = start();
    const [, url] = await command.waitFor(/API URL\s+(\S+)[\s\S]*Ready/);
    for (const label of [
      "Publishable key  sb_publishable_",
      "Secret key       sb_secret_",
      "Database         postgresql://postgres:",
      "Studio           http://",
      "Demo partner     nhp_",
    ]) {
      expect(command.output()).toContain(label);
    }
    expect(command.output()).toContain("anna@example.test, ben@example.test, carla@example.test");
    expect((await fetch(`${url}/functions/v1/health`)).status).toBe(200); // starts a Deno process

    const started = descendantsOf(command.process.pid ?? 0);
    const server = join(dataDir, "cluster/data/postmaster.pid");
    if (database === "cluster") started.push(Number(readFileSync(server, "utf8").split("\n", 1)[0]));
    expect(started.length).toBeGreaterThanOrEqual(2);

    command.process.kill("SIGINT");
    expect(await command.exit).toBe(0);
    // An ended server stays in the process table until its adoptive parent has noticed.
    await expect.poll(() => started.filter(isAlive), { timeout: 30_000 }).toEqual([]);
    expect(existsSync(join(dataDir, "stack.lock"))).toBe(false);
    expect(existsSync(server)).toBe(false);
  });

  it("stops everything when the process before it is killed", async () => {
    const { command } = start();
    const [, url] = await command.waitFor(/API URL\s+(\S+)[\s\S]*Ready/);
    await fetch(`${url}/functions/v1/health`);
    const started = descendantsOf(command.process.pid ?? 0);
    command.process.kill("SIGKILL");
    await expect.poll(() => started.filter(isAlive), { timeout: 30_000 }).toEqual([]);
  });
});

it("stops everything when npm's shell is killed", async () => {
  const bootstrap = join(paths.root, "dev/bootstrap.mjs");
  const flags = `--data-dir ${temporaryDirectory()} --port 0 --no-studio`;
  const shell = runProcess("sh", ["-c", `"${process.execPath}" "${bootstrap}" start ${flags}; true`], {
    npm_lifecycle_event: "start",
  });
  await shell.waitFor(/Ready/);
  const started = descendantsOf(shell.process.pid ?? 0);
  expect(started.length).toBeGreaterThanOrEqual(2);
  shell.process.kill("SIGKILL");
  await expect.poll(() => started.filter(isAlive), { timeout: 30_000 }).toEqual([]);
});
