import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { ConnectionOptions } from "node:tls";
import { StackError } from "../../dev/base/stack-error.ts";
import { passwordFromFile } from "./password-file.ts";

/** Where a database is, read from an address as PostgreSQL's own programs (libpq) read it. */
export interface Address {
  /** For PostgreSQL's programs and the Supabase CLI: without what only other clients understand. */
  readonly url: string;
  /** For people: host, port and database, without the password. */
  readonly name: string;
  /** Whether it is this machine. */
  readonly isLocal: boolean;
  /** For postgres.js. */
  readonly options: {
    host: string;
    port: number;
    path?: string;
    database: string;
    ssl: false | "prefer" | "require" | ConnectionOptions;
    username?: string;
    password?: string;
    connection: Readonly<Record<string, string>>;
  };
}

const SHAPE = "postgresql://user:password@host:5432/database";

/** Object-relational mappers append these; PostgreSQL's own programs refuse them. */
const OF_OTHER_CLIENTS = ["connection_limit", "pgbouncer", "pool_timeout", "schema", "statement_cache_size", "supa"];

/** What goes to the server; everything else in the address is for the client. */
const FOR_THE_SERVER = ["application_name", "options"];

const LOOPBACK = /^(?:127\.\d+\.\d+\.\d+|localhost|::1|\/.*)$/u;

/**
 * Reads an address. `sslmode`, `sslrootcert` and `PGSSLMODE` mean what they mean to libpq: without one, TLS is used where the
 * server offers it.
 *
 * @param variable what the address comes from, for the error line.
 * @throws StackError when it is none, or a certificate cannot be read.
 */
export function readAddress(text: string, variable = "DATABASE_URL"): Address {
  const url = parse(text, variable);
  for (const name of OF_OTHER_CLIENTS) url.searchParams.delete(name);
  url.search = url.search.replaceAll("+", "%20"); // in a query, those programs take "+" for itself
  const given = url.searchParams;
  const host = given.get("host") ?? (url.hostname.replace(/^\[(.*)\]$/u, "$1") || process.env["PGHOST"] || "localhost");
  const port = Number(given.get("port") ?? (url.port || process.env["PGPORT"] || 5432));
  const username = decode(url.username, variable);
  const database = decode(url.pathname.slice(1), variable) || process.env["PGDATABASE"] || username || "postgres";
  const password = decode(url.password, variable) || (passwordFromFile({ host, port, database, username }) ?? "");
  return {
    url: url.href,
    name: `${host.includes(":") ? `[${host}]` : host}:${port}/${database}`,
    isLocal: LOOPBACK.test(host),
    options: {
      // lists, which its types do not know, because it would cut an IPv6 address at its colons
      host: [host] as unknown as string,
      port: [port] as unknown as number,
      ...(host.startsWith("/") ? { path: `${host}/.s.PGSQL.${port}` } : {}),
      database,
      ssl: tlsOptions(host, given, variable),
      ...(username === "" ? {} : { username }),
      ...(password === "" ? {} : { password }),
      connection: Object.fromEntries(
        FOR_THE_SERVER.flatMap((name) => (given.has(name) ? [[name, given.get(name) ?? ""]] : [])),
      ),
    },
  };
}

function parse(text: string, variable: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^postgres(?:ql)?:$/u.test(url.protocol)) {
    throw new StackError(
      `${variable} is no address: write ${SHAPE}, special characters of the password as % and two digits (# is %23)`,
    );
  }
  return url;
}

function decode(part: string, variable: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new StackError(`${variable} is no address: a % in user, password or database is written %25`);
  }
}

/** `require` says nothing about who answers, unless a certificate is given to compare with: so it is in libpq. */
function tlsOptions(host: string, given: URLSearchParams, variable: string): Address["options"]["ssl"] {
  const mode = given.get("sslmode") ?? process.env["PGSSLMODE"] ?? "prefer";
  const root = given.get("sslrootcert") ?? process.env["PGSSLROOTCERT"];
  const authority = () => readAuthority(root, variable);
  switch (host.startsWith("/") ? "disable" : mode) {
    case "disable":
      return false;
    case "allow":
    case "prefer":
      return "prefer";
    case "require":
      return root === undefined ? "require" : { ...authority(), checkServerIdentity: () => undefined };
    case "verify-ca":
      return { ...authority(), checkServerIdentity: () => undefined };
    case "verify-full":
      return { ...authority(), host };
    default:
      throw new StackError(
        `sslmode=${mode} of ${variable} is unknown: write disable, allow, prefer, require, verify-ca or verify-full`,
      );
  }
}

/** Without a file, those that Node brings along; libpq does so for `system` alone. */
function readAuthority(root: string | undefined, variable: string): { ca?: Buffer } {
  if (root === "system") return {};
  const usual = join(homedir(), ".postgresql/root.crt");
  if (root === undefined) return existsSync(usual) ? { ca: readFileSync(usual) } : {};
  try {
    return { ca: readFileSync(root) };
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? "unknown";
    throw new StackError(
      `sslrootcert=${root} of ${variable} cannot be read (${reason}): name the file of the authority`,
    );
  }
}
