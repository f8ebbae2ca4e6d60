import { paths } from "../../dev/base/paths.ts";
import { readMigrations } from "../../dev/stack/database/history.ts";
import type { Queries } from "../core/connection.ts";
import { appliedVersions } from "../core/history.ts";

/** How far a database is, beside this checkout. */
export interface Standing {
  /** `ahead`: it has migrations that this checkout does not have. `empty`: it has none at all. */
  state: "current" | "behind" | "ahead" | "empty";
  /** The newest migration that it has. */
  version: string | undefined;
  /** Those that it does not have yet. */
  pending: string[];
}

/** Compares the history of a database with the migrations of this checkout. */
export async function standingOf(database: Queries): Promise<Standing> {
  const applied = await appliedVersions(database);
  const known = readMigrations(paths.migrations).map(({ version }) => version);
  const pending = known.filter((version) => !applied.includes(version));
  const isAhead = applied.some((version) => !known.includes(version));
  const behind = pending.length > 0 ? "behind" : "current";
  return { state: applied.length === 0 ? "empty" : isAhead ? "ahead" : behind, version: applied.at(-1), pending };
}
