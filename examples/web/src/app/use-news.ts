import type { Notification } from "@neighbourhood-help/client";
import { type QueryKey, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { useNotices } from "../components/notices.tsx";
import { useLanguage } from "../texts/language.tsx";
import { useClient } from "./context.ts";

/** How often to ask where the project has no Realtime. */
const POLL_MS = 10_000;

/** The queries that a notification is about. */
function concernedBy({ type, task_id, redemption_id }: Notification): QueryKey[] {
  const keys: QueryKey[] = [["notifications"]];
  if (type === "message_received") return [...keys, ["messages"]];
  if (task_id !== null) {
    keys.push(["tasks", "task", task_id], ["tasks", "offers", task_id], ["tasks", "events", task_id]);
    keys.push(["tasks", "mine"], ["tasks", "my-offers"], ["ratings"], ["points"]);
  }
  if (redemption_id !== null) keys.push(["redemptions"], ["points"]);
  return keys;
}

/** Listens to the inbox while the app is open: tells what comes, and reads again what it is about. One for the whole app. */
export function useNews(): void {
  const client = useClient();
  const queryClient = useQueryClient();
  const { tell } = useNotices();
  const { language } = useLanguage();
  // the watcher stays when the language changes
  const show = useRef<(notification: Notification) => void>(() => undefined);
  show.current = (notification) => tell(notification[`body_${language}`]);
  useEffect(
    () =>
      client.notifications.watch(
        {
          onNew: (notification) => {
            for (const queryKey of concernedBy(notification)) void queryClient.invalidateQueries({ queryKey });
            show.current(notification);
          },
          // signed out: the next command says so
          onError: () => undefined,
        },
        { pollMs: POLL_MS },
      ),
    [client, queryClient],
  );
}
