import { createNeighbourhoodClient, type Database, type NeighbourhoodClient } from "@neighbourhood-help/client";
import { type AuthError, createClient, type Session, type SupabaseClient } from "@supabase/supabase-js";

/** `config.json`, beside `index.html`. */
export interface AppConfig {
  readonly supabase_url: string;
  readonly publishable_key: string;
  /** What browsers subscribe to for push messages; empty: none are offered. */
  readonly vapid_public_key: string;
  /** URL of a MapLibre style; empty: a plain ground, and no request leaves for tiles. */
  readonly map_style: string;
}

/** The project that this app talks to. */
export interface Connection {
  readonly config: AppConfig;
  readonly supabase: SupabaseClient<Database>;
  readonly client: NeighbourhoodClient;
  /** Who is signed in when the app opens. */
  readonly session: Session | null;
  /** Why the link of an e-mail, with which the app was opened, did not sign anybody in. */
  readonly linkError: AuthError | null;
}

/** Reads the configuration, and who is signed in. */
export async function connect(): Promise<Connection> {
  const response = await fetch("/config.json");
  const config = (await response.json()) as AppConfig;
  // a project that does not list this address leads everybody to the start, also who forgot the password
  if (/[#&]type=recovery(?:&|$)/u.test(location.hash)) history.replaceState(null, "", `/new-password${location.hash}`);
  const supabase = createClient<Database>(config.supabase_url, config.publishable_key);
  const { error: linkError } = await supabase.auth.initialize();
  if (/[#&]error=/u.test(location.hash)) history.replaceState(null, "", location.pathname + location.search);
  const { data } = await supabase.auth.getSession();
  return { config, supabase, client: createNeighbourhoodClient(supabase), session: data.session, linkError };
}
