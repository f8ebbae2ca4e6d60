import { cpSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { paths } from "../../dev/base/paths.ts";
import { createFunction } from "../../dev/commands/create-function.ts";
import type { Stack } from "../../dev/stack/start-stack.ts";
import { functionSaying, Project } from "./support/project.ts";

const GREET = "supabase/functions/greet/index.ts";

let project: Project;
let stack: Stack;
beforeAll(async () => {
  project = await Project.create({ lasting: true });
  stack = await project.start({ functions: true, dataDir: "memory" });
});
afterAll(async () => {
  await stack.stop();
  project.remove();
});

const call = (name: string): Promise<Response> => fetch(`${stack.url}/functions/v1/${name}`);
const answer = async (name: string): Promise<string> => (await call(name)).text();

it("starts a changed function again, however an editor writes it, and not for its tests", async () => {
  expect(await answer("greet")).toBe("hello");
  for (const [word, write] of [
    ["in place", project.write],
    ["replaced", project.replace],
    ["replaced again", project.replace],
    ["aside", project.moveAsideAndWrite],
    ["in place again", project.write],
  ] as const) {
    write.call(project, GREET, functionSaying(`"${word}"`));
    expect(await project.hears(/greet/)).toMatch(/^✔ functions\/greet started again \(\d+\.\d s\)$/);
    expect(await answer("greet")).toBe(word);
  }
  project.write("supabase/functions/greet/handler.test.ts", "// nothing");
  project.write("supabase/functions/greet/.index.ts.swp", "nothing");
  project.replace(GREET, functionSaying('"last"'));
  await project.hears(/greet started/);
  expect(await answer("greet")).toBe("last");
  expect(project.lines).toEqual([]);
});

it("starts it again for a changed file that it shares with others, and ends with the last of two saves", async () => {
  project.write(GREET, functionSaying("word", 'import { word } from "../_shared/word.ts";'));
  await project.hears(/greet started/);
  project.replace("supabase/functions/_shared/word.ts", 'export const word = "one";\n');
  await new Promise((resolve) => setTimeout(resolve, 100));
  project.replace("supabase/functions/_shared/word.ts", 'export const word = "two";\n');
  await expect.poll(() => answer("greet"), { timeout: 20_000 }).toBe("two");
  await project.hears(/greet started/);
});

it("lets a request under way end with its answer", async () => {
  const SLOW = "supabase/functions/slow/index.ts";
  const config = readFileSync(join(project.supabase, "config.toml"), "utf8");
  project.write("supabase/config.toml", `${config}\n[functions.slow]\nverify_jwt = false\n`);
  project.write(
    SLOW,
    `export default { fetch: async () => {
      console.log("asked");
      await new Promise((resolve) => setTimeout(resolve, 2000));
      return new Response("old");
    } };\n`,
  );
  await project.hears(/slow is new/);
  const slow = answer("slow");
  await project.hears(/asked/);
  project.replace(SLOW, functionSaying('"new"'));
  await expect.poll(() => answer("slow"), { timeout: 20_000 }).toBe("new");
  await project.hears(/slow started/);
  expect(await slow).toBe("old");
});

it("says in one line why a function does not start, answers 503 meanwhile, and recovers", async () => {
  project.lines.length = 0;
  project.replace(GREET, "export default { fetch: () => new Response( };\n");
  expect(await project.hears(/greet/)).toMatch(
    /^✖ function greet ended while it started: .*functions\/greet\/index\.ts:1:\d+/,
  );
  expect((await call("greet")).status).toBe(503);
  expect((await call("greet")).status).toBe(503);
  expect(project.lines).toEqual([]);

  // neither does what never starts keep the mended one waiting
  project.replace(GREET, "await new Promise(() => {}); export {};\nsetInterval(() => {}, 1000);\n");
  await new Promise((resolve) => setTimeout(resolve, 1000));
  project.replace(GREET, functionSaying('"mended"'));
  await project.hears(/greet started/);
  expect(await answer("greet")).toBe("mended");
});

it("answers for a new function as its entry in config.toml says, and 404 once it is removed", async () => {
  expect((await call("hello")).status).toBe(404);
  cpSync(join(paths.functions, "_shared"), join(project.supabase, "functions/_shared"), { recursive: true });
  cpSync(join(paths.root, "src/client/database.types.ts"), join(project.root, "src/client/database.types.ts"));
  createFunction("hello", "none", project.root);
  await project.hears(/✔ functions\/hello is new/);
  expect((await call("hello")).status).toBe(405);
  expect(stack.functionNames).toContain("hello");

  const config = join(project.supabase, "config.toml");
  project.replace(
    "supabase/config.toml",
    readFileSync(config, "utf8").replaceAll("verify_jwt = false", "verify_jwt = true"),
  );
  await expect.poll(async () => (await call("hello")).status).toBe(401);

  rmSync(join(project.supabase, "functions/hello"), { recursive: true });
  await project.hears(/✔ functions\/hello is gone/);
  expect(stack.functionNames).not.toContain("hello");
  expect((await call("hello")).status).toBe(404);
});

it("stops in the middle of starting a function again", async () => {
  const other = await Project.create();
  const its = await other.start({ functions: true, dataDir: "memory" });
  onTestFinished(() => its.stop());
  other.replace(GREET, functionSaying('"changed"'));
  await new Promise((resolve) => setTimeout(resolve, 120));
  const began = Date.now();
  await its.stop();
  expect(Date.now() - began).toBeLessThan(10_000);
  expect(other.lines.filter((line) => line.startsWith("✖"))).toEqual([]);
});
