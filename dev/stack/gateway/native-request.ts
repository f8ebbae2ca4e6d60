import type { MiddlewareHandler } from "hono";

/**
 * Replaces the web server's lightweight request by a standard one, which everything behind the gateway may clone and
 * rewrite.
 */
export const nativeRequest: MiddlewareHandler = async ({ req }, next) => {
  const { raw } = req;
  const hasBody = raw.method !== "GET" && raw.method !== "HEAD";
  req.raw = new Request(raw.url, {
    method: raw.method,
    headers: new Headers(raw.headers),
    signal: raw.signal,
    // "half": the body may still be arriving when the answer starts
    ...(hasBody ? { body: raw.body, duplex: "half" } : {}),
  } as RequestInit);
  await next();
};
