import type { Message } from "@neighbourhood-help/client";
import { type Mutation, onlineManager, useMutation, useMutationState, useQueryClient } from "@tanstack/react-query";
import { useClient } from "../../app/context.ts";
import { keepMessage } from "./data.ts";

/** What was written, and the key that makes it one message however often it is sent. */
export interface Draft {
  readonly body: string;
  readonly idempotency_key: string;
}

/** A message that has not arrived yet, or could not be sent. */
export interface Unsent {
  readonly draft: Draft;
  readonly state: "sending" | "waiting" | "failed";
  readonly error: unknown;
  readonly failedAt: number;
}

type Sending = Mutation<Message, unknown, Draft>;

/**
 * Messages on their way. They show at once, go out one after the other, wait while the phone is offline, and stay to be sent
 * again when they could not be: with their first key, so that one that had arrived all the same is not sent twice.
 */
export function useOutbox(offerId: string) {
  const client = useClient();
  const queryClient = useQueryClient();
  const mutationKey = ["messages", "send", offerId];
  const { mutate } = useMutation<Message, unknown, Draft>({
    mutationKey,
    mutationFn: (draft) => client.messages.send(offerId, draft),
    scope: { id: `messages ${offerId}` },
    // what could not be sent must not be forgotten when the screen is left
    gcTime: Number.POSITIVE_INFINITY,
    onSuccess: (message) => {
      keepMessage(queryClient, message);
      void queryClient.invalidateQueries({ queryKey: ["messages", "conversations"] });
    },
  });
  const unsent = useMutationState({
    filters: { mutationKey, predicate: ({ state }) => state.status !== "success" },
    select: (mutation): Unsent => {
      const { state } = mutation as Sending;
      return {
        draft: state.variables ?? { body: "", idempotency_key: "" },
        state:
          state.status === "error" ? "failed" : state.isPaused && !onlineManager.isOnline() ? "waiting" : "sending",
        error: state.error,
        failedAt: state.submittedAt,
      };
    },
  });
  const forget = ({ idempotency_key }: Draft) => {
    const cache = queryClient.getMutationCache();
    for (const mutation of cache.findAll({ mutationKey, status: "error" })) {
      if ((mutation as Sending).state.variables?.idempotency_key === idempotency_key) cache.remove(mutation);
    }
  };
  return {
    unsent,
    send: (body: string) => mutate({ body, idempotency_key: crypto.randomUUID() }),
    sendAgain: (draft: Draft) => {
      forget(draft);
      mutate(draft);
    },
    discard: forget,
  };
}
