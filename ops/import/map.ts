import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { z } from "zod";
import { messageOf, StackError } from "../../dev/base/stack-error.ts";

/** What a section of a map may fill, in the order in which it is read. */
export const TARGETS = {
  members: [
    "id",
    "email",
    "password_hash",
    "name",
    "avatar_url",
    "bio",
    "phone_number",
    "address",
    "location",
    "latitude",
    "longitude",
    "language",
    "points_balance",
    "oauth_provider",
    "oauth_id",
    "email_verified",
    "phone_verified",
    "is_active",
    "is_banned",
    "banned_reason",
    "banned_at",
    "created_at",
    "updated_at",
    "last_login_at",
  ],
  tasks: [
    "id",
    "creator_id",
    "helper_id",
    "title",
    "description",
    "category",
    "location",
    "latitude",
    "longitude",
    "address",
    "points_reward",
    "status",
    "created_at",
    "assigned_at",
    "started_at",
    "completed_at",
    "expires_at",
  ],
  ratings: ["id", "task_id", "rater_id", "score", "comment", "created_at"],
} as const;

/** What is imported, in this order. */
export type SectionName = keyof typeof TARGETS;
export const SECTIONS = Object.keys(TARGETS) as SectionName[];

const REQUIRED: Readonly<Record<SectionName, readonly string[]>> = {
  members: ["id", "email"],
  tasks: ["id", "creator_id", "title", "description", "category", "points_reward", "status"],
  ratings: ["id", "task_id", "rater_id", "score"],
};

const scalar = z.union([z.string(), z.number(), z.boolean()]);
const column = z.union([
  z.string(),
  z.strictObject({ column: z.string(), values: z.record(z.string(), scalar).optional() }),
  z.strictObject({ sql: z.string(), values: z.record(z.string(), scalar).optional() }),
  z.strictObject({ value: scalar }),
]);
export type Column = z.infer<typeof column>;

function section(name: SectionName) {
  return z.strictObject({
    from: z.string(),
    where: z.string().optional(),
    columns: z.partialRecord(z.enum(TARGETS[name]), column),
    leave_out: z.array(z.string()).default([]),
  });
}

const importMap = z.strictObject({
  source: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,49}$/u, "lower-case letters, digits and hyphens")
    .default("import"),
  time_zone: z.string().default("UTC"),
  country_code: z
    .union([z.number().int(), z.string()])
    .transform((code) => String(code).replace(/^\+/u, ""))
    .pipe(z.string().regex(/^[1-9]\d{0,3}$/u, "digits such as 49"))
    .optional(),
  opening_balance: z.string().min(1).max(500).default("Punktestand aus der bisherigen App / balance brought forward"),
  members: section("members"),
  tasks: section("tasks").optional(),
  ratings: section("ratings").optional(),
  leave_out_tables: z.array(z.string()).default([]),
});

/** How a source is read. */
export type ImportMap = z.infer<typeof importMap> & {
  /** Whether a column that is not there is no mistake: the ready map names all that are documented. */
  isReady: boolean;
};
export type Section = ImportMap["members"];

const READY = new URL("maps/users.yaml", import.meta.url);

/**
 * Reads a map.
 *
 * @param path its file; undefined: the ready one, for the documented layout of `users`.
 * @throws StackError that names the first thing that is wrong.
 */
export function readMap(path: string | undefined): ImportMap {
  const name = path ?? "the ready map";
  let content: unknown;
  try {
    content = parse(readFileSync(path ?? READY, "utf8"));
  } catch (error) {
    const [line = ""] = messageOf(error).split("\n");
    throw new StackError(`the map ${name} cannot be read: ${line}`, { cause: error });
  }
  const { data, error } = importMap.safeParse(content);
  if (error !== undefined) {
    const [issue] = error.issues;
    const where = issue?.path.join(".") ?? "";
    throw new StackError(`${name}: ${where === "" ? "" : `${where}: `}${issue?.message} (docs/operations/import.md)`);
  }
  for (const of of SECTIONS) {
    const columns = data[of]?.columns;
    const missing = columns && REQUIRED[of].find((target) => !(target in columns));
    if (missing !== undefined) throw new StackError(`${name}: ${of}.columns.${missing} is missing`);
  }
  if (data.ratings && !data.tasks) throw new StackError(`${name}: ratings need the tasks that they are about`);
  return { ...data, isReady: path === undefined };
}
