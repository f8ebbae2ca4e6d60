import type { PgliteConnection } from "@supabase/lite/pglite";
import type { PostgresConnection } from "@supabase/lite/postgres";
import type { SqlSession } from "./session.ts";

/** A connection as the REST and Auth servers want it. */
export type LiteConnection = PgliteConnection | PostgresConnection;

/** The REST server's picture of tables, functions and their relations. */
export type Catalogue = Awaited<ReturnType<LiteConnection["introspect"]>>;

/** The database of a running stack: embedded or on a server, the rest of the stack does not care. */
export interface StackDatabase {
  readonly kind: "embedded" | "server";
  /** Connection string of the role that owns the product's objects; the embedded database has none. */
  readonly url?: string;
  /** Connection string of the superuser, on a cluster of our own. */
  readonly superuserUrl?: string;
  /** Connection string of the API's login role, on a cluster of our own. */
  readonly authenticatorUrl?: string;
  /** SQL with the rights of the superuser (or of the DATABASE_URL's user). */
  readonly admin: SqlSession;
  /** The role that owns the product's objects and runs migrations. */
  readonly ownerRole: string;
  /** Runs work as the owner role in one session, which may hold transactions. */
  asOwner<Result>(work: (session: SqlSession) => Promise<Result>): Promise<Result>;
  /** The catalogue as the REST server wants it, read with the rights to see everything. */
  introspect(): Promise<Catalogue>;
  /** A connection for the REST, Auth or Studio server that acts as the given role. */
  connect(role: string): LiteConnection;
  /**
   * Runs one HTTP request of the given role. The embedded database has a single session: there, requests wait for
   * each other and the session takes on the role for the duration; on a server this only calls `work`.
   */
  asRole<Result>(role: string, work: () => Promise<Result>): Promise<Result>;
  /** On the embedded database alone: sends messages of PostgreSQL's protocol to the session; only inside `asRole`. */
  readonly exchange?: (message: Uint8Array) => Promise<Uint8Array>;
  close(): Promise<void>;
}
