import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import { importJWK, SignJWT } from "jose";
import { inject } from "vitest";
import type { SigningKey } from "../../dev/stack/keys.ts";
import type { Database } from "../../src/client/database.types.ts";
import { type Sql, signUpBySql } from "./admin.ts";
import type { Command, CommandArgs, CommandRow } from "./api-connection.ts";
import { proveAfterEach } from "./prove-after-each.ts";
import type { Call } from "./scenario.ts";
import { sqlThrough } from "./sql-door.ts";
import type { StackAddress } from "./stack.setup.ts";

/** supabase-js, typed with this database. */
export type Client = SupabaseClient<Database>;

/** A signed-in member. */
export interface Member {
  id: string;
  token: string;
  /** supabase-js as this member's phone holds it. */
  api: Client;
}

/** The running stack, as a test file uses it. */
export interface TestStack {
  address: StackAddress;
  /** SQL with full rights, for looking behind the scenes and for what only admins can do. */
  sql: Sql;
  /** supabase-js before anybody signs in. */
  anonymous(): Client;
  /** New neighbours, already signed in. */
  members<Count extends number>(count: Count): Promise<Crowd<Count>>;
  /** Sends a command of one of these members and expects it to succeed. */
  call: Call;
}

/** So many members, each of them certain to be there. */
type Crowd<Count extends number> = Count extends 1
  ? [Member]
  : Count extends 2
    ? [Member, Member]
    : Count extends 3
      ? [Member, Member, Member]
      : Member[];

/** Connects to the stack of the run, and proves after every test that books, search projection and histories are right. */
export function useStack(): TestStack {
  const address = inject("stack");
  const sql = sqlThrough(address.sqlDoor);
  proveAfterEach(sql);
  const known = new Map<string, Member>();
  return {
    address,
    sql,
    anonymous: () => openClient(address),
    async members<Count extends number>(count: Count) {
      const members = await Promise.all((await signUpBySql(sql, count)).map((id) => signIn(address, id)));
      for (const member of members) known.set(member.id, member);
      return members as Crowd<Count>;
    },
    call: (memberId, command, args) => {
      const member = known.get(memberId);
      if (!member) throw new Error(`${memberId} is not one of this file's members`);
      return rpc(member, command, args);
    },
  };
}

/** The same rows and the same kind of token as a sign-up over HTTP, without hashing a password each time. */
export async function signIn(
  address: Pick<StackAddress, "url" | "publishableKey" | "signingKey">,
  id: string,
): Promise<Member> {
  const token = await signToken(address.signingKey, { sub: id, role: "authenticated", aud: "authenticated" });
  return { id, token, api: openClient(address, token) };
}

/** Sends a command and expects it to succeed. */
export async function rpc<C extends Command>(
  { api }: Pick<Member, "api">,
  command: C,
  args: CommandArgs<C>,
): Promise<CommandRow<C>> {
  // supabase-js types each function by its name; for a name that is a variable it needs to be told
  const { data }: { data: unknown } = await api.rpc(command, args as never).throwOnError();
  return data as CommandRow<C>;
}

/** What access tokens are signed with: a project's key, or a secret that it shares with its servers. */
export type TokenKey = SigningKey | string;

/** An access token with any claims, as a hosted project signs it with this key. */
export async function signToken(
  key: TokenKey,
  claims: Record<string, unknown>,
  expiresIn = "1h",
  header: { alg?: string; kid?: string } = {},
): Promise<string> {
  const isSecret = typeof key === "string";
  return new SignJWT(claims)
    .setProtectedHeader({ typ: "JWT", ...(isSecret ? { alg: "HS256" } : { alg: key.alg, kid: key.kid }), ...header })
    .setIssuedAt()
    .setExpirationTime(expiresIn)
    .sign(isSecret ? new TextEncoder().encode(key) : await importJWK(key));
}

/** supabase-js with an access token, or with none. */
export function openClient(
  { url, publishableKey }: Pick<StackAddress, "url" | "publishableKey">,
  token?: string,
): Client {
  return createClient<Database>(url, publishableKey, {
    auth: { persistSession: false, autoRefreshToken: false },
    ...(token === undefined ? {} : { accessToken: async () => token }),
  });
}
