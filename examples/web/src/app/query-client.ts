import { ApiError } from "@neighbourhood-help/client";
import { MutationCache, onlineManager, QueryCache, QueryClient } from "@tanstack/react-query";

/** Reads and commands wait while the phone is offline, and go on by themselves. `onRefused`: the backend knows nobody by this sign-in. */
export function createQueryClient(onRefused: () => void): QueryClient {
  const onError = (error: unknown) => {
    if (error instanceof ApiError && (error.code === "not_signed_in" || error.code === "user_inactive")) onRefused();
  };
  // it hears of changes only, and an app may be opened without a network
  onlineManager.setOnline(navigator.onLine);
  return new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: {
        staleTime: 15_000,
        // the client has repeated what the network lost; what is refused will be refused again
        retry: (failures, error) => failures < 2 && error instanceof ApiError && error.isRetryable,
      },
    },
  });
}
