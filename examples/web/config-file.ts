import type { Plugin } from "vite";

const NAME = "config.json";

/**
 * Writes `config.json` from the environment: the app reads it when it starts, so that one build serves any project, and whoever
 * puts the files on a server can still change it there.
 */
export function configFile(environment: Readonly<Record<string, string>>): Plugin {
  const config = JSON.stringify({
    supabase_url: environment["VITE_SUPABASE_URL"] ?? "http://127.0.0.1:54321",
    publishable_key: environment["VITE_SUPABASE_PUBLISHABLE_KEY"] ?? "",
    vapid_public_key: environment["VITE_VAPID_PUBLIC_KEY"] ?? "",
    map_style: environment["VITE_MAP_STYLE"] ?? "",
  });
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
