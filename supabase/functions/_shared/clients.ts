/**
 * How a function reaches its own project.
 *
 * @module
 */

/** Address and public key of the project a function runs in. */
export interface ProjectEnvironment {
  url: string;
  publishableKey: string;
}

/**
 * Reads the project from the environment the platform gives every function.
 *
 * @param get reads one variable, e.g. `Deno.env.get`.
 * @throws Error naming the variable that is missing.
 */
export function projectEnvironment(get: (name: string) => string | undefined): ProjectEnvironment {
  const url = get("SUPABASE_URL");
  if (!url) throw new Error("SUPABASE_URL is not set");
  return { url, publishableKey: publishableKey(get) };
}

/** Older projects have one anonymous key instead of named publishable keys. */
function publishableKey(get: (name: string) => string | undefined): string {
  const named = get("SUPABASE_PUBLISHABLE_KEYS");
  const key = named === undefined ? get("SUPABASE_ANON_KEY") : (JSON.parse(named) as { default?: string }).default;
  if (!key) throw new Error("neither SUPABASE_PUBLISHABLE_KEYS nor SUPABASE_ANON_KEY holds a key");
  return key;
}

/** Address and secret key of the project a function runs in: with these it may do everything. */
export interface ServiceEnvironment {
  url: string;
  secretKey: string;
}

/**
 * As {@link projectEnvironment}, for functions that act as the service.
 *
 * @throws Error naming the variable that is missing.
 */
export function serviceEnvironment(get: (name: string) => string | undefined): ServiceEnvironment {
  const url = get("SUPABASE_URL");
  if (!url) throw new Error("SUPABASE_URL is not set");
  const keys = secretKeys(get);
  const secretKey = keys["default"] ?? Object.values(keys)[0];
  if (!secretKey) throw new Error("neither SUPABASE_SECRET_KEYS nor SUPABASE_SERVICE_ROLE_KEY holds a key");
  return { url, secretKey };
}

/** Every secret key of the project by its name. Older projects have one service key instead. */
export function secretKeys(get: (name: string) => string | undefined): Record<string, string> {
  const named = get("SUPABASE_SECRET_KEYS");
  if (named !== undefined) return JSON.parse(named) as Record<string, string>;
  const serviceKey = get("SUPABASE_SERVICE_ROLE_KEY");
  return serviceKey ? { default: serviceKey } : {};
}

/**
 * Calls a function of the API as nobody in particular.
 *
 * @throws Error when the API does not answer with success.
 */
export async function callAnonymousRpc(
  project: ProjectEnvironment,
  name: string,
  signal: AbortSignal,
): Promise<unknown> {
  const response = await fetch(`${project.url}/rest/v1/rpc/${name}`, {
    method: "POST",
    headers: { apikey: project.publishableKey, "content-type": "application/json" },
    body: "{}",
    signal,
  });
  if (!response.ok) {
    await response.body?.cancel();
    throw new Error(`${name} answered ${response.status}`);
  }
  return response.json();
}
