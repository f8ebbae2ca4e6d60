import { execFileSync } from "node:child_process";
import { accessSync, constants, existsSync, readdirSync } from "node:fs";
import { delimiter, join } from "node:path";
import { StackError } from "../../base/stack-error.ts";

/** The machine's own PostgreSQL programs. */
export interface PostgresBinaries {
  /** Directory that holds `initdb`, `pg_ctl` and `postgres`. */
  directory: string;
  /** Major version, e.g. 15. */
  major: number;
}

const OLDEST_MAJOR = 15;
const INSTALL_HINT =
  "install it (Debian: apt-get install postgresql-15 postgresql-15-postgis-3 postgresql-15-pgtap) or set PG_BIN or DATABASE_URL";

/**
 * Finds the newest usable PostgreSQL, or undefined when this machine has none. `PG_BIN` names the directory of another one.
 *
 * @throws StackError when the programs of `PG_BIN` are no usable server.
 */
export function findPostgresBinaries(): PostgresBinaries | undefined {
  const wanted = process.env["PG_BIN"];
  if (wanted) return binariesIn(wanted);
  found ??= { newest: newestBinaries() };
  return found.newest;
}

// a machine's programs stay where they are while we run, and asking each of them takes long from a large process
let found: { newest: PostgresBinaries | undefined } | undefined;

function newestBinaries(): PostgresBinaries | undefined {
  return candidateDirectories()
    .filter(isServerDirectory)
    .map((directory) => ({ directory, major: majorVersion(directory) }))
    .filter(({ major }) => major >= OLDEST_MAJOR)
    .sort((a, b) => Number(hasPostgis(b)) - Number(hasPostgis(a)) || b.major - a.major)
    .at(0);
}

/** Like {@link findPostgresBinaries}, but says what to install when there is none. */
export function requirePostgresBinaries(): PostgresBinaries {
  const binaries = findPostgresBinaries();
  if (!binaries) {
    throw new StackError(`PostgreSQL ${OLDEST_MAJOR} or newer was not found on this machine: ${INSTALL_HINT}`);
  }
  return binaries;
}

function binariesIn(directory: string): PostgresBinaries {
  if (!isServerDirectory(directory)) {
    throw new StackError(
      `PG_BIN is ${directory}, which lacks initdb, pg_ctl or postgres: name the bin directory of a server`,
    );
  }
  const major = majorVersion(directory);
  if (major < OLDEST_MAJOR) {
    throw new StackError(`PG_BIN is PostgreSQL ${major}: ${OLDEST_MAJOR} or newer is needed`);
  }
  return { directory, major };
}

function candidateDirectories(): string[] {
  const debian = "/usr/lib/postgresql";
  const versions = existsSync(debian) ? readdirSync(debian).map((version) => join(debian, version, "bin")) : [];
  const onPath = (process.env["PATH"] ?? "").split(delimiter).filter((directory) => directory !== "");
  return [...new Set([...versions, ...bindirOfPgConfig(), ...onPath])];
}

function bindirOfPgConfig(): string[] {
  try {
    return [execFileSync("pg_config", ["--bindir"], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim()];
  } catch {
    return []; // no pg_config on the PATH: the other places are searched all the same
  }
}

function isServerDirectory(directory: string): boolean {
  try {
    for (const program of ["initdb", "pg_ctl", "postgres"]) accessSync(join(directory, program), constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function majorVersion(directory: string): number {
  const output = execFileSync(join(directory, "postgres"), ["--version"], { encoding: "utf8" });
  return Number(/(\d+)/.exec(output)?.[1] ?? 0);
}

/** A version with PostGIS beats a newer one without it. */
function hasPostgis({ directory }: PostgresBinaries): boolean {
  try {
    const share = execFileSync(join(directory, "pg_config"), ["--sharedir"], { encoding: "utf8" }).trim();
    return existsSync(join(share, "extension", "postgis.control"));
  } catch {
    return false;
  }
}
