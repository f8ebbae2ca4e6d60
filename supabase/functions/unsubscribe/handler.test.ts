import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { Buffer } from "node:buffer";
import { DatabaseUnavailable } from "../_shared/database.ts";
import { fakeDatabase } from "../_shared/testing.ts";
import { createUnsubscribeTokens, type UnsubscribeTarget } from "../_shared/unsubscribe-tokens.ts";
import { createHandler } from "./handler.ts";

const ADDRESS = "http://localhost/unsubscribe";
const TARGET: UnsubscribeTarget = { userId: "9b0c1d2e-0000-4000-8000-00000000000a", channel: "email", type: null };
const tokens = await createUnsubscribeTokens(() => Buffer.alloc(32, 7).toString("base64url"));
const linkTo = async (target: UnsubscribeTarget) => `${ADDRESS}?token=${await tokens.sign(target)}`;
/** What Gmail and others send. */
const ONE_CLICK = {
  method: "POST",
  headers: { "content-type": "application/x-www-form-urlencoded" },
  body: "List-Unsubscribe=One-Click",
};
const BROWSER = { accept: "text/html,application/xhtml+xml", "accept-language": "en-GB,en;q=0.8,de;q=0.5" };

function handlerWith(call: () => Promise<unknown> = async () => null) {
  const { database, calls } = fakeDatabase({ unsubscribe_notifications: call });
  const lines: string[] = [];
  const handler = createHandler({
    database,
    tokens,
    log: (level, text, fields) => lines.push(JSON.stringify({ level, text, ...fields })),
  });
  return { handler, calls, lines };
}

Deno.test("a mail program's one click unsubscribes at once, from everything or from one type", async () => {
  for (const type of [null, "offer_received"]) {
    const { handler, calls, lines } = handlerWith();
    const response = await handler(new Request(await linkTo({ ...TARGET, type }), ONE_CLICK));
    strictEqual(response.status, 200);
    deepStrictEqual(await response.json(), { channel: "email", type });
    const args = { user_id: TARGET.userId, channel: "email", type };
    deepStrictEqual(calls, [{ command: "unsubscribe_notifications", args }]);
    ok(!lines.join("").includes(TARGET.userId));
  }
});

Deno.test("opening the link only shows a page with a button, in the reader's language", async () => {
  for (const [headers, language, text] of [
    [BROWSER, "en", "no more e-mails from us"],
    [{ "accept-language": "fr, de;q=0.5" }, "de", "keine E-Mails mehr"],
    [{}, "de", "keine E-Mails mehr"],
  ] as const) {
    const { handler, calls } = handlerWith();
    const response = await handler(new Request(await linkTo(TARGET), { headers }));
    strictEqual(response.status, 200);
    match(response.headers.get("content-type") ?? "", /^text\/html/u);
    match(response.headers.get("content-security-policy") ?? "", /default-src 'none'/u);
    strictEqual(response.headers.get("referrer-policy"), "no-referrer");
    const html = await response.text();
    ok(html.includes(`<html lang="${language}">`));
    ok(html.includes(text));
    ok(html.includes('<form method="post">'));
    deepStrictEqual(calls, []);
  }
});

Deno.test("the page's button unsubscribes and says so on a page", async () => {
  const { handler, calls } = handlerWith();
  const response = await handler(
    new Request(await linkTo({ ...TARGET, type: "task_started" }), {
      ...ONE_CLICK,
      headers: { ...ONE_CLICK.headers, ...BROWSER },
    }),
  );
  strictEqual(response.status, 200);
  ok((await response.text()).includes("any more e-mails like this"));
  strictEqual(calls.length, 1);
});

Deno.test("a link that we did not write does nothing, for programs and for people", async () => {
  const token = await tokens.sign(TARGET);
  for (const query of ["", "?token=", "?token=x.y", `?token=${token.slice(0, -2)}`, `?token=${token}${token}`]) {
    const { handler, calls } = handlerWith();
    const posted = await handler(new Request(`${ADDRESS}${query}`, ONE_CLICK));
    strictEqual(posted.status, 404, query);
    strictEqual((await posted.json()).code, "unsubscribe_link_invalid");
    const shown = await handler(new Request(`${ADDRESS}${query}`, { headers: BROWSER }));
    strictEqual(shown.status, 404);
    ok(!(await shown.text()).includes("<form"));
    const clicked = await handler(new Request(`${ADDRESS}${query}`, { ...ONE_CLICK, headers: BROWSER }));
    strictEqual(clicked.status, 404);
    match(clicked.headers.get("content-type") ?? "", /^text\/html/u);
    deepStrictEqual(calls, []);
  }
});

Deno.test("when the database is away the mail program is told to come back", async () => {
  const { handler } = handlerWith(() => Promise.reject(new DatabaseUnavailable("no answer")));
  const response = await handler(new Request(await linkTo(TARGET), ONE_CLICK));
  strictEqual(response.status, 503);
  strictEqual((await response.json()).code, "service_unavailable");
});

Deno.test("other methods are 405, a preflight is answered", async () => {
  const { handler } = handlerWith();
  const response = await handler(new Request(ADDRESS, { method: "DELETE" }));
  strictEqual(response.status, 405);
  strictEqual(response.headers.get("allow"), "GET, HEAD, POST");
  strictEqual((await handler(new Request(ADDRESS, { method: "OPTIONS" }))).status, 204);
});
