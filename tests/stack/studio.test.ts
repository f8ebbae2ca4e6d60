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
