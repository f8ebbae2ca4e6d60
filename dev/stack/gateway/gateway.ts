import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { messageOf } from "../../base/stack-error.ts";
import { DEMO_CODES_PATH } from "../demo-code-service.ts";
import type { FunctionHost } from "../functions/host.ts";
import type { StackKeys } from "../keys.ts";
import type { Mailbox } from "../mailbox.ts";
import { MAILBOX_PATH } from "../mailbox-page.ts";
import type { ApiServers } from "../rest/servers.ts";
import { authenticate, withoutForeignToken } from "./api-key.ts";
import { cors } from "./cors.ts";
import { json } from "./json.ts";
import { nativeRequest } from "./native-request.ts";
import type { Tokens } from "./tokens.ts";

export interface GatewayOptions {
  servers: ApiServers;
  /** Undefined: the stack runs without functions. */
  functions: FunctionHost | undefined;
  mailbox: Mailbox;
  /** The code system of a demo partner; undefined: there is no demo data. */
  demoCodeService: ((request: Request) => Promise<Response>) | undefined;
  keys: StackKeys;
  tokens: Tokens;
  log: (line: string) => void;
}

const MAX_BODY_BYTES = 10 * 1024 * 1024;

/** Paths that are opened from an e-mail or by a monitor, without a key. */
const KEYLESS_AUTH_PATHS = new Set(["/auth/v1/verify", "/auth/v1/callback", "/auth/v1/authorize", "/auth/v1/health"]);

/** Files that are opened without a key: public ones, and those whose address was signed. */
const OPEN_STORAGE: readonly (readonly [methods: string, path: RegExp])[] = [
  ["GET HEAD", /^\/storage\/v1\/object\/(?:public|sign)\//u],
  ["PUT", /^\/storage\/v1\/object\/upload\/sign\//u],
];

/** Answers of the Auth server that carry a session. */
const SESSION_PATHS = new Set(["/auth/v1/token", "/auth/v1/signup", "/auth/v1/verify"]);

/** One address for everything, with the paths of a real project. Admin rights are never given out here. */
export function createGateway(options: GatewayOptions): Hono {
  const { servers, functions, mailbox, demoCodeService, keys, tokens } = options;
  const gateway = new Hono();

  gateway.use(nativeRequest);
  gateway.use(async (context, next) => {
    await next();
    // the rest of the body is not read, so nothing more can be sent on this connection
    if (context.res.status === 413) context.res.headers.set("connection", "close");
  });
  gateway.use(cors);
  gateway.use(
    bodyLimit({
      maxSize: MAX_BODY_BYTES,
      onError: () =>
        json(413, { code: "payload_too_large", message: `The body is larger than ${MAX_BODY_BYTES} bytes` }),
    }),
  );

  gateway.all("/rest/v1/*", async ({ req }) => {
    const request = await authenticate(req.raw, keys, tokens);
    if (request instanceof Response) return request;
    if (request.method !== "HEAD" || !req.path.startsWith("/rest/v1/rpc/")) return servers.rest(request);
    // the REST server refuses HEAD with arguments
    const { status, headers } = await servers.rest(new Request(request, { method: "GET" }));
    return new Response(null, { status, headers: withoutLength(headers) });
  });

  gateway.get("/auth/v1/.well-known/jwks.json", () => json(200, tokens.publicKeySet()));
  gateway.all("/auth/v1/admin/*", () => notHere("The Auth admin API"));
  gateway.all("/auth/v1/*", async ({ req }) => {
    const request = KEYLESS_AUTH_PATHS.has(req.path)
      ? withApiKey(req.raw, keys)
      : await authenticate(req.raw, keys, tokens);
    if (request instanceof Response) return request;
    const response = await servers.auth(request);
    const location = response.headers.get("location");
    if (location !== null) {
      const headers = { ...Object.fromEntries(response.headers), location: await tokens.completeRedirect(location) };
      return new Response(null, { status: response.status, headers });
    }
    if (!SESSION_PATHS.has(req.path) || !response.ok) return response;
    const body = await tokens.completeSession(await response.text());
    return new Response(body, { status: response.status, headers: withoutLength(response.headers) });
  });

  gateway.all("/functions/v1/:name/*", ({ req }) => callFunction(req.raw, req.param("name")));
  gateway.all("/functions/v1/:name", ({ req }) => callFunction(req.raw, req.param("name")));

  if (demoCodeService) gateway.post(DEMO_CODES_PATH, ({ req }) => demoCodeService(req.raw));

  gateway.get(MAILBOX_PATH, ({ req }) => mailbox.page(req.raw));
  gateway.get(
    `${MAILBOX_PATH}/:mail/:file`,
    ({ req, notFound }) => mailbox.file(Number(req.param("mail")), Number(req.param("file"))) ?? notFound(),
  );

  gateway.all("/storage/v1/*", async ({ req }) => {
    if (servers.storage === undefined) return notHere("Supabase storage");
    const isOpen = OPEN_STORAGE.some(([method, path]) => path.test(req.path) && method.includes(req.method));
    const request = isOpen ? req.raw : await authenticate(req.raw, keys, tokens);
    return request instanceof Response ? request : servers.storage(request);
  });
  for (const service of ["realtime", "graphql"]) {
    gateway.all(`/${service}/v1/*`, () => notHere(`Supabase ${service}`));
  }
  gateway.notFound(() => json(404, { code: "not_found", message: "no Route matched with those values" }));
  gateway.onError((error) => {
    options.log(`request failed: ${messageOf(error)}`);
    return json(500, { code: "internal_error", message: "The local stack failed to answer; see its terminal" });
  });
  return gateway;

  async function callFunction(request: Request, name: string): Promise<Response> {
    if (!functions) return notHere("The function host");
    return functions.handle(await withoutForeignToken(request, tokens), name);
  }
}

function notHere(what: string): Response {
  return json(501, { code: "not_part_of_the_local_stack", message: `${what} is not part of the local stack` });
}

function withApiKey(request: Request, keys: StackKeys): Request {
  const headers = new Headers(request.headers);
  if (!headers.has("apikey")) headers.set("apikey", keys.publishableKey);
  return new Request(request, { headers });
}

function withoutLength(from: Headers): Headers {
  const headers = new Headers(from);
  headers.delete("content-length");
  return headers;
}
