import { type QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { lazy, Suspense, useEffect } from "react";
import { NewVersion } from "../components/new-version.tsx";
import { Notices } from "../components/notices.tsx";
import { forgetCodesOnSignOut } from "../rooms/redemptions/kept-codes.ts";
import { LanguageProvider } from "../texts/language.tsx";
import type { Connection } from "./connection.ts";
import { ConnectionContext } from "./context.ts";
import { renewPush } from "./push.ts";
import { createQueryClient } from "./query-client.ts";
import { createAppRouter } from "./router.ts";
import { startServiceWorker } from "./service-worker-client.ts";
import { renewSession, useSession } from "./session.ts";

const SignInAgain = lazy(async () => ({ default: (await import("../rooms/users/sign-in-again.tsx")).SignInAgain }));

/** What the app is made of for one project. */
export interface AppParts {
  readonly connection: Connection;
  readonly queryClient: QueryClient;
  readonly router: ReturnType<typeof createAppRouter>;
}

/** Loads the first screen: React keeps one that is still to be loaded hidden for a third of a second, however soon it comes. */
export async function prepareApp(connection: Connection): Promise<AppParts> {
  // a token that the server refuses is renewed; when that fails, too, the session ends, and the member is told
  const queryClient = createQueryClient(() => void renewSession(connection));
  const router = createAppRouter({ connection, queryClient });
  await Promise.all([router.load(), connection.session && connection.loadClient()]);
  return { connection, queryClient, router };
}

/** The whole app. */
export function App({ connection, queryClient, router }: AppParts) {
  const { session, isLost, leave } = useSession(connection);
  const userId = session?.user.id;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another member, or nobody, must not see what the last one saw
  useEffect(() => {
    void router.invalidate();
    return () => queryClient.clear();
  }, [userId]);
  useEffect(() => forgetCodesOnSignOut(connection.supabase), [connection]);
  useEffect(() => {
    if (!isLost) void queryClient.invalidateQueries({ predicate: ({ state }) => state.status === "error" });
  }, [isLost, queryClient]);
  useEffect(() => {
    // offline, or refused: the next start tries again
    const renew = () => void renewPush(connection).catch(() => undefined);
    renew();
    // some browsers refuse one, in private windows for example; the app works without
    startServiceWorker((path) => void router.navigate({ href: path }), renew).catch((error: unknown) =>
      console.warn("no service worker", error),
    );
  }, [connection, router]);
  return (
    <ConnectionContext value={{ ...connection, session }}>
      <QueryClientProvider client={queryClient}>
        <LanguageProvider>
          <Notices>
            <NewVersion />
            <RouterProvider router={router} context={{ connection: { ...connection, session }, queryClient }} />
            {isLost && (
              <Suspense>
                <SignInAgain onLeave={leave} />
              </Suspense>
            )}
          </Notices>
        </LanguageProvider>
      </QueryClientProvider>
    </ConnectionContext>
  );
}
