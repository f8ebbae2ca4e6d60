/**
 * Describes the API as OpenAPI 3.1, from the same routes that are served.
 *
 * @module
 */
import { OpenAPIHono } from "@hono/zod-openapi";
import { describeEvents } from "./events.ts";
import { errorBody, openApiRoute } from "./route.ts";
import { ROUTES } from "./routes.ts";

const INFO = {
  title: "Partner API",
  version: "1.0.0", // what is under `/v1` only ever grows
  summary: "For tills and servers of partners: rewards, codes, redemptions, settlements, webhooks.",
  description:
    "Send your API key as a bearer token, from a server or a till program: browsers of other origins are not served. " +
    "Bodies are JSON of at most 1 MiB; fields we do not know are refused. An error answers `{ code, message, hint?, " +
    "detail?, request_id }`: decide by `code`, never by the texts. Answers may get more fields in time. With a sandbox key " +
    "everything is about test codes: what it reads is marked `is_test`, and nothing real changes.",
};

/**
 * The document.
 *
 * @param serverUrl where the function is reached, without a slash at the end.
 */
export function describeApi(serverUrl: string): ReturnType<OpenAPIHono["getOpenAPI31Document"]> {
  const app = new OpenAPIHono();
  const { openAPIRegistry: registry } = app;
  registry.register("Error", errorBody);
  registry.registerComponent("securitySchemes", "apiKey", {
    type: "http",
    scheme: "bearer",
    description: "An API key: `nhp_`, or `nhp_sandbox_` for trying, and 64 hexadecimal digits.",
  });
  for (const [name, route] of Object.entries(ROUTES)) registry.registerPath(openApiRoute(name, route));
  describeEvents(app, serverUrl);
  return app.getOpenAPI31Document({
    openapi: "3.1.1",
    info: INFO,
    servers: [{ url: serverUrl }],
    security: [{ apiKey: [] }],
    tags: [...new Set(Object.values(ROUTES).map(({ group }) => group))].map((name) => ({ name })),
  });
}
