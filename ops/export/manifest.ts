import { z } from "zod";
import { StackError } from "../../dev/base/stack-error.ts";
import { comparable, parseJson } from "../backup/manifest.ts";

const manifest = comparable.extend({
  format: z.literal("export 1"),
  /** The moment whose data it holds. */
  taken_at: z.string(),
  finished_at: z.string(),
  server_version: z.number(),
  database: z.string(),
  /** The last migration. */
  schema_version: z.string(),
  /** The files, by table. */
  files: z.record(
    z.string(),
    z.object({ columns: z.array(z.string()), bytes: z.number(), sha256: z.string().regex(/^[0-9a-f]{64}$/u) }),
  ),
  /** The number that each sequence gives next. */
  sequences: z.record(z.string(), z.int().positive()),
  /** Rows by table of what was left where it is. */
  left_out: z.record(z.string(), z.number()),
});

/** What an export holds. It tells nothing about single people; its files do. */
export type ExportManifest = z.infer<typeof manifest>;

/** What makes a folder of files an export. */
export const MANIFEST = "manifest.json";

/**
 * Reads a manifest.
 *
 * @throws StackError when it is none that this version knows.
 */
export function readManifest(folder: string, text: string): ExportManifest {
  const parsed = manifest.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  const why = parsed.error.issues[0]?.path.join(".") || "no JSON";
  throw new StackError(`the manifest of ${folder} cannot be read (${why}): make a new export, or use a newer checkout`);
}
