import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { paths } from "../../dev/stack/paths.ts";
import { type Stack, startStack } from "../../dev/stack/start-stack.ts";
import { clientOf, request, signUp, startFixtureStack } from "./support/fixture-stack.ts";
import { temporaryDirectory } from "./support/temporary-directory.ts";

let stack: Stack;
const log: string[] = [];
beforeAll(async () => {
  stack = await startFixtureStack({ functions: true, log: (line) => log.push(line) });
});
afterAll(() => stack.stop());

it("passes on method, path, query and body, and gives the environment of a hosted project", async () => {
  const { client } = await signUp(stack);
  const { data } = await client.functions.invoke("echo/sub?x=1", { body: "text" });
  expect(data).toMatchObject({ method: "POST", path: "/echo/sub?x=1", body: "text" });
  expect(data.variables).toEqual([
    "SUPABASE_ANON_KEY",
    "SUPABASE_FUNCTION_SLUG",
    "SUPABASE_JWKS",
    "SUPABASE_PUBLISHABLE_KEYS",
    "SUPABASE_SECRET_KEYS",
    "SUPABASE_SERVICE_ROLE_KEY",
    "SUPABASE_URL",
  ]);
});

it("gives a function no right to read other files or to start programs", async () => {
  const { client } = await signUp(stack);
  const { data } = await client.functions.invoke("echo");
  expect(data).toMatchObject({ readingFiles: "NotCapable", running: "NotCapable" });
});

it("asks for a valid access token unless config.toml says otherwise", async () => {
  const missing = await fetch(`${stack.url}/functions/v1/echo`);
  expect([missing.status, await missing.json()]).toEqual([401, { code: 401, message: "Missing authorization header" }]);
  const invalid = await request(stack, "/functions/v1/echo", { headers: { authorization: "Bearer a.b.c" } });
  expect([invalid.status, invalid.body]).toEqual([401, { code: 401, message: "Invalid JWT" }]);
});

it("starts a function again after it has crashed", async () => {
  const { client } = await signUp(stack);
  expect((await client.functions.invoke("echo/crash")).error).not.toBeNull();
  expect((await client.functions.invoke("echo")).data).toMatchObject({ path: "/echo" });
});

it("answers 503 when a function cannot start, and logs why", async () => {
  const { client } = await signUp(stack);
  const { error } = await client.functions.invoke("broken");
  expect(error.context.status).toBe(503);
  expect(await error.context.json()).toMatchObject({ code: "BOOT_ERROR" });
  expect(log.join("\n")).toContain("cannot start");
});

it("answers 404 for a function that does not exist", async () => {
  const { error } = await clientOf(stack).functions.invoke("nothing");
  expect(error.context.status).toBe(404);
});

it("health tells whether the product's database answers", async () => {
  const product = await startStack({
    dataDir: "memory",
    port: 0,
    seed: false,
    jobs: false,
    studio: false,
    functionsRoot: paths.functions,
  });
  try {
    const healthy = await fetch(`${product.url}/functions/v1/health`);
    expect(healthy.status).toBe(200);
    expect(await healthy.json()).toEqual({
      status: "ok",
      version: (await clientOf(product).rpc("get_api_version")).data,
      database: { reachable: true, latencyMs: expect.any(Number) },
      time: expect.any(String),
    });

    expect((await fetch(`${product.url}/functions/v1/health`, { method: "POST" })).status).toBe(405);

    await product.database.close();
    const ill = await fetch(`${product.url}/functions/v1/health`);
    expect(ill.status).toBe(503);
    expect(await ill.json()).toMatchObject({ status: "unavailable", database: { reachable: false } });
  } finally {
    await product.stop();
  }
});

it("restarts a function when its source changes", async () => {
  const functionsRoot = temporaryDirectory();
  mkdirSync(join(functionsRoot, "health")); // the one name that config.toml lets everybody call
  const write = (text: string) =>
    writeFileSync(join(functionsRoot, "health/index.ts"), `export default { fetch: () => new Response("${text}") };`);
  write("before");
  const changing = await startFixtureStack({ functions: true, functionsRoot });
  const answer = async () => (await fetch(`${changing.url}/functions/v1/health`)).text();
  expect(await answer()).toBe("before");
  write("after");
  await expect.poll(answer).toBe("after");
  await changing.stop();
});
