import { readFileSync } from "node:fs";
import { join } from "node:path";
import { paths } from "../../dev/base/paths.ts";

const FILE = join(paths.supabase, "tests/000_who_reaches_what.test.sql");

/** Roles that requests come in. */
export type ApiRole = "anon" | "authenticated" | "service_role";

/**
 * Names in the exposed schema that a role holds a privilege on, in their order, as the one list says.
 *
 * @throws Error when the file holds no such list.
 */
export function writtenRights(privilege: "select" | "execute", role: ApiRole): string[] {
  const lines = readFileSync(FILE, "utf8").matchAll(/^(\w+) public\.(\w+) to (.+)$/gm);
  const names = [...lines].flatMap(([, found, name, grantees = ""]) =>
    found === privilege && name !== undefined && grantees.split(", ").includes(role) ? [name] : [],
  );
  if (names.length === 0) throw new Error(`${FILE}: nothing for ${role} to ${privilege}`);
  return names.toSorted();
}
