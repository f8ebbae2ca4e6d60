/**
 * Who calls a function. The platform checks tokens, too, but that is a switch in its configuration: a function that was
 * deployed with the wrong one must not be open.
 *
 * @module
 */
import { type VerifyAuthOptions, verifyAuth } from "@supabase/server/core";
import { z } from "zod";
import { KeysUnavailable, Problem } from "./problem.ts";

/** The project's keys. What is left out is read from the environment. */
export type CallerKeys = NonNullable<VerifyAuthOptions["env"]>;

/** A member's access token, as far as it matters here. */
const memberClaims = z.object({ id: z.guid(), role: z.literal("authenticated") });

/**
 * The id of the member whose access token came along. Only that counts: not the project's own keys, not tokens of another
 * project, not what the body says.
 *
 * @throws Problem `not_signed_in`
 * @throws KeysUnavailable when the project's keys had to be fetched and could not be.
 */
export async function requireMember(request: Request, keys: CallerKeys = {}): Promise<string> {
  const { data, error } = await verifyAuth(request, { auth: "user", audience: "authenticated", env: keys });
  if (error?.code === "JWKS_FETCH_FAILED") throw new KeysUnavailable(error.message);
  if (error !== null && error.status >= 500) throw error;
  const member = memberClaims.safeParse(data?.userClaims);
  if (!member.success) throw new Problem("not_signed_in");
  return member.data.id;
}

/**
 * Lets only callers pass that hold one of the project's secret keys, in the header `apikey`.
 *
 * @throws Problem `not_permitted`
 */
export async function requireSecretKey(request: Request, keys: CallerKeys = {}): Promise<void> {
  const { error } = await verifyAuth(request, { auth: "secret:*", env: keys });
  if (error !== null && error.status >= 500) throw error;
  if (error !== null) throw new Problem("not_permitted");
}
