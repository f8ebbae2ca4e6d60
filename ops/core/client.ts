import type postgres from "postgres";
import { apiTypes } from "../../dev/stack/database/api-values.ts";
import type { Address } from "./address.ts";
import { connectionLimits } from "./environment.ts";

/** What differs between those who connect. */
export interface ClientSettings {
  /** Name shown in `pg_stat_activity`. */
  applicationName: string;
  /** The most connections. Default: DATABASE_POOL_MAX. */
  max?: number;
  /** Settings of the session from its login on; a pooler refuses all but a few. */
  session?: Readonly<Record<string, string>>;
  /**
   * Names statements, so that the server plans them once: only where a connection keeps its server, which a pooler in transaction
   * mode does not.
   */
  prepare?: boolean;
}

/** Counts and identity columns stay far below 2^53. */
const bigint = { to: 20, from: [20], parse: Number, serialize: String };

/** How values of the database are written in JavaScript, as the API writes them. */
export const databaseTypes = { ...apiTypes, bigint };

/** The options of postgres.js for an address: TLS, pool and timeouts as the environment says. */
export function clientOptions(address: Address, settings: ClientSettings) {
  const { poolMin, poolMax, connectSeconds, idleSeconds } = connectionLimits();
  const { max = poolMax } = settings;
  return {
    ...address.options,
    max,
    onnotice: () => undefined,
    connect_timeout: connectSeconds,
    idle_timeout: keptOpen(Math.min(poolMin, max), idleSeconds),
    prepare: settings.prepare ?? false,
    connection: {
      application_name: settings.applicationName,
      ...address.options.connection,
      ...settings.session,
    },
  } satisfies postgres.Options<Record<string, postgres.PostgresType>>;
}

/**
 * postgres.js has no smallest pool, but asks once for each connection when it is to be closed: the first ones, which are also
 * opened first, are not.
 */
function keptOpen(count: number, idleSeconds: number): number {
  let asked = 0;
  const idleTimeout = () => {
    asked += 1;
    return asked <= count ? 0 : idleSeconds;
  };
  return count === 0 ? idleSeconds : (idleTimeout as unknown as number);
}
