import { isAuthRetryableFetchError, type Session } from "@supabase/supabase-js";
import { useEffect, useState } from "react";
import type { Connection } from "./connection.ts";
import { unsubscribeFromPush } from "./push.ts";

/** Written for the other tabs, too: who left on purpose is not asked to come back. */
const LEFT = "left";

/** Who is signed in, from moment to moment. */
export interface SessionState {
  /** Kept when the sign-in was lost, so that what somebody was writing stays on the screen. */
  readonly session: Session | null;
  /** The sign-in ended without the member's doing: it expired, or was revoked. */
  readonly isLost: boolean;
}

/** Signs out on this device, in all tabs; nothing is pushed to it any more. */
export async function signOut(connection: Connection): Promise<void> {
  // offline, or banned: the push service tells the backend that the browser is gone
  await unsubscribeFromPush(connection).catch(() => undefined);
  localStorage.setItem(LEFT, "yes");
  const { error } = await connection.supabase.auth.signOut({ scope: "local" });
  if (error !== null) throw error;
}

/** Renews a session that the backend does not accept; where that is refused, too, it has ended. */
export async function renewSession({ supabase }: Connection): Promise<void> {
  const { error } = await supabase.auth.refreshSession();
  // supabase-js would keep it until the time of its token is over
  if (error !== null && !isAuthRetryableFetchError(error)) await supabase.auth.signOut({ scope: "local" });
}

/** Follows who is signed in, and `leave` gives up a sign-in that was lost. */
export function useSession({ supabase, session: first }: Connection): SessionState & { leave(): void } {
  const [state, setState] = useState<SessionState>({ session: first, isLost: false });
  useEffect(() => {
    const { data } = supabase.auth.onAuthStateChange((event, session) => {
      // whoever the app opened for is known already, also without a network
      if (event === "INITIAL_SESSION" && session === null) return;
      if (session !== null) localStorage.removeItem(LEFT);
      const isWanted = localStorage.getItem(LEFT) !== null;
      setState((now) =>
        session !== null || isWanted
          ? { session, isLost: false }
          : { session: now.session, isLost: now.session !== null },
      );
    });
    return () => data.subscription.unsubscribe();
  }, [supabase]);
  return { ...state, leave: () => setState({ session: null, isLost: false }) };
}
