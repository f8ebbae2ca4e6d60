import { join, resolve } from "node:path";

const root = resolve(import.meta.dirname, "../..");

/** Where things lie in this repository. */
export const paths = {
  root,
  supabase: join(root, "supabase"),
  configToml: join(root, "supabase/config.toml"),
  migrations: join(root, "supabase/migrations"),
  rollbacks: join(root, "supabase/rollbacks"),
  functions: join(root, "supabase/functions"),
  /** The package that apps install. */
  client: join(root, "src/client"),
  /** Data and keys of this machine; ignored by git. */
  local: join(root, ".local"),
  /** Can be deleted at any time; ignored by git. */
  cache: join(root, ".cache"),
  /** The app that npm start serves. */
  app: join(root, "examples/web"),
  nodeModules: join(root, "node_modules"),
} as const;
