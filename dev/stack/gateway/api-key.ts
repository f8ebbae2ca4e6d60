import type { StackKeys } from "../keys.ts";
import { json } from "./json.ts";
import type { Tokens } from "./tokens.ts";

/**
 * Checks a request's API key and bearer token before any server sees it, with the answers of a real project.
 *
 * A bearer token that is only the API key again (supabase-js sends it when nobody is signed in) is taken out: the
 * key alone decides then. Any other bearer token must be a valid access token; nothing falls back to anonymous.
 *
 * @returns the request to pass on, with the token as the servers read it, or the refusal.
 */
export async function authenticate(request: Request, keys: StackKeys, tokens: Tokens): Promise<Request | Response> {
  const apiKey = request.headers.get("apikey") ?? new URL(request.url).searchParams.get("apikey");
  if (apiKey === null || apiKey === "") {
    return json(401, {
      message: "No API key found in request",
      hint: "No `apikey` request header or url param was found.",
    });
  }
  if (apiKey !== keys.publishableKey && apiKey !== keys.secretKey) {
    return json(401, { message: "Invalid API key", hint: "Double check your Supabase publishable or secret API key." });
  }

  const authorization = request.headers.get("authorization");
  if (authorization === null) return request;
  const token = authorization.replace(/^bearer\s+/i, "");
  if (token === apiKey) return withoutAuthorization(request);
  const checked = await tokens.check(token);
  if ("refusal" in checked) return json(401, { ...checked.refusal, details: null, hint: null });
  return withAuthorization(request, `Bearer ${checked.inner}`);
}

/**
 * Takes out a bearer token that is signed for something else than this API: most functions look at their callers
 * themselves, and must not take it for a member's. What is no such token may mean something to them.
 */
export async function withoutForeignToken(request: Request, tokens: Tokens): Promise<Request> {
  const token = request.headers.get("authorization")?.replace(/^bearer\s+/i, "");
  return token !== undefined && (await tokens.isForeign(token)) ? withoutAuthorization(request) : request;
}

function withoutAuthorization(request: Request): Request {
  return withAuthorization(request, undefined);
}

function withAuthorization(request: Request, value: string | undefined): Request {
  const headers = new Headers(request.headers);
  if (value === undefined) headers.delete("authorization");
  else headers.set("authorization", value);
  return new Request(request, { headers });
}
