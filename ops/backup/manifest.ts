import { z } from "zod";
import { StackError } from "../../dev/base/stack-error.ts";

const file = z.object({
  name: z.string(),
  /** Of what stands in the store: encrypted, if it is. */
  bytes: z.number(),
  sha256: z.string(),
});

const counts = z.record(z.string(), z.number());

const manifest = z.object({
  format: z.literal(1),
  name: z.string(),
  kind: z.enum(["scheduled", "manual", "deploy"]),
  /** The moment whose data it holds. */
  taken_at: z.string(),
  finished_at: z.string(),
  server_version: z.number(),
  pg_dump_version: z.number(),
  database: z.string(),
  /** The role that owns the product's objects. */
  owner: z.string(),
  is_encrypted: z.boolean(),
  dump: file,
  roles: file,
  /** Schemas of the dump. */
  schemas: z.array(z.string()),
  /** Needed are those that tables and indexes are made of. */
  extensions: z.array(z.object({ name: z.string(), is_needed: z.boolean() })),
  /** Roles that own or may use what is in the dump. */
  needed_roles: z.array(z.object({ name: z.string(), can_login: z.boolean() })),
  migrations: z.array(z.string()),
  rows: counts,
  ledger: counts,
  /** Problems that the audits found, by audit and problem; none is right. */
  audits: counts,
  /** Ids of the sealing keys that open what is stored, and how many texts each opens. Never a key. */
  sealing_keys: counts,
  /** Files that Storage keeps elsewhere: they are in no backup of the database. */
  stored_files: z.number(),
  /** Triggers of the product on tables of the platform. */
  triggers: z.array(z.object({ schema: z.string(), table: z.string(), name: z.string() })),
});

/** What is compared; also with what an export holds. */
export const comparable = manifest.pick({
  migrations: true,
  rows: true,
  ledger: true,
  audits: true,
  sealing_keys: true,
  stored_files: true,
});

/** What a backup holds, and what a restored database is compared with. It tells nothing about single people. */
export type Manifest = z.infer<typeof manifest>;

/** A file of a backup. */
export type BackupFile = z.infer<typeof file>;

/**
 * Reads a manifest.
 *
 * @throws StackError when it is none that this version knows.
 */
export function readManifest(name: string, text: string): Manifest {
  const parsed = manifest.safeParse(parseJson(text));
  if (parsed.success && parsed.data.name === name) return parsed.data;
  const why = parsed.success ? "it belongs to another backup" : (parsed.error.issues[0]?.path.join(".") ?? "");
  throw new StackError(`the manifest of ${name} cannot be read (${why}): choose another backup, or a newer checkout`);
}

/** Undefined when it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
