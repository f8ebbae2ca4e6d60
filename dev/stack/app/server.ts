import { readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { extname, join, sep } from "node:path";
import { type Context, Hono } from "hono";
import { getMimeType } from "hono/utils/mime";
import type { AppConfig } from "../../../examples/web/config-file.ts";
import type { AppState } from "./build.ts";
import { securityHeaders } from "./headers.ts";
import { buildingPage, failedPage } from "./pages.ts";

export interface AppServerOptions {
  readonly state: () => AppState;
  /** Undefined while the API is still starting. */
  readonly config: () => AppConfig | undefined;
  readonly port: () => number;
}

/** Names with a hash in them: what they hold never changes. */
const FOR_EVER = "public, max-age=31536000, immutable";
const ASK_AGAIN = "no-cache";

/**
 * Serves the built app as a static web server would; docs/app.md says how others do. Only to this machine's browser on its own
 * address: another site's name that leads here (DNS rebinding) is refused.
 */
export function createAppServer({ state, config, port }: AppServerOptions): Hono {
  const app = new Hono();
  let served: { readonly folder: string; readonly files: ReadonlySet<string> } | undefined;

  /** All files there are, so that no path leads out of the folder. */
  function filesOf(folder: string): ReadonlySet<string> {
    if (served?.folder !== folder) {
      const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
      const names = entries.map((entry) =>
        join(entry.parentPath, entry.name).slice(folder.length).replaceAll(sep, "/"),
      );
      served = { folder, files: new Set(names) };
    }
    return served.files;
  }

  app.use(async (context, next) => {
    const { req } = context;
    const hosts = [`127.0.0.1:${port()}`, `localhost:${port()}`];
    if (!hosts.includes(req.header("host") ?? "")) return context.text("The app answers on its own address only", 403);
    if (req.method !== "GET" && req.method !== "HEAD") return context.text("Only GET", 405, { allow: "GET, HEAD" });
    await next();
    const { supabase_url: apiUrl = `http://${hosts[0]}`, map_style: mapStyle = "" } = config() ?? {};
    for (const [name, value] of Object.entries(securityHeaders({ apiUrl, mapStyle }))) context.header(name, value);
    return undefined;
  });
  app.get("/config.json", (context) => {
    const current = config();
    if (current === undefined)
      return context.json({ message: "The API is still starting" }, 503, { "retry-after": "1" });
    return context.json(current, 200, { "cache-control": ASK_AGAIN });
  });
  app.get("*", async (context) => {
    const now = state();
    if (now.kind === "failed") return context.html(failedPage(now.output), 500, { "cache-control": "no-store" });
    if (now.kind === "building" || config() === undefined) {
      return context.html(buildingPage(), 503, { "cache-control": "no-store", "retry-after": "1" });
    }
    const path = context.req.path;
    if (filesOf(now.folder).has(path)) return answer(context, now.folder, path);
    // every screen's address is one of the app's own; a file that is missing is not
    if (extname(path) === "") return answer(context, now.folder, "/index.html");
    return context.text("There is no such file", 404);
  });
  return app;
}

async function answer(context: Context, folder: string, path: string): Promise<Response> {
  return context.body(await readFile(join(folder, path)), 200, {
    "content-type": getMimeType(path) ?? "application/octet-stream",
    "cache-control": path.startsWith("/assets/") ? FOR_EVER : ASK_AGAIN,
  });
}
