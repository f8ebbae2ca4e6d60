import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import nodemailer from "nodemailer";
import { afterAll, beforeAll, expect, it } from "vitest";
import { paths } from "../../dev/base/paths.ts";
import { listFunctions } from "../../dev/stack/functions/catalogue.ts";
import { FunctionWorker } from "../../dev/stack/functions/worker.ts";
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
    "SUPABASE_DB_URL",
    "SUPABASE_FUNCTION_SLUG",
    "SUPABASE_JWKS",
    "SUPABASE_PUBLISHABLE_KEYS",
    "SUPABASE_SECRET_KEYS",
    "SUPABASE_SERVICE_ROLE_KEY",
    "SUPABASE_URL",
  ]);
});

it("gives functions the stack's keys, and what the start adds or replaces", async () => {
  const url = "http://127.0.0.1:1";
  const changed = await startFixtureStack({
    functions: true,
    functionEnvironment: { SUPABASE_URL: url, EXTRA: "more" },
  });
  const { client } = await signUp(changed);
  const { data } = await client.functions.invoke("echo/environment");
  expect(data).toMatchObject({
    SEALING_KEYS: changed.sealingKeys,
    CODE_INDEX_KEY: changed.codeIndexKey,
    OUTBOUND_LOOPBACK: "allow",
    VAPID_PUBLIC_KEY: changed.vapidPublicKey,
    SMTP_HOST: "127.0.0.1",
    SMTP_PORT: String(changed.mailbox.port),
    APP_URL: "http://127.0.0.1:3000",
    SUPABASE_URL: url,
    EXTRA: "more",
  });
  await changed.stop();
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
  expect((await client.functions.invoke("echo/crash")).error.context.status).toBe(500);
  expect(await client.functions.invoke("echo")).toMatchObject({ error: null, data: { path: "/echo" } });
});

it("kills a function in the middle of a request, and starts it again with the next one", async () => {
  const { client } = await signUp(stack);
  const hanging = client.functions.invoke("echo/hang");
  await expect.poll(() => log.join("\n")).toContain("[echo] hanging");
  expect(await stack.killFunction("echo")).toBe(true);
  const { error } = await hanging;
  expect(error.context.status).toBe(500);
  expect(await error.context.json()).toMatchObject({ code: "WORKER_ERROR" });
  expect(await stack.killFunction("echo")).toBe(false);
  expect(await stack.killFunction("nothing")).toBe(false);
  expect((await client.functions.invoke("echo")).data).toMatchObject({ path: "/echo" });
});

it("passes on the refusal of a body that the function does not read", async () => {
  const { accessToken } = await signUp(stack);
  const { status } = await request(stack, "/functions/v1/echo/refuse", {
    method: "POST",
    body: "x".repeat(8 * 1024 * 1024),
    headers: { authorization: `Bearer ${accessToken}` },
  });
  expect(status).toBe(413);
  expect((await request(stack, "/auth/v1/health")).status).toBe(200);
});

it("answers 503 when a function cannot start, and logs why", async () => {
  const { client } = await signUp(stack);
  const { error } = await client.functions.invoke("broken");
  expect(error.context.status).toBe(503);
  expect(await error.context.json()).toMatchObject({ code: "BOOT_ERROR" });
  expect(log.join("\n")).toContain("cannot start");
});

it("serves a function on a port where there are no Unix sockets, with no right to write", async () => {
  const functionsRoot = join(import.meta.dirname, "fixtures/functions");
  const source = listFunctions(functionsRoot).find(({ name }) => name === "echo");
  if (source === undefined) throw new Error("the fixture is gone");
  const socketDirectory = temporaryDirectory();
  const worker = new FunctionWorker({
    source,
    functionsRoot,
    socketDirectory,
    platform: "win32",
    environment: {},
    log: (line) => log.push(line),
  });
  try {
    await worker.ready;
    expect(await worker.canServe()).toBe(true);
    const answer = await worker.fetch(new Request("http://x.test", { method: "POST", body: "text" }), "/echo/sub?x=1");
    expect(await answer.json()).toMatchObject({ path: "/echo/sub?x=1", body: "text", readingFiles: "NotCapable" });
    expect(readdirSync(socketDirectory)).toEqual([]);
    expect(await worker.kill()).toBe(true);
    expect(await worker.canServe()).toBe(false);
  } finally {
    await worker.stop();
  }
});

