import { useClient } from "../../../app/context.ts";
import { useCommand } from "../../../app/use-command.ts";
import { type Changes, changed, notificationSettingsQuery } from "./data.ts";

/** Changes when and how the member is told, which shows at once. */
export function useChangeSettings() {
  const client = useClient();
  const { queryKey: key } = notificationSettingsQuery(client);
  return useCommand({
    run: (changes: Changes) => client.notifications.updateSettings(changes),
    refreshes: [key, ["notifications", "addresses"]],
    optimistic: { key, change: changed },
  });
}
