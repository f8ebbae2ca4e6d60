import type { NeighbourhoodClient } from "@neighbourhood-help/client";
import type { User } from "@supabase/supabase-js";
import { createContext, use } from "react";
import type { Connection } from "./connection.ts";

export const ConnectionContext = createContext<Connection | undefined>(undefined);

/** The project, its client, and who is signed in. */
export function useConnection(): Connection {
  const connection = use(ConnectionContext);
  if (connection === undefined) throw new Error("used outside of <App>");
  return connection;
}

/** The typed client: all that screens read and do. Waits until it is loaded. */
export function useClient(): NeighbourhoodClient {
  return use(useConnection().loadClient());
}

/** The member who is signed in; screens below the layout of members always have one. */
export function useSignedIn(): User {
  const { session } = useConnection();
  if (session === null) throw new Error("nobody is signed in");
  return session.user;
}
