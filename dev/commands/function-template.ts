/** Who may call a function. */
export const AUTH_MODES = ["user", "apikey", "none"] as const;
export type AuthMode = (typeof AUTH_MODES)[number];

/** `withSupabase` names for who may call. */
const AUTH_OPTION: Readonly<Record<AuthMode, string>> = { user: "user", apikey: "publishable", none: "none" };

/** Files of a new function, by name. */
export function functionFiles(name: string, auth: AuthMode, serverVersion: string): Record<string, string> {
  return {
    "deno.json": `${JSON.stringify({ imports: { "@supabase/server": `npm:@supabase/server@${serverVersion}` } }, null, 2)}\n`,
    "index.ts": `import { withSupabase } from "@supabase/server";
import { consoleLog } from "../_shared/log.ts";
import { createHandler } from "./handler.ts";

const handle = createHandler({ log: consoleLog });

export default {
  fetch: withSupabase({ auth: "${AUTH_OPTION[auth]}" }, (request) => handle(request)),
};
`,
    "handler.ts": `/**
 * ${name}: say in one sentence what it does that the database cannot do.
 *
 * @module
 */
import { jsonResponse, methodNotAllowed, requestIdOf } from "../_shared/http.ts";
import type { Log } from "../_shared/log.ts";

/** What the handler needs from outside. */
export interface Dependencies {
  log: Log;
}

const METHODS = ["POST"] as const;

/** Makes the handler of \`POST /functions/v1/${name}\`. */
export function createHandler({ log }: Dependencies): (request: Request) => Promise<Response> {
  return async (request) => {
    const requestId = requestIdOf(request);
    if (request.method !== "POST") return methodNotAllowed(request.method, METHODS, requestId);
    log("info", "called", { requestId });
    return jsonResponse(200, { requestId });
  };
}
`,
    "handler.test.ts": `import { strictEqual } from "node:assert/strict";
import { createHandler } from "./handler.ts";

const handle = createHandler({ log: () => undefined });

Deno.test("POST answers 200", async () => {
  strictEqual((await handle(new Request("http://localhost/${name}", { method: "POST" }))).status, 200);
});

Deno.test("other methods are refused", async () => {
  strictEqual((await handle(new Request("http://localhost/${name}"))).status, 405);
});
`,
  };
}
