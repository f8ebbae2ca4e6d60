import type { Plugin } from "vite";

const NAME = "config.json";

/** `config.json`, beside `index.html`. */
export interface AppConfig {
  readonly supabase_url: string;
  readonly publishable_key: string;
  /** What browsers subscribe to for push messages; empty: none are offered. */
  readonly vapid_public_key: string;
  /** URL of a MapLibre style; empty: a plain ground, and no request leaves for tiles. */
  readonly map_style: string;
}

/**
 * Writes `config.json` from the environment: the app reads it when it starts, so that one build serves any project, and whoever
 * puts the files on a server can still change it there.
 */
export function configFile(environment: Readonly<Record<string, string>>): Plugin {
  const values: AppConfig = {
    supabase_url: environment["VITE_SUPABASE_URL"] ?? "http://127.0.0.1:54321",
    publishable_key: environment["VITE_SUPABASE_PUBLISHABLE_KEY"] ?? "",
    vapid_public_key: environment["VITE_VAPID_PUBLIC_KEY"] ?? "",
    map_style: environment["VITE_MAP_STYLE"] ?? "",
  };
  const config = JSON.stringify(values);
  return {
    name: "config-file",
    generateBundle() {
      this.emitFile({ type: "asset", fileName: NAME, source: config });
    },
    configureServer(server) {
      server.middlewares.use(`/${NAME}`, (_request, response) => {
        response.setHeader("content-type", "application/json");
        response.end(config);
      });
    },
  };
}
