import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parse } from "smol-toml";
import { z } from "zod";
import { paths } from "../base/paths.ts";
import { messageOf, StackError } from "../base/stack-error.ts";

const configSchema = z.object({
  api: z
    .object({
      port: z.int().default(54321),
      schemas: z.array(z.string()).default(["public"]),
      extra_search_path: z.array(z.string()).default(["public", "extensions"]),
      max_rows: z.int().default(1000),
    })
    .prefault({}),
  db: z
    .object({
      port: z.int().default(54322),
      seed: z
        .object({ enabled: z.boolean().default(true), sql_paths: z.array(z.string()).default(["./seed.sql"]) })
        .prefault({}),
    })
    .prefault({}),
  storage: z.object({ enabled: z.boolean().default(true), file_size_limit: z.string().default("50MiB") }).prefault({}),
  studio: z.object({ port: z.int().default(54323) }).prefault({}),
  auth: z
    .object({
      site_url: z.string().default("http://127.0.0.1:3000"),
      additional_redirect_urls: z.array(z.string()).default([]),
      jwt_expiry: z.int().default(3600),
      enable_signup: z.boolean().default(true),
      enable_refresh_token_rotation: z.boolean().default(true),
      refresh_token_reuse_interval: z.int().default(10),
      minimum_password_length: z.int().default(6),
      email: z
        .object({
          enable_confirmations: z.boolean().default(false),
          double_confirm_changes: z.boolean().default(true),
          otp_length: z.int().default(6),
          otp_expiry: z.int().default(3600),
        })
        .prefault({}),
    })
    .prefault({}),
  functions: z.record(z.string(), z.object({ verify_jwt: z.boolean().default(true) })).default({}),
});

/** The part of `supabase/config.toml` that the local stack obeys. */
export type StackSettings = z.infer<typeof configSchema> & { seedFiles: string[] };

/** Reads `supabase/config.toml`. */
export function readSettings(file: string = paths.configToml): StackSettings {
  try {
    const config = configSchema.parse(parse(readFileSync(file, "utf8")));
    const seedFiles = config.db.seed.enabled ? config.db.seed.sql_paths.map((path) => join(dirname(file), path)) : [];
    return { ...config, seedFiles };
  } catch (error) {
    const reason = error instanceof z.ZodError ? z.prettifyError(error) : messageOf(error);
    throw new StackError(`supabase/config.toml cannot be read: ${reason.replaceAll("\n", " ")}`);
  }
}
