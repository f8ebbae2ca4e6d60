import { serveStatic } from "@hono/node-server/serve-static";
import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { secureHeaders } from "hono/secure-headers";

/** What a till needs to know of its shop. */
export interface TillOptions {
  /** `https://<project>.supabase.co/functions/v1/partner` */
  readonly partnerUrl: string;
  /** The shop's key, of which the page never learns. It needs `redemptions:use`, and to give points back `redemptions:cancel`. */
  readonly key: string;
  /** Begins the numbers of receipts, and so tells the shop's tills apart. */
  readonly name: string;
  /** Folder of the built page. */
  readonly page: string;
}

const PATIENCE_MS = 10_000;
const MAX_BODY = 4096;

/**
 * Serves the page, and passes its four questions on to the partner API with the shop's key. The answers are those of the API,
 * which checks what was asked; when none comes the page hears `service_unavailable` and asks again.
 */
export function createTill({ partnerUrl, key, name, page }: TillOptions): Hono {
  const ask = async ({ req, body }: Context, path: string) => {
    const sent = req.method === "POST" ? { body: await req.text() } : {};
    const answer = await fetch(`${partnerUrl}${path}`, {
      method: req.method,
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
      signal: AbortSignal.timeout(PATIENCE_MS),
      ...sent,
    });
    const wait = answer.headers.get("retry-after");
    return body(await answer.text(), answer.status as 200, {
      "content-type": "application/json",
      ...(wait !== null && { "retry-after": wait }),
    });
  };
  const app = new Hono();
  app.use(
    secureHeaders({
      contentSecurityPolicy: {
        defaultSrc: ["'self'"],
        scriptSrc: ["'self'", "'wasm-unsafe-eval'"],
        imgSrc: ["'self'", "data:"],
      },
      permissionsPolicy: { camera: ["self"] },
    }),
  );
  app.use("/api/*", bodyLimit({ maxSize: MAX_BODY }), async (context, next) => {
    // No page of another site may use codes through this server. Browsers say where a request comes from; what says nothing
    // is no browser, or one so old that it asks before it sends JSON, and is not answered.
    const { req } = context;
    const isElsewhere = (req.header("sec-fetch-site") ?? "same-origin") !== "same-origin";
    const isForm = req.method === "POST" && req.header("content-type") !== "application/json";
    if (isElsewhere || isForm) return context.json({ code: "not_permitted" }, 403);
    context.header("cache-control", "no-store");
    return next();
  });
  app.get("/api/till", async (context) => {
    const answer = await ask(context, "/v1/me");
    if (!answer.ok) return answer;
    const me = (await answer.json()) as { name: string; key: { scopes: string[] } };
    return context.json({ till: name, shop: me.name, can_cancel: me.key.scopes.includes("redemptions:cancel") });
  });
  app.post("/api/verify", (context) => ask(context, "/v1/redemptions/verify"));
  app.post("/api/use", (context) => ask(context, "/v1/redemptions/use"));
  app.post("/api/redemptions/:id/cancel", (context) =>
    ask(context, `/v1/redemptions/${encodeURIComponent(context.req.param("id"))}/cancel`),
  );
  app.onError((_error, context) => context.json({ code: "service_unavailable" }, 503));
  app.use("*", serveStatic({ root: page }));
  return app;
}
