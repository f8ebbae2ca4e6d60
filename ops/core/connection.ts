import postgres from "postgres";
import { paths } from "../../dev/base/paths.ts";
import { StackError } from "../../dev/base/stack-error.ts";
import { addressOfRunningStack } from "../../dev/stack/addresses.ts";
import { type Address, readAddress } from "./address.ts";
import { clientOptions, databaseTypes } from "./client.ts";
import { type Copies, copiesOf } from "./copy.ts";
import { connectionLimits, databaseAddress, directAddress } from "./environment.ts";
import { explained } from "./explain.ts";
import { type Inspection, inspect } from "./inspect.ts";

/** What runs SQL. */
export interface Queries {
  /** Runs one statement with `$1`-style parameters and returns its rows. */
  query<Row extends object = Record<string, unknown>>(sql: string, parameters?: readonly unknown[]): Promise<Row[]>;
}

/** What runs SQL on one connection. */
export type Session = Queries & Copies;

/** An open database, the same behind a pooler, on a server and on the embedded one. */
export interface Database extends Queries, Inspection {
  /** Runs work in one transaction; what it throws rolls back. */
  transaction<Result>(work: (session: Session) => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
  /** For PostgreSQL's programs; it holds the password. */
  readonly url: string;
  /** For people: host, port and database. */
  readonly name: string;
}

/** Which of the addresses, and as whom. */
export interface ConnectOptions {
  /**
   * Whether sessions must be kept: for programs that set something for the session, LISTEN, session locks, and what PostgreSQL
   * does only outside transactions. Takes DATABASE_DIRECT_URL, and refuses a pooler in transaction mode.
   */
  direct?: boolean;
  /** Whether it will write, so that a standby is refused before anything else is done. */
  writes?: boolean;
  /** Name shown in `pg_stat_activity`. */
  applicationName?: string;
  /** An address instead of those of the environment. */
  url?: string;
  /** What a look at the same server or pooler told before: then it is not looked at again, which takes three logins. */
  known?: Inspection;
  /** The most connections. Default: DATABASE_POOL_MAX. */
  max?: number;
  /** Seconds that one statement may take. Default: DATABASE_STATEMENT_TIMEOUT. */
  statementSeconds?: number;
}

/** The oldest PostgreSQL that the product runs on. */
const OLDEST_VERSION = 15;

/**
 * Connects to the database of the environment, else to that of the running local stack.
 *
 * Nothing here needs a session of its own, so all of it works through a pooler in transaction mode: statements have no names,
 * nothing is set at login, and a statement timeout is set in a transaction around the statement.
 *
 * @throws StackError with one line that says what to do next.
 * @example
 * const database = await connect();
 * const [row] = await database.query<{ count: number }>("select count(*) from public.tasks");
 * await database.close();
 */
export async function connect(options: ConnectOptions = {}): Promise<Database> {
  const { direct = false, writes = false, applicationName = "neighbourhood operations" } = options;
  const address = chosenAddress(options);
  const found = options.known ?? (await inspect(address, applicationName));
  refuseOldVersion(address.name, found.version);
  if (writes) refuseStandby(address.name, found);
  if (direct && found.pooling === "transaction") throw new StackError(needsDirect(address));
  return open(address, found, { ...options, applicationName });
}

/** @throws StackError when the server is older than what the product runs on. */
export function refuseOldVersion(name: string, version: number): void {
  if (version >= OLDEST_VERSION) return;
  throw new StackError(
    `${name} is PostgreSQL ${version}: ${OLDEST_VERSION} or newer is needed, upgrade it or set DATABASE_URL to another`,
  );
}

/** @throws StackError when the server only repeats what another one writes. */
export function refuseStandby(name: string, { isStandby }: Pick<Inspection, "isStandby">): void {
  if (!isStandby) return;
  throw new StackError(
    `${name} is a standby (or a read replica), which takes no writes: set DATABASE_URL to the primary, or promote it`,
  );
}

/** The line for work that cannot go through a pooler in transaction mode. */
export function needsDirect({ name }: Pick<Address, "name">): string {
  return `this needs sessions, which the pooler at ${name} does not keep: set DATABASE_DIRECT_URL to the address of the server itself`;
}

function chosenAddress({ direct = false, url }: ConnectOptions): Address {
  if (url !== undefined) return readAddress(url);
  const address = direct ? directAddress() : databaseAddress();
  if (address !== undefined) return address;
  const running = addressOfRunningStack(paths.local);
  if (running !== undefined) return readAddress(running);
  throw new StackError(
    "which database? Set DATABASE_URL=postgresql://user:password@host:5432/database, or run npm start",
  );
}

type OpenOptions = Pick<ConnectOptions, "max" | "statementSeconds"> & { applicationName: string };

function open(
  address: Address,
  found: Inspection,
  { applicationName, max, statementSeconds = connectionLimits().statementSeconds }: OpenOptions,
): Database {
  const isPooled = found.pooling !== "none";
  const timeout = `${statementSeconds}s`;
  const sql = postgres({
    ...clientOptions(address, {
      applicationName,
      ...(max === undefined ? {} : { max }),
      ...(statementSeconds === 0 || isPooled ? {} : { session: { statement_timeout: timeout } }),
    }),
    types: databaseTypes,
  });
  const setsTimeout = statementSeconds > 0 && isPooled;
  const inTransaction = <Result>(work: (session: Session) => Promise<Result>): Promise<Result> =>
    explained(address.name, async () => {
      let result: Result | undefined;
      await sql.begin(async (transaction) => {
        if (setsTimeout) await transaction.unsafe(`set local statement_timeout = '${timeout}'`);
        result = await work({ query: queryOf(transaction), ...copiesOf(transaction) });
      });
      return result as Result;
    });
  const query = queryOf(sql);
  return {
    ...found,
    url: address.url,
    name: address.name,
    query: (text, parameters) =>
      setsTimeout
        ? inTransaction((session) => session.query(text, parameters))
        : explained(address.name, () => query(text, parameters)),
    transaction: inTransaction,
    close: () => sql.end({ timeout: 5 }),
  };
}

type Client = Pick<postgres.ISql<Record<string, unknown>>, "unsafe">;

/** postgres.js types parameters more narrowly than the protocol does: every value is sent as text. */
function queryOf(sql: Client): Queries["query"] {
  return async <Row extends object>(text: string, parameters: readonly unknown[] = []) => [
    ...(await sql.unsafe<Row[]>(text, [...parameters] as postgres.ParameterOrJSON<never>[])),
  ];
}
