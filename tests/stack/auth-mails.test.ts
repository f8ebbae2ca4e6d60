import { createClient } from "@supabase/supabase-js";
import { decodeJwt, decodeProtectedHeader } from "jose";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import type { Stack } from "../../dev/stack/start-stack.ts";
import { clientOf, signUp, startFixtureStack } from "./support/fixture-stack.ts";

let stack: Stack;
beforeAll(async () => {
  stack = await startFixtureStack();
});
afterAll(() => stack.stop());
beforeEach(() => stack.mailbox.reset());

/** The link in the only mail, as the mailbox shows it. */
async function link(): Promise<URL> {
  const page = await (await fetch(`${stack.url}/mailbox`)).text();
  const [found, ...others] = [...page.matchAll(/<a href="([^"]+)"/g)].map(([, url = ""]) =>
    url.replaceAll("&#38;", "&"),
  );
  expect(others).toEqual([]);
  return new URL(found ?? "");
}

/** Where opening a link leads. */
async function opened(url: URL): Promise<URL> {
  const response = await fetch(url, { redirect: "manual" });
  expect(response.status).toBe(303);
  return new URL(response.headers.get("location") ?? "");
}

async function member() {
  const { client, id } = await signUp(stack);
  const { data } = await client.auth.getUser();
  return { id, email: data.user?.email ?? "" };
}

const DEV_SERVERS = ["http://localhost:3000/welcome", "http://localhost:5173", "http://127.0.0.1:8081/a/b?c=d"];

it.each(DEV_SERVERS)("a magic link signs in and leads back to %s", async (redirect) => {
  const { id, email } = await member();
  const { error } = await clientOf(stack).auth.signInWithOtp({ email, options: { emailRedirectTo: redirect } });
  expect(error).toBeNull();
  expect(stack.mailbox.mails).toMatchObject([{ to: [email] }]);

  const url = await link();
  expect(url.href.startsWith(`${stack.url}/auth/v1/verify?`)).toBe(true);
  expect(stack.mailbox.mails[0]?.html.replaceAll("&amp;", "&")).toContain(url.href);
  const target = await opened(url);
  expect(target.href.split("#")[0]?.replace(/\/$/, "")).toBe(redirect);

  const session = new URLSearchParams(target.hash.slice(1));
  const token = session.get("access_token") ?? "";
  expect(decodeProtectedHeader(token)).toMatchObject({ alg: "ES256" });
  expect(decodeJwt(token)).toMatchObject({ sub: id, aud: "authenticated", iss: `${stack.url}/auth/v1` });
  const api = createClient(stack.url, stack.publishableKey, { accessToken: async () => token });
  expect((await api.rpc("who_am_i")).data).toMatchObject({ id });
});

it("a link opens once", async () => {
  const { email } = await member();
  await clientOf(stack).auth.signInWithOtp({ email });
  const url = await link();
  await opened(url);
  expect((await opened(url)).hash).toContain("error=");
});

it("a forgotten password is set anew", async () => {
  const { id, email } = await member();
  const redirectTo = "http://localhost:5173/new-password";
  await clientOf(stack).auth.resetPasswordForEmail(email, { redirectTo });
  const target = await opened(await link());
  expect(`${target.origin}${target.pathname}`).toBe(redirectTo);
  const session = new URLSearchParams(target.hash.slice(1));
  expect(session.get("type")).toBe("recovery");

  const client = clientOf(stack);
  await client.auth.setSession({
    access_token: session.get("access_token") ?? "",
    refresh_token: session.get("refresh_token") ?? "",
  });
  expect((await client.auth.updateUser({ password: "another-long-password" })).error).toBeNull();
  const { data } = await clientOf(stack).auth.signInWithPassword({ email, password: "another-long-password" });
  expect(data.user?.id).toBe(id);
});

it("a code from the mail signs in, too", async () => {
  const { id, email } = await member();
  await clientOf(stack).auth.signInWithOtp({ email });
  const code = /\b\d{6}\b/.exec(stack.mailbox.mails[0]?.text ?? "")?.[0] ?? "";
  const { data, error } = await clientOf(stack).auth.verifyOtp({ email, token: code, type: "magiclink" });
  expect(error).toBeNull();
  expect(data.user?.id).toBe(id);
});

it.each(["https://evil.test/", "http://localhost:5173@evil.test/", "http://localhost:5173.evil.test/", "javascript:1"])(
  "no link leads to %s",
  async (redirect) => {
    const { email } = await member();
    await clientOf(stack).auth.signInWithOtp({ email, options: { emailRedirectTo: redirect } });
    expect((await opened(await link())).origin).toBe("http://127.0.0.1:3000");
  },
);

it("keeps the wishes of people apart who ask at the same time", async () => {
  const wishes = await Promise.all(
    DEV_SERVERS.map(async (redirect) => {
      const { email } = await member();
      await clientOf(stack).auth.signInWithOtp({ email, options: { emailRedirectTo: redirect } });
      return [email, redirect];
    }),
  );
  const got = stack.mailbox.mails.map(({ to, text }) => [
    to[0],
    new URL(/https?:\S+/.exec(text)?.[0] ?? "").searchParams.get("redirect_to"),
  ]);
  expect(got.toSorted()).toEqual(wishes.toSorted());
});

it("tells nobody whether an address has a login", async () => {
  const { error } = await clientOf(stack).auth.resetPasswordForEmail("nobody@example.test");
  expect(error).toBeNull();
  expect(stack.mailbox.mails).toEqual([]);
});
