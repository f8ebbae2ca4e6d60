import { defineConfig } from "vite";

export default defineConfig({
  // the contracts from the source beside it; a till elsewhere installs the client's package and leaves this out
  resolve: { tsconfigPaths: true },
  build: { target: "es2022" },
});
