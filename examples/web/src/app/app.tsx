import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { NewVersion } from "../components/new-version.tsx";
import { Notices } from "../components/notices.tsx";
import { LanguageProvider } from "../texts/language.tsx";
import type { Connection } from "./connection.ts";
import { ConnectionContext } from "./context.ts";
import { renewPush } from "./push.ts";
import { createQueryClient } from "./query-client.ts";
import { createAppRouter } from "./router.ts";
import { startServiceWorker } from "./service-worker-client.ts";

/** The whole app. */
export function App({ connection }: { connection: Connection }) {
  const [queryClient] = useState(createQueryClient);
  const [router] = useState(() => createAppRouter({ connection, queryClient }));
  const [session, setSession] = useState(connection.session);
  useEffect(() => {
    const { data } = connection.supabase.auth.onAuthStateChange((_event, next) => setSession(next));
    return () => data.subscription.unsubscribe();
  }, [connection]);
  const userId = session?.user.id;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another member, or nobody, must not see what the last one saw
  useEffect(() => {
    void router.invalidate();
    return () => queryClient.clear();
  }, [userId]);
  useEffect(() => {
    // offline, or refused: the next start tries again
    const renew = () => void renewPush(connection).catch(() => undefined);
    renew();
    void startServiceWorker((path) => void router.navigate({ href: path }), renew);
  }, [connection, router]);
  return (
    <ConnectionContext value={{ ...connection, session }}>
      <QueryClientProvider client={queryClient}>
        <LanguageProvider>
          <Notices>
            <NewVersion />
            <RouterProvider router={router} context={{ connection: { ...connection, session }, queryClient }} />
          </Notices>
        </LanguageProvider>
      </QueryClientProvider>
    </ConnectionContext>
  );
}
