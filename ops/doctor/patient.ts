import postgres from "postgres";
import { messageOf } from "../../dev/base/stack-error.ts";
import type { Address } from "../core/address.ts";
import { clientOptions, databaseTypes } from "../core/client.ts";

/** Environment variables, by name. */
export type Variables = Readonly<Record<string, string | undefined>>;

/** Asks the database within one read-only transaction. */
export type Ask = <Row extends object>(sql: string, parameters?: readonly string[]) => Promise<Row[]>;

/** What the doctor examines. */
export interface Patient {
  /** Undefined when no database is named, or not in a way that can be understood. */
  readonly address: Address | undefined;
  /** Whether it is the stack that runs on this machine, because the environment names no database. */
  readonly isLocalStack: boolean;
  /** What the functions read: keys, mail server. Empty where they are kept elsewhere, as those of a hosted project. */
  readonly secrets: Variables;
  /** The most seconds that a query may run, or a transaction do nothing, before it is ill. */
  readonly limitSeconds: number;
  /** The most seconds that a question may take. */
  readonly patience: number;
  /**
   * Connects at the first call.
   *
   * @throws the driver's error, the same at every call.
   */
  connect(): Promise<DatabaseKind>;
  /** One transaction that changes nothing and waits for nobody. */
  inTransaction<Result>(work: (ask: Ask) => Promise<Result>): Promise<Result>;
  /** Runs one statement by itself, for a repair. */
  act<Row extends object>(sql: string, parameters?: readonly string[]): Promise<Row[]>;
  close(): Promise<void>;
}

/** The embedded database has one session and no server around it. */
export type DatabaseKind = "server" | "embedded";

/** Shown in `pg_stat_activity`; sessions of this name are the doctor's own. */
export const APPLICATION_NAME = "npm run doctor";

/** What a patient is made of. */
export type PatientOptions = Pick<Patient, "address" | "isLocalStack" | "secrets" | "limitSeconds" | "patience">;

/**
 * Meets a patient. Nothing is asked of the database before the first question. Not by `connect` of ops/core, which has one
 * line for every failure: here it is the failure itself that is examined.
 */
export function meet(options: PatientOptions): Patient {
  const { address, patience } = options;
  let opened: { sql: postgres.Sql; kind: Promise<DatabaseKind> } | undefined;
  const database = async (): Promise<postgres.Sql> => {
    if (address === undefined) throw new Error("no database is named");
    if (opened === undefined) {
      const settings = { applicationName: APPLICATION_NAME, max: 1 };
      const sql = postgres({ ...clientOptions(address, settings), types: databaseTypes, fetch_types: false });
      opened = { sql, kind: kindOf(sql) };
    }
    await opened.kind;
    return opened.sql;
  };

  return {
    ...options,
    async connect() {
      await database();
      return (await opened?.kind) ?? "server";
    },
    async inTransaction<Result>(work: (ask: Ask) => Promise<Result>) {
      let result: Result | undefined;
      await (await database()).begin("read only", async (transaction) => {
        await transaction
          .unsafe(`set local statement_timeout = '${patience}s'; set local lock_timeout = '1s'`)
          .simple();
        result = await work((text, parameters = []) => rowsOf(transaction, text, parameters));
      });
      return result as Result;
    },
    act: async (text, parameters = []) => rowsOf(await database(), text, parameters),
    async close() {
      await opened?.sql.end({ timeout: 5 });
    },
  };
}

type Client = Pick<postgres.ISql<Record<string, unknown>>, "unsafe">;

async function rowsOf<Row extends object>(client: Client, text: string, parameters: readonly string[]): Promise<Row[]> {
  return [...(await client.unsafe<Row[]>(text, [...parameters]))];
}

async function kindOf(sql: postgres.Sql): Promise<DatabaseKind> {
  const [row] = await sql.unsafe<{ is_embedded: boolean }[]>("select version() ~ 'emcc|Emscripten' as is_embedded");
  return row?.is_embedded ? "embedded" : "server";
}

/** The reason in one line. */
export function reasonOf(error: unknown): string {
  return messageOf(error).split("\n")[0]?.trim() ?? "";
}