it("answers 404 for a function that does not exist", async () => {
  const { error } = await clientOf(stack).functions.invoke("nothing");
  expect(error.context.status).toBe(404);
});

it("health and metrics tell whether the product is well, each whom it may", async () => {
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
      database: { reachable: true, latency_ms: expect.any(Number) },
      time: expect.any(String),
    });

    expect((await fetch(`${product.url}/functions/v1/health`, { method: "POST" })).status).toBe(405);
    expect((await fetch(`${product.url}/functions/v1/health/live`)).status).toBe(200);

    const ready = async () => {
      const response = await fetch(`${product.url}/functions/v1/health/ready`);
      const { parts } = (await response.json()) as { parts: Record<string, boolean> };
      return [response.status, ...Object.keys(parts).filter((part) => !parts[part])];
    };
    expect(await ready()).toEqual([503, "jobs"]);
    await product.sql("select ops.run_due_jobs()");
    expect(await ready()).toEqual([200]);
    const movedBy = (years: number) =>
      product.database.admin.script(
        `update supabase_migrations.schema_migrations set version = (version::bigint + ${years}0000000000)::text`,
      );
    await movedBy(1);
    expect(await ready()).toEqual([200]);
    await movedBy(-2);
    expect(await ready()).toEqual([503, "migrations"]);

    const { accessToken } = await signUp(product);
    const scrape = async (headers: Record<string, string>) => {
      const response = await fetch(`${product.url}/functions/v1/metrics`, { headers });
      return { status: response.status, body: await response.text() };
    };
    for (const key of [{ apikey: product.secretKey }, { authorization: `Bearer ${product.secretKey}` }]) {
      expect(await scrape(key)).toMatchObject({ status: 200, body: expect.stringContaining("\nneighbourhood_info{") });
    }
    for (const key of [
      {},
      { apikey: product.publishableKey },
      { apikey: product.publishableKey, authorization: `Bearer ${accessToken}` },
    ] as Record<string, string>[]) {
      const { status, body } = await scrape(key);
      expect(status).toBe(403);
      expect(body).not.toContain("neighbourhood_");
    }

    await product.database.close();
    const ill = await fetch(`${product.url}/functions/v1/health`);
    expect(ill.status).toBe(503);
    expect(await ill.json()).toMatchObject({ status: "unavailable", database: { reachable: false } });
    expect(await ready()).toEqual([503, "database", "migrations", "jobs", "outbox"]);
    expect((await fetch(`${product.url}/functions/v1/health/live`)).status).toBe(200);
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

it("shows the e-mails that the functions send, newest first, as text", async () => {
  const page = async () => (await fetch(`${stack.url}/mailbox`)).text();
  expect(await page()).toContain("No e-mail was sent yet.");
  const transport = nodemailer.createTransport({ host: "127.0.0.1", port: stack.mailbox.port, ignoreTLS: true });
  for (const subject of ["Grüße <1>", "Grüße <2>"]) {
    await transport.sendMail({
      from: "stack@example.org",
      to: "kim@example.org",
      subject,
      text: "<b>Hallo</b>\nhttps://app.example.org/tasks/1?a=1&b=2",
    });
  }

  expect(stack.mailbox.mails.map(({ headers, to }) => [headers.get("subject"), to])).toEqual([
    ["Grüße <2>", ["kim@example.org"]],
    ["Grüße <1>", ["kim@example.org"]],
  ]);
  const html = await page();
  expect(html.indexOf("Grüße &#60;2&#62;")).toBeLessThan(html.indexOf("Grüße &#60;1&#62;"));
  expect(html).toContain("&#60;b&#62;Hallo");
  expect(html).toContain('<a href="https://app.example.org/tasks/1?a=1&#38;b=2">');
});
