import { sql } from "kysely";
import type { Catalogue, LiteConnection } from "../database/stack-database.ts";
import { answerDatabaseError } from "./quiet-errors.ts";

/** What PostgREST reads once from the database and applies to every request. */
export interface RequestContext {
  /** Answer of the catalogue query, made with the rights to see everything. */
  catalogue: Catalogue;
  /** `[api].extra_search_path` of config.toml. */
  searchPath: readonly string[];
  /** Roles a token may name: those that the login role is a member of. */
  roles: ReadonlySet<string>;
  /** `alter role … set statement_timeout` of the API roles. */
  statementTimeouts: ReadonlyMap<string, string>;
  /** `alter role authenticator set idle_in_transaction_session_timeout`. */
  idleTimeout: string;
}

/**
 * Makes a REST connection behave like PostgREST where the server's own way is looser:
 *
 * - every request runs in a transaction with exactly the caller's role, claims and statement timeout (its own way
 *   first grants all tables to anon, authenticated and service_role, which would undo every revoke);
 * - GET and HEAD calls are read-only, and so are calls of functions that say they only read; a standby refuses others at once;
 * - the catalogue is read once, so that the login role needs no rights of its own;
 * - database errors get PostgREST's status and body.
 */
export function hardenConnection(connection: LiteConnection, context: RequestContext): void {
  const replacements: Pick<LiteConnection, "withContext" | "introspect" | "normalizeDbError"> = {
    async withContext(vars, work, options) {
      const rpc = options?.rpc;
      const isReadOnly = rpc !== undefined && (rpc.readOnly || onlyReads(rpc, context));
      const begin = connection.kysely.transaction();
      // tables are read and written alike in what is the server's default, which at a standby is reading
      const transaction = rpc ? begin.setAccessMode(isReadOnly ? "read only" : "read write") : begin;
      return transaction.execute(async (session) => {
        await applyContext(session, vars, context, rpc && requestSettings(rpc, isReadOnly));
        return work(session);
      });
    },
    introspect: async () => context.catalogue,
    normalizeDbError: answerDatabaseError,
  };
  Object.assign(connection, replacements);
}

/** Reads the roles that the login role (first parameter) may become. */
export const ROLES_SQL = `
  select rolname as role from pg_roles where rolname <> $1 and pg_has_role($1, oid, 'member')`;

/** Reads the API roles' statement timeouts from the catalogue. */
export const STATEMENT_TIMEOUTS_SQL = `
  select rolname as role, split_part(setting, '=', 2) as timeout
  from pg_roles, unnest(rolconfig) as setting
  where rolname in ('anon', 'authenticated', 'service_role') and setting like 'statement_timeout=%'`;

/** Reads how long a transaction of the login role (first parameter) may be idle; none: for ever. */
export const IDLE_TIMEOUT_SQL = `
  select split_part(setting, '=', 2) as timeout from pg_roles, unnest(rolconfig) as setting
  where rolname = $1 and setting like 'idle_in_transaction_session_timeout=%'`;

/** What a server hands over about its caller. */
export type Vars = Parameters<LiteConnection["withContext"]>[0];
type Transaction = Parameters<Parameters<LiteConnection["withContext"]>[1]>[0];
type Rpc = NonNullable<NonNullable<Parameters<LiteConnection["withContext"]>[2]>["rpc"]>;

interface AuthVars {
  role?: unknown;
  uid?: unknown;
  jwt?: unknown;
}

function authOf(vars: Vars): AuthVars {
  return (vars as { auth?: AuthVars } | undefined)?.auth ?? {};
}

function roleOf(vars: Vars): string {
  const { role } = authOf(vars);
  return typeof role === "string" && role !== "" ? role : "anon";
}

function claimsOf(vars: Vars): object {
  const { jwt } = authOf(vars);
  return typeof jwt === "object" && jwt !== null ? jwt : { role: roleOf(vars) };
}

/** Makes the caller's role, claims and timeouts, and more settings, those of the transaction. */
export async function applyContext(
  transaction: Transaction,
  vars: Vars,
  context: RequestContext,
  more: Readonly<Record<string, string>> = {},
): Promise<void> {
  const role = roleOf(vars);
  const claims = claimsOf(vars);
  // A server connection may have logged in as superuser, to whom PostgreSQL refuses no role.
  if (!context.roles.has(role)) {
    throw Object.assign(new Error(`permission denied to set role "${role}"`), { severity: "ERROR", code: "42501" });
  }
  const settings: Record<string, string> = {
    role,
    search_path: context.searchPath.join(", "),
    "request.jwt.claims": JSON.stringify(claims),
    "request.jwt.claim.sub": "sub" in claims ? String(claims.sub) : "",
    "request.jwt.claim.role": role,
    idle_in_transaction_session_timeout: context.idleTimeout,
    statement_timeout: context.statementTimeouts.get(role) ?? "0", // holds from the next statement on
    ...more,
  };
  const calls = Object.entries(settings).map(([name, value]) => sql`set_config(${name}, ${value}, true)`);
  // one statement: every one more is a round trip of every request
  await sql`select ${sql.join(calls)}`.execute(transaction);
}

/** Whether every function of the name is STABLE or IMMUTABLE. */
function onlyReads({ path }: Rpc, { catalogue }: RequestContext): boolean {
  const named = (catalogue.functions ?? []).filter(({ name }) => path === `/rpc/${name}`);
  return named.length > 0 && named.every(({ volatility }) => volatility !== "v");
}

const requestSettings = (rpc: Rpc, isReadOnly: boolean): Record<string, string> => ({
  "request.method": rpc.method,
  "request.path": rpc.path,
  "request.headers": JSON.stringify(rpc.requestHeaders ?? {}),
  "response.status": "",
  "response.headers": "",
  transaction_read_only: isReadOnly ? "on" : "off",
});
