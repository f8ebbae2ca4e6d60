import { deepStrictEqual, match, rejects, strictEqual } from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createUnsubscribeTokens, type UnsubscribeTarget } from "./unsubscribe-tokens.ts";

const key = (letter: string) => Buffer.from(letter.repeat(32)).toString("base64url");
const tokensWith = (variable: string | undefined) =>
  createUnsubscribeTokens((name) => (name === "NOTIFICATION_SIGNING_KEY" ? variable : undefined));
const TARGET: UnsubscribeTarget = {
  userId: "9b0c1d2e-0000-4000-8000-00000000000a",
  channel: "email",
  type: "offer_received",
};

Deno.test("what was signed is read, for one type and for the whole channel", async () => {
  const tokens = await tokensWith(key("a"));
  for (const target of [TARGET, { ...TARGET, type: null }]) {
    const token = await tokens.sign(target);
    match(token, /^[A-Za-z0-9_.-]+$/u);
    deepStrictEqual(await tokens.read(token), target);
  }
});

Deno.test("a token of another key, a changed one and garbage are nothing", async () => {
  const tokens = await tokensWith(key("a"));
  const token = await tokens.sign(TARGET);
  const [payload = "", signature = ""] = token.split(".");
  const other = Buffer.from(JSON.stringify({ ...TARGET, userId: TARGET.userId.replace("a", "b") })).toString(
    "base64url",
  );
  const foreign = await (await tokensWith(key("b"))).sign(TARGET);
  for (const wrong of [
    foreign,
    `${other}.${signature}`,
    `${payload}.${signature.slice(0, -1)}${signature.endsWith("A") ? "E" : "A"}`,
    `${payload}.`,
    payload,
    "",
    ".",
    `${token}.x`,
    `${"a".repeat(10_000)}.${signature}`,
    "ä\u0000",
  ]) {
    strictEqual(await tokens.read(wrong), undefined, wrong.slice(0, 80));
  }
});

Deno.test("a signature for something else with the same key does not count", async () => {
  const secret = await crypto.subtle.importKey(
    "raw",
    new TextEncoder().encode("a".repeat(32)),
    { name: "HMAC", hash: "SHA-256" },
    false,
    ["sign"],
  );
  const payload = Buffer.from(JSON.stringify(TARGET)).toString("base64url");
  const signature = await crypto.subtle.sign("HMAC", secret, new TextEncoder().encode(payload));
  const tokens = await tokensWith(key("a"));
  strictEqual(await tokens.read(`${payload}.${Buffer.from(signature).toString("base64url")}`), undefined);
});

Deno.test("while a key is replaced, both count and the first signs", async () => {
  const old = await tokensWith(key("a"));
  const both = await tokensWith(`${key("b")}, ${key("a")}`);
  deepStrictEqual(await both.read(await old.sign(TARGET)), TARGET);
  strictEqual(await old.read(await both.sign(TARGET)), undefined);
});

Deno.test("a missing or malformed key is told at the start", async () => {
  for (const variable of [undefined, "", "short", `${key("a")},`]) {
    await rejects(tokensWith(variable), /NOTIFICATION_SIGNING_KEY/u);
  }
});
