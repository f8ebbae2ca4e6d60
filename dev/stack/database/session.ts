import postgres from "postgres";
import { readAddress } from "../../../ops/core/address.ts";
import { clientOptions, databaseTypes } from "../../../ops/core/client.ts";

/** One SQL connection, the same shape on the embedded database and on a server. */
export interface SqlSession {
  /** Runs one statement with `$1`-style parameters and returns its rows. */
  query<Row extends object = Record<string, unknown>>(text: string, parameters?: readonly unknown[]): Promise<Row[]>;
  /** Runs one or more statements without parameters. */
  script(text: string): Promise<void>;
  close(): Promise<void>;
}

export interface ServerSessionOptions {
  /** Role to act as from the first statement on; the login user must be a member of it. */
  role?: string;
  /** Name shown in `pg_stat_activity`. */
  applicationName?: string;
}

/** Opens one connection to a PostgreSQL server. Without a role it works through a pooler, too. */
export function openServerSession(url: string, options: ServerSessionOptions = {}): SqlSession {
  const sql = postgres({
    ...clientOptions(readAddress(url), {
      applicationName: options.applicationName ?? "neighbourhood stack",
      max: 1,
      ...(options.role === undefined ? {} : { session: { role: options.role } }),
    }),
    idle_timeout: 0, // a session keeps its settings and its transaction
    types: databaseTypes,
  });
  return {
    async query<Row extends object>(text: string, parameters: readonly unknown[] = []) {
      // postgres.js types parameters more narrowly than the protocol does: every value is sent as text.
      const rows = await sql.unsafe<Row[]>(text, [...parameters] as postgres.ParameterOrJSON<never>[]);
      return [...rows];
    },
    async script(text) {
      await sql.unsafe(text).simple();
    },
    async close() {
      await sql.end({ timeout: 5 });
    },
  };
}
