import type { Message, Page } from "@neighbourhood-help/client";
import { type InfiniteData, type QueryClient, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { useClient } from "../../app/context.ts";
import { usePages } from "../../components/paged-list.tsx";

type Shown = InfiniteData<Page<Message>, string | undefined>;

const listKey = (offerId: string) => ["messages", "list", offerId] as const;
/** How often to ask for new messages of the conversation on the screen, where the project has no Realtime. */
const POLL_MS = 5_000;

/** The conversation as a whole: who the other is, whether it is open; null while nobody has written. */
export function useConversation(offerId: string) {
  const client = useClient();
  return useQuery({
    queryKey: ["messages", "conversation", offerId],
    queryFn: ({ signal }) => client.messages.conversation(offerId, { signal }),
    staleTime: 0,
  });
}

/** The messages of a conversation, newest first, with those that come while one looks. */
export function useMessages(offerId: string) {
  const client = useClient();
  const queryClient = useQueryClient();
  const pages = usePages(listKey(offerId), (page, options) =>
    client.messages.listPage({ offer_id: offerId, ...page }, options),
  );
  useEffect(
    () =>
      client.messages.watch(
        offerId,
        {
          onNew: (message) => {
            keepMessage(queryClient, message);
            void queryClient.invalidateQueries({ queryKey: ["messages", "conversation", offerId] });
          },
          // signed out, or not one's conversation: the list says so
          onError: () => undefined,
        },
        { pollMs: POLL_MS },
      ),
    [client, queryClient, offerId],
  );
  return pages;
}

/** Puts a message into the list on the screen, in its place, or in the place of its former self. */
export function keepMessage(queryClient: QueryClient, message: Message): void {
  queryClient.setQueryData<Shown>(listKey(message.offer_id), (shown) => {
    const [first, ...rest] = shown?.pages ?? [];
    if (shown === undefined || first === undefined) return shown;
    const replace = (page: Page<Message>) => ({
      ...page,
      items: page.items.map((item) => (item.id === message.id ? message : item)),
    });
    const isKnown = shown.pages.some(({ items }) => items.some(({ id }) => id === message.id));
    if (isKnown) return { ...shown, pages: shown.pages.map(replace) };
    const items = [...first.items, message].sort((one, other) => other.id - one.id);
    return { ...shown, pages: [{ ...first, items }, ...rest] };
  });
}
