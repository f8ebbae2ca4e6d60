import { readFileSync, statSync } from "node:fs";
import { homedir, userInfo } from "node:os";
import { join } from "node:path";

/** What a line of the file is compared with. */
interface Login {
  host: string;
  port: number;
  database: string;
  username: string;
}

/**
 * The password of a login in PGPASSFILE, else `~/.pgpass`: the first line that fits, as libpq finds it. Undefined where there is
 * none, where PGPASSWORD comes first, and where others may read the file.
 */
export function passwordFromFile(login: Login): string | undefined {
  if ((process.env["PGPASSWORD"] ?? "") !== "") return undefined;
  const file = process.env["PGPASSFILE"] || join(homedir(), ".pgpass");
  const wanted = [
    login.host.startsWith("/") ? "localhost" : login.host,
    String(login.port),
    login.database,
    login.username || process.env["PGUSER"] || userInfo().username,
  ];
  for (const line of linesOf(file)) {
    const fields = fieldsOf(line);
    if (wanted.every((value, index) => fields[index] === "*" || fields[index] === value)) return fields[4];
  }
  return undefined;
}

function linesOf(file: string): string[] {
  try {
    if (process.platform !== "win32" && (statSync(file).mode & 0o077) !== 0) return [];
    return readFileSync(file, "utf8")
      .split(/\r?\n/u)
      .filter((line) => line !== "" && !line.startsWith("#"));
  } catch {
    return [];
  }
}

/** A backslash stands before a colon or a backslash that belongs to a value. */
const fieldsOf = (line: string): string[] =>
  [...line.matchAll(/((?:\\.|[^:\\])*)(?::|$)/gu)].map(([, field = ""]) => field.replaceAll(/\\(.)/gu, "$1"));
