import type { MiddlewareHandler } from "hono";

const METHODS = "GET,POST,PATCH,PUT,DELETE,OPTIONS,HEAD";
const DEFAULT_HEADERS = "authorization,apikey,content-type,prefer,x-client-info,accept-profile,content-profile,range";
const EXPOSED_HEADERS =
  "Content-Range,Content-Location,Location,Preference-Applied,Range-Unit,Retry-After,X-Request-Id,sb-request-id";

/** Lets pages of any origin call the API, as a real project does: what counts are the key and the token. */
export const cors: MiddlewareHandler = async (context, next) => {
  const { req } = context;
  const isFunction = req.path.startsWith("/functions/v1/");
  const isPreflight = req.method === "OPTIONS" && req.header("access-control-request-method") !== undefined;

  // A function answers preflights itself on a real project: it would hide a missing answer to do it here.
  if (isPreflight && !isFunction) {
    return new Response(null, {
      status: 204,
      headers: {
        "access-control-allow-origin": "*",
        "access-control-allow-methods": METHODS,
        "access-control-allow-headers": req.header("access-control-request-headers") ?? DEFAULT_HEADERS,
        "access-control-max-age": "86400",
        vary: "Access-Control-Request-Headers",
      },
    });
  }
  await next();
  if (isFunction) return undefined;
  context.res.headers.set("access-control-allow-origin", "*");
  context.res.headers.set("access-control-expose-headers", EXPOSED_HEADERS);
  return undefined;
};
