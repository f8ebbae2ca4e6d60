import { request } from "node:http";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Stack } from "../../dev/stack/start-stack.ts";
import { startFixtureStack } from "./support/fixture-stack.ts";

let stack: Stack;
let studio: string;
beforeAll(async () => {
  stack = await startFixtureStack({ studio: true, studioPort: 0 });
  studio = stack.studioUrl ?? "";
  await stack.sql("insert into public.notes (author_id, text) values (gen_random_uuid(), 'seen by admins')");
});
afterAll(() => stack.stop());

/** fetch() would not send a Host header of our choice. */
function statusWith(headers: Record<string, string>): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    request(`${studio}/rest/v1/notes?select=text`, { headers }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .once("error", reject)
      .end();
  });
}

it("shows its page and every row, without a key", async () => {
  const page = await fetch(studio);
  expect(page.status).toBe(200);
  const script = /src="(\/static\/[^"]+)"/.exec(await page.text())?.[1];
  expect((await fetch(`${studio}${script}`)).status).toBe(200);
  const rows = await fetch(`${studio}/rest/v1/notes?select=text`);
  expect(await rows.json()).toEqual([{ text: "seen by admins" }]);
  expect(rows.headers.get("access-control-allow-origin")).toBeNull();
});

it("refuses foreign host names and foreign pages", async () => {
  const { port } = new URL(studio);
  expect(await statusWith({ host: "evil.example.test" })).toBe(403);
  expect(await statusWith({ host: `evil.example.test:${port}` })).toBe(403);
  expect(await statusWith({ origin: "https://evil.example.test" })).toBe(403);
  expect(await statusWith({ origin: "null" })).toBe(403);
  expect(await statusWith({ "sec-fetch-site": "cross-site" })).toBe(403);
  expect(await statusWith({ host: `localhost:${port}`, origin: `http://localhost:${port}` })).toBe(200);
});

it.each(["POST", "PATCH", "PUT", "DELETE"])("refuses %s, whatever it is about", async (method) => {
  for (const path of [
    "/rest/v1/notes?id=eq.1",
    "/rest/v1/rpc/write_note",
    "/auth/v1/admin/users",
    "/storage/v1/bucket",
  ]) {
    const answer = await fetch(`${studio}${path}`, { method, ...(method !== "DELETE" && { body: "{}" }) });
    expect(answer.status).toBe(403);
    expect(await answer.json()).toMatchObject({
      code: "studio_only_reads",
      message: expect.stringContaining("npm run sql"),
    });
  }
});

it("refuses to write what a GET would write", async () => {
  const answer = await fetch(`${studio}/rest/v1/rpc/write_note`);
  expect(answer.ok).toBe(false);
  expect((await fetch(`${studio}/auth/v1/verify?token=1&type=signup`)).status).toBe(404);
  expect(await stack.sql("select text from public.notes")).toEqual([{ text: "seen by admins" }]);
});
