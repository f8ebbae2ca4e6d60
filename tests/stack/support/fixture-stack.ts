import { join } from "node:path";
import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import { THROWAWAY_SETTINGS } from "../../../dev/stack/database/cluster.ts";
import { type Stack, type StackOptions, startStack } from "../../../dev/stack/start-stack.ts";

const fixtures = join(import.meta.dirname, "../fixtures");

/** A stack in memory on free ports, with the fixtures' schema and functions instead of the product's. */
export function startFixtureStack(options: StackOptions = {}): Promise<Stack> {
  return startStack({
    dataDir: "memory",
    port: 0,
    migrations: join(fixtures, "migrations"),
    functionsRoot: join(fixtures, "functions"),
    seed: false,
    jobs: false,
    studio: false,
    functions: false,
    clusterSettings: THROWAWAY_SETTINGS,
    ...options,
  });
}

/** A client that keeps its session in memory. */
export function clientOf(stack: Stack, key: string = stack.publishableKey): SupabaseClient {
  return createClient(stack.url, key, { auth: { persistSession: false, autoRefreshToken: false } });
}

/** A client with a new member signed in. */
export async function signUp(stack: Stack): Promise<{ client: SupabaseClient; id: string; accessToken: string }> {
  const client = clientOf(stack);
  const email = `${crypto.randomUUID()}@example.test`;
  const { data, error } = await client.auth.signUp({ email, password: "a-long-password" });
  if (error) throw error;
  if (!data.user || !data.session) throw new Error("signing up gave no session");
  return { client, id: data.user.id, accessToken: data.session.access_token };
}

/** Sends a request with the publishable key and reads the answer. */
export async function request(
  stack: Stack,
  path: string,
  init: RequestInit = {},
): Promise<{ status: number; body: unknown; headers: Headers }> {
  const response = await fetch(`${stack.url}${path}`, {
    ...init,
    headers: { apikey: stack.publishableKey, "content-type": "application/json", ...init.headers },
  });
  const text = await response.text();
  return { status: response.status, body: text === "" ? undefined : JSON.parse(text), headers: response.headers };
}
