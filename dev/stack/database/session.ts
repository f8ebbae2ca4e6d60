import postgres from "postgres";
import { apiTypes } from "./api-values.ts";

/** One SQL connection, the same shape on the embedded database and on a server. */
export interface SqlSession {
  /** Runs one statement with `$1`-style parameters and returns its rows. */
  query<Row extends object = Record<string, unknown>>(text: string, parameters?: readonly unknown[]): Promise<Row[]>;
  /** Runs one or more statements without parameters. */
  script(text: string): Promise<void>;
  close(): Promise<void>;
}

/** Counts and identity columns stay far below 2^53. */
const bigint = { to: 20, from: [20], parse: Number, serialize: String };

export interface ServerSessionOptions {
  /** Role to act as from the first statement on; the login user must be a member of it. */
  role?: string;
  /** Name shown in `pg_stat_activity`. */
  applicationName?: string;
}

/** Opens one connection to a PostgreSQL server. */
export function openServerSession(url: string, options: ServerSessionOptions = {}): SqlSession {
  const sql = postgres(url, {
    max: 1,
    onnotice: () => undefined,
    connect_timeout: 10,
    types: { ...apiTypes, bigint },
    connection: {
      application_name: options.applicationName ?? "neighbourhood stack",
      ...(options.role === undefined ? {} : { role: options.role }),
    },
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
