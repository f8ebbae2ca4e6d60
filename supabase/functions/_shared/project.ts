/**
 * What the platform tells every function about its own project.
 *
 * @module
 */
import type { Project } from "./database.ts";

/** Reads one variable of the environment. */
export type ReadVariable = (name: string) => string | undefined;

/**
 * The project, called as nobody in particular.
 *
 * @throws Error naming the variable that is missing.
 */
export function anonymousProject(read: ReadVariable): Project {
  return project(read, "SUPABASE_PUBLISHABLE_KEYS", "SUPABASE_ANON_KEY");
}

/**
 * The project, called as the service: with this key everything is possible.
 *
 * @throws Error naming the variable that is missing.
 */
export function serviceProject(read: ReadVariable): Project {
  return project(read, ...SECRET_KEYS);
}

/** Every secret key of the project by its name. */
export function secretKeys(read: ReadVariable): Readonly<Record<string, string>> {
  return keysOf(read, ...SECRET_KEYS);
}

const SECRET_KEYS = ["SUPABASE_SECRET_KEYS", "SUPABASE_SERVICE_ROLE_KEY"] as const;

function project(read: ReadVariable, named: string, single: string): Project {
  const url = read("SUPABASE_URL");
  if (!url) throw new Error("SUPABASE_URL is not set");
  const keys = keysOf(read, named, single);
  const key = keys["default"] ?? Object.values(keys)[0];
  if (!key) throw new Error(`neither ${named} nor ${single} holds a key`);
  return { url, key };
}

/** Older projects have one key of each kind instead of named ones. */
function keysOf(read: ReadVariable, named: string, single: string): Record<string, string> {
  const keys = read(named);
  if (keys !== undefined) return JSON.parse(keys) as Record<string, string>;
  const key = read(single);
  return key ? { default: key } : {};
}
