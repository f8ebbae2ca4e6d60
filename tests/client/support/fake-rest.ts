import { createClient } from "@supabase/supabase-js";
import {
  createNeighbourhoodClient,
  type Database,
  type NeighbourhoodClient,
  type NeighbourhoodSupabase,
} from "../../../src/client/index.ts";

/** What a request looked like on the wire. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Headers;
  readonly body: unknown;
}

/** Answers a request, or throws what a fetch without a connection throws. */
export type Answer = (request: SeenRequest) => Response | Promise<Response>;

export const MY_ID = "11111111-1111-4111-8111-111111111111";

/** A JSON answer. */
export function json(body: unknown, status = 200): Response {
  return new Response(JSON.stringify(body), { status, headers: { "content-type": "application/json" } });
}

/** An error as the database raises it through PostgREST. */
export function raised(
  status: number,
  slug: string,
  details: string | null = null,
  hint: string | null = null,
): Response {
  return json({ code: `PT${status}`, message: slug, details, hint }, status);
}

/** An error as the edge functions word it. */
export function refused(status: number, slug: string, more: { detail?: string; hint?: string } = {}): Response {
  return json({ code: slug, message: `about ${slug}`, request_id: "request-1", ...more }, status);
}

/** What fetch does when there is no network. */
export function noConnection(): never {
  throw new TypeError("fetch failed", { cause: new Error("ECONNREFUSED") });
}

function session(): object {
  const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  const expiresAt = Math.floor(Date.now() / 1000) + 3600;
  const user = {
    id: MY_ID,
    aud: "authenticated",
    app_metadata: {},
    user_metadata: {},
    created_at: "2026-01-01T00:00:00Z",
  };
  return {
    access_token: `${encode({ alg: "none" })}.${encode({ sub: MY_ID, exp: expiresAt })}.x`,
    refresh_token: "refresh",
    token_type: "bearer",
    expires_in: 3600,
    expires_at: expiresAt,
    user,
  };
}

/** Fails when the signal ends, as fetch does while it waits for an answer. */
function endOf(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}

/** The arguments of a function that is called by GET, as a body would hold them. */
export function argumentsIn(url: URL): unknown {
  if (!url.pathname.startsWith("/rest/v1/rpc/")) return undefined;
  const isPlain = (text: string) => /^(-?\d+(\.\d+)?|true|false)$/u.test(text);
  return Object.fromEntries(
    [...url.searchParams].map(([name, text]) => [name, isPlain(text) ? JSON.parse(text) : text]),
  );
}

/** A real supabase-js client whose fetch ends here instead of in a network. */
export interface FakeRest {
  readonly supabase: NeighbourhoodSupabase;
  readonly client: NeighbourhoodClient;
  /** Requests to REST and to edge functions (`functions/v1/…`) so far; signing in is not among them. */
  readonly requests: SeenRequest[];
  /** For another supabase-js client that ends here, too. */
  readonly fetch: typeof fetch;
}

/** Starts a fake whose requests are answered by `answer`, in the order they come. */
export function fakeRest(answer: Answer): FakeRest {
  const requests: SeenRequest[] = [];
  const fetch = async (input: Request | URL | string, init?: RequestInit): Promise<Response> => {
    const request = new Request(input, init);
    const url = new URL(request.url);
    if (url.pathname.startsWith("/auth/v1/")) return json(session());
    const text = await request.text();
    const seen: SeenRequest = {
      method: request.method,
      path: url.pathname.replace(/^\/(?:rest\/v1\/)?/u, ""),
      query: url.searchParams,
      headers: request.headers,
      body: text === "" ? argumentsIn(url) : JSON.parse(text),
    };
    requests.push(seen);
    request.signal.throwIfAborted();
    return await Promise.race([answer(seen), endOf(request.signal)]);
  };
  const supabase = createClient<Database>("http://rest.test", "publishable-key", {
    global: { fetch },
    auth: { persistSession: false, autoRefreshToken: false },
  });
  return { supabase, client: createNeighbourhoodClient(supabase), requests, fetch };
}

/** As {@link fakeRest}, with a member signed in. */
export async function fakeRestSignedIn(answer: Answer): Promise<FakeRest> {
  const fake = fakeRest(answer);
  const { error } = await fake.supabase.auth.signInWithPassword({ email: "kim@example.org", password: "secret" });
  if (error) throw error;
  return fake;
}

/** Answers one after the other; the last one again and again. */
export function sequence(...answers: Answer[]): Answer {
  let next = 0;
  return (request) => {
    const answer = answers[Math.min(next, answers.length - 1)];
    next += 1;
    if (answer === undefined) throw new Error("a sequence needs at least one answer");
    return answer(request);
  };
}
