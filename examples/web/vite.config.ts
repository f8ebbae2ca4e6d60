import react from "@vitejs/plugin-react";
import { defineConfig, loadEnv } from "vite";
import { compiledTexts } from "./compiled-texts.ts";
import { configFile } from "./config-file.ts";
import { lighterPackages } from "./lighter-packages.ts";
import { serviceWorkerFile } from "./service-worker-file.ts";

export default defineConfig(({ mode }) => ({
  plugins: [
    react(),
    compiledTexts(),
    lighterPackages(import.meta.dirname),
    configFile(loadEnv(mode, import.meta.dirname)),
    serviceWorkerFile(import.meta.dirname),
  ],
  // the client from the source beside it; an app elsewhere installs the package and leaves this out
  resolve: { tsconfigPaths: true },
  server: { port: 5173 },
  build: {
    target: "es2022",
    rolldownOptions: {
      // contracts only declare: who needs a limit does not take zod along
      treeshake: { moduleSideEffects: [{ test: /_shared\/contracts\//u, sideEffects: false }] },
    },
  },
}));
