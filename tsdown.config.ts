import { defineConfig } from "tsdown";

// One file per module: with `sideEffects: false` a bundler then leaves out whole modules that an app does not use.
export default defineConfig({
  entry: {
    index: "src/client/index.ts",
    contracts: "supabase/functions/_shared/contracts/index.ts",
  },
  format: "esm",
  platform: "neutral",
  target: "es2022",
  tsconfig: "tsconfig.client.json",
  unbundle: true,
  dts: true,
  clean: true,
  // what the docs say stands in the types, where editors look
  outputOptions: { comments: { jsdoc: false } },
  // how long its own plugins took is no finding
  checks: { bundlerTimings: false },
  deps: { neverBundle: ["zod", /^@supabase\//] },
});
