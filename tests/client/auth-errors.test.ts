import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import {
  AuthApiError,
  AuthImplicitGrantRedirectError,
  AuthRetryableFetchError,
  AuthSessionMissingError,
} from "@supabase/supabase-js";
import { describe, expect, test } from "vitest";
import { AUTH_ERROR_TEXTS } from "../../src/client/auth-errors.ts";
import { authErrorText } from "../../src/client/index.ts";

const authJs = dirname(createRequire(import.meta.url).resolve("@supabase/auth-js/package.json"));
const declared = readFileSync(join(authJs, "dist/module/lib/error-codes.d.ts"), "utf8");
const codes = [...declared.matchAll(/'([a-z_]+)'/gu)].map(([, code = ""]) => code);

test("every code that auth-js knows has a text, and no other", () => {
  expect(codes.length).toBeGreaterThan(80);
  expect(Object.keys(AUTH_ERROR_TEXTS).sort()).toEqual([...codes].sort());
});

test.each(codes)("%s reads well in both languages", (code) => {
  const error = new AuthApiError("not for people", 400, code);
  for (const locale of ["en", "de"] as const) {
    expect(authErrorText(error, locale)).toMatch(/^\p{Lu}.*\.$/u);
    expect(authErrorText(error, locale)).not.toContain(code);
  }
  expect(authErrorText(error, "de")).not.toMatch(/\b(?:Sie|Ihr|Ihre|Ihnen)\b/u);
  expect(authErrorText(error, "de")).not.toBe(authErrorText(error, "en"));
});

describe("what is no known code", () => {
  const failed = "Signing in doesn't work right now. Please try again in a few minutes.";

  test.each<[string, unknown, string]>([
    [
      "wrong password",
      new AuthApiError("Invalid login credentials", 400, "invalid_credentials"),
      "E-mail or password is wrong.",
    ],
    [
      "a link of an e-mail, used twice",
      new AuthImplicitGrantRedirectError("expired", { error: "access_denied", code: "otp_expired" }),
      "This link or code has expired or was used already. Please ask for a new one.",
    ],
    ["no network", new AuthRetryableFetchError("fetch failed", 0), "No connection. Please try again in a moment."],
    ["no session", new AuthSessionMissingError(), "Please sign in first."],
    [
      "too often",
      new AuthApiError("slow down", 429, undefined),
      "That was a bit often. Please wait a few minutes and try again.",
    ],
    ["a code of tomorrow", new AuthApiError("new", 400, "code_of_tomorrow"), failed],
    ["a name of every object", new AuthApiError("x", 400, "toString"), failed],
    ["another name of every object", { name: "constructor" }, failed],
    ["an error", new Error("x"), failed],
    ["a text", "invalid_credentials", failed],
    ["nothing", null, failed],
  ])("%s", (_, error, text) => {
    expect(authErrorText(error, "en")).toBe(text);
  });
});
