import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { useClient } from "../../app/context.ts";

/** Marks a conversation as read up to a message, once it is in front of the member; 0: there is none. */
export function useMarkRead(offerId: string, upTo: number): void {
  const client = useClient();
  const queryClient = useQueryClient();
  const { mutate } = useMutation({
    mutationFn: (id: number) => client.messages.markRead(offerId, id),
    // what fails is made up for by the next look
    onSuccess: (count) =>
      count > 0 &&
      Promise.all(
        [["messages", "unread"], ["messages", "conversations"], ["notifications"]].map((queryKey) =>
          queryClient.invalidateQueries({ queryKey }),
        ),
      ),
  });
  useEffect(() => {
    if (upTo === 0) return;
    const mark = () => {
      if (document.visibilityState !== "visible") return;
      document.removeEventListener("visibilitychange", mark);
      mutate(upTo);
    };
    document.addEventListener("visibilitychange", mark);
    mark();
    return () => document.removeEventListener("visibilitychange", mark);
  }, [mutate, upTo]);
}
