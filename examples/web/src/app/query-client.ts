import { ApiError } from "@neighbourhood-help/client";
import { QueryClient } from "@tanstack/react-query";

/** Reads and commands wait while the phone is offline, and go on by themselves. */
export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 15_000,
        // the client has repeated what the network lost; what is refused will be refused again
        retry: (failures, error) => failures < 2 && error instanceof ApiError && error.isRetryable,
      },
    },
  });
}
