import type { Notification } from "@neighbourhood-help/client";
import { linkOptions } from "@tanstack/react-router";

/** Where a notification leads; undefined when what it was about is gone. */
export function targetOf({ type, task_id, offer_id, redemption_id }: Notification) {
  if (type === "message_received" && offer_id !== null) {
    return linkOptions({
      to: "/messages/$offer_id",
      params: { offer_id },
      search: task_id === null ? {} : { task: task_id },
    });
  }
  if (type.startsWith("no_show_")) return linkOptions({ to: "/settings/lapses" });
  if (redemption_id !== null) return linkOptions({ to: "/redemptions/$redemption_id", params: { redemption_id } });
  if (task_id !== null) return linkOptions({ to: "/tasks/$task_id", params: { task_id } });
  return undefined;
}
