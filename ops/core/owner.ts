import postgres from "postgres";
import type { SqlSession } from "../../dev/stack/database/session.ts";
import { readAddress } from "./address.ts";
import { clientOptions, databaseTypes } from "./client.ts";
import { connect } from "./connection.ts";

/** A session of its own, as the role that owns what the migrations made. */
export interface OwnerSession extends SqlSession {
  /** For people: host, port and database. */
  readonly name: string;
}

/** What somebody who listens hears. */
export interface OwnerOptions {
  applicationName: string;
  /** Called with what `raise notice` says. */
  onNotice?: (message: string) => void;
  /** An address instead of those of the environment. */
  url?: string;
}

/**
 * Opens one connection to the server itself: for what sets something for the session, and what runs outside transactions. Whoever
 * logs in as a superuser acts as the owner.
 *
 * @throws StackError when there is no way in, or a pooler in transaction mode between.
 */
export async function openOwnerSession({ applicationName, onNotice, url }: OwnerOptions): Promise<OwnerSession> {
  const database = await connect({
    direct: true,
    writes: true,
    applicationName,
    ...(url === undefined ? {} : { url }),
  });
  const [found] = await database
    .query<{ owner: string | null; me: string }>(
      `select current_user as me,
        (select pg_get_userbyid(nspowner) from pg_namespace where nspname = 'private') as owner`,
    )
    .finally(() => database.close());
  const role = found?.owner !== null && found?.owner !== found?.me ? found?.owner : undefined;
  const options = clientOptions(readAddress(database.url), {
    applicationName,
    max: 1,
    ...(role === undefined ? {} : { session: { role } }),
  });
  const sql = postgres({
    ...options,
    types: databaseTypes,
    idle_timeout: 0,
    onnotice: (notice) => onNotice?.(notice["message"] ?? ""),
  });
  return {
    name: database.name,
    async query<Row extends object>(text: string, parameters: readonly unknown[] = []) {
      return [...(await sql.unsafe<Row[]>(text, [...parameters] as postgres.ParameterOrJSON<never>[]))];
    },
    async script(text) {
      await sql.unsafe(text).simple();
    },
    close: () => sql.end({ timeout: 5 }),
  };
}
