import type { Database, NeighbourhoodClient } from "@neighbourhood-help/client";
import {
  type AuthError,
  createClient,
  isAuthRetryableFetchError,
  type Session,
  type SupabaseClient,
} from "@supabase/supabase-js";
import type { AppConfig } from "../../config-file.ts";

/** The project that this app talks to. */
export interface Connection {
  readonly config: AppConfig;
  readonly supabase: SupabaseClient<Database>;
  /** The typed client, loaded when a screen first needs it: one promise, until it fails. */
  readonly loadClient: () => Promise<NeighbourhoodClient>;
  /** Who is signed in when the app opens. */
  readonly session: Session | null;
  /** Why the link of an e-mail, with which the app was opened, did not sign anybody in. */
  readonly linkError: AuthError | null;
}

/** Reads the configuration, and who is signed in. */
export async function connect(): Promise<Connection> {
  const response = await fetch("/config.json");
  if (!response.ok) throw new Error(`config.json: ${response.status}`);
  const config = (await response.json()) as AppConfig;
  // a project that does not list this address leads everybody to the start, also who forgot the password
  if (/[#&]type=recovery(?:&|$)/u.test(location.hash)) history.replaceState(null, "", `/new-password${location.hash}`);
  const supabase = createClient<Database>(config.supabase_url, config.publishable_key);
  const loadClient = clientLoader(supabase);
  const kept = keptSession(config);
  if (kept !== null) void loadClient().catch(() => undefined);
  const opening = open(supabase, kept);
  const { session, linkError } = await (kept === null ? opening : Promise.race([opening, impatience(kept)]));
  return { config, supabase, loadClient, session, linkError };
}

function clientLoader(supabase: SupabaseClient<Database>): Connection["loadClient"] {
  let loading: Promise<NeighbourhoodClient> | undefined;
  return () => {
    loading ??= import("./client.ts").then(
      ({ createNeighbourhoodClient }) => createNeighbourhoodClient(supabase),
      (error: unknown) => {
        loading = undefined;
        throw error;
      },
    );
    return loading;
  };
}

type Opened = Pick<Connection, "session" | "linkError">;

async function open(supabase: SupabaseClient<Database>, kept: Session | null): Promise<Opened> {
  const { error: linkError } = await supabase.auth.initialize();
  if (/[#&]error=/u.test(location.hash)) history.replaceState(null, "", location.pathname + location.search);
  const { data, error } = await supabase.auth.getSession();
  return { session: data.session ?? (isAuthRetryableFetchError(error) ? kept : null), linkError };
}

/** How long a network that does not answer may keep the app from opening. */
const PATIENCE_MS = 4_000;

/**
 * Renewing an expired token, supabase-js waits half a minute for a network, and then knows nobody. Somebody at a till has a code
 * to show: the app opens for the member it knows, and when the token is refused in the end, it says so.
 */
async function impatience(session: Session): Promise<Opened> {
  await new Promise((resolve) => setTimeout(resolve, navigator.onLine ? PATIENCE_MS : 0));
  return { session, linkError: null };
}

/** Who was signed in on this device, where supabase-js keeps it. */
function keptSession({ supabase_url }: AppConfig): Session | null {
  const text = localStorage.getItem(`sb-${new URL(supabase_url).hostname.split(".")[0]}-auth-token`);
  return text === null ? null : (JSON.parse(text) as Session);
}
