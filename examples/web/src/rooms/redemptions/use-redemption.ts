import type { RedemptionWithCode } from "@neighbourhood-help/client";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useClient, useSignedIn } from "../../app/context.ts";
import { keepCode, keptCode } from "./kept-codes.ts";

/** How often to ask whether the till has taken the code, while somebody looks at it. */
const LIVE_MS = 4_000;

/** A redemption with its code: as kept on this device, and then as it is now, followed while it can be used. */
export function useRedemption(redemptionId: string) {
  const client = useClient();
  const { id: memberId } = useSignedIn();
  return useQuery({
    queryKey: ["redemptions", "redemption", redemptionId],
    async queryFn({ signal }) {
      const answer = await client.redemptions.get(redemptionId, { signal });
      keepCode(memberId, answer);
      return answer;
    },
    initialData: () => keptCode(memberId, redemptionId)?.answer,
    initialDataUpdatedAt: () => keptCode(memberId, redemptionId)?.at,
    // what was kept is shown, and asked for again
    refetchInterval: (query) => (query.state.data?.redemption.status === "active" ? LIVE_MS : false),
    refetchOnMount: "always",
  });
}

/** Waits for the partner's code of a redemption that is pending, and shows it when it comes. */
export function useCode({ redemption }: RedemptionWithCode) {
  const client = useClient();
  const queryClient = useQueryClient();
  const { id: memberId } = useSignedIn();
  return useQuery({
    queryKey: ["redemptions", "code", redemption.id],
    async queryFn({ signal }) {
      const answer = await client.redemptions.waitForCode(redemption.id, { signal });
      keepCode(memberId, answer);
      queryClient.setQueryData(["redemptions", "redemption", redemption.id], answer);
      void queryClient.invalidateQueries({ queryKey: ["points"] });
      return answer;
    },
    retry: false,
    gcTime: 0,
  });
}
