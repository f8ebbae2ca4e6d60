import { join } from "node:path";
import { serveStatic } from "@hono/node-server/serve-static";
import { App } from "@supabase/lite";
import { Hono } from "hono";
import { paths } from "../../base/paths.ts";
import type { StackDatabase } from "../database/stack-database.ts";
import { json } from "../gateway/json.ts";
import { nativeRequest } from "../gateway/native-request.ts";
import type { StackKeys } from "../keys.ts";
import { appConfiguration } from "../rest/servers.ts";
import type { StackSettings } from "../settings.ts";
import { FOR_LOOKING, withBanner } from "./banner.ts";
import { lookAsOwner } from "./look-as-owner.ts";

/** The admin's table browser. */
export interface Studio {
  app: Hono;
  /** Lets it see what has changed in the catalogue. */
  refresh(): void;
}

/**
 * The admin's table browser, on a port of its own. It needs no key and may see every row, so it answers only
 * this machine's browser on its own address: foreign Host headers (DNS rebinding) and foreign pages are refused.
 * It only reads: its page tells of edits that reached no row, because it takes a column `id` for every table's key, and gives no
 * reason for a refusal.
 */
export async function createStudio(
  database: StackDatabase,
  settings: StackSettings,
  keys: StackKeys,
  port: () => number,
): Promise<Studio> {
  const connection = database.connect(database.ownerRole);
  lookAsOwner(connection);
  const configuration = appConfiguration(settings, keys);
  const createApp = async () => {
    const app = new App({
      connection,
      ...configuration,
      api: { ...configuration.api, schemas: ["public", "private", "ops"], pg_safe_update: true },
      studio: { enabled: true },
      options: { server: { admin: true } },
    });
    await app.init();
    return app;
  };
  let app = createApp();
  await app;

  const studio = new Hono();
  studio.use(nativeRequest);
  studio.use(async ({ req }, next) => {
    const hosts = [`127.0.0.1:${port()}`, `localhost:${port()}`];
    const origin = req.header("origin");
    const isForeign =
      !hosts.includes(req.header("host") ?? "") ||
      (origin !== undefined && !hosts.some((host) => origin === `http://${host}`)) ||
      req.header("sec-fetch-site") === "cross-site";
    if (isForeign) return json(403, { message: "Studio answers only pages of its own address" });
    if (req.method === "GET" || req.method === "HEAD") return next();
    return json(403, { code: "studio_only_reads", message: FOR_LOOKING, details: null, hint: null });
  });
  // what signs somebody in, or hands out files, is none of the page's business
  studio.all("/:service{(?!rest)[a-z]+}/v1/*", () => json(404, { message: "Studio shows tables" }));
  studio.use("/static/*", serveStatic({ root: join(paths.nodeModules, "@supabase/lite/dist") }));
  studio.all("*", async ({ req }) => {
    const current = await app;
    const answer = () => current.fetch(req.raw, { peerAddress: "127.0.0.1" });
    const response = await database.asRole(database.ownerRole, answer);
    // The server opens its API to every origin; Studio must not.
    const headers = new Headers(response.headers);
    for (const name of [...headers.keys()]) if (name.startsWith("access-control-")) headers.delete(name);
    if (!headers.get("content-type")?.startsWith("text/html")) {
      return new Response(response.body, { status: response.status, headers });
    }
    headers.delete("content-length");
    return new Response(withBanner(await response.text()), { status: response.status, headers });
  });
  return {
    app: studio,
    refresh: () => {
      app = createApp();
    },
  };
}
