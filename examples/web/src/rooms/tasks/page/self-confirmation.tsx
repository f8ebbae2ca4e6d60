import type { Task } from "@neighbourhood-help/client";
import { useFormatter, useTranslations } from "use-intl";
import { useTaskRules } from "../rules.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

/** When finished work is confirmed although nobody answers. */
export function SelfConfirmation({ finished_at }: Pick<Task, "finished_at">) {
  const t = useTranslations("tasks.page");
  const format = useFormatter();
  const days = useTaskRules()?.confirmation_days;
  if (finished_at === null || days === undefined) return null;
  const at = Date.parse(finished_at) + days * DAY_MS;
  if (at < Date.now()) return null; // what waits longer, as for a member who is banned, is decided by an admin
  const on = format.dateTime(new Date(at), { dateStyle: "full" });
  return <p className="quiet">{t("confirms_itself", { on })}</p>;
}
