import type { Task } from "@neighbourhood-help/client";
import { useFormatter, useTranslations } from "use-intl";

/** When help is wanted, in words. */
export function useTimes({
  starts_at,
  ends_at,
  is_flexible,
}: Pick<Task, "starts_at" | "ends_at" | "is_flexible">): string {
  const t = useTranslations("tasks.page");
  const format = useFormatter();
  if (starts_at === null) return t("whenever");
  const style = { dateStyle: "full", timeStyle: "short" } as const;
  const start = new Date(starts_at);
  const when = ends_at === null ? format.dateTime(start, style) : format.dateTimeRange(start, new Date(ends_at), style);
  return is_flexible ? t("flexible", { when }) : when;
}

/** Whether an open task takes no offers any more: its deadline or its fixed start has passed. */
export function isOver({
  starts_at,
  expires_at,
  is_flexible,
}: Pick<Task, "starts_at" | "expires_at" | "is_flexible">): boolean {
  const has = (moment: string | null) => moment !== null && Date.parse(moment) <= Date.now();
  return has(expires_at) || (has(starts_at) && !is_flexible);
}
