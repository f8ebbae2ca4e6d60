import { useQuery } from "@tanstack/react-query";
import { useClient } from "./context.ts";

/** Messages that follow an unread one bring no notification, so the count is asked for now and then. */
const ASK_MS = 60_000;

/** How many notifications and messages are unread. */
export function useUnread() {
  const client = useClient();
  const notifications = useQuery({
    queryKey: ["notifications", "unread"],
    queryFn: ({ signal }) => client.notifications.countUnread({ signal }),
  });
  const messages = useQuery({
    queryKey: ["messages", "unread"],
    queryFn: ({ signal }) => client.messages.countUnread({ signal }),
    refetchInterval: ASK_MS,
  });
  return { notifications: notifications.data ?? 0, messages: messages.data ?? 0 };
}
