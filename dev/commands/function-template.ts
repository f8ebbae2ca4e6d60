/** Who may call a function: signed-in members, holders of a secret key of the project, everybody. */
export const AUTH_MODES = ["member", "secret", "none"] as const;
export type AuthMode = (typeof AUTH_MODES)[number];

interface ModeTexts {
  /** Import lines of index.ts. */
  readonly imports: string;
  /** What index.ts passes as `authenticate`; undefined where everybody may call. */
  readonly authenticate: string | undefined;
  /** The caller's type, and what is known of it. */
  readonly caller: string;
  readonly comment: string;
  /** A caller for the tests. */
  readonly example: string;
}

const TEXTS: Readonly<Record<AuthMode, ModeTexts>> = {
  member: {
    imports: 'import { requireMember } from "../_shared/callers.ts";\n',
    authenticate: "requireMember",
    caller: "string",
    comment: "The id of the member who calls; rejects with `not_signed_in`.",
    example: 'async () => "11111111-1111-4111-8111-111111111111"',
  },
  secret: {
    imports: 'import { requireSecretKey } from "../_shared/callers.ts";\n',
    authenticate: "(request) => requireSecretKey(request, { secretKeys: secretKeys((name) => Deno.env.get(name)) })",
    caller: "void",
    comment: "Rejects callers without a secret key with `not_permitted`.",
    example: "async () => undefined",
  },
  none: { imports: "", authenticate: undefined, caller: "undefined", comment: "", example: "" },
};

/** Source files of a new function, by name. Its deno.json follows from what they import. */
export function functionFiles(name: string, mode: AuthMode): Record<string, string> {
  const { imports, authenticate, caller, comment, example } = TEXTS[mode];
  const isOpen = authenticate === undefined;
  const whenClosed = (text: string): string => (isOpen ? "" : text);
  return {
    "index.ts": `${imports}import { consoleLog } from "../_shared/log.ts";
${mode === "secret" ? 'import { secretKeys } from "../_shared/project.ts";\n' : ""}import { createHandler } from "./handler.ts";

export default {
  fetch: createHandler({
${whenClosed(`    authenticate: ${authenticate},\n`)}    log: consoleLog,
  }),
};
`,
    "handler.ts": `/**
 * ${name}: say in one sentence what it does that the database cannot do.
 *
 * @module
 */
import { Hono } from "hono";
import type { Log } from "../_shared/log.ts";
import { type Handler, type ShellEnv, serve } from "../_shared/serve.ts";

/** What the handler needs from outside. */
export interface Dependencies {
${whenClosed(`  /** ${comment} */
  authenticate: (request: Request) => Promise<${caller}>;
`)}  log: Log;
}

/** Makes the handler of \`POST /functions/v1/${name}\`. */
export function createHandler({ ${whenClosed("authenticate: caller, ")}log }: Dependencies): Handler {
  const routes = new Hono<ShellEnv${whenClosed(`<${caller}>`)}>().post("/", ({ get, json }) => {
    return json({ request_id: get("requestId") });
  });
  return serve("${name}", routes, { ${whenClosed("caller, ")}log });
}
`,
    "handler.test.ts": `import { strictEqual } from "node:assert/strict";
${whenClosed('import { Problem } from "../_shared/problem.ts";\n')}import { createHandler } from "./handler.ts";

const handle = createHandler({
${whenClosed(`  authenticate: ${example},\n`)}  log: () => undefined,
});
const post = () => new Request("http://localhost/${name}", { method: "POST" });

Deno.test("POST answers 200", async () => {
  strictEqual((await handle(post())).status, 200);
});

Deno.test("other methods are refused", async () => {
  strictEqual((await handle(new Request("http://localhost/${name}"))).status, 405);
});
${whenClosed(`
Deno.test("strangers are refused", async () => {
  const refuse = createHandler({
    authenticate: () => Promise.reject(new Problem("not_permitted")),
    log: () => undefined,
  });
  strictEqual((await refuse(post())).status, 403);
});
`)}`,
  };
}
