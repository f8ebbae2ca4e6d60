import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { PostgresBinaries } from "./postgres-binaries.ts";

/** Extensions that the tests on a real server need. */
const NEEDED = ["postgis", "pgtap", "plpgsql_check"] as const;

/** Names the extensions that are not installed for this PostgreSQL. */
export function missingServerParts({ directory }: PostgresBinaries): string[] {
  const share = execFileSync(join(directory, "pg_config"), ["--sharedir"], { encoding: "utf8" }).trim();
  return NEEDED.filter((name) => !existsSync(join(share, "extension", `${name}.control`)));
}
