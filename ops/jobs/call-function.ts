import { StackError } from "../../dev/base/stack-error.ts";

/** A call takes less than this, as all of them do on a hosted project. */
const CALL_MS = 60_000;

/**
 * How edge functions are called: SUPABASE_URL and SUPABASE_SECRET_KEY, or not at all when both are missing.
 *
 * @throws StackError when only one of them is there, or the address is none.
 */
export function functionCaller(
  env: NodeJS.ProcessEnv = process.env,
): ((name: string, signal: AbortSignal) => Promise<Response>) | undefined {
  const { SUPABASE_URL: address = "", SUPABASE_SECRET_KEY: key = "" } = env;
  if (address === "" && key === "") return undefined;
  if (address === "" || key === "") {
    const missing = address === "" ? "SUPABASE_URL" : "SUPABASE_SECRET_KEY";
    throw new StackError(`${missing} is missing: functions need both, SUPABASE_URL and SUPABASE_SECRET_KEY`);
  }
  if (!/^https?:\/\//u.test(address) || !URL.canParse(address)) {
    throw new StackError("SUPABASE_URL is no address: write it as https://<ref>.supabase.co");
  }
  const base = address.replace(/\/+$/u, "");
  return (name, signal) =>
    fetch(`${base}/functions/v1/${name}`, {
      method: "POST",
      headers: { apikey: key },
      signal: AbortSignal.any([signal, AbortSignal.timeout(CALL_MS)]),
    });
}
