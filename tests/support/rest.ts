import type { StackAddress } from "./stack.setup.ts";

/** Who sends a raw request. */
export interface Caller {
  /** Access token; none means nobody is signed in. */
  token?: string | undefined;
  /** Defaults to the publishable key. */
  apiKey?: string;
}

/** One request. */
export interface RawRequest extends Caller {
  method?: string;
  headers?: Readonly<Record<string, string>>;
  body?: unknown;
}

/** What came back. */
export interface RawResponse {
  status: number;
  headers: Headers;
  text: string;
}

/** Sends requests as they come over the wire, past supabase-js, which would refuse or tidy up some of them. */
export type Rest = (path: string, request?: RawRequest) => Promise<RawResponse>;

/** Requests to `/rest/v1/<path>`. */
export function restOf({ url, publishableKey }: Pick<StackAddress, "url" | "publishableKey">): Rest {
  return async (path, { method = "GET", token, apiKey = publishableKey, headers = {}, body } = {}) => {
    const response = await fetch(`${url}/rest/v1/${path}`, {
      method,
      headers: {
        apikey: apiKey,
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    return { status: response.status, headers: response.headers, text: await response.text() };
  };
}

/** SQLSTATE or PostgREST code in the body of a refusal. */
export function codeIn({ text }: Pick<RawResponse, "text">): string | undefined {
  try {
    return (JSON.parse(text) as { code?: string }).code;
  } catch {
    return undefined; // HEAD has no body
  }
}
