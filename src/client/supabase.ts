import type { SupabaseClient } from "@supabase/supabase-js";
import { ApiError } from "./api-error.ts";
import type { Database } from "./database.types.ts";
import { type RequestOptions, sendMaybe } from "./request.ts";

/** The supabase-js client this package works on: `createClient<Database>(url, key)`. */
export type NeighbourhoodSupabase = SupabaseClient<Database>;

/** The columns of a member that stand next to their tasks and offers. */
export const USER_CARD = "id, name, avatar_path, rating_average, rating_count";

/** The same of somebody who offers help: with how many accepted tasks they finished. */
export const HELPER_CARD = "id, name, avatar_path, rating_average, rating_count, accepted_tasks, finished_tasks";

/**
 * The id of the member who is signed in. Only ever used to filter rows; what may be read is for the database to decide.
 *
 * The session is asked first, which costs nothing. A client that carries a token without a session (`accessToken` option, a
 * server passing a header on) asks the one row that only its owner can read.
 */
export async function ownUserId(supabase: NeighbourhoodSupabase, options: RequestOptions = {}): Promise<string> {
  const sessionUserId = await readSessionUserId(supabase);
  if (sessionUserId !== undefined) return sessionUserId;
  const account = await sendMaybe(
    (signal) => supabase.from("point_accounts").select("user_id").abortSignal(signal).maybeSingle(),
    options,
  );
  if (account === null) throw new ApiError({ code: "not_signed_in" });
  return account.user_id;
}

async function readSessionUserId(supabase: NeighbourhoodSupabase): Promise<string | undefined> {
  // with the accessToken option supabase-js has no auth to ask, and says so by throwing
  if (typeof Reflect.get(supabase, "accessToken") === "function") return undefined;
  const { data } = await supabase.auth.getSession();
  return data.session?.user.id;
}
