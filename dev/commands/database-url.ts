import { connect } from "../../ops/core/connection.ts";
import { directAddress } from "../../ops/core/environment.ts";

/** What kind of database an address leads to. */
export interface DatabaseFacts {
  /** A hosted project or the official containers: roles, Auth and REST are its own. */
  isSupabase: boolean;
  isSuperuser: boolean;
}

/**
 * Connects once and looks, before something is written there.
 *
 * @throws StackError when it is a standby, or nobody answers there.
 */
export async function inspectDatabase(url: string): Promise<DatabaseFacts> {
  const database = await connect({ url, writes: true });
  try {
    const [facts] = await database.query<{ is_supabase: boolean; is_superuser: boolean }>(`
      select to_regclass('auth.schema_migrations') is not null as is_supabase, rolsuper as is_superuser
      from pg_roles where rolname = current_user`);
    return { isSupabase: facts?.is_supabase ?? false, isSuperuser: facts?.is_superuser ?? false };
  } finally {
    await database.close();
  }
}

/**
 * The address for the Supabase CLI, which keeps a session: DATABASE_DIRECT_URL, else DATABASE_URL; undefined without one.
 *
 * @throws StackError when it is that of a pooler in transaction mode, or nobody answers there.
 */
export async function sessionUrl(): Promise<string | undefined> {
  const address = directAddress();
  if (address === undefined) return undefined;
  const database = await connect({ url: address.url, direct: true });
  await database.close();
  return address.url;
}

/**
 * The address as the Supabase CLI wants it: no TLS to this machine unless asked for, and acting as the owner role
 * where one logs in as a superuser.
 */
export function cliUrl(url: string, role?: string): string {
  const parsed = new URL(url);
  const isLocal = ["127.0.0.1", "localhost", "[::1]"].includes(parsed.hostname);
  if (isLocal && !parsed.searchParams.has("sslmode")) parsed.searchParams.set("sslmode", "disable");
  // The CLI reads "+" in a query as itself, so the blank must be written as %20.
  const address = parsed.href;
  if (role === undefined) return address;
  return `${address}${address.includes("?") ? "&" : "?"}options=-c%20role%3D${role}`;
}
