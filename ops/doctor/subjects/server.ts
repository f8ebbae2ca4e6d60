import { type Finding, type Findings, ill, orFine } from "../finding.ts";
import type { DatabaseSubject, Examination } from "../subject.ts";

const OLDEST_MAJOR = 15;
/** What the migrations create with `create extension`, for which the server must have the files. */
const NEEDED = ["postgis", "pg_trgm"];
const API_ROLES = ["anon", "authenticated", "service_role", "authenticator"];
/** Whose functions and types must follow the program by a call of their own. */
const OWN_UPGRADE: Readonly<Record<string, string>> = { postgis: "select extensions.postgis_extensions_upgrade()" };

/** What kind of server it is. */
export interface ServerFacts {
  /** As `server_version_num`: 150004. */
  readonly version: number;
  readonly is_read_only: boolean;
  readonly is_standby: boolean;
  readonly roles: readonly string[];
  readonly extensions: readonly { name: string; installed: string | null; available: string | null }[];
  readonly is_preloaded: boolean;
}

export const server: DatabaseSubject = {
  name: "server",
  about: "PostgreSQL's version, extensions, the API's roles",
  async ask(examination) {
    return judgeServer(await serverFacts(examination), examination.kind === "embedded");
  },
};

async function serverFacts({ ask }: Examination): Promise<ServerFacts> {
  const [facts] = await ask<ServerFacts>(`
    select current_setting('server_version_num')::integer as version, pg_is_in_recovery() as is_standby,
      -- this transaction is read-only by itself: what counts is what others get
      (select coalesce(bool_or(s.setting = 'on'), false) from pg_settings s where s.name = 'default_transaction_read_only')
        as is_read_only,
      (select json_agg(r.rolname) from pg_roles r) as roles,
      coalesce(current_setting('pg_stat_statements.max', true), '') <> '' as is_preloaded,
      (select coalesce(json_agg(json_build_object('name', a.name, 'installed', a.installed_version, 'available', a.default_version)), '[]')
       from pg_available_extensions a) as extensions`);
  if (facts === undefined) throw new Error("the server did not say what it is");
  return facts;
}

/** Whether the server has what the product needs. */
export function judgeServer(facts: ServerFacts, isEmbedded: boolean): Findings {
  const { version, roles, extensions } = facts;
  const major = Math.floor(version / 10_000);
  const findings: Finding[] = [];
  if (major < OLDEST_MAJOR) {
    findings.push(
      ill(
        "server_too_old",
        `PostgreSQL ${major} is too old`,
        `move to PostgreSQL ${OLDEST_MAJOR} or newer: pg_upgrade, or ops:backup and ops:restore`,
      ),
    );
  }
  if (facts.is_read_only) {
    findings.push(
      ill(
        "database_read_only",
        "the database takes no writes (default_transaction_read_only is on); platforms do this when the disk is full",
        "make room (npm run doctor -- --only disk), then: alter database … set default_transaction_read_only = off",
      ),
    );
  }
  const absent = API_ROLES.filter((role) => !roles.includes(role));
  if (absent.length > 0) {
    findings.push(
      ill("api_role_missing", `roles are missing: ${absent.join(", ")}`, "as a superuser: npm run db:push"),
    );
  }
  findings.push(...NEEDED.flatMap((name) => judgeExtension(name, major, extensions)), ...judgeVersions(extensions));
  if (!isEmbedded && !facts.is_preloaded) {
    findings.push(
      ill(
        "statements_not_recorded",
        "pg_stat_statements is not preloaded: nobody can say which queries take the time",
        "add it to shared_preload_libraries (postgresql.conf), restart the server, create extension pg_stat_statements with schema extensions",
      ),
    );
  }
  const kind = facts.is_standby ? "a standby" : isEmbedded ? "embedded" : "a server";
  return orFine(findings, `PostgreSQL ${major}.${version % 10_000}, ${kind}, with ${NEEDED.join(" and ")}`);
}

function judgeExtension(name: string, major: number, extensions: ServerFacts["extensions"]): Finding[] {
  const found = extensions.find((one) => one.name === name);
  if (found?.installed) return [];
  const next = found
    ? `create extension ${name} with schema extensions`
    : `install it on the server: apt install postgresql-${major}-${name === "postgis" ? "postgis-3" : "contrib"}`;
  return [ill("extension_missing", `extension ${name} is missing`, next)];
}

function judgeVersions(extensions: ServerFacts["extensions"]): Finding[] {
  return extensions
    .filter(({ installed, available }) => installed !== null && available !== null && installed !== available)
    .map(({ name, installed, available }) =>
      ill(
        "extension_outdated",
        `extension ${name} is ${installed}, the server has ${available}`,
        OWN_UPGRADE[name] ?? `alter extension ${name} update`,
      ),
    );
}
