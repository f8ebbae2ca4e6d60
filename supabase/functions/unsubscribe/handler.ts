/**
 * Ends e-mails for whoever holds the link in one. A POST does it at once, as mail programs expect (RFC 8058); a GET only
 * shows a page with a button, because programs that check e-mails for danger open every link in them.
 *
 * @module
 */
import { Hono } from "hono";
import type { Database } from "../_shared/database.ts";
import type { Log } from "../_shared/log.ts";
import { Problem } from "../_shared/problem.ts";
import { type Handler, type ShellEnv, serve } from "../_shared/serve.ts";
import type { UnsubscribeTarget, UnsubscribeTokens } from "../_shared/unsubscribe-tokens.ts";
import { askPage, donePage, invalidPage, languageOf } from "./page.ts";

/** What the handler needs from outside. */
export interface UnsubscribeDependencies {
  database: Database;
  tokens: Pick<UnsubscribeTokens, "read">;
  log: Log;
}

/** Body of the answer to a POST: what was switched off. */
export interface UnsubscribeAnswer {
  channel: "email";
  /** Null: the whole channel. */
  type: string | null;
}

const PAGE_HEADERS: Readonly<Record<string, string>> = {
  "content-type": "text/html; charset=utf-8",
  "content-security-policy":
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-robots-tag": "noindex",
};

/** Makes the handler of `/functions/v1/unsubscribe?token=…`. */
export function createHandler(dependencies: UnsubscribeDependencies): Handler {
  const routes = new Hono<ShellEnv>()
    .get("/", ({ req }) => showPage(req.raw, dependencies))
    .post("/", ({ req }) => unsubscribe(req.raw, dependencies));
  return serve("unsubscribe", routes, { log: dependencies.log });
}

async function showPage(request: Request, { tokens }: UnsubscribeDependencies): Promise<Response> {
  const language = languageOf(request.headers.get("accept-language"));
  const target = await targetOf(request, tokens);
  return target === undefined ? page(404, invalidPage(language)) : page(200, askPage(language, target.type));
}

/** The body, `List-Unsubscribe=One-Click`, says nothing that the token does not. */
async function unsubscribe(request: Request, { database, tokens, log }: UnsubscribeDependencies): Promise<Response> {
  await request.body?.cancel();
  const wantsPage = request.headers.get("accept")?.includes("text/html") ?? false;
  const language = languageOf(request.headers.get("accept-language"));
  const target = await targetOf(request, tokens);
  if (target === undefined) {
    if (wantsPage) return page(404, invalidPage(language));
    throw new Problem("unsubscribe_link_invalid");
  }
  const { userId, channel, type } = target;
  await database.call("unsubscribe_notifications", { user_id: userId, channel, type });
  log("info", "unsubscribed", { channel, type });
  if (wantsPage) return page(200, donePage(language, type));
  return Response.json({ channel, type } satisfies UnsubscribeAnswer);
}

async function targetOf(
  request: Request,
  tokens: Pick<UnsubscribeTokens, "read">,
): Promise<UnsubscribeTarget | undefined> {
  const token = new URL(request.url).searchParams.get("token");
  return token === null ? undefined : tokens.read(token);
}

function page(status: number, html: string): Response {
  return new Response(html, { status, headers: PAGE_HEADERS });
}
