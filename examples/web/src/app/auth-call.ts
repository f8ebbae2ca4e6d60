import type { AuthError } from "@supabase/supabase-js";

/** What a call of `supabase.auth` answers; the error that it returns is thrown, as commands expect it. */
export async function authCall<Answer extends { data: unknown; error: AuthError | null }>(
  call: Promise<Answer>,
): Promise<Extract<Answer, { error: null }>["data"]> {
  const { data, error } = await call;
  if (error !== null) throw error;
  return data;
}
