import postgres from "postgres";
import type { Database } from "../../src/client/database.types.ts";

type Functions = Database["public"]["Functions"];

/** A command of the API: a function that changes something and returns the changed row. */
export type Command = Exclude<keyof Functions, "nearby_tasks" | "is_outdated" | "points_balance" | "get_api_version">;
/** Its named arguments. */
export type CommandArgs<C extends Command> = Functions[C]["Args"];
/** What it returns. */
export type CommandRow<C extends Command> = Functions[C]["Returns"];

/** A row of public.tasks. */
export type Task = Database["public"]["Tables"]["tasks"]["Row"];
/** A row of public.task_offers. */
export type Offer = Database["public"]["Tables"]["task_offers"]["Row"];

/** `alter role authenticated set statement_timeout` of hosted projects; PostgREST applies it to every request. */
const STATEMENT_TIMEOUT = "8s";

/** How much a request sees of what others commit meanwhile; PostgREST's is the first one, unless it is told otherwise. */
export type Isolation = "read committed" | "serializable";

/** Caller of the commands that only edge functions may send; everybody else is the id of a member. */
export const SERVICE = "service_role";

/** Name of these connections in `pg_stat_activity`. */
export const API_APPLICATION = "test api";

/**
 * One database connection used the way PostgREST uses it: logged in as `authenticator`; every request is a
 * transaction that becomes `authenticated` with the member's claims (or `service_role`) and calls one function.
 */
export class ApiConnection {
  readonly #sql: postgres.Sql;

  constructor(authenticatorUrl: string) {
    this.#sql = postgres(authenticatorUrl, {
      max: 1,
      fetch_types: false,
      onnotice: () => undefined,
      connection: { application_name: API_APPLICATION },
    });
  }

  /** Opens the connection; returns the id of the server process behind it. */
  async connect(): Promise<number> {
    const [found] = await this.#sql<{ pid: number }[]>`select pg_backend_pid() as pid`;
    if (!found) throw new Error("the server did not say its process id");
    return found.pid;
  }

  /** Opens a member's request, or one of an edge function ({@link SERVICE}); its snapshot is taken from here on. */
  async begin(caller: string, isolation: Isolation = "read committed"): Promise<void> {
    await this.#sql.unsafe(`begin isolation level ${isolation}; ${become(caller)}`).simple();
  }

  /** Runs a command in the open request; the transaction stays open, also after an error. */
  async run<C extends Command>(command: C, args: CommandArgs<C>): Promise<CommandRow<C>> {
    const entries = Object.entries(args ?? {});
    const named = entries.map(([name], index) => `${name} => $${index + 1}`);
    const rows = await this.#sql.unsafe<{ row: CommandRow<C> }[]>(
      commandSql(command, named),
      entries.map(([, value]) => value as postgres.ParameterOrJSON<never>),
    );
    return rowOf(rows);
  }

  async commit(): Promise<void> {
    await this.#sql.unsafe("commit");
  }

  async rollback(): Promise<void> {
    await this.#sql.unsafe("rollback");
  }

  /**
   * One whole request, sent as one message: it is a transaction of its own, and a connection that is lost takes all of
   * it or nothing.
   */
  async call<C extends Command>(
    caller: string,
    command: C,
    args: CommandArgs<C>,
    statementTimeout?: string,
  ): Promise<CommandRow<C>> {
    const named = Object.entries(args ?? {}).map(([name, value]) => `${name} => ${literal(value)}`);
    const results: unknown = await this.#sql
      .unsafe(`${become(caller, statementTimeout)}; ${commandSql(command, named)}`)
      .simple();
    return rowOf<C>(Array.isArray(results) ? results.at(-1) : []);
  }

  async close(): Promise<void> {
    await this.#sql.end({ timeout: 0 });
  }
}

function become(caller: string, statementTimeout = STATEMENT_TIMEOUT): string {
  const role = caller === SERVICE ? SERVICE : "authenticated";
  const claims = literal(JSON.stringify(caller === SERVICE ? { role } : { sub: caller, role }));
  return `select set_config('role', '${role}', true), set_config('request.jwt.claims', ${claims}, true),
    set_config('statement_timeout', ${literal(statementTimeout)}, true)`;
}

function commandSql(command: Command, namedArguments: readonly string[]): string {
  return `select to_jsonb(r) as row from public.${command}(${namedArguments.join(", ")}) r`;
}

/** The first row; only a command that returns a list may have none. */
function rowOf<C extends Command>(rows: readonly { row: CommandRow<C> }[]): CommandRow<C> {
  return (rows[0]?.row ?? null) as CommandRow<C>;
}

function literal(value: unknown): string {
  if (value === null || value === undefined) return "null";
  return `'${(typeof value === "object" ? JSON.stringify(value) : String(value)).replaceAll("'", "''")}'`;
}

/** Whether an error means that the server or the connection went away, which a client answers by trying again. */
export function isConnectionLost(error: unknown): boolean {
  const code = codeOf(error);
  return (
    code !== undefined &&
    // 57P01 terminated, 57P02 crash, 57P03 still starting; the others are the driver's words for a lost socket
    (["57P01", "57P02", "57P03", "ECONNREFUSED", "ECONNRESET", "EPIPE"].includes(code) ||
      code.startsWith("CONNECTION_"))
  );
}

/** SQLSTATE or driver code of anything that was thrown. */
export function codeOf(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

/** The slug of a documented refusal (`PTxyz`). Everything else, deadlocks above all, is thrown again. */
export function slugOf(error: unknown): string {
  if (error instanceof Error && /^PT\d{3}$/.test(codeOf(error) ?? "")) return error.message;
  throw error;
}
