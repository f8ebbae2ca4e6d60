import { messageOf, StackError } from "../base/stack-error.ts";
import { openServerSession } from "../stack/database/session.ts";

/**
 * The DATABASE_URL, or undefined when there is none.
 *
 * @throws StackError when it is no address.
 */
export function databaseUrl(): string | undefined {
  const url = process.env["DATABASE_URL"];
  if (url === undefined || url === "") return undefined;
  if (!URL.canParse(url)) {
    throw new StackError("DATABASE_URL is no address: write postgresql://user:password@host:5432/database");
  }
  return url;
}

/** What kind of database an address leads to. */
export interface DatabaseFacts {
  /** A hosted project or the official containers: roles, Auth and REST are its own. */
  isSupabase: boolean;
  isSuperuser: boolean;
}

/** Connects once and looks. */
export async function inspectDatabase(url: string): Promise<DatabaseFacts> {
  const session = openServerSession(url);
  try {
    const [facts] = await session.query<{ is_supabase: boolean; is_superuser: boolean }>(`
      select to_regclass('auth.schema_migrations') is not null as is_supabase, rolsuper as is_superuser
      from pg_roles where rolname = current_user`);
    return { isSupabase: facts?.is_supabase ?? false, isSuperuser: facts?.is_superuser ?? false };
  } catch (error) {
    throw new StackError(`cannot connect to the database of DATABASE_URL: ${messageOf(error)}`);
  } finally {
    await session.close();
  }
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
